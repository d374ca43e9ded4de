"""Recipients written in the XML (reference 2.2): rule RECIPIENT_FIELD is all that the schema leaves to us."""

from typing import Any, Final

from lxml import etree

from deliveries.errors import BundleError
from deliveries.intake.instructions import Person, Source
from deliveries.intake.parsing.faults import MOST_PROBLEMS, shown, together, unreadable

_NESTED: Final[Any] = etree.XPath("(*/*/* | */*/@* | */@*)")


def read_source(element: Any, name: str) -> Source:
    """Return new_recipients or test_recipients; raises BundleError where a field is no plain text."""
    first = element[0]
    if first.tag == "csv_file":
        return Source(line=element.sourceline, csv_file=(first.text or "").strip())
    _check_plain(element, name)
    lines: dict[str, int] = {}
    layouts: dict[tuple[str, ...], tuple[str, ...]] = {}
    people = []
    for person in element:
        tags, values = [], []
        for field in person:
            tags.append(field.tag)
            values.append((field.text or "").strip())
        names = tuple(tags)
        if names not in layouts:  # nearly always the same fields: kept once
            layouts[names] = names
            for field in person:
                if field.tag.startswith("{"):
                    raise _not_plain(field, name)
                lines.setdefault(field.tag, field.sourceline)
        people.append(Person(person.sourceline, layouts[names], tuple(values)))
    return Source(line=element.sourceline, people=tuple(people), field_lines=lines)


def _check_plain(element: Any, name: str) -> None:
    # an attribute comes as a string that knows its parent: both kinds of finding lead to their field
    problems = [_not_plain(each.getparent(), name) for each in _NESTED(element)[:MOST_PROBLEMS]]
    if problems:
        raise together(problems)


def _not_plain(field: Any, name: str) -> BundleError:
    tag = field.tag.rpartition("}")[2]
    return unreadable(
        "RECIPIENT_FIELD",
        name,
        field.sourceline,
        f"the recipient's field {shown(tag)} must be plain text without attributes, prefixes or elements inside: "
        "escape < as &lt; or use CDATA",
        element=tag,
    )
