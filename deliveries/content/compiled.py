"""A message prepared once; for each person only values are encoded and joined."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from deliveries.charsets import can_write
from deliveries.content.markers.expressions import FieldValue
from deliveries.content.markers.names import OWN
from deliveries.content.markers.values import Scope
from deliveries.content.mime import headers, mailboxes
from deliveries.content.mime.bodies import Bodies
from deliveries.content.mime.skeleton import encoded_size
from deliveries.content.places import endings, escapes
from deliveries.content.places.pieces import Page, Piece, Slot, prints, render, slots_for, slots_of
from deliveries.content.source import ComposeError, Envelope, Part, Preview, TrackedLink
from recipients.faults import Fault

MOST_BYTES: Final = 10 * 1024**2  # of the message without its files, and of the files together
_FALLBACK: Final = "utf-8"
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class CompiledMessage:
    """What `compile_source` gives: compose() it for each person.

    `used_fields` are the names of the database's fields that it reads. `warnings` are faults for whoever
    prepares the delivery. `charset` is what messages go out in when they can. `links` are those that are counted,
    `without_way_out` the parts (html, text) that show no address to unsubscribe by.
    """

    used_fields: frozenset[str]
    warnings: tuple[Fault, ...]
    charset: str
    italian: bool
    title: str
    subject: Pieces
    from_name: Pieces
    from_local: Pieces
    from_domain: str
    reply_name: Pieces
    reply_address: Pieces
    text: Pieces
    html: Pieces
    parts: tuple[Part, ...]
    links: tuple[TrackedLink, ...] = ()
    without_way_out: tuple[str, ...] = ()

    def compose(self, values: Mapping[str, object], envelope: Envelope) -> bytes:
        """Return one person's message: CRLF, lines of at most 998, not dot-stuffed, the same bytes every time.

        Raises ComposeError where this one can't be made.
        """
        scope = self._scope(values, envelope)
        try:
            message = self._assemble(scope, envelope, self._bodies)
        except UnicodeEncodeError:
            message = self._assemble(scope, envelope, self._fallback)
        own = len(message) - self._size_of_files
        if own > MOST_BYTES:
            raise ComposeError("MSG_TOO_BIG", size=own, most=MOST_BYTES)
        return message

    @cached_property
    def _size_of_files(self) -> int:
        return sum(encoded_size(part) for part in self.parts)

    def preview(self, values: Mapping[str, object], envelope: Envelope) -> Preview:
        """Return one person's message as text. Raises ComposeError where the sender's address can't be made."""
        scope = self._scope(values, envelope)
        name, address = headers.cut(render(self.from_name, scope), headers.MOST_NAME), self._sender(scope)
        reply = self._reply(scope)
        return Preview(
            headers.cut(render(self.subject, scope), headers.MOST_SUBJECT),
            f"{name} <{address}>" if name else address,
            "" if reply is None else f"{reply[0]} <{reply[1]}>" if reply[0] else reply[1],
            render(self.html, scope),
            render(self.text, scope),
        )

    def bodies(self, values: Mapping[str, object], envelope: Envelope) -> tuple[str, str]:
        """Return HTML and text alone, which need no sender. Raises ComposeError where they are out of bounds."""
        scope = self._scope(values, envelope)
        return render(self.html, scope), render(self.text, scope)

    def prints(self, name: str) -> bool:
        """Return whether a part prints one of our own four; a field of that name is the field."""
        return name not in self.used_fields and prints((*self.html, *self.text), name)

    @cached_property
    def shows_web_version(self) -> bool:
        """Whether a part, a name or the subject prints the address of its web version."""
        pieces = (self.subject, self.from_name, self.from_local, self.reply_name, self.reply_address)
        return self.prints("web_version") or any(prints(each, "web_version") for each in pieces)

    def emptied_values(self, values: Mapping[str, object], envelope: Envelope) -> tuple[str, ...]:
        """Return the values that were to begin an address and aren't one, so that nothing is written there.

        Each once; a value that is missing is not one of these: an empty field says that there is no address.
        """
        if not self._any_may_be_emptied:
            return ()
        scope = self._scope(values, envelope)
        slots = filter(self._may_be_emptied, slots_for((*self.html, *self.text), scope))
        found = [slot.what.text(scope) for slot in slots if not slot.render(scope)]
        return tuple(dict.fromkeys(value for value in found if value))

    @cached_property
    def _any_may_be_emptied(self) -> bool:
        return any(map(self._may_be_emptied, slots_of((*self.html, *self.text))))

    def _may_be_emptied(self, slot: Slot | Page) -> bool:
        """Return whether a person's value begins an address there; our own addresses are always some."""
        if not isinstance(slot, Slot) or slot.show not in escapes.ADDRESSES:
            return False
        return not isinstance(slot.what, FieldValue) or slot.what.name not in OWN - self.used_fields

    def _scope(self, values: Mapping[str, object], envelope: Envelope) -> Scope:
        own: dict[str, object] = {
            "web_version": envelope.web_url,
            "unsubscribe_url": envelope.unsubscribe_url,
            "delivery_id": envelope.delivery_id,
            "title": self.title,
            endings.PIXEL_NAME: endings.pixel_tag(envelope.pixel_url, envelope.trap_url),
        }
        for name in self._hidden:
            del own[name]
        return Scope(values, own, italian=self.italian, click=envelope.click)

    @cached_property
    def _hidden(self) -> frozenset[str]:
        """Those of our own names that a field of the database has."""
        return OWN & self.used_fields

    @cached_property
    def _bodies(self) -> Bodies:
        try:
            return Bodies.of(self.charset, self.text, self.html, self.parts)
        except UnicodeEncodeError:
            return self._fallback

    @cached_property
    def _fallback(self) -> Bodies:
        return Bodies.of(_FALLBACK, self.text, self.html, self.parts)

    def _assemble(self, scope: Scope, envelope: Envelope, bodies: Bodies) -> bytes:
        boundary = b"=_" + hashlib.blake2b(envelope.message_id.encode(), digest_size=12).hexdigest().encode()
        return bodies.run(scope, self._headers(scope, envelope, bodies.charset), boundary)

    def _headers(self, scope: Scope, envelope: Envelope, charset: str) -> list[bytes]:
        to = mailboxes.recipient(envelope.to)
        if to is None:
            raise ComposeError("TO_ADDRESS")
        subject = headers.cut(render(self.subject, scope), headers.MOST_SUBJECT)
        if not subject.isascii() and not can_write(charset, subject):
            raise UnicodeEncodeError(charset, subject, 0, 1, "the subject needs another charset")
        sender, reply = self._correspondents(scope, charset)
        return [
            sender,
            b"To: " + to.encode() + b"\r\n",
            headers.unstructured("Subject", subject, charset),
            reply,
            headers.date_line(envelope.date),
            headers.own_lines(envelope),
        ]

    def _correspondents(self, scope: Scope, charset: str) -> tuple[bytes, bytes]:
        """Return the lines of From and Reply-To (empty for none), made once where no marker is in them."""
        kept = self._kept_correspondents.get(charset)
        if kept is not None:
            return kept
        name = headers.cut(render(self.from_name, scope), headers.MOST_NAME)
        sender = headers.mailbox("From", name, self._sender(scope), charset)
        reply = self._reply(scope)
        lines = sender, b"" if reply is None else headers.mailbox("Reply-To", *reply, charset)
        written = (*self.from_name, *self.from_local, *self.reply_name, *self.reply_address)
        if all(isinstance(piece, str) for piece in written):
            self._kept_correspondents[charset] = lines
        return lines

    @cached_property
    def _kept_correspondents(self) -> dict[str, tuple[bytes, bytes]]:
        return {}

    def _sender(self, scope: Scope) -> str:
        address = mailboxes.address_of(f"{render(self.from_local, scope)}@{self.from_domain}")
        if address is None:
            raise ComposeError("FROM_ADDRESS.values")
        return address

    def _reply(self, scope: Scope) -> tuple[str, str] | None:
        """Return name and address to reply to, or None where this person's values make none."""
        name = headers.cut(render(self.reply_name, scope), headers.MOST_NAME)
        written, bare = mailboxes.split_named(headers.one_line(render(self.reply_address, scope)))
        address = mailboxes.address_of(bare)
        return None if address is None else (name or headers.cut(written, headers.MOST_NAME), address)
