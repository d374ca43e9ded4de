"""Files and contents that a message names and that are fetched once, by the caller (reference 2.6)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from deliveries.content.markers import fetch_markers
from deliveries.content.markers.names import Names
from deliveries.content.markers.problems import Problems
from deliveries.content.places import escapes
from deliveries.content.source import ContentError, Part, Source

_LABEL: Final = re.compile(r"<\{([^{}<>\r\n]{0,200})\}>")


@dataclass(frozen=True, slots=True)
class Fetch:
    """One address to fetch: an `image` to embed or a `content` to include; labels in it are filled."""

    kind: str
    url: str
    part: str
    line: int
    column: int

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same thing to fetch: kind and address."""
        return self.kind, self.url


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found there: an image's bytes, or a content's text."""

    content_type: str = ""
    content: bytes = b""
    text: str = ""


def fetches(source: Source) -> tuple[Fetch, ...]:
    """Return what is to be fetched, in the order it is written. Raises ContentError for a field in an address."""
    problems: list[Problems] = []
    found: list[Fetch] = []
    for part, text in (("html", source.html), ("text", source.text)):
        noted = Problems(part, text)
        problems.append(noted)
        found += [fetch for _, fetch in _in_part(source, part, text, noted)]
    wrong = tuple(problem for noted in problems for problem in noted.found)
    if wrong:
        raise ContentError(wrong)
    return tuple(found)


def _in_part(source: Source, part: str, text: str, problems: Problems) -> Iterator[tuple[re.Match[str], Fetch]]:
    names = Names(source.fields, source.labels)
    unescape = source.html_unescape if part == "html" else source.text_unescape
    for match in fetch_markers.pattern(unescape=unescape).finditer(text):
        kind = "image" if fetch_markers.is_image(match[0]) else "content"
        template = fetch_markers.target(match[0], unescape=unescape)
        at = match.start()
        if kind == "image" and part == "text":
            problems.add(at, "TPL_PLACE.image", url=template)
        if "${" in template:
            problems.add(at, "TPL_FETCH_FIELD", url=template)
        url = _filled(template, names, at, problems)
        if not url.lower().startswith("https://"):
            problems.add(at, "TPL_FETCH_ADDRESS", url=url)
        yield match, Fetch(kind, url, part, *problems.place(at))


def _filled(template: str, names: Names, at: int, problems: Problems) -> str:
    def label(match: re.Match[str]) -> str:
        value = str(names.label(match[1], at, problems).what)
        return escapes.percent(value) if match.start() else value

    return _LABEL.sub(label, template)


def with_fetched(source: Source, fetched: Mapping[Fetch, Fetched]) -> Source:
    """Return the source with contents in their places (markers in them count) and images as inline parts."""
    images: dict[str, Part] = {}
    html = _replaced(source, "html", source.html, fetched, images)
    text = _replaced(source, "text", source.text, fetched, images)
    return replace(source, html=html, text=text, attachments=(*source.attachments, *images.values()))


def _replaced(
    source: Source, part: str, text: str, fetched: Mapping[Fetch, Fetched], images: dict[str, Part]
) -> str:
    out: list[str] = []
    at = 0
    for match, fetch in _in_part(source, part, text, Problems(part, text)):
        found = fetched[fetch]
        out.append(text[at : match.start()])
        at = match.end()
        if fetch.kind == "content":
            out.append(found.text)
            continue
        cid = sha256(fetch.url.encode()).hexdigest()[:24] + "@inline"
        name = re.sub(r"[?#].*", "", fetch.url).rpartition("/")[2][:100]
        images[cid] = Part(name or "image", found.content_type, found.content, cid)
        out.append(f"cid:{cid}")
    return "".join((*out, text[at:]))
