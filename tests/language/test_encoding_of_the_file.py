"""Reference 2: the file is read in the encoding that it declares, in any spelling; nothing is guessed."""

import codecs

import pytest

from deliveries.errors import BundleError
from deliveries.intake.parsing import mask_keys, parse
from tests.language.writing import write

SPELLINGS = {
    "utf-8": ["utf-8", "UTF-8", "UTF8", "utf8", "UTF_8", "Utf_8"],
    "latin-1": [
        "ISO-8859-1",
        "iso8859-1",
        "ISO_8859_1",
        "ISO8859_1",
        "iso88591",
        "latin1",
        "latin-1",
        "Latin_1",
        "L1",
        "CP819",
        "ISO-IR-100",
    ],
    "iso-8859-15": [
        "ISO-8859-15",
        "ISO_8859_15",
        "ISO8859_15",
        "iso8859-15",
        "latin-9",
        "Latin9",
        "csISOLatin9",
        "l9",
    ],
    "cp1252": ["windows-1252", "Windows_1252", "WINDOWS1252", "Cp1252", "cp1252", "CP-1252", "x-cp1252"],
    "shift_jis": ["Shift_JIS", "shift-jis", "SJIS", "shiftjis", "x-sjis", "Windows-31J", "MS932", "MS_Kanji"],
}
WIDE = [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
ALL = [(codec, spelling) for codec, spellings in SPELLINGS.items() for spelling in spellings]


def declared(spelling: str, text: str, quote: str = '"') -> str:
    return write().decode().replace("Orders", text).replace('"utf-8"', f"{quote}{spelling}{quote}")


def label(data: bytes) -> str:
    return parse(data, "x.xml").message.label


def refused(data: bytes) -> BundleError:
    with pytest.raises(BundleError) as caught:
        parse(data, "x.xml")
    assert caught.value.sub_status == "XML_ERROR"
    return caught.value


@pytest.mark.sentence("2-01")
@pytest.mark.parametrize(("codec", "spelling"), ALL)
def test_an_encoding_is_read_under_every_name_that_it_goes_by(codec, spelling):
    text = "日本" if codec == "shift_jis" else "Perché"
    for quote in "\"'":
        assert label(declared(spelling, text, quote).encode(codec)) == text


@pytest.mark.sentence("2-02")
def test_without_a_declaration_or_without_an_encoding_in_it_it_is_utf_8():
    text = declared("utf-8", "Perché")
    assert label(text.replace(' encoding="utf-8"', "").encode()) == "Perché"
    assert label(text.partition("\n")[2].encode()) == "Perché"
    assert refused(text.partition("\n")[2].encode("latin-1")).code == "XML_ENCODING"


@pytest.mark.parametrize("spelling", ["utf-16", "UTF16", "UTF_16", "Utf_16LE"])
@pytest.mark.parametrize(
    ("mark", "codec"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
def test_utf_16_is_read_by_its_byte_order_mark_and_refused_without(spelling, mark, codec):
    data = declared(spelling, "Perché").encode(codec)
    if spelling != "Utf_16LE" or codec == "utf-16-le":
        assert label(mark + data) == "Perché"
    assert refused(data).code == "XML_ENCODING"


@pytest.mark.parametrize("spelling", ["latin-1", "ISO_8859_15", "UTF_8", "windows-1252"])
def test_a_byte_order_mark_of_utf_8_wins_over_what_is_declared(spelling):
    assert label(declared(spelling, "Perché").encode("utf-8-sig")) == "Perché"


@pytest.mark.parametrize(
    "spelling",
    ["koi8-r", "UTF_7", "utf-7", "cp037", "utf_8_sig", "rot13", "idna", "unicode_escape", "x" * 41],
)
def test_what_is_no_name_of_these_is_refused(spelling):
    assert refused(declared(spelling, "Orders").encode()).code == "XML_ENCODING"


@pytest.mark.sentence("2-03")
@pytest.mark.parametrize("spelling", ["UTF_16", "utf-16"])
def test_bytes_that_are_not_what_is_declared_are_never_read_as_something_else(spelling):
    assert refused(declared("UTF_8", "Perché").encode("latin-1")).code == "XML_ENCODING"
    assert refused(declared(spelling, "Perché").encode()).sub_status == "XML_ERROR"


@pytest.mark.sentence("2-03")
@pytest.mark.parametrize("spelling", ["latin-1", "Latin9", "Cp1252", "CP-1252", "SJIS"])
def test_a_name_that_the_bytes_contradict_is_suspect_in_every_spelling(spelling):
    assert refused(declared(spelling, "Perché").encode()).code == "XML_ENCODING_SUSPECT"


def test_a_character_of_windows_1252_under_an_alias_of_latin_1_is_suspect():
    error = refused(declared("latin-1", "5 €").encode("cp1252"))
    assert error.code == "XML_ENCODING_SUSPECT"
    assert "looks like windows-1252" in error.message


@pytest.mark.sentence("2-04")
@pytest.mark.parametrize(("codec", "spelling"), ALL)
def test_no_spelling_lets_a_doctype_or_an_entity_through(codec, spelling):
    head, rest = declared(spelling, "&x;").split("\n", 1)
    hostile = f'{head}\n<!DOCTYPE contactlab [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n{rest}'
    error = refused(hostile.encode(codec))
    assert (error.code, error.line) == ("XML_DTD_FORBIDDEN", 2)
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'{head}\n<!DOCTYPE contactlab [<!ENTITY a0 "ha">{bomb}]>\n{rest.replace("&x;", "&a9;")}'
    assert refused(laughs.encode(codec)).code == "XML_DTD_FORBIDDEN"


@pytest.mark.parametrize(("codec", "spelling"), ALL)
def test_the_kept_copy_has_its_key_masked_and_is_read_again(codec, spelling):
    text = declared(spelling, "日本" if codec == "shift_jis" else "Perché")
    kept = mask_keys(text.encode(codec))
    assert b"demo-key" not in kept
    assert parse(kept, "x.xml").message == parse(text.encode(codec), "x.xml").message


HOSTILE = b"<contactlab>&broken;"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'<?xml version="1.0" encoding="koi8-r"?>', "encoding “koi8-r” is not read: write it in UTF-8"),
        (b'<?xml version="1.0"' + b" " * 5000 + b"encoding='UTF-7' ?>", "encoding “UTF-7” is not read"),
        (b'<?xml version="1.0" encoding="ISO-2022-JP" standalone="no"?>', "encoding “ISO-2022-JP” is not read"),
        (b'<?xml version="1.0" encoding="utf-16"?>', "column 1: the file is not in the encoding that it declares"),
        ("<?xml version='1.0'?>".encode("utf-16-le"), "the file is UTF-16 without a byte order mark"),
        ("<contactlab>".encode("utf-16-be"), "the file is UTF-16 without a byte order mark"),
        ("<?xml version='1.0'?>".encode("utf-32-be"), "the file is UTF-32"),
        ("<contactlab>".encode("utf-32"), "the file is UTF-32"),
        ("<?xml version='1.0'?>".encode("cp037"), "encoding “EBCDIC” is not read"),
    ],
)
def test_an_encoding_that_is_not_read_is_refused_before_the_rest_is_looked_at(data, sentence):
    """In such a one a parser would find what was not counted before."""
    error = refused(data + HOSTILE)
    assert error.code == "XML_ENCODING"
    assert error.message.startswith(f"x.xml line 1: {sentence}")


@pytest.mark.parametrize("head", ["<?xml encoding='koi8-r'?>", "<?xml version='1.0' encoding='UTF-7'+AD8-+AD4-"])
def test_a_declaration_that_is_none_is_a_mistake_of_the_file(head):
    assert refused(head.encode() + HOSTILE).code == "XML_SYNTAX"
