"""Reference 1: the files that the XML names."""

import pytest

from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from tests.language.writing import write


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "..\\x", "a/b.csv", "..", "a\u202eb.csv", "x" * 201, "a;b"],
)
def test_ref_bad_name(name):
    found = parse(write(recipients=f"<new_recipients><csv_file>{name}</csv_file></new_recipients>"), "x.xml")
    with pytest.raises(BundleError) as caught:
        rules.wanted_files(found)
    assert (caught.value.code, caught.value.element, caught.value.line) == ("REF_BAD_NAME", "csv_file", 7)
    assert "\u202e" not in caught.value.message


def test_ref_missing_compares_in_nfc_and_with_case():
    found = parse(write(recipients="<new_recipients><csv_file>perché.csv</csv_file></new_recipients>"), "x.xml")
    rules.check_present(found, ["perche\u0301.csv"])
    with pytest.raises(BundleError, match=r"the file “perché\.csv” is not there") as caught:
        rules.check_present(found, ["PERCHÉ.csv"])
    assert caught.value.code == "REF_MISSING"


@pytest.mark.parametrize("name", ["other.xml", "x.XML"])
def test_ref_instructions_of_another_bundle_are_no_list(name):
    found = parse(write(recipients=f"<new_recipients><csv_file>{name}</csv_file></new_recipients>"), "x.xml")
    with pytest.raises(BundleError) as caught:
        rules.wanted_files(found)
    assert (caught.value.code, caught.value.line) == ("REF_INSTRUCTIONS", 7)
