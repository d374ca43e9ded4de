"""Newsletters and SFTP spaces of a provisioning file."""

from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deliveries import vault
from deliveries.models import Newsletter, SftpSpace
from deliveries.provisioning.lists import find_database, find_filter
from deliveries.provisioning.plan import Table, fault
from recipients.addresses import judge
from recipients.errors import ClientError
from recipients.models import Account

_PLAIN: Final = (
    "kind", "reply_to", "encoding", "subject", "preferred_content", "html", "text", "unsubscribe", "rate_per_hour",
    "rates", "tracking", "consent", "consent_field", "in_doubt", "seeds", "sector", "public_url", "bounce_domain",
)  # fmt: skip
_SPACE: Final = (
    "embedded", "host", "port", "username", "host_key", "directory", "poll_seconds", "separator", "quote",
    "escape", "csv_encoding", "bad_rows_limit", "duplicate_window_minutes", "hold_filter_only", "after_run",
    "authorized_keys", "reports", "notify",
)  # fmt: skip


def provision_newsletter(account: Account, table: Table, folder: Path) -> Newsletter:
    """Create or update one newsletter; what the file leaves out stays as it is."""
    database = find_database(account, table["database"])
    values: dict[str, Any] = {key: table[key] for key in _PLAIN if key in table}
    values |= {"database": database, "from_name": table["mail_from"].get("name", "")}
    values["from_address"] = _address(table["name"], table["mail_from"].get("address", ""))
    if "base_filter" in table:
        values["base_filter"] = find_filter(database, table["base_filter"])
    if "dkim" in table:
        values |= _dkim(table["name"], table["dkim"], folder)
    made, _ = Newsletter.objects.update_or_create(account=account, name=table["name"], defaults=values)
    return made


def _address(newsletter: str, text: str) -> str:
    try:
        return judge(text).text
    except ClientError as error:
        raise fault(f"newsletter {newsletter!r}: mail_from.address: {error.message}") from error


def _dkim(newsletter: str, table: Table, folder: Path) -> dict[str, Any]:
    if not table.get("domain") or not table.get("selector"):
        raise fault(f"newsletter {newsletter!r}: dkim needs domain and selector")
    key = table.get("private_key") or _text_of(
        folder, table.get("private_key_file", ""), f"newsletter {newsletter!r}"
    )
    try:
        load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise fault(f"newsletter {newsletter!r}: dkim's private key is no PEM key without a password") from error
    return {"dkim_domain": table["domain"], "dkim_selector": table["selector"], "dkim_key": vault.seal(key)}


def _text_of(folder: Path, name: str, whose: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise fault(f"{whose}: the key file {name!r} can't be read: {error.strerror}") from error


def provision_space(account: Account, table: Table, folder: Path) -> SftpSpace:
    """Create or update one space; its password or key is kept encrypted."""
    values: dict[str, Any] = {key: table[key] for key in _SPACE if key in table}
    if "password" in table:
        values["password"] = vault.seal(table["password"])
    if "private_key_file" in table:
        key = _text_of(folder, table["private_key_file"], f"space {table['name']!r}")
        values["private_key"] = vault.seal(key)
    if table.get("embedded"):
        _check_free(account, table)
    first = {"reports": ["xml"], **values}
    made, _ = SftpSpace.objects.update_or_create(
        account=account, name=table["name"], defaults=values, create_defaults=first
    )
    return made


def _check_free(account: Account, table: Table) -> None:
    username = table["username"]
    if not username.isascii() or not username.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise fault(f"space {table['name']!r}: username {username!r:.60} must be letters, digits and . _ -")
    others = SftpSpace.objects.filter(embedded=True, username=username)
    if others.exclude(account=account, name=table["name"]).exists():
        raise fault(f"space {table['name']!r}: the user name {username!r} of the bundled SFTP server is taken")
