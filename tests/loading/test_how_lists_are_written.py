"""Reference 3.2: every way to write a list, and every type's good and bad values."""

import io
import zipfile
from datetime import date

import pytest

from recipients.errors import ClientError
from recipients.loading import Dialect, check_csv
from tests.loading.columns import COLUMNS, ROME
from tests.loading.test_faults_of_lists import seen

PLAIN = "email,nome\na@mail.example,Là\nb@mail.example,Bò\n"
WINDOWS = PLAIN.replace("ò", "€")  # signs that Windows-1252 has and ISO-8859-1 lacks


def names(result):
    return [sample["nome"] for sample in result.samples]


@pytest.mark.sentence("3.2-12")
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("cp1252", "")],
)
def test_the_encoding_is_a_mark_else_utf_8_else_windows_1252(checked, encoding, mark):
    assert names(checked((mark + PLAIN).encode(encoding), separator=",")) == ["Là", "Bò"]


@pytest.mark.sentence("3.2-11")
@pytest.mark.sentence("3.2-12")
def test_what_is_not_all_utf_8_is_windows_1252(checked):
    assert names(checked(WINDOWS.encode("cp1252"), separator=",")) == ["Là", "B€"]
    assert names(checked(WINDOWS.encode() + b"c@mail.example,\xe0\n", separator=","))[-1] == "à"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("declared", ["utf-16-le", "UTF_16_BE", "utf-8", "Utf8", "utf-16"])
def test_a_declared_encoding_is_read_with_and_without_a_mark(checked, declared, mark):
    data = (("" if declared == "utf-16" else mark) + PLAIN).encode(declared)  # utf-16 writes its own
    assert names(checked(data, separator=",", encoding=declared)) == ["Là", "Bò"]


@pytest.mark.sentence("3.2-11")
def test_a_declared_encoding_is_obeyed_also_where_the_bytes_would_be_another(checked):
    data = "email,nome\na@mail.example,€\n".encode("iso-8859-15")
    assert names(checked(data, separator=",")) == ["¤"]
    assert names(checked(data, separator=",", encoding="iso-8859-15")) == ["€"]


@pytest.mark.sentence("3.2-07", "3.2-15", "3.2-16", "3.2-17")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_in_crlf_lf_or_cr_and_the_last_needs_no_end(checked, end, last):
    text = f'email,nome{end}{end}a@mail.example,"two{end}lines"{end} {end}b@mail.example,B' + (end if last else "")
    result = checked(text, separator=",")
    assert (names(result), result.faults) == ([f"two{end}lines", "B"], ())


@pytest.mark.sentence("3.2-13")
@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
def test_a_sep_line_is_obeyed_whatever_the_space_says(checked, first):
    assert names(checked(f"{first}\r\nemail;nome\r\na@mail.example;A,B\r\n", separator=",")) == ["A,B"]


def test_the_line_of_a_bad_row_counts_the_sep_line_the_blank_ones_and_those_within_quotes(checked):
    result = checked('sep=;\nemail;nome\n\na@mail.example;"two\nlines"\nbad;B\n', separator=",")
    assert seen(result) == [(6, "email", "ADDR_SYNTAX")]


@pytest.mark.sentence("3.2-10")
@pytest.mark.parametrize("quote", ['"', "'", "|"])
def test_quotes_are_those_of_the_space_and_are_doubled_within(checked, quote):
    text = f"email;nome\na@mail.example;{quote}a;{quote}{quote}b{quote}{quote}{quote}\n"
    assert names(checked(text, separator=";", quote=quote)) == [f"a;{quote}b{quote}"]


@pytest.mark.sentence("3.2-01")
def test_the_header_is_in_any_case_and_order_with_blanks_and_quotes_and_leaves_fields_out(checked):
    result = checked('"NOME", Email\nA,a@mail.example\n', separator=",")
    assert dict(result.samples[0]) == {"nome": "A", "email": "a@mail.example"}


