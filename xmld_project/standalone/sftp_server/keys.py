"""The host keys of the bundled SFTP server, Ed25519 for today's clients and RSA for old ones; made once."""

from pathlib import Path
from typing import Final

import asyncssh

from deliveries.durable_files import written_aside
from xmld_project import secret_files

_KINDS: Final[tuple[tuple[str, dict[str, int]], ...]] = (("ssh-ed25519", {}), ("ssh-rsa", {"key_size": 3072}))


def _key_made_once(path: Path, algorithm: str, options: dict[str, int]) -> asyncssh.SSHKey:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = asyncssh.generate_private_key(algorithm, comment="xml-delivery", **options)
        with written_aside(path) as file:
            file.write(key.export_private_key())
    return asyncssh.read_private_key(path)


def made_once(secrets: Path) -> list[asyncssh.SSHKey]:
    """Return the host keys of this state folder, Ed25519 first."""
    return [_key_made_once(secrets / f"{algorithm}_host_key", algorithm, options) for algorithm, options in _KINDS]


def public_line(secrets: Path) -> str:
    """Return the Ed25519 key as clients pin it: "ssh-ed25519 AAAA…"."""
    line = made_once(secrets)[0].export_public_key("openssh").decode("ascii")
    return " ".join(line.split()[:2])


def own_password(secrets: Path) -> str:
    """Return the password by which the product itself enters every embedded space (intake/sftp/target.py)."""
    return secret_files.made_once(secrets / "sftp_polls", 32)
