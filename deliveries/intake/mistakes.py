"""A mistake in a client's files, at its place there (reference 2); several of them together."""

from collections.abc import Sequence
from typing import Any, Final

from deliveries.errors import BundleError, ClientError
from deliveries.intake.instructions import Instructions
from recipients.faults import Fault

MOST_PROBLEMS: Final = 20  # reference 2: a client mends that many in one go, and may read on after that
_TO_THE_LETTER: Final = frozenset({"AUTH_FAILED", "ACCOUNT_INACTIVE"})  # clients match on the whole sentence


def at(fault: Fault, file: str, line: int = 0) -> Fault:
    """Return a fault with its file, and its line where that is known, before it."""
    return (
        Fault.of("at.line", file=file, line=line, fault=fault)
        if line
        else Fault.of("at.file", file=file, fault=fault)
    )


def unreadable(key: str, file: str, line: int, /, **found: Any) -> BundleError:
    """Return an XML_ERROR at its place; `element` among the values is that of the place too."""
    element = str(found.get("element", ""))
    framed = at(Fault.of(key, **found), file, line)
    return BundleError(framed, sub_status="XML_ERROR", file=file, line=line, element=element)


def refused(key: str, instructions: Instructions, path: str, /, **found: object) -> BundleError:
    """Return the XMLD_CONFIGURATION_ERROR of a rule at an element (its path below the channel, or auth/…)."""
    line = instructions.line(path)
    return placed(key, instructions.file, line, path.rpartition("/")[2].partition("[")[0], **found)


def placed(key: str, file: str, line: int, element: str, /, **found: object) -> BundleError:
    """Return the error of a rule at a line that is known; `found` are the values of its sentence."""
    fault = Fault.of(key, **found)
    return BundleError(
        fault if key in _TO_THE_LETTER else at(fault, file, line), file=file, line=line, element=element
    )


def unplaced(error: ClientError, file: str) -> BundleError:
    """Return as the bundle's a mistake that lies in no line of it: a base filter that can't be used, say."""
    return BundleError(at(error.fault, file), file=file)


def together(problems: Sequence[BundleError]) -> BundleError:
    """Return the first problem with all of them (at most 20) in its `problems`."""
    first = problems[0]
    first.problems = tuple(problems[:MOST_PROBLEMS])
    return first
