"""The same list by django-import-export, into the same kind of table."""

import time
from pathlib import Path
from typing import Any, Final

import tablib
from django.db import models
from import_export.resources import modelresource_factory

from benchmarks.measuring import shop_list
from benchmarks.measuring.processes import MeasurementError
from benchmarks.measuring.stopwatch import seconds
from recipients import tables
from recipients.models import Database

_KINDS: Final = {"integer": models.BigIntegerField, "date": models.DateField, "boolean": models.BooleanField}


def _resource(database: Database) -> Any:
    """Return the resource of a model like the table, in Django's own registry: the library looks it up there."""
    fields = {name: _KINDS.get(kind, models.TextField)(null=True) for name, kind in shop_list.FIELDS}
    fields["totale"] = models.DecimalField(null=True, max_digits=20, decimal_places=2)
    table = f'"recipients_data"."db_{database.pk}"'
    meta = type("Meta", (), {"managed": False, "db_table": table, "app_label": "recipients"})
    further = {"id": models.BigAutoField(primary_key=True), "Meta": meta, "__module__": __name__}
    return modelresource_factory(type("Person", (models.Model,), fields | further))()


def load(path: Path, rows: int) -> float:
    """Return the seconds that the library takes; raises MeasurementError if it left rows out."""
    database = shop_list.database("Bench of loading", f"by the library {time.time_ns()}")
    results: list[Any] = []
    resource = _resource(database)
    dataset = tablib.Dataset()
    took = seconds(
        lambda: results.append(resource.import_data(dataset.load(path.read_text(encoding="utf-8"), format="csv")))
    )
    tables.drop(database)
    if results[0].totals["new"] != rows:
        raise MeasurementError(f"django-import-export took {results[0].totals}: {results[0].row_errors()[:1]}")
    return took
