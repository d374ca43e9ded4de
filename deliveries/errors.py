"""Errors of this app: the two families come from below, here are the ones that deliveries add."""

from typing import Any

import deliveries.sentences  # noqa: F401  fills the catalogue
from recipients.errors import ClientError as ClientError
from recipients.errors import LockedError as LockedError
from recipients.errors import ServiceError as ServiceError
from recipients.faults import CATALOGUE, Fault


class BundleError(ClientError):
    """A client's mistake in a bundle (reference 4.1): what it is, and where it lies.

    `sub_status` is XML_ERROR (not readable, not well-formed, schema) or XMLD_CONFIGURATION_ERROR (meaning).
    `line` counts from 1 in `file`; 0 where no line can be named. `problems` holds further ones of the same kind.
    A sentence that names the file or the line gets those of the place.
    """

    def __init__(  # noqa: PLR0913  a place has four coordinates
        self,
        what: str | Fault,
        written: str = "",
        /,
        *,
        sub_status: str = "XMLD_CONFIGURATION_ERROR",
        file: str = "",
        line: int = 0,
        element: str = "",
        problems: tuple["BundleError", ...] = (),
        **params: Any,
    ) -> None:
        if isinstance(what, str) and not written:
            place = {"file": file, "line": line, "element": element}
            params |= {name: place[name] for name in CATALOGUE[what].names & place.keys() - params.keys()}
        super().__init__(what, written, **params)
        self.sub_status = sub_status
        self.file = file
        self.line = line
        self.element = element
        self.problems = problems

    def as_json(self) -> dict[str, Any]:
        """Return what a row keeps of it."""
        return {"file": self.file, "line": self.line, "element": self.element, "fault": self.fault.as_json()}


class StateConflict(ClientError):
    """The thing is no longer in a state that allows this; the text says what it is in and who was first."""


class LeaseLost(ServiceError):
    """Another worker has this space now: the one that reads this writes nothing more."""

    def __init__(self, what: str) -> None:
        super().__init__("LEASE_LOST", what=what)
