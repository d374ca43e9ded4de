"""Who the database and the SFTP server run as when the product is started by root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xmld_project.environment import Environment, EnvironmentFault


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """An ordinary user of the machine, by its numbers."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Make this user the owner of `path` itself, never of what a link points to."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def identity(self) -> dict[str, Any]:
        """Return what subprocess.Popen wants to start a process as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def become(self) -> None:
        """Drop to this user for good: no way back to root is left."""
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)


def from_environment(environment: Environment) -> ServiceUser | None:
    """Return XMLD_RUN_AS when root starts the product, None for anyone else, who stays that user."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(environment.run_as)
    except KeyError:
        raise EnvironmentFault(f"XMLD_RUN_AS={environment.run_as}: this machine has no such user") from None
    if entry.pw_uid == 0:
        raise EnvironmentFault(f"XMLD_RUN_AS={environment.run_as}: give an ordinary user, PostgreSQL refuses root")
    return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
