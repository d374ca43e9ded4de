"""A broken rule at its place in the client's files (reference 2)."""

from deliveries.errors import BundleError, ClientError
from deliveries.intake.instructions import Instructions
from recipients.faults import Fault

_TO_THE_LETTER = frozenset({"AUTH_FAILED", "ACCOUNT_INACTIVE"})  # clients match on the whole sentence


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


def at(fault: Fault, file: str, line: int = 0) -> Fault:
    """Return a fault with its file, and its line where that is known, before it."""
    return (
        Fault.of("at.line", file=file, line=line, fault=fault)
        if line
        else Fault.of("at.file", file=file, fault=fault)
    )