@pytest.mark.sentence("3.2-02", "3.2-03", "3.2-05", "3.2-06")
@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("email,nome,soprannome", "CSV_UNKNOWN_COLUMN"),
        ("email,nome,NOME", "CSV_DUP_HEADER"),
        ("email,xml_delivery_code,nome", "CSV_RESERVED"),
        ("nome,tel,peso", "CSV_NO_EMAIL"),
        ("email,,nome", "CSV_EMPTY_HEADER"),
        ("email,id,nome", "CSV_UNKNOWN_COLUMN"),
    ],
)
def test_a_wrong_header_is_an_error_that_lists_the_known_names(checked, header, code):
    error = checked.refused(f"{header}\na@mail.example,1,2\n", separator=",")
    assert error.code == code
    assert "pagina" in error.message or code == "CSV_RESERVED"
    assert "XML_DELIVERY_CODE" not in error.message or code == "CSV_RESERVED"


GOOD = {
    "ordine": ["0", "-7", "+7", " 12 ", "9223372036854775807", "-9223372036854775808", ""],
    "peso": ["1,5", "1.5", "-0,25", ".5", "1.234,5", "1,234.5", "1.234.567", "1,234,567", "1.234.567,89", "12", ""],
    "nato": ["2024-02-29", "29/02/2024", "1/2/2024", "0000-00-00", ""],
    "visto": ["2024-02-29", "2024-02-29 10:11", "29/02/2024 10:11:12", "2024-02-29T10:11:12Z", "0000-00-00",
              "0000-00-00 00:00:00", "0000-00-00T00:00", ""],
    "socio": ["1", "0", "true", "FALSE", "sì", "SÌ", "si\u0300", "Si", "no", "Yes", ""],
    "tel": ["+39 02 1234", ""],
}  # fmt: skip
BAD = {
    "ordine": ["1.0", "1,000", "1e3", "0x10", "9223372036854775808", "uno", "1 000", "\u0661"],
    "peso": ["1.23.4", "1,2,3", "12.34,5", "1234.567,8", "1,5,", "5.", "1e5", "NaN", "inf", "€5", "1 234,5"],
    "nato": ["2023-02-29", "31/04/2024", "2024-13-01", "24-01-01", "2024/01/01", "01-02-2024", "2024-01-01 10:00"],
    "visto": ["2024-01-01 25:00", "2024-01-01 10", "10:00", "2024-01-01 10:00:61", "domani"],
    "socio": ["2", "y", "on"],
}


@pytest.mark.parametrize(("field", "text"), [(field, text) for field in GOOD for text in GOOD[field]])
def test_a_good_value_of_each_type_is_read(checked, field, text):
    assert checked(f'email;{field}\na@mail.example;"{text}"\n', separator=";").good == 1


@pytest.mark.sentence("3.2-24", "3.2-25", "3.2-34")
@pytest.mark.parametrize(("field", "text"), [(field, text) for field in BAD for text in BAD[field]])
def test_a_bad_value_of_each_type_costs_its_row_and_is_shown(checked, field, text):
    result = checked(f'email;{field}\na@mail.example;"{text}"\nb@mail.example;\n', separator=";")
    assert seen(result) == [(2, field, "CSV_TYPE")]
    assert result.faults[0].excerpt == text


@pytest.mark.sentence("3.2-28")
def test_an_empty_date_is_no_value(checked):
    result = checked("email,nato,visto\na@mail.example,0000-00-00,0000-00-00T00:00:00\n", separator=",")
    assert (result.samples[0]["nato"], result.samples[0]["visto"]) == (None, None)


@pytest.mark.sentence("3.2-29")
def test_a_page_of_200_kb_in_each_row_is_read(checked):
    page = "<p>è</p>" * 25_000
    rows = "".join(f'p{n}@mail.example,"{page}"\n' for n in range(50))
    assert checked(f"email,pagina\n{rows}", separator=",").good == 50


