"""docs/clients.md lists every mistake that a run may answer a client with, sentence by sentence."""

import re
from pathlib import Path

import pytest

from recipients.faults import CATALOGUE
from tests.mistakes import mistakes

PAGE = (Path(__file__).parents[1] / "docs" / "clients.md").read_text(encoding="utf-8")
REFERENCE = (Path(__file__).parents[1] / "docs" / "reference.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)
SAID = sorted(mistakes())


@pytest.mark.sentence("4.1-12")
@pytest.mark.parametrize(("code", "sentence"), SAID)
def test_the_page_has_the_mistake_with_its_sentence(code, sentence):
    assert (code, sentence) in ROWS


@pytest.mark.parametrize(("code", "words"), sorted(row for row in ROWS if row[0] in {code for code, _ in SAID}))
def test_what_the_page_lists_can_be_read(code, words):
    assert (code, words) in SAID


@pytest.mark.sentence("4.1-13")
@pytest.mark.parametrize("code", sorted({key.partition(".")[0] for key in CATALOGUE if key[0].isupper()}))
def test_each_code_of_the_catalogue_stands_in_the_reference(code):
    assert f"`{code}`" in REFERENCE
