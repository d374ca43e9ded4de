"""Validation against our XSD, its complaints put into the client's words (reference 2)."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from deliveries.errors import BundleError
from deliveries.intake.parsing.faults import MOST_PROBLEMS, shown, together, unreadable
from deliveries.intake.parsing.lists import shorten

XSD: Final = Path(__file__).resolve().parent.parent / "xmldelivery.xsd"

_SUBJECT: Final = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: ")
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( (.*?) \)")
_LONG_LABEL: Final = "must have at most 500 characters"
_REQUIRED: Final = re.compile(r"The attribute '([^']*)' is required")
_RULES: Final = {
    "suid": "must not be empty", "key": "must not be empty", "csv_file": "must name a file",
    "newsletter": "must be the whole number of a newsletter", "normal": "must be the whole number of a filter",
    "test": "must be the whole number of a filter", "method": "must be auto or manual",
    "schedule": "must be a time written as 2026-12-01T09:30:00, with an offset or Z if you like",
    "retry": "must be empty", "remove_duplicates": "must be empty", "transactional": "must be empty",
    "delay_hour": "must be a whole number of hours from 12 to 720",
    "report_recipient": "must be an e-mail address", "label": "must have 1 to 100 characters",
    "value": "must have at most 10,000 characters", "subject": "must have at most 500 characters",
    "name": "must have at most 200 characters", "address": "must have at most 500 characters",
    "reply_to": "must have at most 500 characters", "links": "must be parse or off",
    "views": "must be parse or off", "enabled": "must be true or false", "rendering": "must be true or false",
    "preferred_content": "must be rich_text, simple_text, both or empty",
    "embed": "must have at most 5 MB", "template_from_campaign_id": "must be the whole number of a delivery",
    "file": "must name a file", "publish_on_web": "must be empty", "prettyprint": "must be empty",
    "unescape": "must be empty",
}  # fmt: skip


def validate(root: Any, name: str) -> None:
    """Raise BundleError (XML_ERROR) with every mistake that the schema sees, at most 20.

    A tree with mistakes loses what they don't need.
    """
    if root.tag != "contactlab":
        raise _wrong_root(root, name)
    shorten(root, _document())
    schema = etree.XMLSchema(_document())  # its error log is its own: one a call, for threads
    if schema.validate(root):
        return
    problems: list[BundleError] = []
    seen: set[tuple[str, str, str]] = set()
    log: Any = schema.error_log
    for entry in log:
        problem = _translated(entry, root, name)
        mark = (entry.path or str(entry.line), problem.element, problem.code)
        if mark not in seen:  # a wrong value is complained of twice, by its facet and by its type
            seen.add(mark)
            problems.append(problem)
        if len(problems) == MOST_PROBLEMS:
            break
    raise together(problems)


@cache
def _document() -> Any:
    return etree.parse(XSD)


def _wrong_root(root: Any, name: str) -> BundleError:
    space, _, tag = root.tag.rpartition("}")
    advice = f"remove the namespace {shown(space[1:])}" if tag == "contactlab" else "is this the right file?"
    return unreadable(
        "XML_WRONG_ROOT", name, root.sourceline, f"expected <contactlab>, found <{tag[:80]}>: {advice}", element=tag
    )


def _translated(entry: Any, root: Any, name: str) -> BundleError:
    """Return one complaint of libxml2 as a sentence; its `type_name` tells the kind."""
    head = _SUBJECT.match(entry.message[:400])
    element, attribute = (head[1], head[2] or "") if head else ("", "")
    element = element.rpartition("}")[2]
    code, sentence = _sentence(entry, element, attribute, root)
    return unreadable(code, name, entry.line, sentence, element=element)


def _sentence(entry: Any, element: str, attribute: str, root: Any) -> tuple[str, str]:
    kind, value = entry.type_name, _value(entry, root, attribute)
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        return _order(entry.message, element, _siblings(entry, root))
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        missing = _REQUIRED.search(entry.message)
        attribute = missing[1] if missing else attribute
        return "XML_MISSING_ATTRIBUTE", f"<{element}> needs the attribute {attribute}: {_rule(attribute)}"
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1" or "not allowed" in entry.message[-80:]:
        if attribute:
            return "XML_UNKNOWN_ATTRIBUTE", f"<{element}> knows no attribute {shown(attribute)}: remove it"
        if kind in {"SCHEMAV_CVC_TYPE_3_1_1", "SCHEMAV_CVC_TYPE_3_1_2"}:
            return "XML_VALUE", f"<{element}> must hold plain text only: put markup into CDATA, or remove it"
        found = (
            f"hold no text of its own: remove {value}" if value != "nothing" else "be empty: remove what is in it"
        )
        return "XML_VALUE", f"<{element}> must {found}"
    what = f"the attribute {attribute} of <{element}>" if attribute else f"<{element}>"
    rule = _LONG_LABEL if "/headers/" in (entry.path or "") and element == "label" else _rule(attribute or element)
    return "XML_VALUE", f"{what} {rule}, found {value}"


def _rule(name: str) -> str:
    return _RULES.get(name, "has a value that is not accepted")


def _order(message: str, element: str, siblings: frozenset[str]) -> tuple[str, str]:
    expected = _EXPECTED.search(message)
    known = [each.strip() for each in expected[1].split(", ")] if expected else []
    names = ", ".join(f"<{each}>" for each in known if each.isidentifier())
    if "Missing child element" in message:
        return "XML_MISSING_ELEMENT", f"<{element}> lacks an element: add {_one_of(names)}"
    if element not in _names():
        return "XML_UNKNOWN_ELEMENT", f"<{element[:80]}> is no element of the language: remove it" + (
            f" ({_one_of(names)} may stand here)" if names else ""
        )
    if element == "body" and "preferred_content" not in siblings:
        return "XML_MISSING_ELEMENT", "<body> needs <preferred_content> before it: add it (it may be empty)"
    if len(known) == 1 and known[0] not in siblings:
        return "XML_MISSING_ELEMENT", f"{names} is missing before <{element}>: add it"
    if names:
        return "XML_ORDER", (
            f"<{element}> stands in the wrong place: the order is fixed, and here comes {_one_of(names)}"
        )
    return "XML_ORDER", (
        f"<{element}> may not stand here: it was given already, or what it goes with excludes it; remove it or "
        "put it in its place"
    )


def _siblings(entry: Any, root: Any) -> frozenset[str]:
    """Return the names of all elements beside the one that was complained of."""
    found = _element(entry, root)
    around = None if found is None else found.getparent()
    return frozenset() if around is None else frozenset(each.tag for each in around)


def _one_of(names: str) -> str:
    return f"one of {names}" if "," in names else names


@cache
def _names() -> frozenset[str]:
    """Return every element that the schema declares."""
    found = _document().iterfind(".//{http://www.w3.org/2001/XMLSchema}element")
    return frozenset(each.get("name") for each in found)


def _element(entry: Any, root: Any) -> Any:
    """Return the element that was complained of, None where its path holds a prefix that XPath does not know."""
    try:
        found = root.getroottree().xpath(entry.path)
    except (etree.XPathEvalError, TypeError):
        return None
    return found[0] if found else None


def _value(entry: Any, root: Any, attribute: str) -> str:
    """Return the value that was refused, shown; read from the tree, since messages cut or join it."""
    found = _element(entry, root)
    if found is None:
        return "it"
    text = found.get(attribute, "") if attribute else (found.text or "")
    if not text.strip():
        return "nothing"
    if attribute == "" and found.tag in {"auth", "key"}:
        return "a value"  # a key is never shown, nor what may be one
    return shown(text.strip())
