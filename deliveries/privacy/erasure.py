"""Erasing a person: their data goes from everything we hold, the counts stay (reference 7.3).

What is left in a message is `erased-<n> @<domain>`: no address (there is a blank in it), and the domain keeps
the figures by domain as they were. The fingerprint on the blacklist keeps a later list from bringing them back.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext as _
from psycopg import sql

from deliveries import audit, conf
from deliveries.downloads import forgetting
from deliveries.models import (
    Activity,
    Event,
    Hit,
    LinkVisit,
    Message,
    MessageCopy,
    MessageStatus,
    OwnTarget,
    ProcessingRun,
    RowError,
    RunFile,
    RunStatus,
    RunTransition,
    SftpSpace,
    Subscription,
)
from deliveries.models.messages import ERASED
from deliveries.models.moves import move
from deliveries.models.states import WAITING_MESSAGES
from recipients import locks, suppressions, tables
from recipients.audit import Verb
from recipients.faults import Fault
from recipients.in_chunks import in_chunks
from recipients.models import Account, BlacklistEntry, Database, Filter, Reason, User

_CHUNK: Final = 1024**2  # bytes read at a time


@dataclass(slots=True)
class Erased:
    """What went, by kind, and in sentences what could not be reached; `number` is that of `erased-<n>`."""

    number: int
    removed: dict[str, int] = field(default_factory=dict)
    not_reached: list[str] = field(default_factory=list)


def erase(account: Account, key: str, actor: User | None = None) -> Erased:
    """Erase whom a normalised address belongs to in one account. Raises LockedError while a list is being loaded.

    1. nobody writes to them again, 2. rows, 3. messages and what they left, 4. runs, 5. files, 6. what remains.
    """
    databases = list(Database.objects.filter(account=account))
    for database in databases:
        locks.check_free(database.pk, "erasure")  # a load under way could bring the person back behind us
    with transaction.atomic():
        found = Erased(_keep_out(account, key))
        found.removed["rows"] = sum(_delete_rows(database, key) for database in databases)
        _forget_messages(account, key, found)
        _forget_in_runs(account, key, found)
        _forget_in_filters(account, key, found)
        audit.record(account.pk, actor, Verb.PERSON_ERASED, None, {"number": found.number})
    # After the commit: what is rolled back must not have lost its files.
    _remove_files(account, key, found)
    found.removed["downloads"] = forgetting.forget_of_account(account.pk)
    _name_the_rest(account, key, found)
    return found


def _keep_out(account: Account, key: str) -> int:
    """Leave only the fingerprint of the address, on the blacklist for good; return the entry's number."""
    suppressions.suppress(account, key, Reason.BY_HAND)
    print_ = suppressions.fingerprint(key)
    entry = BlacklistEntry.objects.get(account=account, fingerprint=print_)
    BlacklistEntry.objects.filter(pk=entry.pk).update(address=None, note="")
    Subscription.objects.filter(newsletter__account=account, fingerprint=print_).update(address=None)
    return entry.pk


def _delete_rows(database: Database, key: str) -> int:
    query = sql.SQL("DELETE FROM {} WHERE lower({}) = %s").format(
        tables.identifier(database), sql.Identifier(tables.address_column(database))
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [key])
        return int(cursor.rowcount)


