"""Where a space's sessions go, and by what they log in."""

import json
from dataclasses import dataclass

from deliveries import conf, sftp_usernames, vault
from deliveries.intake.sftp.errors import LoginRefused
from deliveries.models import SftpSpace


@dataclass(frozen=True, slots=True)
class Target:
    """Where a session goes. `host_keys` are lines "type base64", any of which may be shown; no secret is logged."""

    host: str
    port: int
    username: str
    password: str
    private_key: str
    host_keys: tuple[str, ...]
    directory: str

    @property
    def place(self) -> str:
        """host:port, for sentences."""
        return f"{self.host}:{self.port}"


def target_of(space: SftpSpace) -> Target:
    """Return where a space's sessions go; an embedded one goes to the bundled server of the running product."""
    if space.embedded:
        return _bundled(space)
    password, key = vault.reveal(space.password), vault.reveal(space.private_key)
    keys = tuple(line.strip() for line in space.host_key.splitlines() if line.strip())
    return Target(space.host, space.port, space.username, password, key, keys, space.directory or "/")


def is_served_here(space: SftpSpace) -> bool:
    """Return whether this machine can ask the space: an embedded one only beside its bundled server."""
    return not space.embedded or bool(_bundled_key())


def _bundled(space: SftpSpace) -> Target:
    """Return the bundled server, with the product's own password, which opens spaces that have keys only too."""
    if sftp_usernames.is_taken(space.username, space.account_id):
        raise LoginRefused("SFTP_AUTH.taken", username=space.username)
    password, key = own_password(), ""
    if not password:
        password, key = vault.reveal(space.password), vault.reveal(space.private_key)
    return Target("127.0.0.1", conf.sftp_port(), space.username, password, key, (_bundled_key(),), "/")


def own_password() -> str:
    """Return the password that the bundled server knows us by, "" when it has none yet."""
    try:
        return (conf.state_dir() / "secrets" / "sftp_polls").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _bundled_key() -> str:
    """Return the bundled server's host key as the running product wrote it down, "" when nothing runs."""
    try:
        return str(json.loads((conf.state_dir() / "run.json").read_text(encoding="utf-8"))["sftp_host_key"])
    except (OSError, ValueError, KeyError):
        return ""
