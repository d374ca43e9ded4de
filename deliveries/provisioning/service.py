"""Applies a provisioning file in one transaction: all of it or nothing, safe to repeat."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model

from deliveries.provisioning import bounds
from deliveries.provisioning import plan as plans
from deliveries.provisioning.lists import find_database, find_filter, provision_database, provision_filter
from deliveries.provisioning.mailing import provision_newsletter, provision_space
from deliveries.provisioning.people import provision_user
from deliveries.provisioning.plan import Table
from recipients.domains import ownership
from recipients.models import Account


def provision(path: Path) -> dict[str, Any]:
    """Create or update what the file names and return the ids; raises ClientError."""
    plan = plans.read(path)
    with transaction.atomic():
        account = _account(plan.account)
        databases = {table["name"]: provision_database(account, table) for table in plan.databases}
        filters = {table["name"]: provision_filter(account, table) for table in plan.filters}
        for table in plan.databases:
            _base_filter(account, table)
        newsletters = {t["name"]: provision_newsletter(account, t, plan.folder) for t in plan.newsletters}
        _vouch(account, plan)
        users = {table["name"]: provision_user(account, table) for table in plan.users}
        spaces = {table["name"]: provision_space(account, table, plan.folder) for table in plan.spaces}
    return {
        "account": account.pk,
        "users": users,
        "databases": _ids(databases),
        "filters": _ids(filters),
        "newsletters": _ids(newsletters),
        "spaces": _ids(spaces),
    }


def _ids(rows: Mapping[str, Model]) -> dict[str, int]:
    return {name: row.pk for name, row in rows.items()}


def _account(table: Table) -> Account:
    known = ("xml_delivery", "time_zone", "language", "report_language", "fetch_hosts")
    values = {key: table[key] for key in known if key in table}
    bounds.check_row(Account(), {"name": table["name"], **values}, f"account {table['name']!r:.60}")
    account, _ = Account.objects.update_or_create(name=table["name"], defaults=values)
    return account


def _vouch(account: Account, plan: plans.Plan) -> None:
    """Give the account its sender domains: the file is the platform's word, for several accounts too."""
    domains = [table["mail_from"].get("address", "").rpartition("@")[2] for table in plan.newsletters]
    ownership.vouch(account, plan.account.get("domains") or domains)


def _base_filter(account: Account, table: Table) -> None:
    if "base_filter" in table:
        database = find_database(account, table["name"])
        database.base_filter = find_filter(database, table["base_filter"])
        database.save(update_fields=["base_filter"])
