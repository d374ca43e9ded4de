"""What the environment says, read once and checked at the start (reference: Environment)."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from xmld_project.standalone import run_file

BASE_DIR: Final = Path(__file__).resolve().parent.parent
CLONED: Final = (BASE_DIR / "manage.py").is_file()
# A wheel has one folder that is its own, so what lies beside the packages in a clone lies inside one there.
TEMPLATES: Final = BASE_DIR / "templates" if CLONED else BASE_DIR / "xmld_project" / "templates"


class EnvironmentFault(Exception):
    """A variable has a value that can't be used; the text is the one line for the operator."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Every variable of docs/reference.md, with its default. Ports: 0 is any free one. Times in seconds."""

    state_dir: Path
    database_url: str | None
    secret_key: str | None
    data_key: str | None
    debug: bool
    demo: bool
    allowed_hosts: tuple[str, ...]
    public_url: str | None
    admin_url: str | None
    web_host: str
    web_port: int
    sftp_port: int
    catcher_port: int
    smtp_url: str | None
    mail_from: str
    bounce_domain: str | None
    bounce_maildir: Path | None
    bounce_clear_days: int
    senders: int
    workers: int
    stop_seconds: int
    lock_retry_hours: int
    undo_seconds: int
    keep_bundles_days: int
    keep_row_errors_days: int
    keep_ip_addresses_days: int
    keep_downloads_days: int
    export_rows: int
    keep_events_months: int
    keep_messages_months: int
    run_as: str
    sftp_legacy: bool
    sftp_quota_mb: int
    dns_servers: tuple[tuple[str, int], ...]
    log_format: str
    metrics_token: str | None
    relay_rate_per_hour: int
    allow_async_standby: bool
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    second_factor: str


def _value(source: Mapping[str, str], name: str) -> str | None:
    """Return NAME, or what the file named by NAME_FILE holds, without the surrounding white space."""
    path = source.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise EnvironmentFault(f"{name}_FILE={path}: can't be read ({error.strerror})") from error
    value = source.get(name, "").strip()
    return value or None


