"""What an instructions file says, as plain values (reference 2). Pure; what it means is checked later.

Inside `message` an empty string means "not given". `Instructions.lines` maps an element's path below its channel
("message/headers/subject", "notes/note[2]/label") to its line in the file, for the sentences clients read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """One inline recipient: the line where it begins, its fields as written, their trimmed values."""

    line: int
    names: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Recipients that a bundle brings: the name of a CSV (or zip) beside it, or people written in the XML.

    `field_lines` maps each field name that inline recipients use to the line where it is first used.
    """

    line: int
    csv_file: str = ""
    people: tuple[Person, ...] = ()
    field_lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who is written to; `rendering` is the attribute as written, or None."""

    retry: bool
    new: Source | None
    test: Source | None
    filter_normal: int | None
    filter_test: int | None
    rendering: str | None


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Statistics by mail, `delay_hours` after the start."""

    recipients: tuple[str, ...]
    delay_hours: int


@dataclass(frozen=True, slots=True)
class Options:
    """How and when it goes out; `schedule` as written (ISO, with or without offset) or empty."""

    method: str
    schedule: str
    remove_duplicates: bool
    transactional: bool
    report: ReportRequest | None


@dataclass(frozen=True, slots=True)
class Note:
    label: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class BodyPart:
    """HTML or text as written; `links` and `views` are parse, off or empty; `unescape` None where not said."""

    embed: str = ""
    links: str = ""
    views: str = ""
    prettyprint: bool | None = None
    unescape: bool | None = None


@dataclass(frozen=True, slots=True)
class AttachmentRequest:
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail's message; `has_body` tells `<body/>` from no body at all."""

    encoding: str = ""
    label: str = ""
    subject: str = ""
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    publish_on_web: bool = False
    preferred_content: str = ""
    has_body: bool = False
    html: BodyPart = BodyPart()
    text: BodyPart = BodyPart()
    template: int | None = None
    attachments: tuple[AttachmentRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Instructions:
    """One instructions file; `message` is all empty for the channels that are not built (sms, push)."""

    file: str
    suid: str
    key: str = field(repr=False)
    channel: str
    newsletter: int
    recipients: Recipients
    options: Options
    notes: tuple[Note, ...]
    message: Message
    lines: Mapping[str, int] = field(repr=False)

    def line(self, path: str) -> int:
        """Return the line of an element, else of the nearest one around it, else 0."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition("/")[0]
        return self.lines.get("", 0)

    def files(self) -> tuple[tuple[str, str], ...]:
        """Return (element path, name) of each file that this bundle names, in the order of the file."""
        found = [
            (f"recipients/{name}/csv_file", source.csv_file)
            for name, source in (("new_recipients", self.recipients.new), ("test_recipients", self.recipients.test))
            if source is not None and source.csv_file
        ]
        attached = [
            (f"message/attachments/attachment[{number}]/file", request.file)
            for number, request in enumerate(self.message.attachments, 1)
        ]
        return tuple(found + attached)
