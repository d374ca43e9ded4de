"""What a provisioning file says, checked before anything is touched (reference, A provisioning file)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db.models import Model

from deliveries.models import Newsletter, SftpSpace
from deliveries.provisioning import bounds
from deliveries.provisioning.faults import Table as Table
from deliveries.provisioning.faults import fault as fault
from recipients.models import Account, Filter, Membership
from recipients.models.storable import is_too_deep

# section -> key -> the Python types it may have; a key in NEEDED must be there.
_KNOWN: Final[Mapping[str, Mapping[str, tuple[type, ...]]]] = {
    "account": {
        "name": (str,), "xml_delivery": (bool,), "time_zone": (str,), "language": (str,), "report_language": (str,),
        "domains": (list,),
        "fetch_hosts": (list,),
    },
    "users": {
        "name": (str,), "email": (str,), "suid": (str,), "key": (str,), "role": (str,), "password": (str,),
        "api_token": (str,),
    },
    "databases": {"name": (str,), "fields": (list,), "key": (str,), "base_filter": (str,), "read_only": (bool,)},
    "filters": {"name": (str,), "database": (str,), "use": (str,), "match": (str,), "conditions": (list,)},
    "newsletters": {
        "name": (str,), "database": (str,), "kind": (str,), "mail_from": (dict,), "reply_to": (str,),
        "encoding": (str,), "subject": (str,), "preferred_content": (str,), "html": (str,), "text": (str,),
        "unsubscribe": (bool,), "dkim": (dict,), "rate_per_hour": (int,), "rates": (dict,), "tracking": (str,),
        "consent": (str,), "consent_field": (str,), "in_doubt": (str,), "seeds": (list,), "sector": (str,),
        "public_url": (str,), "bounce_domain": (str,), "base_filter": (str,), "link_categories": (dict,),
    },
    "spaces": {
        "name": (str,), "host": (str,), "port": (int,), "username": (str,), "password": (str,),
        "private_key_file": (str,), "host_key": (str,), "directory": (str,), "poll_seconds": (int,),
        "separator": (str,), "quote": (str,), "escape": (str,), "csv_encoding": (str,),
        "bad_rows_limit": (int, float), "duplicate_window_minutes": (int,), "hold_filter_only": (bool,),
        "after_run": (str,), "embedded": (bool,), "authorized_keys": (list,), "reports": (list,), "notify": (list,),
    },
}  # fmt: skip
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "account": ("name",),
    "users": ("name", "email"),
    "databases": ("name", "fields"),
    "filters": ("name", "database", "conditions"),
    "newsletters": ("name", "database", "kind", "mail_from"),
    "spaces": ("name", "username"),
}
_CHOSEN: Final[Mapping[str, tuple[type[Model], frozenset[str]]]] = {
    "account": (Account, frozenset({"language", "report_language"})),
    "users": (Membership, frozenset({"role"})),
    "filters": (Filter, frozenset({"use", "match"})),
    "newsletters": (Newsletter, frozenset({"kind", "tracking", "consent", "in_doubt", "preferred_content"})),
    "spaces": (SftpSpace, frozenset({"after_run"})),
}
_INNER: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("newsletters", "mail_from"): ("name", "address"),
    ("newsletters", "dkim"): (
        "domain",
        "selector",
        "private_key_file",
        "private_key",
        "second_selector",
        "second_private_key_file",
        "second_private_key",
    ),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked file: every key known, of its type, needed ones there; `folder` is where it lies."""

    folder: Path
    account: Table
    users: tuple[Table, ...]
    databases: tuple[Table, ...]
    filters: tuple[Table, ...]
    newsletters: tuple[Table, ...]
    spaces: tuple[Table, ...]


def read(path: Path) -> Plan:
    """Read a TOML file; raises ClientError with one sentence that names the file, the section and the key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fault(f"{path.name} can't be read: {error.strerror}") from error
    except ValueError as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise fault(f"{path.name} is not TOML: {error}") from error
    except RecursionError:
        document = None
    if document is None or is_too_deep(document):
        raise fault(f"{path.name} is nested too deeply: take brackets or dots out")
    unknown = sorted(set(document) - set(_KNOWN))
    if unknown:
        raise fault(f"{path.name}: unknown section {unknown[0]!r}; known are {', '.join(_KNOWN)}")
    account = _checked("account", document.get("account", {}), path.name)
    lists = {name: _section(name, document, path.name) for name in _KNOWN if name != "account"}
    return Plan(path.parent, account, **lists)


def _section(name: str, document: Table, file: str) -> tuple[Table, ...]:
    tables = document.get(name, [])
    if not isinstance(tables, list):
        raise fault(f"{file}: write [[{name}]] with two brackets, one table for each")
    checked = tuple(_checked(name, table, file) for table in tables)
    names = [table["name"] for table in checked]
    for each in names:
        if names.count(each) > 1:
            raise fault(f"{file}: [[{name}]] names {each!r} twice; give each its own name")
    return checked


def _checked(section: str, table: object, file: str) -> Table:
    if not isinstance(table, dict):
        raise fault(f"{file}: write {'[account]' if section == 'account' else f'[[{section}]]'} as a table of keys")
    where = f"{file}: [{section}]" if section == "account" else f"{file}: [[{section}]] {table.get('name', '')!r}"
    for key, value in table.items():
        types = _KNOWN[section].get(key)
        if types is None:
            raise fault(f"{where} has an unknown key {key!r}; known are {', '.join(_KNOWN[section])}")
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise fault(f"{where}: {key} must be {' or '.join(kind.__name__ for kind in types)}, not {value!r:.60}")
        _check_choice(section, key, value, where)
        if isinstance(value, dict) and (section, key) in _INNER:
            _check_inner(value, _INNER[section, key], f"{where}: {key}")
    for key in _NEEDED[section]:
        if not table.get(key) and table.get(key) != []:
            raise fault(f"{where} lacks {key}; add it")
    bounds.check(table, where)
    return table


def _check_choice(section: str, key: str, value: object, where: str) -> None:
    model, chosen = _CHOSEN.get(section, (Account, frozenset()))
    if key in chosen and value not in (choices := bounds.choices_of(model, key)):
        raise fault(f"{where}: {key} = {value!r:.60} is none of {', '.join(choices)}")


def _check_inner(table: Table, known: tuple[str, ...], where: str) -> None:
    for key, value in table.items():
        if key not in known:
            raise fault(f"{where} has an unknown key {key!r}; known are {', '.join(known)}")
        if not isinstance(value, str):
            raise fault(f"{where}: {key} must be str, not {value!r:.60}")