def _number(source: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = _value(source, name)
    if text is None:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise EnvironmentFault(f"{name}={text}: give a whole number from {least} to {most}")
    return int(text)


def _switch(source: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = _value(source, name)
    if text is None:
        return default
    if text not in {"0", "1"}:
        raise EnvironmentFault(f"{name}={text}: give 0 or 1")
    return text == "1"


def _choice(source: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = _value(source, name) or choices[0]
    if text not in choices:
        raise EnvironmentFault(f"{name}={text}: give {' or '.join(choices)}")
    return text


def _address(source: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    text = _value(source, name)
    if text is not None and not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise EnvironmentFault(f"{name} must begin with {' or '.join(f'{s}://' for s in schemes)}")
    return text.rstrip("/") if text else None


def _host(source: Mapping[str, str]) -> str:
    text = _value(source, "XMLD_WEB_HOST") or "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise EnvironmentFault(f"XMLD_WEB_HOST={text}: give an address of this machine, as 127.0.0.1") from error


def _networks(
    source: Mapping[str, str], name: str, default: str
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    text = _value(source, name)
    try:
        return tuple(ipaddress.ip_network(each.strip()) for each in (text or default).split(",") if each.strip())
    except ValueError as error:
        raise EnvironmentFault(f"{name}: {error}; give addresses or networks, with commas between them") from error


def _servers(source: Mapping[str, str], name: str) -> tuple[tuple[str, int], ...]:
    """Return addresses and ports; all have one port, as the resolver's library takes one."""
    found = []
    for written in (_value(source, name) or "").split(","):
        if written.strip():
            address, _, port = written.strip().partition("#")
            try:
                found.append((str(ipaddress.ip_address(address)), int(port or 53)))
            except ValueError as error:
                raise EnvironmentFault(f"{name}={written}: give addresses, or address#port") from error
    return tuple(found)


def _database(source: Mapping[str, str]) -> str | None:
    url = _address(source, "DATABASE_URL", ("postgresql", "postgres"))
    try:
        conninfo_to_dict(url or "")
    except psycopg.ProgrammingError as error:  # its text may repeat the password
        raise EnvironmentFault("DATABASE_URL is not postgresql://user:password@host:port/name") from error
    return url


def _maildir(source: Mapping[str, str]) -> Path | None:
    text = _value(source, "XMLD_BOUNCE_MAILDIR")
    if text is None:
        return None
    folder = Path(text).expanduser()
    if not folder.is_absolute() or not all(os.access(folder / name, os.W_OK | os.X_OK) for name in ("new", "cur")):
        raise EnvironmentFault(
            f"XMLD_BOUNCE_MAILDIR={text}: give the full path of a Maildir, whose new and cur we may write to"
        )
    return folder


def _ports_in_use(state_dir: Path) -> dict[str, int]:
    """Return the ports of the product that runs on this state folder, so that it is found by the folder alone."""
    running = run_file.read(state_dir / "run.json")
    if running is None:
        return {}
    try:
        os.kill(running["pids"]["supervisor"], 0)
        return {name: int(running[name]) for name in ("web", "sftp", "smtp")}
    except (OSError, ValueError, KeyError, TypeError):  # it has ended, or wrote something else
        return {}


def _second_factor(source: Mapping[str, str]) -> str:
    """Return who is asked for one; the demonstration on one's own machine asks nobody."""
    demo = _switch(source, "XMLD_DEMO", default=False)
    choices = ("optional", "required") if demo else ("required", "optional")
    return _choice(source, "XMLD_SECOND_FACTOR", choices)


def read(source: Mapping[str, str] = os.environ) -> Environment:
    """Read and check every variable; raises EnvironmentFault with the one line to print."""
    cores = os.cpu_count() or 1
    state = Path(_value(source, "XMLD_STATE_DIR") or (BASE_DIR / "var" if CLONED else "var")).expanduser()
    state = state if state.is_absolute() else Path.cwd() / state
    ports = {"web": 8000, "sftp": 2222, "smtp": 1025} | _ports_in_use(state)
    public = _address(source, "XMLD_PUBLIC_URL", ("http", "https"))
    own_proxy = "127.0.0.1,::1" if (public or "").startswith("https:") else ""
    hosts = (_value(source, "XMLD_ALLOWED_HOSTS") or "localhost,127.0.0.1,[::1]").split(",")
    return Environment(
        state_dir=state,
        database_url=_database(source),
        secret_key=_value(source, "XMLD_SECRET_KEY"),
        data_key=_value(source, "XMLD_DATA_KEY"),
        debug=_switch(source, "XMLD_DEBUG", default=False),
        demo=_switch(source, "XMLD_DEMO", default=False),
        allowed_hosts=tuple(host.strip() for host in hosts if host.strip()),
        public_url=public,
        admin_url=_address(source, "XMLD_ADMIN_URL", ("http", "https")),
        web_host=_host(source),
        web_port=_number(source, "XMLD_WEB_PORT", ports["web"], 0, 65535),
        sftp_port=_number(source, "XMLD_SFTP_PORT", ports["sftp"], 0, 65535),
        catcher_port=_number(source, "XMLD_CATCHER_PORT", ports["smtp"], 0, 65535),
        smtp_url=_address(source, "XMLD_SMTP_URL", ("smtp", "smtps", "smtp+starttls")),
        mail_from=_value(source, "XMLD_MAIL_FROM") or "xml-delivery@localhost",
        bounce_domain=_value(source, "XMLD_BOUNCE_DOMAIN"),
        bounce_maildir=_maildir(source),
        bounce_clear_days=_number(source, "XMLD_BOUNCE_CLEAR_DAYS", 5, 1, 30),
        senders=_number(source, "XMLD_SENDERS", cores, 1, 256),
        workers=_number(source, "XMLD_WORKERS", 2 * cores, 1, 256),
        stop_seconds=_number(source, "XMLD_STOP_SECONDS", 620, 1, 3600),
        undo_seconds=_number(source, "XMLD_UNDO_SECONDS", 60, 0, 600),
        lock_retry_hours=_number(source, "XMLD_LOCK_RETRY_HOURS", 24, 1, 168),
        keep_bundles_days=_number(source, "XMLD_KEEP_BUNDLES_DAYS", 30, 1, 3_650),
        keep_row_errors_days=_number(source, "XMLD_KEEP_ROW_ERRORS_DAYS", 90, 1, 3_650),
        keep_ip_addresses_days=_number(source, "XMLD_KEEP_IP_ADDRESSES_DAYS", 90, 1, 3_650),
        keep_downloads_days=_number(source, "XMLD_KEEP_DOWNLOADS_DAYS", 7, 1, 365),
        export_rows=_number(source, "XMLD_EXPORT_ROWS", 50_000, 0, 1_000_000),
        keep_events_months=_number(source, "XMLD_KEEP_EVENTS_MONTHS", 13, 1, 120),
        keep_messages_months=_number(source, "XMLD_KEEP_MESSAGES_MONTHS", 25, 1, 120),
        run_as=_value(source, "XMLD_RUN_AS") or "nobody",
        sftp_legacy=_switch(source, "XMLD_SFTP_LEGACY", default=False),
        dns_servers=_servers(source, "XMLD_DNS_SERVERS"),
        sftp_quota_mb=_number(source, "XMLD_SFTP_QUOTA_MB", 10_240, 1, 100_000_000),
        log_format=_choice(source, "XMLD_LOG_FORMAT", ("console", "json")),
        metrics_token=_value(source, "XMLD_METRICS_TOKEN"),
        relay_rate_per_hour=_number(source, "XMLD_RELAY_RATE_PER_HOUR", 0, 0, 1_000_000_000),
        allow_async_standby=_switch(source, "XMLD_ALLOW_ASYNC_STANDBY", default=False),
        trusted_proxies=_networks(source, "XMLD_TRUSTED_PROXIES", own_proxy),
        second_factor=_second_factor(source),
    )
