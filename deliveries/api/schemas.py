"""The shapes of the read API, as its OpenAPI document tells them (reference 11)."""

from datetime import datetime

from ninja import Schema


class Named(Schema):
    id: int
    name: str


class Rows(Schema):
    good: int
    bad: int


class Run(Schema):
    id: int
    space: str
    file: str
    started: datetime | None
    ended: datetime | None
    status: str
    sub_status: str
    code: str
    error: str
    warnings: list[str]
    delivery: int | None
    test_delivery: int | None
    rows: Rows | None


class Transition(Schema):
    started: datetime | None
    ended: datetime | None
    sub_status: str
    message: str


class RunWithTransitions(Run):
    transitions: list[Transition]


class Delivery(Schema):
    id: int
    title: str
    subject: str
    type: str
    status: str
    source: str
    newsletter: Named
    filter: Named | None
    schedule: datetime | None
    proposed: datetime | None
    run: int | None
    figures: dict[str, int | None]


class DeliveryWithLabels(Delivery):
    created: datetime
    started: datetime | None
    ended: datetime | None
    database: Named
    labels: dict[str, str]


class ReportHead(Schema):
    id: int
    title: str
    subject: str
    type: str
    status: str
    source: str
    newsletter: Named
    database: Named
    filter: Named | None
    created: datetime
    started: datetime | None
    ended: datetime | None
    labels: dict[str, str]


class Bounces(Schema):
    category: int
    name: str
    hard: bool
    count: int


class Link(Schema):
    id: int
    url: str | None
    category: int
    clicks: int | None
    unique_clicks: int | None


class Domain(Schema):
    domain: str
    size: int
    delivered: int
    bounced: int
    unique_views: int | None
    unique_clicks: int | None


class Device(Schema):
    kind: str
    views: int
    unique_views: int | None


class Hour(Schema):
    hour: datetime
    sent: int
    views: int | None
    clicks: int | None


class Report(Schema):
    delivery: ReportHead
    figures: dict[str, int | None]
    emptied: int
    rates: dict[str, float | None]
    bounces: list[Bounces]
    links: list[Link]
    domains: list[Domain]
    devices: list[Device]
    timeline: list[Hour]


class Newsletter(Schema):
    id: int
    name: str
    kind: str
    database: Named
    mail_from: str
    reply_to: str
    subject: str
    tracking: str


class Field(Schema):
    name: str
    type: str


class Database(Schema):
    id: int
    name: str
    key: str
    read_only: bool
    fields: list[Field]


class Filter(Schema):
    id: int
    name: str
    database: Named
    use: str
    automatic: bool
    archived: bool


class Page(Schema):
    """`next` is the cursor of the page after this one, null on the last."""

    next: str | None


class RunPage(Page):
    items: list[Run]


class DeliveryPage(Page):
    items: list[Delivery]


class EventPage(Page):
    items: list[dict[str, str]]


class NewsletterPage(Page):
    items: list[Newsletter]


class DatabasePage(Page):
    items: list[Database]


class FilterPage(Page):
    items: list[Filter]


class Invalid(Schema):
    where: list[str]
    message: str


class Problem(Schema):
    """RFC 9457. `code` is stable, `detail` is for who reads it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    invalid: list[Invalid] | None = None
