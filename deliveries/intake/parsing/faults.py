"""A mistake in an instructions file, at its place; several of them together."""

from collections.abc import Sequence
from typing import Any, Final

from deliveries.errors import BundleError
from recipients.faults import Fault

MOST_PROBLEMS: Final = 20


def unreadable(key: str, file: str, line: int, /, **found: Any) -> BundleError:
    """Return an XML_ERROR at its place; `element` among the values is that of the place too."""
    fault = Fault.of(key, **found)
    framed = (
        Fault.of("at.line", file=file, line=line, fault=fault)
        if line
        else Fault.of("at.file", file=file, fault=fault)
    )
    element = str(found.get("element", ""))
    return BundleError(framed, sub_status="XML_ERROR", file=file, line=line, element=element)


def together(problems: Sequence[BundleError]) -> BundleError:
    """Return the first problem with all of them (at most 20) hanging on it."""
    first = problems[0]
    first.problems = tuple(problems[:MOST_PROBLEMS])
    return first
