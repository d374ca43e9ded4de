"""Cells as django-import-export hands them in and out."""

from datetime import datetime
from decimal import Decimal

from import_export.widgets import Widget

from recipients.csv_lines import harmless


class Cell(Widget):  # type: ignore[misc]  # the library has no types
    """A value that is judged already; on export, text that an import reads as the same value."""

    def clean(self, value: object, row: object = None, **_kwargs: object) -> object:  # noqa: ARG002  its contract
        """Return the value as it is."""
        return value

    def render(self, value: object, obj: object = None, **_kwargs: object) -> str:  # noqa: ARG002  its contract
        """Return a value's text; one that a spreadsheet would take for a formula gets a quote before it."""
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, datetime):
            return value.isoformat(" ")
        return "" if value is None else harmless(str(value))
