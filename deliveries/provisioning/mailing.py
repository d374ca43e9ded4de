"""Newsletters and SFTP spaces of a provisioning file."""

from pathlib import Path
from typing import Any, Final

from deliveries import vault
from deliveries.configuring import ValidationResult, validate_newsletter, validate_space
from deliveries.content.mime.dkim import record
from deliveries.errors import ClientError
from deliveries.models import Newsletter, SftpSpace
from deliveries.provisioning import bounds
from deliveries.provisioning.lists import find_database, find_filter
from deliveries.provisioning.plan import Table, fault
from recipients.models import Account

_PLAIN: Final = (
    "kind", "reply_to", "encoding", "subject", "preferred_content", "html", "text", "unsubscribe", "rate_per_hour",
    "rates", "tracking", "consent", "consent_field", "in_doubt", "seeds", "sector", "public_url", "bounce_domain",
    "link_categories",
)  # fmt: skip
_SPACE: Final = (
    "embedded", "host", "port", "username", "host_key", "directory", "poll_seconds", "separator", "quote",
    "escape", "csv_encoding", "bad_rows_limit", "duplicate_window_minutes", "hold_filter_only", "after_run",
    "authorized_keys", "reports", "notify",
)  # fmt: skip


def provision_newsletter(account: Account, table: Table, folder: Path) -> Newsletter:
    """Create or update one newsletter; what the file leaves out stays as it is."""
    database, where = find_database(account, table["database"]), f"newsletter {table['name']!r}"
    values: dict[str, Any] = {key: table[key] for key in _PLAIN if key in table}
    values |= {f"from_{key}": table["mail_from"].get(key, "") for key in ("name", "address")}
    if not values["from_address"]:
        raise fault(f"{where}: mail_from lacks address; add it")
    if "dkim" in table:
        values |= _dkim(table["name"], table["dkim"], folder)
    values |= _valid_values(validate_newsletter(values, database), where)
    there = Newsletter.objects.filter(account=account, name=table["name"]).first()
    bounds.check_row(there or Newsletter(account=account), values, where)
    values["database"] = database
    if "base_filter" in table:
        values["base_filter"] = find_filter(database, table["base_filter"])
    made, _ = Newsletter.objects.update_or_create(account=account, name=table["name"], defaults=values)
    return made


def _valid_values(result: ValidationResult, where: str) -> dict[str, Any]:
    for key, sentence in result.faults.items():
        written = key.replace("from_", "mail_from.").replace("dkim_", "dkim.")
        raise fault(f"{where}: {written}: {sentence}")
    return result.kept


def _dkim(newsletter: str, table: Table, folder: Path) -> dict[str, Any]:
    where = f"newsletter {newsletter!r}"
    if not table.get("domain") or not table.get("selector"):
        raise fault(f"{where}: dkim needs domain and selector")
    values: dict[str, Any] = {"dkim_domain": table["domain"]}
    for which in ("", "second_"):
        selector = table.get(f"{which}selector")
        if not selector:
            continue
        key = table.get(f"{which}private_key") or _text_of(folder, table.get(f"{which}private_key_file", ""), where)
        try:
            record(key)
        except ClientError as error:
            raise fault(f"{where}: dkim: {error.message}") from error
        values |= {f"dkim_{which}selector": selector, f"dkim_{which}key": vault.seal(key)}
    return values


def _text_of(folder: Path, name: str, whose: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise fault(f"{whose}: the key file {name!r} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise fault(f"{whose}: the key file {name!r} is not text: write it in PEM or OpenSSH's format") from error


def provision_space(account: Account, table: Table, folder: Path) -> SftpSpace:
    """Create or update one space; its password or key is kept encrypted."""
    values: dict[str, Any] = {key: table[key] for key in _SPACE if key in table}
    if "password" in table:
        values["password"] = vault.seal(table["password"])
    if "private_key_file" in table:
        key = _text_of(folder, table["private_key_file"], f"space {table['name']!r}")
        values["private_key"] = vault.seal(key)
    there = SftpSpace.objects.filter(account=account, name=table["name"]).first()
    where = f"space {table['name']!r}"
    space = there or SftpSpace(account=account)
    values |= _valid_values(validate_space(values, space), where)
    bounds.check_row(space, values, where)
    first = {"reports": ["xml"], **values}
    made, _ = SftpSpace.objects.update_or_create(
        account=account, name=table["name"], defaults=values, create_defaults=first
    )
    return made