@pytest.mark.sentence("3.2-19", "3.2-20", "3.2-21")
@pytest.mark.parametrize("name", ["people", "Folder/Sub/people.TXT", "città.csv"])
def test_a_zip_holds_one_csv_of_any_name_also_in_a_folder_and_is_known_whatever_it_is_called(tmp_path, name):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Folder/", "")
        archive.writestr(name, PLAIN)
        archive.writestr("__MACOSX/._people", "x")
        archive.writestr("Folder/.DS_Store", "x")
    path = tmp_path / "people.csv"
    path.write_bytes(packed.getvalue())
    assert check_csv(COLUMNS, path, Dialect(separator=","), 0, zone=ROME).good == 2


@pytest.mark.sentence("3.2-22")
def test_a_plain_csv_called_zip_is_read_as_a_csv(tmp_path):
    path = tmp_path / "people.zip"
    path.write_text(PLAIN)
    assert check_csv(COLUMNS, path, Dialect(separator=","), 0, zone=ROME).good == 2


@pytest.mark.sentence("3.2-35")
@pytest.mark.parametrize(("field", "longest"), [("nome", 64 * 1024), ("tel", 64 * 1024), ("pagina", 1024**2)])
@pytest.mark.parametrize("sign", ["x", "è"])
def test_a_value_has_at_most_1_mb_in_html_and_64_kb_elsewhere(checked, field, longest, sign):
    fits = sign * (longest // len(sign.encode()))
    result = checked(f"email,{field}\na@mail.example,{fits}\nb@mail.example,{fits}x\n", separator=",")
    assert (result.good, seen(result)) == (1, [(3, field, "CSV_FIELD_TOO_LONG")])


@pytest.mark.sentence("3.2-42")
def test_a_list_without_a_good_row_is_refused_whatever_the_limit(checked):
    with pytest.raises(ClientError) as caught:
        checked("email\nbad\nworse\n", limit=1.0)
    assert caught.value.code == "CSV_TOO_MANY_ERRORS"
    assert checked("email\nbad\ngood@mail.example\n", limit=1.0).bad == 1


@pytest.mark.sentence("3.2-08")
@pytest.mark.parametrize(("encoding", "byte"), [("utf-8", b"\xe0"), ("cp1252", b"\x81"), ("ascii", b"\xe0")])
def test_a_byte_that_the_encoding_lacks_makes_a_bad_row(checked, encoding, byte):
    result = checked(b"email,nome\na@mail.example,A\nb@mail.example," + byte + b"\n", encoding=encoding)
    assert (result.good, seen(result)) == (1, [(3, "nome", "CSV_ENCODING")])


@pytest.mark.sentence("3.2-14")
def test_without_an_escape_a_backslash_is_a_character_like_others(checked):
    result = checked('email,nome\na@mail.example,"C:\\"\nb@mail.example,"say \\"hi\\""\n', separator=",")
    assert (names(result), seen(result)) == (["C:\\"], [(3, "", "CSV_QUOTE")])


@pytest.mark.sentence("3.2-26", "3.2-27")
@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("socio", ("1", "true", "sì", "yes", "Sì"), True),
        ("socio", ("0", "false", "no", "NO", "False"), False),
        ("nato", ("2024-02-01", "01/02/2024", "1/2/2024"), date(2024, 2, 1)),
    ],
)
def test_what_booleans_and_dates_mean(checked, field, written, value):
    rows = "".join(f"a@mail.example,{word}\n" for word in written)
    result = checked(f"email,{field}\n{rows}", separator=",")
    assert [sample[field] for sample in result.samples] == [value] * len(written)


@pytest.mark.sentence("3.2-37")
def test_a_bad_row_is_told_with_line_column_code_and_excerpt(checked):
    result = checked("email,ordine\na@mail.example,1\nb@mail.example,three\n", separator=",")
    [fault] = result.faults
    assert (fault.line, fault.column, fault.code, fault.excerpt) == (3, "ordine", "CSV_TYPE", "three")
