"""Recipients written in the XML (reference 2.2): rule RECIPIENT_FIELD is all that the schema leaves to us."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from lxml import etree

from deliveries.errors import BundleError
from deliveries.intake.instructions import Person, Source
from deliveries.intake.mistakes import MOST_PROBLEMS, together, unreadable

_MOST_FIELDS: Final = 1000  # ten spellings of each that a database may have
_NESTED: Final[Any] = etree.XPath("boolean(*/*/* or */*/@* or */@*)")


def read_source(element: Any, name: str) -> Source:
    """Return new_recipients or test_recipients; raises BundleError where a field is not plain text."""
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
            for tag, field in zip(names, person, strict=True):
                if tag.startswith("{"):
                    raise _not_plain(field, name)
                lines.setdefault(tag, field.sourceline)
                if len(lines) > _MOST_FIELDS:
                    raise _too_many(field, name)
        people.append(Person(person.sourceline, layouts[names], tuple(values)))
    return Source(line=element.sourceline, people=tuple(people), field_lines=lines)


def _check_plain(element: Any, name: str) -> None:
    if _NESTED(element):
        raise together([_not_plain(each, name) for each in islice(_not_text(element), MOST_PROBLEMS)])


def _not_text(element: Any) -> Iterator[Any]:
    """Yield a field for each attribute and each element of it, as they are written."""
    for person in element:
        yield from [person] * len(person.attrib)
        for field in person:
            yield from [field] * (len(field.attrib) + len(field))


def _too_many(field: Any, name: str) -> BundleError:
    return unreadable("XML_TOO_LARGE.fields", name, field.sourceline, most=_MOST_FIELDS)


def _not_plain(field: Any, name: str) -> BundleError:
    tag = field.tag.rpartition("}")[2]
    return unreadable("RECIPIENT_FIELD", name, field.sourceline, field=tag, element=tag)