def _forget_messages(account: Account, key: str, found: Erased) -> None:
    """Take the person out of their messages, events and hits; what waits to go out does not go out."""
    mine = Message.objects.filter(delivery__account=account).annotate(lower=Lower("address")).filter(lower=key)
    ids = list(mine.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    messages = Message.objects.filter(pk__in=ids)
    waiting = messages.filter(status__in=WAITING_MESSAGES)
    # Sent once and perhaps received: that is what it stays.
    move(waiting.filter(doubted=True), MessageStatus.IN_DOUBT, not_before=None)
    move(waiting, MessageStatus.BLACKLIST, reason=Reason.BY_HAND, not_before=None)
    domain = key.rpartition("@")[2]
    messages.update(address=f"{ERASED}{found.number} @{domain}", reply="", body_digest=None)
    MessageCopy.objects.filter(message__in=ids).delete()
    found.removed["messages"] = len(ids)
    _forget_own_targets(ids)
    found.removed["events"] = Event.objects.filter(message__in=ids).update(ip=None, user_agent="")
    found.removed["hits"] = Hit.objects.filter(message_id__in=ids).update(ip=None, agent="", target="")


def _forget_own_targets(ids: list[int]) -> None:
    """Empty the addresses of a person's own page that nobody else has clicked: they may hold their values."""
    mine = LinkVisit.objects.filter(message_id__in=ids, key__startswith="=")
    for delivery_id, key in mine.values_list("delivery_id", "key").distinct():
        others = LinkVisit.objects.filter(delivery=delivery_id, key=key).exclude(message_id__in=ids)
        if not others.exists():
            OwnTarget.objects.filter(delivery=delivery_id, key=key).update(url="")


def _forget_in_runs(account: Account, key: str, found: Erased) -> None:
    """Empty what runs quoted of the person: rows that were not loaded, sentences of steps."""
    kept, nothing = Cast("fault", TextField()), Fault.written("…").as_json()
    rows = RowError.objects.filter(run__account=account).annotate(kept=kept)
    found.removed["row_errors"] = rows.filter(Q(excerpt__icontains=key) | Q(kept__icontains=key)).update(
        excerpt="", fault=nothing
    )
    transitions = RunTransition.objects.filter(run__account=account).annotate(kept=kept)
    steps = transitions.filter(message__icontains=key).update(message="")
    steps += transitions.filter(kept__icontains=key).update(fault=nothing)
    for name, emptied in (("fault", nothing), ("first_fault", nothing), ("faults", []), ("warning_faults", [])):
        runs = ProcessingRun.objects.filter(account=account).annotate(kept=Cast(name, TextField()))
        steps += runs.filter(kept__icontains=key).update(**{name: emptied})
    found.removed["sentences"] = steps


def _forget_in_filters(account: Account, key: str, found: Erased) -> None:
    """Put nobody in their place where a condition names the address: with their row gone it picks the same."""
    naming = Filter.objects.filter(database__account=account).annotate(kept=Lower(Cast("conditions", TextField())))
    changed = 0
    for chosen in naming.filter(kept__contains=key).select_for_update(of=("self",)):
        conditions = _without(chosen.conditions, key, f"{ERASED}{found.number}@erased.invalid")
        if conditions != chosen.conditions:
            changed += Filter.objects.filter(pk=chosen.pk).update(conditions=conditions)
    found.removed["filters"] = changed


def _without(value: Any, key: str, nobody: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, key, nobody) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, key, nobody) for inner in value]
    return nobody if isinstance(value, str) and value.strip().lower() == key else value


def _remove_files(account: Account, key: str, found: Erased) -> None:
    """Delete kept files of ended runs that hold the address; those of a run under way are named."""
    files = RunFile.objects.filter(run__account=account).select_related("run")
    removed = 0
    for file in in_chunks(files):
        if not _holds(file, key):
            continue
        if file.run.status == RunStatus.LOADING:
            found.not_reached.append(
                _("%(file)s of run %(run)s, which is under way: erase again when it ended")
                % {"file": file.name, "run": file.run_id}
            )
        else:
            file.place.unlink(missing_ok=True)
            file.delete()
            removed += 1
    found.removed["files"] = removed


def _holds(file: RunFile, key: str) -> bool:
    wanted = key.encode()
    try:
        if zipfile.is_zipfile(file.place):
            with zipfile.ZipFile(file.place) as archive:
                return any(_contains(archive.open(name), wanted) for name in archive.namelist())
        with file.place.open("rb") as content:
            return _contains(content, wanted)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return False  # it is gone, or locked by a password that we have not


def _contains(content: Any, wanted: bytes) -> bool:
    """Return whether an address is in a file, in any letter case."""
    return any(wanted in piece for piece in _pieces(content, len(wanted)))


def _pieces(content: Any, overlap: int) -> Iterator[bytes]:
    before = b""
    while more := content.read(_CHUNK):
        piece = before + more.lower()
        yield piece
        before = piece[-overlap:]


def _name_the_rest(account: Account, key: str, found: Erased) -> None:
    """Return what is left: where we can't reach, and the history, which nobody may rewrite."""
    named = Activity.objects.filter(account=account).filter(Q(target__icontains=key) | Q(params__icontains=key))
    if count := named.count():
        found.not_reached.append(
            _("%(n)s lines of the history, which is never changed, name the address") % {"n": count}
        )
    if SftpSpace.objects.filter(account=account).exists():
        found.not_reached.append(
            _("files on the client's SFTP spaces, as bundles that were left or archived there")
        )
    if (caught := conf.state_dir() / "mail").is_dir():
        found.not_reached.append(
            _("mails that the mail catcher keeps in %(folder)s, the newest 20,000") % {"folder": caught}
        )
    found.not_reached.append(_("the mails themselves, at the recipient's provider and in the relay's logs"))
    found.not_reached.append(_("back-ups: after a restore, erase again"))
