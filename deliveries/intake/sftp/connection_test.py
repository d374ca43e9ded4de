"""Test the connection: what a person sees before they pin a host key."""

from dataclasses import dataclass

from deliveries.errors import ServiceError
from deliveries.intake.sftp.connect import connect, key_fingerprint, seen_key
from deliveries.intake.sftp.target import target_of
from deliveries.models import SftpSpace

_PROBE = ".xmld-probe.tmp"


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """What was found: the key shown now, how many entries lie there, the first thing that failed ("" if none)."""

    host_key: str
    fingerprint: str
    pinned: bool
    entries: int | None
    problem: str


def run(space: SftpSpace) -> ConnectionTest:
    """Look at the host key; where it is the pinned one, log in, list, write and delete a probe file."""
    target = target_of(space)
    key, entries = "", None
    try:
        key = seen_key(target)
        session = connect(target)
        try:
            entries = len(session.entries()[0])
            session.write(_PROBE, b"")
            session.remove(_PROBE)
        finally:
            session.close()
    except ServiceError as error:
        return ConnectionTest(
            key, key_fingerprint(key), _pinned(key, target.host_keys), entries, f"{error.code}: {error.message}"
        )
    return ConnectionTest(key, key_fingerprint(key), pinned=True, entries=entries, problem="")


def _pinned(key: str, known: tuple[str, ...]) -> bool:
    return key in {" ".join(line.split()[:2]) for line in known}
