"""The two families of errors: the client's to fix, and ours (reference 4.1)."""

from dataclasses import dataclass
from typing import Any

import recipients.sentences  # noqa: F401  fills the catalogue
from recipients.faults import Fault


class _WithSentence(Exception):
    """An error that somebody reads: `fault` is what happened, `message` its sentence in the active language."""

    def __init__(self, what: str | Fault, written: str = "", /, **params: Any) -> None:
        """Take a key of the catalogue and its values, a fault, or a code and a sentence written already."""
        if isinstance(what, Fault):
            self.fault = what
        elif written:
            self.fault = Fault.written(written, what)
        else:
            self.fault = Fault.of(what, **params)
        super().__init__(self.fault.key)

    @property
    def code(self) -> str:
        """What decides; the text is for the person who reads it."""
        return self.fault.code

    @property
    def message(self) -> str:
        """The sentence in the language that is active."""
        return self.fault.say()

    def __str__(self) -> str:
        return self.message


class ClientError(_WithSentence):
    """Somebody outside must mend this."""


class ServiceError(_WithSentence):
    """We, or a server that we need, are at fault; trying again may help."""


class LockedError(ClientError):
    """The user database is held by somebody else (reference 3.4)."""

    def __init__(self, database_id: int, holder: str) -> None:
        super().__init__("LOCKED", database=database_id)
        self.database_id = database_id
        self.holder = holder


@dataclass(frozen=True, slots=True)
class RowFault:
    """One row that was not loaded: `line` counts from 1 in the file, `column` is a field's name or empty."""

    line: int
    column: str
    fault: Fault
    excerpt: str

    @property
    def code(self) -> str:
        """What decides."""
        return self.fault.code

    @property
    def reason(self) -> str:
        """What is wrong and to be done, in the active language."""
        return self.fault.say()
