"""Validation against our XSD, its complaints put into the client's words (reference 2)."""

import re
from typing import Any, Final

from lxml import etree

from deliveries.errors import BundleError
from deliveries.intake.mistakes import MOST_PROBLEMS, together, unreadable
from deliveries.intake.parsing import order
from deliveries.intake.parsing.lists import shorten
from recipients.faults import Fault

_SUBJECT: Final = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: ")
_REQUIRED: Final = re.compile(r"The attribute '([^']*)' is required")
_RULES: Final = {
    "suid": "not_empty", "key": "not_empty", "csv_file": "file", "file": "file", "newsletter": "newsletter",
    "normal": "filter", "test": "filter", "template_from_campaign_id": "delivery", "method": "method",
    "schedule": "schedule", "delay_hour": "hours", "report_recipient": "address", "label": "label",
    "links": "links", "views": "links", "enabled": "yes_no", "rendering": "yes_no",
    "preferred_content": "preferred",
    **dict.fromkeys(
        ("retry", "remove_duplicates", "transactional", "publish_on_web", "prettyprint", "unescape"), "empty"
    ),
}  # fmt: skip
_LONGEST: Final = {"value": 10_000, "name": 200, **dict.fromkeys(("subject", "address", "reply_to"), 500)}
_LONGEST_TITLE: Final = 500


def validate(root: Any, name: str) -> None:
    """Raise BundleError (XML_ERROR) with every mistake that the schema sees, at most 20.

    A tree with mistakes loses what they don't need.
    """
    if root.tag != "contactlab":
        raise _wrong_root(root, name)
    shorten(root, order.document())
    schema = etree.XMLSchema(order.document())  # its error log is its own: one a call, for threads
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


def _wrong_root(root: Any, name: str) -> BundleError:
    space, _, tag = root.tag.rpartition("}")
    if tag == "contactlab":
        found = {"element": tag, "namespace": space[1:]}
        return unreadable("XML_WRONG_ROOT.namespace", name, root.sourceline, **found)
    return unreadable("XML_WRONG_ROOT", name, root.sourceline, element=tag)


def _translated(entry: Any, root: Any, name: str) -> BundleError:
    """Return one complaint of libxml2 in our words; its `type_name` tells the kind."""
    head = _SUBJECT.match(entry.message[:400])
    element, attribute = (head[1], head[2] or "") if head else ("", "")
    element = element.rpartition("}")[2]
    key, found = _complaint(entry, element, attribute, root)
    return unreadable(key, name, entry.line, **{"element": element, **found})


def _complaint(entry: Any, element: str, attribute: str, root: Any) -> tuple[str, dict[str, Any]]:
    """Return the key of the sentence and its values."""
    kind = entry.type_name
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        return order.complaint(entry.message, element, _siblings(entry, root))
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        missing = _REQUIRED.search(entry.message)
        attribute = missing[1] if missing else attribute
        return "XML_MISSING_ATTRIBUTE", {"attribute": attribute, "rule": _rule(attribute)}
    value = _value(entry, root, attribute)
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1" or "not allowed" in entry.message[-80:]:
        return _not_allowed(kind, attribute, value)
    title = "/headers/" in (entry.path or "") and element == "label"
    rule = Fault.of("rule.most", most=_LONGEST_TITLE) if title else _rule(attribute or element)
    if attribute:
        return "XML_VALUE.attribute", {"attribute": attribute, "rule": rule, "found": value}
    return "XML_VALUE", {"rule": rule, "found": value}


def _not_allowed(kind: str, attribute: str, value: Fault) -> tuple[str, dict[str, Any]]:
    if attribute:
        return "XML_UNKNOWN_ATTRIBUTE", {"attribute": attribute}
    if kind in {"SCHEMAV_CVC_TYPE_3_1_1", "SCHEMAV_CVC_TYPE_3_1_2"}:
        return "XML_VALUE.markup", {}
    return "XML_VALUE.empty" if value.key == "found.nothing" else "XML_VALUE.text", {"found": value}


def _rule(name: str) -> Fault:
    if name in _LONGEST:
        return Fault.of("rule.most", most=_LONGEST[name])
    if name == "embed":
        return Fault.of("rule.megabytes", most=5)
    return Fault.of(f"rule.{_RULES.get(name, 'other')}")


def _siblings(entry: Any, root: Any) -> tuple[str, ...]:
    """Return the names of the element that was complained of and of all beside it, in order."""
    found = _element(entry, root)
    around = None if found is None else found.getparent()
    return () if around is None else tuple(each.tag for each in around)


def _element(entry: Any, root: Any) -> Any:
    """Return the element that was complained of, None where its path holds a prefix that XPath does not know."""
    try:
        found = root.getroottree().xpath(entry.path)
    except (etree.XPathEvalError, TypeError):
        return None
    return found[0] if found else None


def _value(entry: Any, root: Any, attribute: str) -> Fault:
    """Return the value that was refused, shown; read from the tree, since messages cut or join it."""
    found = _element(entry, root)
    if found is None:
        return Fault.of("found.it")
    text = found.get(attribute, "") if attribute else (found.text or "")
    if not text.strip():
        return Fault.of("found.nothing")
    if attribute == "" and found.tag in {"auth", "key"}:
        return Fault.of("found.secret")  # a key is never shown, nor what may be one
    return Fault.of("found.value", value=text.strip())
