"""From a message as written to one that can be composed; mistakes of all fields are found here (reference 2.6)."""

from dataclasses import dataclass, field
from typing import Any, Final

from deliveries.charsets import canonical
from deliveries.content.compiled import MOST_BYTES, CompiledMessage
from deliveries.content.markers.foreign import Foreign
from deliveries.content.markers.names import Names
from deliveries.content.markers.nodes import Node
from deliveries.content.markers.problems import Problems
from deliveries.content.markers.reader import Reader
from deliveries.content.mime import headers, mailboxes
from deliveries.content.mime.headers import MOST_NAME, MOST_SUBJECT
from deliveries.content.places import endings, escapes
from deliveries.content.places.html_places import HtmlPlaces
from deliveries.content.places.links import LinkBook
from deliveries.content.places.pieces import Piece, prints, settle
from deliveries.content.places.text_places import TextPlaces, flat_text
from deliveries.content.source import ContentError, Problem, Source
from recipients.faults import Fault

MOST_PART: Final = 5 * 1024**2  # bytes: half of what a message may have
Pieces = tuple[Piece, ...]


@dataclass(slots=True)
class _Work:
    """One compilation: the mistakes of all parts, and what was seen on the way."""

    source: Source
    names: Names
    found: list[Problem]
    notes: list[Fault]
    book: LinkBook
    foreign: Foreign = field(default_factory=Foreign)
    without_way_out: list[str] = field(default_factory=list)

    def note(self, note: Fault) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def refuse(self, part: str, key: str, /, **params: Any) -> None:
        self.found.append(Problem(part, 0, 0, Fault.of(key, **params)))

    def read(self, name: str, text: str, *, logic: bool = False) -> tuple[tuple[Node, ...], Problems]:
        """Read a header's text; its mistakes are kept by the caller."""
        problems = Problems(name, text)
        nodes = Reader(self.names, problems, unescape=False, rich=False, logic=logic).read(text)
        self.notes += self.foreign.notes(nodes, problems, text, html=False)
        return nodes, problems


def compile_source(source: Source) -> CompiledMessage:
    """Prepare a message once for everybody. Raises ContentError with all mistakes, the first one first."""
    work = _Work(source, Names(source.fields, source.labels), [], [], LinkBook(source.link_categories))
    work.book.note = work.note
    charset = canonical(source.encoding)
    if charset is None:
        work.refuse("encoding", "ENCODING", encoding=source.encoding)
    subject = _subject(work)
    from_name, from_local, domain = _sender(work)
    reply_name, reply_address = _reply_to(work)
    html, text = _html(work), _text(work)
    if not source.html and not source.text:
        work.refuse("body", "BODY_MISSING")
    if sum(len(part.content) for part in source.attachments) > MOST_BYTES:
        work.refuse("attachments", "MSG_TOO_BIG.attachments", most=MOST_BYTES)
    if work.found:
        raise ContentError(tuple(work.found[:20]))
    return CompiledMessage(
        used_fields=frozenset(name for name in work.names.used if name in source.fields),
        warnings=tuple(work.notes),
        charset=charset or "utf-8",
        italian=source.language[:2].lower() == "it",
        title=source.title,
        subject=subject,
        from_name=from_name,
        from_local=from_local,
        from_domain=domain,
        reply_name=reply_name,
        reply_address=reply_address,
        text=text,
        html=html,
        parts=source.attachments,
        links=tuple(work.book.links),
        without_way_out=tuple(work.without_way_out),
    )


def _subject(work: _Work) -> Pieces:
    text = work.source.subject
    if not text.strip():
        work.refuse("subject", "SUBJECT_MISSING.both")
    if len(text) > MOST_SUBJECT:
        work.refuse("subject", "SUBJECT_TOO_LONG", length=len(text), most=MOST_SUBJECT)
    nodes, problems = work.read("subject", text, logic=True)
    work.found += problems.found
    return flat_text(nodes, escapes.as_is)


