"""What a refusal says on a page; runs, reports and commands keep the words of the clients' protocol."""

from django.utils.translation import gettext as _

from recipients import locks
from recipients.errors import ClientError, LockedError, ServiceError
from recipients.models import Database


def sentence(error: ClientError | ServiceError) -> str:
    """Return the error's own sentence; of a held database its name, who holds it and what to do (reference 3.4)."""
    if not isinstance(error, LockedError):
        return error.message
    name = Database.objects.filter(pk=error.database_id).values_list("name", flat=True).first()
    parts = {"database": (name or "")[:80], "holder": holder_in_words(error.holder)}
    return _("Database “%(database)s” is held by %(holder)s: try again when it has ended.") % parts


def holder_in_words(name: str) -> str:
    """Return in words who holds a lock, as its holder wrote it down."""
    run = locks.run_of(name)
    if run is not None:
        return _("run %(id)s") % {"id": run}
    return _("an import by hand") if locks.is_by_hand(name) else name or _("somebody else")
