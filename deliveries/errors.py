"""Errors of this app: the two families come from below, here are the ones that deliveries add."""

from recipients.errors import ClientError as ClientError
from recipients.errors import LockedError as LockedError
from recipients.errors import ServiceError as ServiceError


class BundleError(ClientError):
    """A client's mistake in a bundle (reference 4.1): where it lies and the sentence they read.

    `sub_status` is XML_ERROR (not readable, not well-formed, schema) or XMLD_CONFIGURATION_ERROR (meaning).
    `line` counts from 1 in `file`; 0 where no line can be named. `problems` holds further ones of the same kind.
    """

    def __init__(  # noqa: PLR0913  a place has four coordinates
        self,
        code: str,
        message: str,
        *,
        sub_status: str = "XMLD_CONFIGURATION_ERROR",
        file: str = "",
        line: int = 0,
        element: str = "",
        problems: tuple["BundleError", ...] = (),
    ) -> None:
        super().__init__(code, message)
        self.sub_status = sub_status
        self.file = file
        self.line = line
        self.element = element
        self.problems = problems


class StateConflict(ClientError):
    """The thing is no longer in a state that allows this; the text says what it is in and who was first."""


class LeaseLost(ServiceError):
    """Somebody else works this space now: whoever reads this writes nothing more."""

    def __init__(self, what: str) -> None:
        super().__init__("LEASE_LOST", f"the lease of {what} is another's now")
