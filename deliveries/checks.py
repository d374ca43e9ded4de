"""System checks with an id and a hint that says what to type (`manage.py check --deploy`)."""

import os
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connection

from deliveries import conf
from deliveries.sending.database import durability
from recipients.domains import ownership
from recipients.models import SenderDomain


@register(Tags.security, deploy=True)
def public_pages_are_apart(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's contract
    """Public pages need https, and a host that is not the admin's: cookies of operators never reach it."""
    address = urlsplit(conf.public_url())
    found: list[CheckMessage] = []
    if address.scheme != "https":
        hint = "Set XMLD_PUBLIC_URL=https://… to the address under which people reach tracking and public pages."
        found.append(checks.Warning("XMLD_PUBLIC_URL is not https.", hint=hint, id="deliveries.W001"))
    if not set(settings.ALLOWED_HOSTS) - {address.hostname}:
        hint = "Give the admin a host of its own: XMLD_ALLOWED_HOSTS=admin.shop.example,mail.shop.example."
        found.append(
            checks.Warning("The admin shares its host with public pages.", hint=hint, id="deliveries.W002")
        )
    return found


@register(Tags.database)
def commits_are_safe(app_configs: Any, databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's contract
    """Refuse a database that may lose a commit in a crash or a fail-over: it would be a second mail."""
    found = durability.sentence() if databases else ""
    return [checks.Error(found, id="deliveries.E001")] if found else []


@register(Tags.database)
def domains_have_one_account(app_configs: Any, databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's contract
    """Two accounts may have a domain by the platform's word only; whoever runs it should know which."""
    if not databases or SenderDomain._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001  Django's documented _meta
        return []
    hint = "Leave it with the account whose it is: delete the other one's row below Configure, Sender domains."
    return [
        checks.Warning(f"The sender domain {domain} is of {' and '.join(names)}.", hint=hint, id="deliveries.W003")
        for domain, names in ownership.shared().items()
    ]


@register(Tags.security, deploy=True)
def parts_have_users_of_their_own(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  Django's contract
    """As root the web and the senders stay root, and `nobody` is others' user too (docs/install.md)."""
    if os.geteuid() != 0:
        return []
    shared = f"PostgreSQL and the SFTP server as {settings.RUN_AS}, the other parts as root"
    hint = (
        "Start it as an ordinary user of its own, or name one in XMLD_RUN_AS (docs/install.md, Who runs as whom)."
    )
    return [checks.Info(f"Started by root: {shared}.", hint=hint, id="deliveries.I001")]
