"""docs/clients.md lists every mistake that a run may answer a client with, sentence by sentence."""

import re
from pathlib import Path

import pytest

from tests.mistakes import mistakes

PAGE = (Path(__file__).parents[1] / "docs" / "clients.md").read_text(encoding="utf-8")
REFERENCE = (Path(__file__).parents[1] / "docs" / "reference.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)
SAID = sorted(mistakes())
# Put together from pieces, or said where no sentence stands beside the code.
ELSEWHERE = {"CSV_TOO_MANY_ERRORS", "LINK_SCHEME", "REPORT_DENIED", "LOCKED"}


@pytest.mark.sentence("4.1-12")
@pytest.mark.parametrize(("code", "sentence"), SAID)
def test_the_page_has_the_mistake_with_its_sentence(code, sentence):
    pattern = ".*".join(map(re.escape, sentence.split("…")))
    shown = [words for listed, words in ROWS if listed == code]
    assert any(re.fullmatch(pattern, words) for words in shown) or (shown and not sentence)


@pytest.mark.parametrize(("code", "words"), sorted(ROWS))
def test_what_the_page_lists_can_be_read(code, words):
    templates = [sentence for said, sentence in SAID if said == code and sentence]
    patterns = [".*".join(map(re.escape, sentence.split("…"))) for sentence in templates]
    assert code in ELSEWHERE or any(re.fullmatch(pattern, words) for pattern in patterns)


@pytest.mark.sentence("4.1-13")
@pytest.mark.parametrize("code", sorted({code for code, _ in SAID}))
def test_each_code_stands_in_the_reference(code):
    assert f"`{code}`" in REFERENCE
