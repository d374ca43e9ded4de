"""Reference 3.2: what spreadsheets, DOS, SAP, .NET and mainframes do to a list, and what it may not cost."""

from datetime import date
from decimal import Decimal

import pytest

from tests.loading.test_faults_of_zips import GOOD, packed

HEAD = "email,nome,ordine\n"
ROW = "a@mail.example,A,1\n"


@pytest.mark.sentence("3.2-47")
@pytest.mark.parametrize("tail", [",,\n", ",,\n" * 6, ' ,"" , \n', ",,,,\n", ",\n", '""\n'])
@pytest.mark.parametrize("end", ["", ",,", ",", "\x1a"])
def test_a_row_of_emptied_cells_is_a_blank_line(checked, tail, end):
    result = checked(HEAD + ROW + tail + ROW + tail + end)
    assert (result.good, result.bad) == (2, 0)


@pytest.mark.sentence("3.2-47")
def test_an_empty_address_beside_a_value_is_a_bad_row_and_emptied_rows_alone_are_nobody(checked):
    assert checked(HEAD + ROW + ",B,\n").faults[0].code == "ADDR_EMPTY"
    assert checked.refused(HEAD + ",,\n" * 9).code == "CSV_EMPTY"
    assert checked("email\n\na@mail.example\n").good == 1


@pytest.mark.sentence("3.2-48")
@pytest.mark.parametrize("tail", ["\x1a", "\0" * 700, "\x1a" + "\0" * 127, "\r\n\x1a", "\0" * 3_000_000])
def test_the_end_mark_of_dos_and_a_block_filled_up_with_nuls_are_no_row(checked, tail):
    assert (checked(HEAD + ROW + tail).good, checked(HEAD + ROW * 20 + tail).bad) == (1, 0)
    assert checked.refused(HEAD + tail).code == "CSV_EMPTY"


@pytest.mark.sentence("3.2-48")
def test_the_mark_behind_a_last_line_without_an_end_goes_too(checked):
    assert checked(HEAD + ROW.rstrip() + "\x1a").good == 1
    assert checked.refused(HEAD + ROW + "b@mail.example,B\x1a").code == "CSV_TRUNCATED"
    assert checked(HEAD + ROW + ROW.rstrip() + "\0\0").bad == 1
    assert checked(HEAD + "\x1a\n" + ROW).bad == 1


@pytest.mark.sentence("3.2-49")
@pytest.mark.parametrize("encoding", ["iso-8859-1", "latin1", "ISO_8859-15"])
def test_windows_bytes_under_an_iso_name_are_said_and_never_loaded(checked, encoding):
    error = checked.refused(b"email,nome\r\na@mail.example,L\x92Aquila 10 \x80\r\n", encoding=encoding)
    assert error.code == "CSV_ENCODING"
    assert "byte 0x92 is not a character of it: it looks like windows-1252" in error.message
    assert checked(b"email,nome\r\na@mail.example,Citt\xe0\r\n", encoding=encoding).samples[0]["nome"] == "Città"


@pytest.mark.sentence("3.2-49")
@pytest.mark.parametrize("encoding", ["iso-8859-1", "iso-8859-15", "windows-1252", "cp850"])
def test_utf_8_under_another_name_is_said_and_never_loaded(checked, encoding):
    for word in ("Niccolò", "€" * 100_000 + "à"):
        error = checked.refused(f"email,nome\na@mail.example,{word[:90]}\n".encode(), encoding=encoding)
        assert (error.code, "its bytes are UTF-8" in error.message) == ("CSV_ENCODING", True)
    assert checked(b"email,nome\na@mail.example,Anna\n", encoding=encoding).good == 1


@pytest.mark.sentence("3.2-50")
def test_what_windows_calls_shift_jis_is_read_as_it_is(checked):
    data = "email,nome\na@mail.example,①\uff5e髙\n".encode("cp932")
    for encoding in ("shift_jis", "Windows-31J", "cp932", "ms932"):
        assert checked(data, encoding=encoding).samples[0]["nome"] == "①\uff5e髙"


@pytest.mark.sentence("3.2-51")
@pytest.mark.parametrize(
    ("row", "name"),
    [
        ('a@mail.example, "Rossi, Anna", 1\n', "Rossi, Anna"),
        ('"a@mail.example",   "say ""hi"", Anna" , 1\n', 'say "hi", Anna'),
        ('  "a@mail.example" , "two\nlines, ""x""" ,1\n', 'two\nlines, "x"'),
        ("a@mail.example, Anna ,1\n", " Anna "),
        ('a@mail.example,"one , ""two"" , three",1\n', 'one , "two" , three'),
    ],
)
def test_a_blank_beside_a_quoted_value_is_passed_over_and_no_other(checked, row, name):
    result = checked(HEAD + row + ROW)
    assert (result.faults, [sample["nome"] for sample in result.samples]) == ((), [name, "A"])


@pytest.mark.sentence("3.2-51")
def test_a_first_row_with_blanks_before_its_quotes_names_its_fields(checked):
    assert checked('"email", "nome" , "ordine"\n' + ROW).good == 1


@pytest.mark.sentence("3.2-52")
def test_a_minus_behind_a_number_is_a_minus(checked):
    result = checked('email,ordine,peso\na@mail.example,12-,"1.234,50-"\nb@mail.example,3 -,5-\n')
    assert [(sample["ordine"], sample["peso"]) for sample in result.samples] == [
        (-12, Decimal("-1234.50")),
        (-3, Decimal(-5)),
    ]
    assert checked("email,ordine\na@mail.example,-12-\nb@mail.example,-\nc@mail.example,1\n").bad == 2


@pytest.mark.sentence("3.2-27")
def test_vero_and_falso_are_yes_and_no(checked):
    result = checked("email,socio\na@mail.example,VERO\nb@mail.example,falso\n")
    assert [sample["socio"] for sample in result.samples] == [True, False]


@pytest.mark.sentence("3.2-53")
@pytest.mark.parametrize(
    "written",
    [
        "2024-02-01 00:00:00",
        "2024-02-01T00:00:00",
        "01/02/2024 0:00",
        "01/02/2024 00:00:00.000",
        "2024-02-01T00:00:00Z",
    ],
)
def test_midnight_behind_a_date_is_no_time(checked, written):
    assert checked(f"email,nato\na@mail.example,{written}\n").samples[0]["nato"] == date(2024, 2, 1)
    later = written.replace("00:00:00", "00:00:01").replace(" 0:00", " 0:01")
    assert checked(f"email,nato\na@mail.example,{later}\nb@mail.example,\n").faults[0].code == "CSV_TYPE"


@pytest.mark.sentence("3.2-19")
@pytest.mark.parametrize("name", ["export\\clienti.csv", "a\\b\\c.csv"])
def test_a_backslash_in_a_zip_marks_a_folder(checked, name):
    assert checked(packed((name, GOOD))).good == 1
    assert checked(packed((name, GOOD), ("__MACOSX\\._x.csv", b"x"), ("export\\", b""))).good == 1
    assert checked.refused(packed((name, GOOD), (name.replace("\\", "/"), GOOD))).code == "ZIP_DUPLICATE"


@pytest.mark.parametrize(
    "name", ["..\\list.csv", "C:\\list.csv", "\\list.csv", "a\\..\\..\\b.csv", "\\\\host\\share\\b.csv"]
)
def test_a_backslash_that_leads_elsewhere_is_refused(checked, name):
    assert checked.refused(packed((name, GOOD))).code == "ZIP_BAD_NAME"
