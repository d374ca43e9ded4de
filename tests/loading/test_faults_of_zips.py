"""Rows D of the fault table: zips that hold a list, and those that don't."""

import io
import stat
import struct
import time
import zipfile

import pytest

GOOD = b"email,nome\na@mail.example,A\n"


def packed(*entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.sentence("3.2-20", "3.2-21")
def test_a_zip_is_known_by_its_content_and_what_a_mac_adds_does_not_count(checked):
    entries = [
        ("folder/any.name", GOOD),
        ("__MACOSX/any.name", b"x"),
        ("folder/.hidden/b.csv", b"x"),
        (".DS_Store", b"x"),
    ]
    assert checked(packed(*entries)).good == 1
    assert checked(packed(("a.csv", GOOD), method=zipfile.ZIP_STORED)).good == 1


@pytest.mark.sentence("3.2-18")
@pytest.mark.parametrize("entries", [[], [("a.csv", GOOD), ("b.txt", b"x")], [("__MACOSX/a", GOOD)]])
def test_a_zip_holds_exactly_one_csv(checked, entries):
    assert checked.refused(packed(*entries)).code == "ZIP_FILES"


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "C:evil.csv", "a/../../b.csv", "a\nb.csv"])
def test_74_names_that_lead_elsewhere_are_refused(checked, name):
    assert checked.refused(packed((name, GOOD))).code == "ZIP_BAD_NAME"


def test_74_a_nul_in_a_name_is_refused(checked):
    assert (
        checked.refused(packed(("a.csv@.exe", GOOD)).replace(b"a.csv@.exe", b"a.csv\0.exe")).code == "ZIP_BAD_NAME"
    )


def test_75_a_link_is_refused(checked):
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert checked.refused(packed((link, b"/etc/passwd"))).code == "ZIP_LINK"


def test_76_a_bomb_is_stopped_by_counting(checked):
    began = time.process_time()
    assert checked.refused(packed(("a.csv", b"\0" * 50_000_000))).code == "ZIP_BOMB"
    assert time.process_time() - began < 3


def test_76_a_zip_in_a_zip_is_refused(checked):
    assert checked.refused(packed(("a.csv", packed(("b.csv", GOOD))))).code == "ZIP_NESTED"


def test_77_lying_sizes_cut_ends_and_wrong_sums_are_refused(checked):
    whole = packed(("a.csv", GOOD), method=zipfile.ZIP_STORED)
    assert checked.refused(whole[:-30]).code == "ZIP_CORRUPT"
    assert checked.refused(whole.replace(b"mail.example", b"mail.exampel")).code == "ZIP_CORRUPT"
    short = whole.replace(struct.pack("<II", len(GOOD), len(GOOD)), struct.pack("<II", len(GOOD), 10))
    assert checked.refused(short).code == "ZIP_CORRUPT"


@pytest.mark.sentence("3.2-43")
def test_a_csv_that_unpacks_to_more_than_two_gigabytes_is_refused_unread(checked):
    whole = packed(("a.csv", GOOD), method=zipfile.ZIP_STORED)
    said = whole.replace(struct.pack("<II", len(GOOD), len(GOOD)), struct.pack("<II", len(GOOD), 2 * 1024**3 + 1))
    assert checked.refused(said).code == "CSV_TOO_BIG"


def test_77_entries_that_share_bytes_are_refused(checked):
    whole = packed(("a.csv", GOOD), (".b", GOOD))
    start = whole.index(b"PK\x01\x02")
    second = whole.index(b"PK\x01\x02", start + 1)
    overlapping = whole[: second + 42] + struct.pack("<I", 0) + whole[second + 46 :]
    assert checked.refused(overlapping).code == "ZIP_CORRUPT"


def test_77_junk_before_a_zip_makes_it_a_csv_that_nobody_can_read(checked):
    assert checked.refused(b"MZ" + packed(("a.csv", GOOD))).code.startswith("CSV_")


def test_78_a_password_is_refused(checked):
    whole = bytearray(packed(("a.csv", GOOD)))
    for at in (6, whole.index(b"PK\x01\x02") + 8):
        whole[at] |= 1
    assert checked.refused(bytes(whole)).code == "ZIP_ENCRYPTED"


def test_79_too_many_entries_are_refused_before_they_are_listed(checked):
    assert checked.refused(packed(*((f"{n}", b"") for n in range(1_001)))).code == "ZIP_TOO_MANY"
    assert checked.refused(packed(*((f"{n:060}", b"") for n in range(12_000)))).code == "ZIP_TOO_MANY"


def test_names_that_differ_by_case_only_are_refused(checked):
    assert checked.refused(packed(("a.csv", GOOD), ("A.csv", GOOD))).code == "ZIP_DUPLICATE"


def test_an_unusual_method_is_refused(checked):
    assert checked.refused(packed(("a.csv", GOOD), method=zipfile.ZIP_LZMA)).code == "ZIP_METHOD"
