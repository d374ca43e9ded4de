"""Where an instructions file holds a key, or may hold one: in markup that need not be XML.

A client who writes `<KEY>`, `<a:auth>`, `key="…"` or `<login><suid>…` is refused, and whoever reads our copy must
not find the key there either. People's fields may have any name: what is in a recipient is left alone.
"""

import re
from collections.abc import Generator, Iterator
from typing import Final

Spans = Generator[tuple[int, int], None, int]  # gives back where it came to

_NAME: Final = r"[^\s<>/!?\"'=]"
_WORDS: Final = "auth|suid|key|secret|pass|pwd|token"
_SKIPPED: Final = r"(!--|!\[CDATA\[|\?)"  # in which no tag is one
_ENDS: Final = {b"!--": b"-->", b"![CDATA[": b"]]>", b"?": b"?>"}
_PERSON: Final = r"(?:test_)?recipient(?=[\s/>])"
# What is looked at; a search runs over all other markup.
_NEXT: Final = re.compile(
    rf"<(?:{_SKIPPED}|(!ENTITY|!ATTLIST)|((?-i:{_PERSON}))"
    rf"|\s*+(?:({_NAME}*?(?:{_WORDS}){_NAME}*+)|{_NAME}++(?=\s++[^\s>/])))".encode(),
    re.IGNORECASE,
)
_TAG: Final = re.compile(rf"<(?:{_SKIPPED}|\s*+(/?)\s*+({_NAME}++))".encode())
_PEOPLE: Final = re.compile(rf"<(?:{_SKIPPED}|(/?){_PERSON})".encode())
_REST: Final = re.compile(rb"""((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""")
_ATTRIBUTE: Final = re.compile(
    rb"""(?<![^\s<>/="'])([^\s<>/="']++)\s*+=\s*+(?:"([^"<]*+)|'([^'<]*+)|([^\s<>"']++))"""
)
# Attributes of XML itself, which a right file may have; the prefix of XMLSchema-instance is anyone's choice.
_HARMLESS: Final = re.compile(
    rb"""(?<!\S)(?:xmlns(?::[^\s<>/="']++)?|[^\s<>/="':]++:(?:type|nil|schemaLocation|noNamespaceSchemaLocation))"""
    rb"""\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')"""
)
_PRINTED: Final = re.compile(rb"\S(?:.*\S)?", re.DOTALL)
_SECRET: Final = re.compile(_WORDS.encode(), re.IGNORECASE)
_AUTH: Final = re.compile(b"auth|suid", re.IGNORECASE)
_AFTER_AUTH: Final = {b"campaign", b"newsletter", b"recipients", b"message"}


def find_keys(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each thing to hide begins and ends, in order."""
    yield from _anywhere(data, 0, len(data))


def _anywhere(data: bytes, at: int, end: int, *, comment: bool = False) -> Spans:
    people = True
    while found := _NEXT.search(data, at, end):
        skipped, declaration, person, name = found.groups()
        at = found.end()
        if skipped == b"!--" and not comment:  # an auth that was given up may lie in one, and ends with it
            at = yield from _anywhere(data, at, _stop(data, at, end, _ENDS[skipped]), comment=True)
        elif skipped:
            at = at if comment else _stop(data, at, end, _ENDS[skipped])
        elif declaration:
            at = _stop(data, at, end, b"]>")
            yield found.end(), at
        elif name and _AUTH.search(name):
            at = yield from _auth(data, found.start(), end)
        elif name:
            at = yield from _element(data, at, end, name)
        else:
            yield from _attributes(data, at, end)
            if person and people:
                past = _past_person(data, at, end)
                people, at = past is not None, past or at
    return end


def _auth(data: bytes, at: int, end: int) -> Spans:
    """Yield all that is said until auth ends, or until what comes after it begins; only the text of suid stays."""
    while found := _TAG.search(data, at, end):
        yield from _inside(data, at, found.start())
        skipped, closing, name = found.groups()
        at = found.end()
        if skipped:
            stop = _stop(data, at, end, _ENDS[skipped])
            yield from _inside(data, at, stop)
            at = min(end, stop + len(_ENDS[skipped]))
        elif _is_after(closing, name):
            return found.start()
        elif closing or _AUTH.search(name):
            at = yield from _rest_of_tag(data, at, end)
            if closing and b"auth" in name.lower():
                return at
            if not closing and b"suid" in name.lower() and data[at - 2 : at] != b"/>":
                at = _next_tag(data, at, end)
        else:
            at = yield from _element(data, at, end, name)
    yield from _inside(data, at, end)
    return end


def _is_after(closing: bytes, name: bytes) -> bool:
    return _local(name) == b"contactlab" if closing else _local(name) in _AFTER_AUTH


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2].lower()


def _element(data: bytes, at: int, end: int, name: bytes) -> Spans:
    """Yield the content of an element whose name ends here, its attributes too."""
    start = yield from _rest_of_tag(data, at, end)
    if data[start - 2 : start] == b"/>":
        return start
    at, depth, stop = start, 1, end
    while depth and (found := _TAG.search(data, at, end)):
        skipped, closing, other = found.groups()
        stop, at = found.span()
        if skipped:
            at = _stop(data, at, end, _ENDS[skipped])
        elif _is_after(closing, other) or (closing and b"auth" in other.lower()):
            depth = 0
        elif _local(other) == _local(name):
            depth += -1 if closing else 1
    stop = end if depth else stop
    yield start, stop
    return stop


def _rest_of_tag(data: bytes, at: int, end: int) -> Spans:
    """Yield the attributes of a tag whose name ends here, but for those of XML itself; it comes behind the tag."""
    rest = _REST.match(data, at, end)
    if not rest:  # no tag: what follows is taken for text
        return at
    if _HARMLESS.sub(b"", rest[1]).strip(b" \t\r\n/"):
        yield from _inside(data, at, rest.end(1) - rest[1].endswith(b"/"))
    return rest.end()


def _attributes(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the values of those attributes of any tag that are called key or the like."""
    rest = _REST.match(data, at, end)
    for each in _ATTRIBUTE.finditer(data, at, rest.end() if rest else _stop(data, at, end, b"<")):
        if _SECRET.search(_local(each[1])) and not each[1].startswith(b"xmlns"):
            yield each.span(each.lastindex or 0)


def _inside(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is between the white space at the ends."""
    printed = _PRINTED.search(data, at, end)
    if printed:
        yield printed.span()


def _stop(data: bytes, at: int, end: int, mark: bytes) -> int:
    found = data.find(mark, at, end)
    return end if found < 0 else found


def _next_tag(data: bytes, at: int, end: int) -> int:
    while found := _TAG.search(data, at, end):
        if not found[1]:
            return found.start()
        at = _stop(data, found.end(), end, _ENDS[found[1]])
    return end


def _past_person(data: bytes, at: int, end: int) -> int | None:
    """Return where a recipient ends, None where it never does."""
    rest = _REST.match(data, at, end)
    depth = 0 if rest and rest[1].endswith(b"/") else 1
    while depth and (found := _PEOPLE.search(data, at, end)):
        at = found.end()
        if found[1]:
            at = _stop(data, at, end, _ENDS[found[1]])
        elif found[2]:
            depth -= 1
        else:
            rest = _REST.match(data, at, end)
            depth += not (rest and rest[1].endswith(b"/"))
    return None if depth else at
