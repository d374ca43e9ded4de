"""The spool: a run's files come from the space whole or not at all, and are kept for a time (reference 1, 10)."""

import contextlib
import errno
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from deliveries import conf
from deliveries.durable_files import written_aside
from deliveries.errors import BundleError, ServiceError
from deliveries.intake.rules.files import check_size
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import RequestRefused
from deliveries.intake.sftp.session import Entry
from deliveries.models import RowError, RunFile
from recipients.conf import MAX_CSV_BYTES
from recipients.in_chunks import in_chunks

TRIES: Final = 3  # a client that writes on behind its own semaphore gets that many readings
_CHUNK: Final = 5_000  # rows of one statement


class _ChangedError(Exception):
    """The file is not what it was when we began to read it."""


def folder(run_id: int) -> Path:
    """Return a run's folder in the spool, made when it is not there."""
    path = conf.spool() / str(run_id)
    with _disk():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a mode holds for the last folder alone
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def fetch(run: RunContext, name: str, role: str, local: str) -> RunFile:
    """Return the file as received; a second call finds what a first committed. Raises BundleError, ServiceError."""
    known = RunFile.objects.filter(run=run.row, role=role, name=name).first()
    if known and known.place.is_file():
        return known
    most = conf.MAX_XML_BYTES if role == "xml" else MAX_CSV_BYTES
    target = folder(run.row.pk) / local
    run.lease.check()
    _clear_drafts(target.parent)
    for _attempt in range(TRIES):
        run.lease.check()
        with contextlib.suppress(_ChangedError):
            size, digest = _once(run, name, target, most)
            found = {"size": size, "sha256": digest, "path": f"{run.row.pk}/{local}"}
            return RunFile.objects.update_or_create(run=run.row, role=role, name=name, defaults=found)[0]
    raise BundleError("SFTP_CHANGED", file=name, times=TRIES)


def _once(run: RunContext, name: str, target: Path, most: int) -> tuple[int, bytes]:
    session = run.remote.session()
    try:
        before = session.lstat(name)
    except RequestRefused as refusal:
        _refused(name, refusal)
    if not before.regular:
        raise BundleError("NOT_REGULAR_FILE", file=name)
    check_size(name, before.size, most)
    try:
        with _disk(), written_aside(target) as file:
            size, digest = _stream(run, name, file, most, before)
            after = session.lstat(name)
            if size != before.size or _mark(before) != _mark(after):
                raise _ChangedError
    except RequestRefused as refusal:
        _refused(name, refusal)
    return size, digest


def _clear_drafts(path: Path) -> None:
    """Remove what an attempt that was killed had begun to write."""
    for draft in path.glob(".*.part"):
        draft.unlink(missing_ok=True)


def _mark(entry: Entry) -> tuple[int, int, bool]:
    return entry.size, entry.mtime, entry.regular


def _stream(run: RunContext, name: str, file: BinaryIO, most: int, before: Entry) -> tuple[int, bytes]:
    digest, size = hashlib.sha256(), 0
    with run.remote.session().reading(name) as (opened, chunks):
        if opened.size != before.size or opened.mtime != before.mtime:
            raise _ChangedError
        for chunk in chunks:
            size += len(chunk)
            check_size(name, size, most)
            digest.update(chunk)
            file.write(chunk)
    return size, digest.digest()


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise ServiceError("DISK_SPOOL", folder=str(conf.spool())) from error


def _refused(name: str, refusal: RequestRefused) -> NoReturn:
    if refusal.code == "SFTP_MISSING":
        raise BundleError("REF_MISSING.gone", file=name) from refusal
    raise BundleError("SFTP_DENIED.file", file=name, reason=refusal.fault) from refusal


def mask(received: RunFile, masked: bytes) -> None:
    """Put the masked copy in the place of the received one, durably."""
    with _disk(), written_aside(received.place) as file:
        file.write(masked)


def forget_files(before: datetime) -> int:
    """Delete the files of runs that ended before a time; return how many. Files that are gone already count too."""
    gone = 0
    for file in in_chunks(RunFile.objects.filter(run__ended_at__lt=before)):
        file.place.unlink(missing_ok=True)
        _clear_drafts(file.place.parent)
        with contextlib.suppress(OSError):  # others lie in it still, or it is gone
            file.place.parent.rmdir()
        file.delete()
        gone += 1
    return gone


def forget_row_errors(before: datetime) -> int:
    """Delete which rows were not loaded by runs that ended before a time; return how many."""
    gone = 0
    old = RowError.objects.filter(run__ended_at__lt=before)
    while ids := list(old.values_list("pk", flat=True)[:_CHUNK]):
        gone += RowError.objects.filter(pk__in=ids).delete()[0]
    return gone


def spool_is_there() -> bool:
    """Return whether the folder of the files can be seen: without it their rows must not be forgotten."""
    return conf.spool().is_dir()
