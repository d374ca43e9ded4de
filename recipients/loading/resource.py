"""Import and export by hand through django-import-export, for uploads small enough to be held in memory.

The modes, the judgement of rows and the counts are those of `modes.import_list`, which takes the larger files.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import tablib
from django.db.models import Model
from django.db.models.functions import Lower
from django.utils import timezone
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource, modelresource_factory

from recipients import conf, tables
from recipients.errors import ClientError
from recipients.loading.cells import Cell
from recipients.loading.checking import RowChecker
from recipients.loading.modes import Mode, key_column, needed_name
from recipients.loading.opening import columns_named
from recipients.loading.outcome import PeopleResult
from recipients.loading.records import Batch
from recipients.loading.results import Tally
from recipients.loading.upload import Upload
from recipients.models import Database, FieldType
from recipients.tables import Column
from recipients.typed_values import typed

_BATCH: Final = 1_000


class NewestOfEach(BaseInstanceLoader):  # type: ignore[misc]
    """The newest person of each key that the upload gives, by one query a thousand."""

    def __init__(self, resource: "PeopleResource", dataset: tablib.Dataset | None = None) -> None:
        super().__init__(resource, dataset)
        self._found: dict[object, Model] = {}
        if resource.mode in {Mode.INSERT, Mode.REPLACE} or dataset is None:
            return
        attribute = resource.key_attribute
        keys = iter({key for key in map(resource.key_of, dataset.dict) if key is not None})
        while some := list(islice(keys, _BATCH)):
            for person in resource.find(some):
                self._found[resource.comparable(getattr(person, attribute))] = person

    def get_instance(self, row: dict[str, object]) -> Model | None:
        """Return the person whom a row names, if there is one."""
        return self._found.get(self.resource.key_of(row)) if self._found else None


class PeopleResource(ModelResource):  # type: ignore[misc]
    """People of one database; made by `resource_for`. `limit` is the share of bad rows allowed."""

    database: Database
    columns: tuple[Column, ...]

    def __init__(self, mode: Mode = Mode.INSERT, *, limit: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mode, self.limit = mode, limit
        self._attributes = tables.attributes(self.columns)
        self._key = key_column(self.database)
        self._given: list[str] = []
        self._result = PeopleResult()

    @property
    def key_attribute(self) -> str:
        """The model's attribute of the key."""
        return self._attributes[self._key.key]

    def comparable(self, key: object) -> object:
        """Return a key as keys are compared: an address without regard to case."""
        return key.lower() if self._key.type == FieldType.EMAIL and isinstance(key, str) else key

    def key_of(self, row: dict[str, object]) -> object:
        """Return the key that a row gives, None when it is empty."""
        return self.comparable(row.get(self._key.name))

    def find(self, keys: Sequence[object]) -> Any:
        """Return the people of some keys, the newest of each last."""
        people = self.get_queryset().order_by("pk")
        if self._key.type == FieldType.EMAIL:
            return people.annotate(compared=Lower(self.key_attribute)).filter(compared__in=keys)
        return people.filter(**{f"{self.key_attribute}__in": keys})

    def get_instance(self, instance_loader: "NewestOfEach", row: dict[str, object]) -> Model | None:
        """Return the person whom a row names, if there is one."""
        return instance_loader.get_instance(row)

    def get_result_class(self) -> Callable[[], PeopleResult]:
        """Give the library the result that before_import fills too."""
        self._result = PeopleResult()
        return lambda: self._result

    def get_bulk_update_fields(self) -> list[str]:
        """Write the columns that the upload gives, no others."""
        return self._given

    def before_import(self, dataset: tablib.Dataset, **_kwargs: Any) -> None:
        """Put judged, typed rows in the place of texts. Raises ClientError; nothing is imported then."""
        try:
            columns, rows = self._judged(dataset)
        except ClientError:
            dataset.wipe()
            raise
        self._given = [self._attributes[column.key] for column in columns]
        dataset.wipe()
        dataset.headers = [column.name for column in columns]
        dataset.extend(self._chosen(dataset.headers, rows))
        if self.mode == Mode.REPLACE:
            people = self.get_queryset()
            self._result.emptied = people._raw_delete(people.db)  # noqa: SLF001  no person is read for it

    def _judged(self, dataset: tablib.Dataset) -> tuple[list[Column], list[tuple[object, ...]]]:
        needed = needed_name(self.database, self.mode)
        columns = columns_named([str(name or "") for name in dataset.headers or ()], self.columns, needed)
        tally = dataset.tally if isinstance(dataset, Upload) else Tally()
        checker = RowChecker(columns, self.database.account.zone)
        rows: list[tuple[object, ...]] = []
        for batch in _batches(dataset):
            good = checker.check(batch, tally.add)
            tally.good += len(good)
            rows += (tuple(typed(c.type, cell) for c, cell in zip(columns, row, strict=True)) for row in good)
        self._result.judged = tally.settle(self.limit)
        return columns, rows

    def _chosen(self, names: Sequence[str], rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
        """Leave of each key the last row; rows without a key are each their own."""
        if self.mode in {Mode.INSERT, Mode.REPLACE} or self._key.name not in names:
            return rows
        place = names.index(self._key.name)
        keys = [self.comparable(row[place]) for row in rows]
        last = {key: number for number, key in enumerate(keys)}
        return [row for number, row in enumerate(rows) if keys[number] is None or last[keys[number]] == number]

    def for_delete(self, _row: object, _instance: Model) -> bool:
        """Take the person away in that mode."""
        return self.mode == Mode.DELETE

    def skip_row(self, instance: Model, *_others: object) -> bool:
        """Pass over people who are there already, or over those who are not."""
        there = instance.pk is not None
        return there if self.mode == Mode.INSERT_NEW else self.mode == Mode.UPDATE and not there

    def after_import(self, _dataset: tablib.Dataset, _result: PeopleResult, **_kwargs: Any) -> None:
        """Note the time; the ids' sequence is left alone, for an id is never given twice."""
        Database.objects.filter(pk=self.database.pk).update(last_loaded_at=timezone.now())


def resource_for(database: Database) -> type[PeopleResource]:
    """Return the resource class of a database, as its structure stands; make one with a mode, then import_data.

    `import_data(dataset, dry_run=...)` answers a PeopleResult; ClientErrors are its `base_errors`.
    """
    columns = tables.columns(database)
    names = {column.key: column.name for column in columns if column.key != conf.CODE_FIELD.lower()}
    attributes = {key: attribute for key, attribute in tables.attributes(columns).items() if key in names}
    base = type("Base", (PeopleResource,), {"database": database, "columns": columns})
    fields = {
        attribute: Field(attribute=attribute, column_name=names[key], widget=Cell())
        for key, attribute in attributes.items()
    }
    options = {
        "fields": list(fields),
        "instance_loader_class": NewestOfEach,
        "use_bulk": True,
        "batch_size": _BATCH,
        "skip_diff": True,
        "use_transactions": True,
        "report_skipped": False,
    }
    made: type[PeopleResource] = modelresource_factory(tables.model_class(database), base, options, fields)
    return made


def _batches(dataset: tablib.Dataset) -> Iterator[Batch]:
    lines = iter(dataset.lines if isinstance(dataset, Upload) else range(2, len(dataset) + 2))
    rows = iter(dataset)
    while some := [["" if cell is None else str(cell) for cell in row] for row in islice(rows, _BATCH)]:
        yield Batch(some, list(islice(lines, _BATCH)))
