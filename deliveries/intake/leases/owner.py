"""The process that works on something: how leases and runs name it, and what became of it.

Only a process of this machine is checked, and only by its id being free: an id that was given out again counts as
alive, which costs no more than waiting for the lease to lapse.
"""

import os
import socket
from pathlib import Path

import psutil

_NAMESPACE = Path("/proc/self/ns/pid")


def myself() -> str:
    """Return "host:pid namespace/group": the group is that of the cluster, the namespace tells containers apart."""
    return f"{_here()}:{os.getpid()} {_namespace()}/{os.getpgrp()}"


def place(owner: str) -> str:
    """Return the host:pid of an owner, for sentences."""
    return owner.partition(" ")[0]


def lives(owner: str) -> bool:
    """Return whether this process surely lives."""
    ids = _ids(owner)
    return ids is not None and _lives(ids[0])


def is_dead(owner: str) -> bool:
    """Return whether this process surely is no more."""
    ids = _ids(owner)
    return ids is not None and not _lives(ids[0])


def died_alone(owner: str) -> bool:
    """Return whether this process surely is no more while its cluster lives: what it worked on was its end."""
    ids = _ids(owner)
    return ids is not None and not _lives(ids[0]) and _lives(ids[1])


def _here() -> str:
    return socket.gethostname()[:64]


def _namespace() -> int:
    return _NAMESPACE.stat().st_ino if _NAMESPACE.exists() else 0


def _ids(owner: str) -> tuple[int, int] | None:
    """Return the process and its group, None when they are not of this machine."""
    name, _, rest = owner.partition(" ")
    host, _, pid = name.rpartition(":")
    namespace, _, group = rest.partition("/")
    if host != _here() or namespace != str(_namespace()) or not (pid.isdecimal() and group.isdecimal()):
        return None
    return int(pid), int(group)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
