"""The two families of errors: the client's to fix, and ours (reference 4.1)."""

from dataclasses import dataclass


class ClientError(Exception):
    """Somebody outside must mend this: `code` decides, the text is the sentence they read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ServiceError(Exception):
    """We, or a server that we need, are at fault; trying again may help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LockedError(ClientError):
    """The user database is held by somebody else (reference 3.4)."""

    def __init__(self, database_id: int, holder: str) -> None:
        super().__init__("LOCKED", f"Userdb is locked {database_id}")
        self.database_id = database_id
        self.holder = holder


@dataclass(frozen=True, slots=True)
class RowFault:
    """One row that was not loaded: `line` counts from 1 in the file, `column` is a field's name or empty."""

    line: int
    column: str
    code: str
    reason: str
    excerpt: str
