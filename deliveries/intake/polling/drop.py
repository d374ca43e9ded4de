"""A bundle that was checked on a page, put on its space for a person (reference 4.3)."""

import contextlib
import secrets
from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.audit import Verb
from deliveries.errors import ClientError, ServiceError
from deliveries.intake.polling import control
from deliveries.intake.sftp.connect import connect
from deliveries.intake.sftp.listing import Listing, same
from deliveries.intake.sftp.session import Entry, Session
from deliveries.intake.sftp.target import target_of
from deliveries.models import ProcessingRun, RunFile, RunStatus, SftpSpace, SubStatus
from recipients.models import User


def drop(space: SftpSpace, xml: str, files: Mapping[str, bytes], *, actor: User) -> None:
    """Write the files, last the semaphore of `xml` (one of them), as a client would, and have the space polled.

    What a run that has ended left there is written over. Raises ClientError NAME_ON_SPACE where something else lies
    under a name, ServiceError for what the server refuses.
    """
    semaphore = f"{xml}.ok"
    session = connect(target_of(space))
    try:
        entries, cut = session.entries()
        wanted = {same(name) for name in (*files, semaphore)}
        there = [entry for entry in entries if entry.name is not None and same(entry.name) in wanted]
        if there and not (_at_rest(entries, cut=cut) and _left_over(space, xml, there)):
            said = _("“%(name)s” is on the space already: choose another name, or wait until it was taken.")
            raise ClientError("NAME_ON_SPACE", said % {"name": there[0].name})
        names = {same(entry.name or ""): entry.name or "" for entry in there}  # as they are spelled there
        ordered = sorted(files, key=lambda name: name == xml)
        _write(session, {names.get(same(name), name): files[name] for name in ordered}, names)
        session.write(semaphore, b"")
    finally:
        session.close()
    audit.record(space.account_id, actor, Verb.BUNDLE_DROPPED, space, {"file": xml})
    control.poll_now(space, actor=actor)


def _at_rest(entries: Iterable[Entry], *, cut: bool) -> bool:
    """Return whether no semaphore lies there: its bundle may have any of the files."""
    return not cut and not Listing(entries).bundles


def _left_over(space: SftpSpace, xml: str, there: list[Entry]) -> bool:
    """Return whether these are ordinary files of runs that have ended, and of none that goes on."""
    names = [same(entry.name or "") for entry in there]
    if len(set(names)) < len(names) or not all(entry.regular for entry in there):
        return False
    runs = ProcessingRun.objects.filter(space=space)
    # A held run has received all its files; of any other we do not know yet which it will ask for.
    held = Q(status=RunStatus.LOADING, sub_status=SubStatus.DUPLICATE_HELD, semaphore_gone=True)
    if runs.filter(Q(status=RunStatus.LOADING) | Q(semaphore_gone=False)).exclude(held).exists():
        return False
    if any(_had(runs.filter(held), entry) for entry in there):
        return False
    ended = runs.exclude(status=RunStatus.LOADING)
    # A bundle of this name was here: also what a run that failed early never asked for is of it.
    return ended.filter(file=same(xml)).exists() or all(_had(ended, entry) for entry in there)


def _had(runs: QuerySet[ProcessingRun], entry: Entry) -> bool:
    name = entry.name or ""
    return RunFile.objects.filter(run__in=runs, name__in={name, same(name)}).exists()


def _write(session: Session, files: Mapping[str, bytes], there: Mapping[str, str]) -> None:
    """Write what is new under its name; the rest aside first, and over what lies there only once all is written."""
    mark = secrets.token_hex(4)
    aside = {name: f".xmld-{mark}-{n}.tmp" for n, name in enumerate(files) if same(name) in there}
    try:
        for name, data in files.items():
            session.write(aside.get(name, name), data)
        for name, draft in aside.items():
            session.replace(draft, name)
    except ServiceError:
        for draft in aside.values():
            with contextlib.suppress(ServiceError):
                session.remove(draft)
        raise
