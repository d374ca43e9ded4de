"""Rows C of the fault table: each case of a broken or odd list by its number."""

import csv
import io
import time

import pytest

from recipients.errors import RowFault
from recipients.faults import Fault
from recipients.loading import fault_lines

HEAD = "email,nome,ordine\n"


def seen(result):
    return [(fault.line, fault.column, fault.code) for fault in result.faults]


def test_51_a_nul_costs_its_row_only(checked):
    result = checked(HEAD + "a@mail.example,A,1\nb@mail.example,B\0,2\nc@mail.example,C,3\n")
    assert (result.good, seen(result)) == (2, [(3, "nome", "CSV_NUL")])


@pytest.mark.sentence("3.2-08")
def test_52_a_byte_that_a_declared_encoding_lacks_costs_its_row_only(checked):
    data = HEAD.encode() + b"a@mail.example,\xe0,1\nb@mail.example,B,2\n"
    result = checked(data, encoding="utf-8")
    assert (result.good, seen(result)) == (1, [(2, "nome", "CSV_ENCODING")])
    assert "0xE0" in result.faults[0].reason
    assert checked(data).good == 2


def test_52_an_encoding_that_nobody_knows_is_refused(checked):
    assert checked.refused(HEAD, encoding="klingon").code == "CSV_ENCODING"


@pytest.mark.sentence("3.2-32")
def test_53_short_and_long_rows_say_how_many_columns(checked):
    result = checked(HEAD + "a@mail.example,A,1\nb@mail.example,B\nc@mail.example,C,3,4\n")
    assert seen(result) == [(3, "", "CSV_COLUMNS"), (4, "", "CSV_COLUMNS")]
    assert "line 3 has 2 columns, the header has 3" in result.faults[0].reason


@pytest.mark.sentence("3.2-03")
def test_54_a_repeated_name_in_the_header_is_refused(checked):
    error = checked.refused("email,nome,EMAIL\n")
    assert (error.code, "pagina" in error.message) == ("CSV_DUP_HEADER", True)


def test_55_an_empty_name_is_refused_and_a_mark_is_not_part_of_one(checked):
    assert checked.refused("email,,nome\n").code == "CSV_EMPTY_HEADER"
    assert checked("\ufeff" + HEAD + "a@mail.example,A,1\n").good == 1


@pytest.mark.sentence("3.2-05")
def test_56_a_list_without_addresses_says_which_columns_it_has(checked):
    error = checked.refused("nome,ordine\nA,1\n")
    assert (error.code, "columns found: nome, ordine" in error.message) == ("CSV_NO_EMAIL", True)


@pytest.mark.sentence("3.2-02", "3.2-06")
def test_61_unknown_and_reserved_names_are_errors_that_list_the_known_ones(checked):
    error = checked.refused("email,cap\n")
    assert error.code == "CSV_UNKNOWN_COLUMN"
    assert "nome, pagina, ordine" in error.message
    assert checked.refused("email,xml_delivery_code\n").code == "CSV_RESERVED"


def test_57_a_quote_that_is_never_closed_is_told_fast_with_its_line(checked):
    data = HEAD + 'a@mail.example,"A,1\n' + "b@mail.example,Bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,2\n" * 1_000_000
    began = time.process_time()
    error = checked.refused(data)
    assert error.code == "CSV_QUOTE"
    assert "line 2 " in error.message
    assert time.process_time() - began < 5


def test_57_a_stray_quote_costs_the_line_where_it_opened(checked):
    result = checked(
        HEAD + 'a@mail.example,"A,1\nb@mail.example,"B",2\nc@mail.example,"C"c,3\nd@mail.example,D,4\n'
    )
    assert (result.good, seen(result)) == (2, [(2, "", "CSV_QUOTE"), (4, "", "CSV_QUOTE")])


def test_58_a_value_that_is_too_long_costs_its_row_only(checked):
    page = "<p>long</p>\n" * 17_000
    data = f'email,nome,pagina\na@mail.example,A,"{page}"\nb@mail.example,{"x" * 65_537},\n'
    data += f'c@mail.example,C,"{page * 52}"\nd@mail.example,{"é" * 32_768},\n'
    result = checked(data)
    assert result.good == 2
    assert seen(result) == [(17_003, "nome", "CSV_FIELD_TOO_LONG"), (17_004, "", "CSV_FIELD_TOO_LONG")]


def test_59_the_separator_is_found_or_the_first_row_is_shown(checked):
    for separator in ",;\t|":
        assert checked(f"nome{separator}email\nA{separator}a@mail.example\n").good == 1
    error = checked.refused("nome;email\nA;a@mail.example\n", separator=",")
    assert (error.code, "nome;email" in error.message) == ("CSV_DELIMITER", True)
    assert checked("sep=|\r\nnome|email\r\nA|a@mail.example\r\n", separator=",").good == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252", "utf-8"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_60_encodings_and_line_ends_are_found(checked, encoding, end):
    text = end.join(["email,nome", "a@mail.example,Però", "", 'b@mail.example,"x' + end + 'y"', "bad,Z"])
    result = checked(text.encode(encoding))
    assert [sample["nome"] for sample in result.samples] == ["Però", f"x{end}y"]
    assert seen(result) == [(6, "email", "ADDR_SYNTAX")]


