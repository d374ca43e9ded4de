"""What an import by django-import-export did."""

from typing import Final

from import_export.results import Result, RowResult

from recipients.loading.modes import Changes
from recipients.loading.results import LoadResult

_SHOWN: Final = 50


class PeopleResult(Result):  # type: ignore[misc]
    """What an import did: `judged` tells good and bad rows, `changes` what became of them."""

    def __init__(self) -> None:
        super().__init__()
        self.judged = LoadResult(0, 0)
        self.emptied = 0

    @property
    def changes(self) -> Changes:
        """The counts, as import_list gives them."""
        return Changes(
            self.judged,
            inserted=self.totals[RowResult.IMPORT_TYPE_NEW],
            updated=self.totals[RowResult.IMPORT_TYPE_UPDATE],
            deleted=self.totals[RowResult.IMPORT_TYPE_DELETE] + self.emptied,
        )

    def append_row_result(self, row_result: RowResult) -> None:
        """Keep the first rows only, to be shown; the totals count all."""
        if len(self.rows) < _SHOWN:
            super().append_row_result(row_result)

    def has_errors(self) -> bool:
        """Tell whether anything failed, among the rows that were not kept too."""
        return bool(self.base_errors or self.totals[RowResult.IMPORT_TYPE_ERROR])
