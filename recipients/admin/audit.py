"""The history of who did what: pages here tell it, and whoever keeps it is handed in from above."""

from collections.abc import Callable
from typing import Final

from recipients.models import User

# The account's id (None: the platform's own), who, what, and the words that go with it.
Keep = Callable[[int | None, User, str, str], None]
_keepers: Final[list[Keep]] = []


def kept_by(keep: Keep) -> None:
    """Have `keep` called for each note."""
    if keep not in _keepers:
        _keepers.append(keep)


def note(account_id: int | None, actor: User, verb: str, detail: str = "") -> None:
    """Tell what somebody did; inside the caller's transaction where there is one."""
    for keep in _keepers:
        keep(account_id, actor, verb, detail)
