import csv
import io
import tempfile
from datetime import UTC
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from recipients import addresses
from recipients.field_types import converters
from recipients.field_types.columns import PLAIN_ADDRESS, PLAIN_DECIMAL
from recipients.loading.dialect import Dialect
from recipients.loading.opening import opened
from recipients.models import FieldType
from tests.loading.columns import COLUMNS

_ENDS = ["\r\n", "\n", "\r"]
_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ['"', "'", '""', "a,b;c\td|e", "\r\n", "\n", "\r", "\\", '\\"', "sep=;", " x "]
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(_CELL, _CELL), min_size=1, max_size=6),
    separator=st.sampled_from(",;\t|"),
    quote=st.sampled_from("\"'"),
    end=st.sampled_from(_ENDS),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_what_csv_writes_in_any_dialect_is_read_back(rows, separator, quote, end, quoting, encoding):
    if quoting == csv.QUOTE_MINIMAL:
        end = "\r\n"  # Python 3.11 quotes only those breaks that its line end holds
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, quotechar=quote, lineterminator=end, quoting=quoting)
    writer.writerow(["email", "nome", "pagina"])
    writer.writerows(("a@mail.example", *row) for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        faults = []
        with opened(path, Dialect(separator, quote, "", encoding), COLUMNS, "email") as table:
            read = [tuple(row[1:]) for batch in table.records.batches(faults.append) for row in batch.rows]
    assert (read, faults) == (rows, [])


@settings(deadline=None)
@given(st.text("aZ9_+-.", min_size=1, max_size=8), st.text("az0-.", min_size=1, max_size=12))
def test_the_fast_pattern_takes_only_what_the_judge_gives_back_unchanged(local, domain):
    address = f"{local}@{domain}.it"
    if PLAIN_ADDRESS.fullmatch(address):
        assert addresses.parse(address).text == address


@settings(max_examples=300)
@given(st.text("0129.,-+ ٣", max_size=8))
def test_the_fast_pattern_of_decimals_takes_only_what_is_given_back_unchanged(written):
    if PLAIN_DECIMAL.fullmatch(written):
        assert converters(UTC)[FieldType.DECIMAL](written) == written
