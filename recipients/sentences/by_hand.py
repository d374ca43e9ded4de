"""Lists that somebody loads by hand (reference 3.3)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    "CSV_KIND.by_hand": Sentence(
        _("the file is %(found)s by its content: choose a list, a CSV, a zip with one CSV in it or an XLSX")
    ),
    "BLACKLIST_COLUMN": Sentence(
        _("the first row names no column address, but %(found)s: write address above the list"),
        personal=frozenset({"found"}),
    ),
    "SHEET_KIND": Sentence(_("this kind of spreadsheet is not read: save it as XLSX or CSV")),
    "SHEET_UNREADABLE": Sentence(
        _("the spreadsheet can't be read: save it anew as XLSX, without a password, or as CSV")
    ),
    "SHEET_TOO_LARGE": Sentence(
        _("the spreadsheet is over %(most)s MB or has over %(cells:,)s cells: save it as CSV")
    ),
}
