"""Rows as the API and the commands' `--json` tell them: one shape of each (reference, Commands)."""

from datetime import datetime
from typing import Any

from deliveries.models import Delivery, Newsletter, ProcessingRun, RunTransition
from deliveries.sending.lifecycle.waits import waits_for
from deliveries.statistics.figures import Figures
from recipients import tables
from recipients.models import Database, Filter


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO with offset."""
    return moment.isoformat(timespec="milliseconds") if moment else None


def run(row: ProcessingRun, *, people: bool = True) -> dict[str, Any]:
    """Return a run; without `people` its sentences hide the values that are people's."""
    row.people = people
    rows = None if row.rows_good is None and row.rows_bad is None else (row.rows_good or 0, row.rows_bad or 0)
    return {
        "id": row.pk,
        "space": row.space.name,
        "file": row.file,
        "started": iso(row.started_at),
        "ended": iso(row.ended_at),
        "status": row.status,
        "sub_status": row.sub_status,
        "code": row.code,
        "error": row.error,
        "warnings": row.warnings,
        "delivery": row.delivery_id,
        "test_delivery": row.test_delivery_id,
        "rows": {"good": rows[0], "bad": rows[1]} if rows else None,
    }


def transition(row: RunTransition, *, people: bool = True) -> dict[str, Any]:
    """Return one step of a run."""
    return {
        "started": iso(row.started_at),
        "ended": iso(row.ended_at),
        "sub_status": row.sub_status,
        "message": row.sentence(people=people),
    }


def delivery(row: Delivery, figures: Figures) -> dict[str, Any]:
    """Return a delivery with its figures."""
    return {
        "id": row.pk,
        "title": row.title,
        "subject": row.subject,
        "type": row.type,
        "status": row.status,
        "source": row.source,
        "newsletter": named(row.newsletter),
        "filter": named(row.filter) if row.filter else None,
        "schedule": row.start_at.isoformat() if row.start_at else None,
        "proposed": row.proposed_at.isoformat() if row.proposed_at else None,
        "run": row.run_id,
        "waits": waits_for(row),
        "figures": figures,
        "note": row.note,
    }


def newsletter(row: Newsletter) -> dict[str, Any]:
    """Return a newsletter, without its contents and keys."""
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "database": named(row.database),
        "mail_from": row.from_address,
        "reply_to": row.reply_to,
        "subject": row.subject,
        "tracking": row.tracking,
    }


def database(row: Database) -> dict[str, Any]:
    """Return a user database with its fields."""
    return {
        "id": row.pk,
        "name": row.name,
        "key": row.key,
        "read_only": row.read_only,
        "fields": [{"name": column.name, "type": str(column.type)} for column in tables.columns(row)],
    }


def filter_(row: Filter) -> dict[str, Any]:
    """Return a filter, without its conditions: they may hold people's data."""
    return {
        "id": row.pk,
        "name": row.name,
        "database": named(row.database),
        "use": row.use,
        "automatic": row.automatic,
        "archived": row.archived_at is not None,
    }


def named(row: Newsletter | Database | Filter) -> dict[str, Any]:
    """Return how something is named beside what refers to it."""
    return {"id": row.pk, "name": row.name}