def _sender(work: _Work) -> tuple[Pieces, Pieces, str]:
    source = work.source
    if len(source.from_name) > MOST_NAME:
        work.refuse("mail_from name", "NAME_TOO_LONG", most=MOST_NAME)
    name, problems = work.read("mail_from name", source.from_name)
    work.found += problems.found
    local, _, written = source.from_address.strip().rpartition("@")
    nodes, problems = work.read("mail_from address", local)
    work.found += problems.found
    domain = mailboxes.domain_of(written)
    pieces = flat_text(nodes, mailboxes.clean_local)
    if domain is None or not _may_be_local(pieces):
        work.refuse("mail_from address", "FROM_ADDRESS.written", address=source.from_address)
    return flat_text(name, headers.one_line), pieces, domain or ""


def _may_be_local(pieces: Pieces) -> bool:
    """Return whether a local part can be right for somebody: markers may stand for anything."""
    tried = "".join(piece if isinstance(piece, str) else "x" for piece in pieces)
    return mailboxes.address_of(f"{tried}@example.org") is not None


def _reply_to(work: _Work) -> tuple[Pieces, Pieces]:
    written = work.source.reply_to
    if not written.strip():
        work.refuse("reply_to", "REPLY_TO.missing")
    name, address = mailboxes.split_named(_hidden(written))
    found: list[Pieces] = []
    for text in (name, address):
        nodes, problems = work.read("reply_to", _shown(text))
        work.found += problems.found
        found.append(flat_text(nodes, headers.one_line))
    if written.strip() and not _may_be_address(found[1]):
        work.refuse("reply_to", "REPLY_TO", address=written)
    return found[0], found[1]


def _may_be_address(pieces: Pieces) -> bool:
    """Return whether it can be an address for somebody: a marker may stand for any piece of one, also for all."""
    written = "".join(piece if isinstance(piece, str) else "x" for piece in pieces)
    if all(isinstance(piece, str) for piece in pieces):
        return mailboxes.address_of(written) is not None
    tried = (written, f"{written}@example.org", f"{written}.example")
    return any(mailboxes.address_of(text) is not None for text in tried)


def _hidden(text: str) -> str:
    """Take the angles of `<{label}>` out of the way of those of an address."""
    return text.replace("<{", "\x0e{").replace("}>", "}\x0f")


def _shown(text: str) -> str:
    return text.replace("\x0e{", "<{").replace("}\x0f", "}>")


def _body(work: _Work, name: str, text: str, *, unescape: bool) -> tuple[tuple[Node, ...], Problems]:
    problems = Problems(name, text)
    if len(text) > MOST_PART or len(text.encode("utf-8", "replace")) > MOST_PART:
        work.refuse(name, "TPL_TOO_BIG.part", most=MOST_PART)
        return (), problems
    nodes = Reader(work.names, problems, unescape=unescape, rich=True, logic=True).read(text)
    work.notes += work.foreign.notes(nodes, problems, text, html=name == "html")
    return nodes, problems


def _html(work: _Work) -> Pieces:
    source = work.source
    nodes, problems = _body(work, "html", source.html, unescape=source.html_unescape)
    if not nodes:
        work.found += problems.found
        return ()
    book = work.book if source.html_links == "parse" else None
    places = HtmlPlaces(source.fields, problems, book)
    places.read(nodes)
    if places.unclosed is not None:  # read once more: the end is before what nobody sees
        problems = Problems("html", source.html)
        places = HtmlPlaces(source.fields, problems, book, end_at=places.unclosed)
        places.read(nodes)
    line = _line(work, "html", endings.html_line(source.language), shown=places.shows_way_out)
    seen = (endings.PIXEL,) if source.html_views == "parse" else ()
    pieces = places.finish((*line, *seen))
    work.found += problems.found
    return pieces


def _text(work: _Work) -> Pieces:
    source = work.source
    nodes, problems = _body(work, "text", source.text, unescape=source.text_unescape)
    book = work.book if source.text_links == "parse" else None
    pieces = TextPlaces(source.fields, problems, book).place(nodes)
    work.found += problems.found
    if not pieces:
        return ()
    shown = prints(pieces, endings.UNSUBSCRIBE)
    return settle((*pieces, *_line(work, "text", endings.text_line(source.language), shown=shown)))


def _line(work: _Work, part: str, line: Pieces, *, shown: bool) -> Pieces:
    """Return the unsubscribe line where the part needs it and the newsletter wants it."""
    if shown:
        return ()
    if work.source.footer:
        return line
    work.without_way_out.append(part)
    return ()
