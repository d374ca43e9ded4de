"""Lists of recipients: the file, its first row, its rows, its values (reference 3.2)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

_FOUND: Final = frozenset({"found"})

SENTENCES: Final[Mapping[str, Sentence]] = {
    # the file
    "CSV_EMPTY": Sentence(_("the file is empty: its first row must name the fields, then come people")),
    "CSV_EMPTY.rows": Sentence(_("the list has no rows below its first one: nobody was loaded, add recipients")),
    "CSV_KIND": Sentence(_("the file is %(found)s by its content: send a list, a CSV or a zip with one CSV in it")),
    "CSV_TOO_BIG": Sentence(_("the CSV is larger than %(most)s GB: send it in parts")),
    "CSV_TOO_MANY_ROWS": Sentence(_("the list has more than %(most:,)s rows: send it in several parts")),
    "CSV_ENCODING.unknown": Sentence(
        _("the CSV encoding '%(encoding)s' of the space is not known: write utf-8 or windows-1252, say")
    ),
    "CSV_ENCODING.mark": Sentence(
        _(
            "the file is UTF-8 by its first bytes and is read as something else: write it in the encoding that is "
            "set, or have UTF-8 set"
        )
    ),
    "CSV_ENCODING.utf8": Sentence(
        _(
            "the list is declared %(encoding)s, but its bytes are UTF-8: have utf-8 set, or write the list in the "
            "encoding that is set"
        )
    ),
    "CSV_ENCODING.windows": Sentence(
        _(
            "the list is declared %(encoding)s, but byte 0x%(byte)s is not a character of it: it looks like "
            "windows-1252, have that set"
        )
    ),
    "CSV_TRUNCATED": Sentence(
        _(
            "line %(line)s is the last and ends after %(found)s of %(width)s columns: the file was cut, "
            "send it whole"
        )
    ),
    "CSV_TRUNCATED.quotes": Sentence(
        _("line %(line)s is the last and ends within quotes: the file was cut, send it whole")
    ),
    "CSV_QUOTE.never": Sentence(
        _("the quote opened in line %(line)s is never closed: close it, or double each %(quote)s in a value")
    ),
    "CSV_ROW_TOO_LONG": Sentence(_("line %(line)s is longer than %(most)s MB: check the line ends and the quotes")),
    # the first row
    "CSV_ROW_TOO_LONG.header": Sentence(_("line %(line)s is longer than 1 MB: the first row holds names only")),
    "CSV_QUOTE.header": Sentence(
        _("the first row (line %(line)s) has an unclosed or undoubled quote: %(found)s"), personal=_FOUND
    ),
    "CSV_DELIMITER": Sentence(
        _(
            "the first row has no separator '%(separator)s': it is '%(found)s'; write the list with that "
            "separator, or set the one it is read with"
        ),
        personal=_FOUND,
    ),
    "CSV_EMPTY_HEADER": Sentence(_("column %(position)s of the first row has no name: give it one of %(known)s")),
    "CSV_RESERVED": Sentence(_("the column XML_DELIVERY_CODE is filled by the product: take it out of the list")),
    "CSV_DUP_HEADER": Sentence(_("the column %(found)s is there twice: the fields are %(known)s"), personal=_FOUND),
    "CSV_NO_EMAIL": Sentence(
        _("the column %(column)s is missing: columns found: %(found)s; add it (the fields are %(known)s)"),
        personal=_FOUND,
    ),
    "CSV_UNKNOWN_COLUMN": Sentence(
        _("the database has no field %(found)s: its fields are %(known)s"), personal=_FOUND
    ),
    # rows
    "CSV_COLUMNS": Sentence(
        _(
            "line %(line)s has %(found:,)s columns, the header has %(width)s: check for a missing separator or an "
            "unclosed quote"
        )
    ),
    "CSV_QUOTE": Sentence(
        _(
            "a quote opened in line %(line)s is not closed before a separator: double each %(quote)s inside a "
            "quoted value"
        )
    ),
    "CSV_FIELD_TOO_LONG.row": Sentence(
        _("the row of line %(line)s is longer than %(most)s MB: shorten its values")
    ),
    "CSV_TOO_MANY_ERRORS": Sentence(
        _(
            "%(bad)s and the limit is %(limit)s %%, so nothing was loaded; the first, %(first)s; mend the rows and "
            "send the list again"
        )
    ),
    "rows.bad": Sentence(_("%(bad:,)s of %(rows:,)s rows are bad")),
    "rows.one_bad": Sentence(_("%(bad:,)s of %(rows:,)s rows is bad")),
    "row.line": Sentence(_("line %(line)s: %(fault)s")),
    "row.column": Sentence(_("line %(line)s, column %(column)s: %(fault)s")),
    "row.found": Sentence(_("%(fault)s, found '%(found)s'"), personal=_FOUND),
    "row.recipient": Sentence(_("in the recipient of line %(line)s: %(fault)s")),
    # values
    "CSV_NUL": Sentence(_("the value holds a NUL character: take it out")),
    "CSV_CHAR": Sentence(_("the value holds half a character (a surrogate): write it whole")),
    "CSV_ENCODING": Sentence(
        _("the encoding has no character for byte 0x%(byte)s: write it in the encoding that is set, or in UTF-8")
    ),
    "CSV_FIELD_TOO_LONG": Sentence(_("the value has %(size:,)s bytes, %(most:,)s are allowed: shorten it")),
    "CSV_TYPE.integer": Sentence(_("this is not a whole number without marks, between -2^63 and 2^63-1")),
    "CSV_TYPE.decimal": Sentence(_("this is not a number like 1234.56 or 1.234,56")),
    "CSV_TYPE.boolean": Sentence(_("this is not 1 or 0, true or false, sì or no, yes or no, vero or falso")),
    "CSV_TYPE.date": Sentence(
        _("this is not a day of the calendar, written yyyy-mm-dd or dd/mm/yyyy, without a time")
    ),
    "CSV_TYPE.datetime": Sentence(_("this is not a time written yyyy-mm-dd hh:mm:ss or dd/mm/yyyy hh:mm")),
}
