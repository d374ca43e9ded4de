"""Header values: one line each, ASCII on the wire, folded (RFC 5322 2.2.3, RFC 2047)."""

import base64
import re
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from deliveries.charsets import can_write
from deliveries.content.source import Envelope

MOST_SUBJECT: Final = 500  # characters, as written and filled in
MOST_NAME: Final = 200
_BREAKS: Final = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# Message-ID, URL and address as a sender makes them: nothing in them has to be looked at twice.
_AS_MADE: Final = re.compile(r"<[A-Za-z0-9.@-]+> https?://[A-Za-z0-9._:/-]+ [A-Za-z0-9.-]+@[A-Za-z0-9.-]+")
_LINE: Final = 76  # of a line with encoded words (RFC 2047 2)
_WORD: Final = 75  # of one encoded word (RFC 2047 2)


def one_line(text: str) -> str:
    """Put one blank for each line break and control character (a header can't be left by a value)."""
    if text.isprintable():
        return text.strip()
    return _BREAKS.sub(" ", text).strip()


def cut(text: str, most: int) -> str:
    """Return one line of at most `most` characters: a person's values may make more than is written."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def unstructured(name: str, text: str, charset: str) -> bytes:
    """Return a whole header line (with CRLF) of free text such as Subject; `text` is one line already."""
    room = _LINE - len(name) - 2
    if text.isascii() and "=?" not in text:
        if len(text) <= room:
            return f"{name}: {text}\r\n".encode("ascii")
        folded = _fold(text, room)
        if folded is not None:
            return f"{name}: {folded}\r\n".encode("ascii")
    return f"{name}: {_encoded_words(text, charset, room)}\r\n".encode("ascii")


def _fold(text: str, room: int) -> str | None:
    """Break at blanks to lines of 76; None where a word is longer or blanks come in runs."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if not word or len(word) >= _LINE:
            return None
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, _LINE - 1
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return "\r\n ".join(lines)


def _encoded_words(text: str, charset: str, room: int) -> str:
    """Encode all of it in words of at most 75 characters, none splitting a character (RFC 2047 2, 5)."""
    if not can_write(charset, text):
        charset = "utf-8"
    frame = len(f"=?{charset}?B??=")
    words: list[str] = []
    chunk: list[bytes] = []
    size, limit = 0, (min(room, _WORD) - frame) // 4 * 3
    for character in text:
        data = character.encode(charset, "replace")
        if size + len(data) > limit:
            words.append(_word(b"".join(chunk), charset))
            chunk, size, limit = [], 0, (_WORD - frame) // 4 * 3
        chunk.append(data)
        size += len(data)
    words.append(_word(b"".join(chunk), charset))
    return "\r\n ".join(words)


def _word(data: bytes, charset: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(data).decode('ascii')}?="


@lru_cache(maxsize=256)  # most newsletters have one sender and one address to reply to
def mailbox(name: str, display: str, address: str, charset: str) -> bytes:
    """Return a whole header line with one mailbox; `display` is one line already, `address` is checked already."""
    if not display:
        return f"{name}: {address}\r\n".encode()
    phrase = _phrase(display, charset, _LINE - len(name) - 2)
    last = len(phrase) - (phrase.rfind("\r\n") + 1)
    gap = " " if len(name) + 2 + last + len(address) + 3 <= _LINE else "\r\n "
    return f"{name}: {phrase}{gap}<{address}>\r\n".encode()


def _phrase(display: str, charset: str, room: int) -> str:
    if display.isascii() and "=?" not in display:
        if len(display) <= room and _ATOMS.fullmatch(display):
            return display
        quoted = '"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if len(quoted) <= room:
            return quoted
    return _encoded_words(display, charset, room)


@lru_cache(maxsize=1024)
def date_line(moment: datetime) -> bytes:
    """Return the Date header (RFC 5322 3.3) with a numeric zone; `moment` is aware."""
    return f"Date: {format_datetime(moment)}\r\n".encode("ascii")


def own_lines(envelope: Envelope) -> bytes:
    """Return the headers whose values this product makes, and MIME-Version (RFC 2369, 2919, 8058)."""
    list_id, feedback_id = _same_for_all(envelope.list_id, envelope.feedback_id, envelope.delivery_id)
    name, url, mailto = envelope.message_id, envelope.unsubscribe_url, envelope.unsubscribe_mailto
    if envelope.marketing and _AS_MADE.fullmatch(f"{name} {url} {mailto}"):
        return (
            f"Message-ID: {name}\r\nMIME-Version: 1.0\r\n{list_id}List-Unsubscribe: <{url}>, <mailto:{mailto}>\r\n"
            f"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n{feedback_id}"
        ).encode("ascii", "replace")
    message_id = _line(f"Message-ID: <{envelope.message_id.strip('<>')}>")
    lines = f"{message_id}MIME-Version: 1.0\r\n{list_id}"
    if envelope.marketing:
        lines += _ways_out(envelope.unsubscribe_url, envelope.unsubscribe_mailto)
    return (lines + feedback_id).encode("ascii", "replace")


@lru_cache(maxsize=256)
def _same_for_all(list_id: str, feedback_id: str, delivery_id: int) -> tuple[str, str]:
    """Return the lines of a whole delivery: those before and after the ways out."""
    before = [f"List-Id: {list_id if '<' in list_id else f'<{list_id}>'}"] if list_id else []
    after = [f"Feedback-ID: {feedback_id}"] if feedback_id else []
    after.append(f"X-XMLD-Delivery: {delivery_id}")
    return "".join(map(_line, before)), "".join(map(_line, after))


def _ways_out(url: str, mailto: str) -> str:
    address = mailto if not mailto or ":" in mailto else f"mailto:{mailto}"
    ways = ", ".join(f"<{way}>" for way in (url, address) if way)
    line = _line(f"List-Unsubscribe: {ways}") if ways else ""
    return f"{line}List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if url else line


def _line(text: str) -> str:
    return f"{one_line(text)}\r\n"
