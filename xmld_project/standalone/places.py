"""Where the embedded parts keep their things, all of it told by the state folder alone."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xmld_project.environment import Environment

SHARED: Final = Path("/var/lib/xmld")
SOCKET_NAME: Final = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH: Final = 106  # sun_path holds 108 bytes on Linux, 104 on macOS, a zero among them
_LONGEST_ON_MACOS: Final = 102  # sun_path has 104 bytes there


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one state folder. `home` holds what the service user must reach."""

    state: Path
    home: Path
    socket: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys, each file 0600."""
        return self.state / "secrets"

    @property
    def logs(self) -> Path:
        """What the processes say, a file each."""
        return self.state / "log"

    @property
    def spaces(self) -> Path:
        """The folders of the bundled SFTP server as everybody names them: var/sftp."""
        return self.state / "sftp"

    @property
    def sftp_socket(self) -> Path:
        """Where the bundled SFTP server answers the product's own polls."""
        return self.socket / "sftp"

    @property
    def mail(self) -> Path:
        """The mail catcher's folder."""
        return self.state / "mail"

    @property
    def run_file(self) -> Path:
        """The file that says what runs and where."""
        return self.state / "run.json"


def from_environment(environment: Environment) -> Places:
    """Return the places of this environment's state folder; nothing is made."""
    state = Path(os.path.realpath(environment.state_dir))
    digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:16]
    root = os.geteuid() == 0
    home = SHARED / digest if root else state / "postgres"
    socket = home / "run"
    longest = _LONGEST_SOCKET_PATH if os.uname().sysname == "Linux" else _LONGEST_ON_MACOS
    # A comma separates folders for PostgreSQL, and hosts for its clients.
    if len(os.fsencode(socket / SOCKET_NAME)) > longest or "," in str(socket):
        socket = Path(f"/tmp/xmld-{os.geteuid()}-{digest}")  # noqa: S108  made 0700 and its owner is checked
    return Places(state, home, socket)
