"""What people do with accounts and lists; who keeps it is handed in from above, as the history is kept there."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.models import Model, TextChoices
from django.utils.translation import gettext_lazy as lazy

from recipients.models import User


class Verb(TextChoices):
    """An act of a person on what this app holds; the value is stored, the label is read."""

    KEY_MADE = "key made", lazy("user key made")
    API_TOKEN_MADE = "API token made", lazy("API token made")
    API_TOKEN_REVOKED = "API token revoked", lazy("API token revoked")
    BLACKLIST_ADDED = "blacklist added", lazy("entered in the blacklist")
    BLACKLIST_REMOVED = "blacklist removed", lazy("taken off the blacklist")
    BLACKLIST_IMPORTED = "blacklist imported", lazy("list imported into the blacklist")
    BLACKLIST_EXPORTED = "blacklist exported", lazy("blacklist exported")
    UNSUBSCRIBED = "unsubscribed by hand", lazy("unsubscribed somebody by hand")
    PERSON_ERASED = "person erased", lazy("person erased")
    FILTER_ARCHIVED = "filter archived", lazy("filter archived")
    FILTER_RESTORED = "filter restored", lazy("filter restored")
    FILTER_DELETED = "filter deleted", lazy("filter deleted")
    FIELD_ADDED = "field added", lazy("field added")
    FIELD_RENAMED = "field renamed", lazy("field renamed")
    FIELD_REMOVED = "field removed", lazy("field removed")
    PEOPLE_IMPORTED = "people imported", lazy("people imported")
    PEOPLE_EXPORTED = "people exported", lazy("people exported")
    INVITED = "invited", lazy("invited")
    INVITATION_WITHDRAWN = "invitation withdrawn", lazy("invitation withdrawn")
    JOINED = "joined", lazy("joined the account")
    SYSTEM_ADDED = "system added", lazy("client's system added")
    LOGGED_IN = "logged in", lazy("logged in")
    LOG_IN_FAILED = "log-in failed", lazy("log-in failed")
    PASSWORD_RESET = "password reset", lazy("password reset by mail")
    SECOND_FACTOR_SET = "second factor set", lazy("second factor set up")
    SECOND_FACTOR_REMOVED = "second factor removed", lazy("second factor removed")
    RECOVERY_CODES_MADE = "recovery codes made", lazy("recovery codes made")
    ADDED = "added", lazy("added")
    CHANGED = "changed", lazy("changed")
    REMOVED = "removed", lazy("removed")


# The account's id (None: the platform's own), who, what, on what, and the values that go with it.
Keep = Callable[[int | None, User, Verb, Model, Mapping[str, Any]], None]
_keepers: Final[list[Keep]] = []


def kept_by(keep: Keep) -> None:
    """Have `keep` called for each act."""
    if keep not in _keepers:
        _keepers.append(keep)


def record(account_id: int | None, actor: Any, verb: Verb, target: Model, **params: Any) -> None:
    """Tell what somebody who is signed in did; inside the caller's transaction where there is one."""
    for keep in _keepers:
        keep(account_id, actor, verb, target, params)
