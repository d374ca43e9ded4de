"""What the environment says, read once and checked at the start (reference: Environment)."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xmld_project import variables
from xmld_project.standalone import run_file
from xmld_project.variables import EnvironmentFault as EnvironmentFault

BASE_DIR: Final = Path(__file__).resolve().parent.parent
CLONED: Final = (BASE_DIR / "manage.py").is_file()
# A wheel has one folder that is its own, so what lies beside the packages in a clone lies inside one there.
TEMPLATES: Final = BASE_DIR / "templates" if CLONED else BASE_DIR / "xmld_project" / "templates"


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
    connections: int
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


def _state_folder(source: Mapping[str, str]) -> Path:
    """Return the full path: by default beside the clone, of an installed wheel where it is started."""
    folder = Path(variables.value(source, "XMLD_STATE_DIR") or (BASE_DIR / "var" if CLONED else "var")).expanduser()
    return folder if folder.is_absolute() else Path.cwd() / folder


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
    demo = variables.switch(source, "XMLD_DEMO", default=False)
    choices = ("optional", "required") if demo else ("required", "optional")
    return variables.choice(source, "XMLD_SECOND_FACTOR", choices)


def _times_kept(source: Mapping[str, str]) -> dict[str, int]:
    """Return how long each kind of thing is kept (reference 10), in days or months."""
    return {
        "keep_bundles_days": variables.number(source, "XMLD_KEEP_BUNDLES_DAYS", 30, 1, 3_650),
        "keep_row_errors_days": variables.number(source, "XMLD_KEEP_ROW_ERRORS_DAYS", 90, 1, 3_650),
        "keep_ip_addresses_days": variables.number(source, "XMLD_KEEP_IP_ADDRESSES_DAYS", 90, 1, 3_650),
        "keep_downloads_days": variables.number(source, "XMLD_KEEP_DOWNLOADS_DAYS", 7, 1, 365),
        "keep_events_months": variables.number(source, "XMLD_KEEP_EVENTS_MONTHS", 13, 1, 120),
        "keep_messages_months": variables.number(source, "XMLD_KEEP_MESSAGES_MONTHS", 25, 1, 120),
    }


def read(source: Mapping[str, str] = os.environ) -> Environment:
    """Read and check every variable; raises EnvironmentFault with the one line to print."""
    cores = os.cpu_count() or 1
    state = _state_folder(source)
    ports = {"web": 8000, "sftp": 2222, "smtp": 1025} | _ports_in_use(state)
    public = variables.address(source, "XMLD_PUBLIC_URL", ("http", "https"))
    own_proxy = "127.0.0.1,::1" if (public or "").startswith("https:") else ""
    hosts = (variables.value(source, "XMLD_ALLOWED_HOSTS") or "localhost,127.0.0.1,[::1]").split(",")
    return Environment(
        state_dir=state,
        database_url=variables.database(source, "DATABASE_URL"),
        secret_key=variables.value(source, "XMLD_SECRET_KEY"),
        data_key=variables.value(source, "XMLD_DATA_KEY"),
        debug=variables.switch(source, "XMLD_DEBUG", default=False),
        demo=variables.switch(source, "XMLD_DEMO", default=False),
        allowed_hosts=tuple(host.strip() for host in hosts if host.strip()),
        public_url=public,
        admin_url=variables.address(source, "XMLD_ADMIN_URL", ("http", "https")),
        web_host=variables.host(source, "XMLD_WEB_HOST"),
        web_port=variables.number(source, "XMLD_WEB_PORT", ports["web"], 0, 65535),
        sftp_port=variables.number(source, "XMLD_SFTP_PORT", ports["sftp"], 0, 65535),
        catcher_port=variables.number(source, "XMLD_CATCHER_PORT", ports["smtp"], 0, 65535),
        smtp_url=variables.address(source, "XMLD_SMTP_URL", ("smtp", "smtps", "smtp+starttls")),
        mail_from=variables.value(source, "XMLD_MAIL_FROM") or "xml-delivery@localhost",
        bounce_domain=variables.value(source, "XMLD_BOUNCE_DOMAIN"),
        bounce_maildir=variables.maildir(source, "XMLD_BOUNCE_MAILDIR"),
        bounce_clear_days=variables.number(source, "XMLD_BOUNCE_CLEAR_DAYS", 5, 1, 30),
        senders=variables.number(source, "XMLD_SENDERS", cores, 1, 256),
        connections=variables.number(source, "XMLD_CONNECTIONS", 64, 1, 500),
        workers=variables.number(source, "XMLD_WORKERS", 2 * cores, 1, 256),
        stop_seconds=variables.number(source, "XMLD_STOP_SECONDS", 620, 1, 3600),
        undo_seconds=variables.number(source, "XMLD_UNDO_SECONDS", 60, 0, 600),
        export_rows=variables.number(source, "XMLD_EXPORT_ROWS", 50_000, 0, 1_000_000),
        run_as=variables.value(source, "XMLD_RUN_AS") or "nobody",
        sftp_legacy=variables.switch(source, "XMLD_SFTP_LEGACY", default=False),
        dns_servers=variables.servers(source, "XMLD_DNS_SERVERS"),
        sftp_quota_mb=variables.number(source, "XMLD_SFTP_QUOTA_MB", 10_240, 1, 100_000_000),
        log_format=variables.choice(source, "XMLD_LOG_FORMAT", ("console", "json")),
        metrics_token=variables.value(source, "XMLD_METRICS_TOKEN"),
        relay_rate_per_hour=variables.number(source, "XMLD_RELAY_RATE_PER_HOUR", 0, 0, 1_000_000_000),
        allow_async_standby=variables.switch(source, "XMLD_ALLOW_ASYNC_STANDBY", default=False),
        trusted_proxies=variables.networks(source, "XMLD_TRUSTED_PROXIES", own_proxy),
        lock_retry_hours=variables.number(source, "XMLD_LOCK_RETRY_HOURS", 24, 1, 168),
        second_factor=_second_factor(source),
        **_times_kept(source),
    )
