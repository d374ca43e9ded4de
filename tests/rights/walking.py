"""Every address of the product: by its patterns, and by what the pages of who may see everything lead to."""

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from html import unescape

from django.urls import URLPattern, URLResolver, get_resolver
from lxml import html as lxml_html

WALKED = ("/admin/", "/api/")
_QUOTED = re.compile(rb"""["']([^"'<>\s]*)["']""")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>")
# What is in names that clients write (world.py): seen as it is, it would run.
MARKUP = b"<svg onload"
# Ways out and in, and the library's words.
OUT = ("/admin/logout/", "/admin/login/", "/admin/jsi18n/")
# One page shows the like of another: of each kind this many are opened.
_OF_A_KIND = 2
# A page shows something else for each value of these.
_TURNS = {"tab"}


@dataclass
class Walk:
    """What was found: addresses, and the forms that the pages hold."""

    addresses: set[str] = field(default_factory=set)
    forms: dict[tuple[str, tuple[str, ...]], dict[str, list[str]]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    unescaped: set[str] = field(default_factory=set)  # pages that hold a name's markup as markup
    asks: set[str] = field(default_factory=set)  # what the forms that only ask call their words


def patterns():
    """Return every pattern below the walked places: its route as text, and the pattern itself."""

    def walk(entries, prefix):
        for entry in entries:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, route)
            elif isinstance(entry, URLPattern):
                yield route, entry

    return {route: entry for route, entry in walk(get_resolver().url_patterns, "/") if route.startswith(WALKED)}


def parameters(route):
    """Return the names of what a route is filled with."""
    return [plain or named for plain, named in _PARAMETER.findall(route)]


def kind_of(address):
    """Return what makes two addresses the like of each other: the page, and what it is asked about."""
    path, _, query = address.partition("?")
    names = {part.partition("=")[0] for part in query.split("&") if part}
    if any(name in {"o", "p"} or name.startswith("_") for name in names):
        return None  # the same page in another order
    page = re.sub(r"\d+", "0", path)
    if len(names) > 1:
        return page, "several"
    return page, query if names & _TURNS else ",".join(names)


def crawl(client, start):
    """Open the pages, and those that they lead to, as this person; of each kind of page a few."""
    found, waiting, seen = Walk(), list(start), Counter()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        most = 1 if kind and kind[1] == "several" else _OF_A_KIND
        if kind is None or address in found.addresses or seen[kind] >= most or address.startswith(OUT):
            continue
        seen[kind] += 1
        found.addresses.add(address)
        answer = client.get(address)
        found.answers[address] = answer.status_code
        body = content_of(answer)
        if "text/html" not in answer.get("Content-Type", ""):
            continue
        if MARKUP in body and "sandbox" not in answer.get("Content-Security-Policy", ""):
            found.unescaped.add(address)
        path = address.partition("?")[0]
        for quoted in _QUOTED.findall(body):
            link = absolute(unescape(quoted.decode("utf-8", "replace")), path)
            if link and link not in found.addresses:
                waiting.append(link)
        note_forms(found, body, path)
        if 300 <= answer.status_code < 400:
            waiting.append(absolute(answer["Location"], path))
    return found


def asked_of_each_page(found):
    """Return one page of each kind with the words that its links and forms ask it by, and those that all know."""
    known: dict[str, tuple[str, set[str]]] = {}
    for address in sorted(found.addresses):
        path, _, query = address.partition("?")
        _page, names = known.setdefault(re.sub(r"\d+", "0", path), (path, {"page", "p", "o", "q"}))
        names |= {part.partition("=")[0] for part in query.split("&") if part}
        if path.endswith("search/"):
            names |= {"s", "extended"}
        if path.startswith("/api/"):
            names |= {"limit", "cursor"}
    return dict(known.values())


def absolute(link, path):
    """Return an address of ours that a page leads to, without its fragment; "" for every other text."""
    link = link.partition("#")[0]
    if link.startswith("?"):
        link = path + link
    return link if link.startswith(WALKED) else ""


def note_forms(found, body, path):
    """Keep what each form of a page would send."""
    if b"<form" not in body:
        return
    for form in lxml_html.fromstring(body).iter("form"):
        if (form.method or "get").lower() != "post":
            found.asks |= {one.get("name") for one in form.inputs if one.get("type") in {"text", "search"}} - {None}
            continue
        action = absolute(form.get("action") or path, path) or path
        if action.startswith(OUT):
            continue
        values = {}
        for element in form.inputs:
            name = element.get("name")
            if name and name != "csrfmiddlewaretoken":
                values.setdefault(name, []).extend(values_of(element))
        found.forms.setdefault((action.partition("?")[0], tuple(sorted(values))), values)


def values_of(element):
    """Return what an input would send, and for a choice that is open its last offer."""
    if element.tag == "select":
        chosen = [option for option in element.value_options if option]
        picked = element.value if not element.multiple else next(iter(element.value), None)
        return [picked or chosen[-1]] if chosen else []
    return [element.value or element.get("value") or "x"] if element.get("type") != "file" else []


def content_of(answer):
    """Return what was answered, of a workbook what is packed in it."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:4] != b"PK\x03\x04":
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return b"\n".join(packed.read(name) for name in packed.namelist())