@pytest.mark.sentence("3.2-30")
@pytest.mark.parametrize("data", ["", "\n\n", "email,nome\n", "email,nome\n\n  \n"])
def test_61_a_list_of_nobody_is_an_error(checked, data):
    assert checked.refused(data).code == "CSV_EMPTY"


def test_64_too_many_bad_rows_refuse_the_list(checked):
    data = "email\n" + "good@mail.example\n" * 94 + "bad\n" * 6
    assert checked.refused(data + "bad\n" * 1000).code == "CSV_TOO_MANY_ERRORS"
    assert checked(data, limit=0.06).bad == 6


@pytest.mark.parametrize(
    ("row", "shown"), [("not an address,1", "'not an address'"), ("a@mail.example,three", "found 'three'")]
)
def test_what_was_found_is_said_once(checked, row, shown):
    message = checked.refused(f"email,ordine\n{row}\n").message
    assert shown in message
    assert message.count(shown.split("'")[1]) == 1


def test_68_a_formula_is_stored_as_it_is_and_made_harmless_in_the_file_of_faults(checked):
    assert checked("email,nome\na@mail.example,=1+1\n").samples[0]["nome"] == "=1+1"
    fault = RowFault(2, "nome", Fault.of("CSV_CHAR"), "=cmd|'/c calc'!A1")
    rows = list(csv.reader(io.StringIO("".join(fault_lines([("a.csv", fault)])).removeprefix("\ufeff"))))
    assert rows[0] == ["file", "line", "column", "code", "reason", "excerpt"]
    assert rows[1][5].startswith("'=")


@pytest.mark.sentence("3.2-33")
@pytest.mark.parametrize(
    "address", ['"a b"@mail.example', "a@[127.0.0.1]", "a..b@mail.example", "a" * 65 + "@x.example"]
)
def test_73_addresses_that_cannot_be_written_to_cost_their_row(checked, address):
    quoted = address.replace('"', '""')
    result = checked(f'email\n"{quoted}"\nb@mail.example\n')
    assert (result.good, result.faults[0].column) == (1, "email")
    assert result.faults[0].code.startswith("ADDR_")


@pytest.mark.parametrize("tail", ['b@mail.example,"B', "b@mail.exa"])
def test_c23_a_list_that_was_cut_is_refused(checked, tail):
    assert checked.refused(HEAD + "a@mail.example,A,1\n" + tail).code == "CSV_TRUNCATED"
    assert checked(HEAD + "a@mail.example,A,1\nb@mail.example,B,2").good == 2


def test_forty_thousand_columns_are_refused_or_cost_their_row(checked):
    assert checked.refused("email," + ",".join(f"c{n}" for n in range(40_000))).code == "CSV_UNKNOWN_COLUMN"
    assert checked(HEAD + "a," * 40_000 + "\nb@mail.example,B,2\n").good == 1


@pytest.mark.sentence("3.2-23", "3.2-24", "3.2-25", "3.2-26")
@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("peso", "1.234", "1.234"),
        ("peso", "1,50", "1.50"),
        ("peso", "1.234,50", "1234.50"),
        ("peso", "1,234.50", "1234.50"),
        ("peso", "1.234.567", "1234567"),
        ("peso", "1.23.4", None),
        ("ordine", "1.000", None),
        ("ordine", "007", "7"),
        ("ordine", str(2**63), None),
        ("nato", "31/12/2025", "2025-12-31"),
        ("nato", "30/02/2025", None),
        ("peso", "000123456789012345678901234567890.10", "123456789012345678901234567890.10"),
        ("visto", "2025-01-02T03:04:05", "2025-01-02 03:04:05"),
        ("visto", "2025-01-02T03:04:05Z", "2025-01-02 04:04:05"),
        ("visto", "02/07/2025 03:04-04:00", "2025-07-02 09:04:00"),
        ("visto", "2025-07-02 03:04:05.25+0530", "2025-07-01 23:34:05.250000"),
        ("visto", "9999-12-31 23:59-01:00", None),
        ("socio", "Sì", "True"),
        ("socio", "NO", "False"),
        ("socio", "forse", None),
    ],
)
def test_values_are_read_as_the_reference_says(checked, column, text, value):
    result = checked(f'email,{column}\na@mail.example,"{text}"\nb@mail.example,\n')
    if value is None:
        assert seen(result) == [(2, column, "CSV_TYPE")]
    else:
        assert str(result.samples[0][column]) == value


@pytest.mark.sentence("3.2-14")
def test_a_writer_like_php_leaves_a_quote_undoubled_after_its_escape(checked):
    result = checked('email,nome\na@mail.example,"say \\"hi\\", ""you"""\n', escape="\\")
    assert result.samples[0]["nome"] == 'say \\"hi\\", "you"'


@pytest.mark.parametrize("encoding", ["iso-8859-15", "windows-1252"])
def test_utf_8_with_its_mark_under_another_encoding_is_said(checked, encoding):
    error = checked.refused("\ufeffemail,nome\na@mail.example,A\n".encode(), encoding=encoding)
    assert error.code == "CSV_ENCODING"
    assert "its bytes are UTF-8" in error.message


@pytest.mark.parametrize("address", ["a@mail.example.", "a@.mail.example", "a@mail..example"])
def test_a_dot_too_many_in_a_domain_is_said(checked, address):
    result = checked(f"email\nb@mail.example\n{address}\n", limit=1.0)
    assert "dot of the domain has nothing" in result.faults[0].reason
