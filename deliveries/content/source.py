"""What goes in and what comes out of composing: plain frozen values, no model, no clock, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from deliveries.errors import ClientError
from recipients.faults import Fault

_LABELS: Final = {
    "subject": "label.subject",
    "mail_from name": "label.from_name",
    "mail_from address": "label.from_address",
    "reply_to": "label.reply_to",
    "html": "label.html",
    "text": "label.text",
    "encoding": "label.encoding",
    "body": "label.message",
    "attachments": "label.attachments",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a message as written: `line` and `column` count from 1 in `part`, 0 where there is none."""

    part: str
    line: int
    column: int
    fault: Fault

    @property
    def code(self) -> str:
        """What decides."""
        return self.fault.code

    @property
    def placed(self) -> Fault:
        """The fault with its place in the part before it."""
        return self._in(self.part)

    @property
    def in_the_form(self) -> Fault:
        """The same with the part called as the forms of pages do: who reads it there wrote no XML."""
        return self._in(Fault.of(_LABELS[self.part]) if self.part in _LABELS else self.part)

    def _in(self, part: str | Fault) -> Fault:
        where = {"part": part, "line": self.line, "column": self.column, "fault": self.fault}
        return Fault.of("part.line" if self.line else "part", **where)

    @property
    def message(self) -> str:
        """The sentence with its place, in the language that is active."""
        return self.placed.say()


class ContentError(ClientError):
    """The message as written can't be prepared; the first problem is the sentence, all are in `problems`."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].in_the_form)
        self.problems = problems


class ComposeError(ClientError):
    """One person's message can't be made (code FROM_ADDRESS, TO_ADDRESS or MSG_TOO_BIG); others can."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that goes with every message; `cid` is set for an image shown inside the HTML."""

    name: str
    content_type: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A message as written, markers unfilled (reference 2.5).

    `fields` maps lower-case names to types of reference 3.1, `labels` the delivery's notes. `html_links`,
    `text_links` and `html_views` are parse or off. `footer` asks for the unsubscribe line in each part that shows
    no address to unsubscribe by. `link_categories` are the newsletter's, numbers by name.
    """

    subject: str = ""
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    html: str = ""
    text: str = ""
    encoding: str = "utf-8"
    language: str = "it"
    fields: Mapping[str, str]
    labels: Mapping[str, str]
    html_links: str = "off"
    text_links: str = "parse"
    html_views: str = "parse"
    html_unescape: bool = True
    text_unescape: bool = True
    footer: bool = False
    link_categories: Mapping[str, int] = field(default_factory=dict)
    attachments: tuple[Part, ...] = ()
    title: str = ""
    delivery_id: int | None = None


class Clicks(Protocol):
    """Makes the addresses of one message's tracked links; `before` is what each begins with, ASCII."""

    before: str

    def __call__(self, number: int, target: str | None) -> str:
        """Return one link's address; `target` where that is a person's own."""

    def many(self, numbers: tuple[int, ...]) -> Sequence[bytes]:
        """Return what follows in those of links whose targets are everybody's: letters, digits, `-` and `_`."""


@dataclass(slots=True, kw_only=True)  # not frozen: that makes it in thrice the time, once a message
class Envelope:
    """What differs in each message beside the values; addresses and URLs are made by the caller.

    `to` is one address, `message_id` with or without its brackets, `date` aware. Empty strings leave out the
    header that would carry them; `marketing` adds the two unsubscribe headers (RFC 8058). `click` makes a tracked
    link's address from its number and, where that is a person's own, its target; without it links go out as they
    are. `pixel_url` is empty where no open is measured; who asks for `trap_url` is a machine.
    """

    to: str
    message_id: str
    date: datetime
    delivery_id: int
    list_id: str = ""
    feedback_id: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mailto: str = ""
    web_url: str = ""
    marketing: bool = True
    click: Clicks | None = None
    pixel_url: str = ""
    trap_url: str = ""


@dataclass(frozen=True, slots=True)
class TrackedLink:
    """A link that is counted; `url` has its markers unfilled, `part` is html or text."""

    number: int
    url: str
    name: str
    category: int
    part: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One person's message as text, for pages."""

    subject: str
    from_: str
    reply_to: str
    html: str
    text: str
