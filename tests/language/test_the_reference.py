"""docs/reference.md: its examples are answered as it says, its tables are complete."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from deliveries.models import Newsletter
from deliveries.sentences.bundles import SENTENCES
from recipients.faults import CATALOGUE
from tests.mistakes import shape

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```xml (\w+)(?: refused (\w+))?\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(("part", "code", "written"), EXAMPLES)
def test_each_example_is_answered_as_the_reference_says(planned, refusal, demo, part, code, written):
    Newsletter.objects.filter(pk=demo.offers.pk).update(subject="Default")
    if code:
        assert refusal(**{part: written}).code == code
    else:
        assert planned(**{part: written}).source.title


def test_every_part_of_the_language_has_an_example():
    assert {part for part, _code, _written in EXAMPLES} == {"recipients", "delivery", "notes", "message"}


def test_the_sections_keep_their_numbers():
    assert re.findall(r"^##+ (2(?:\.\d)?)", TEXT, re.MULTILINE) == ["2", *(f"2.{n}" for n in range(1, 8))]


@pytest.mark.sentence("4.1-13")
@pytest.mark.parametrize("key", [key for key in SENTENCES if key[0].isupper()])
def test_every_rule_is_listed_with_its_sentence(key):
    with translation.override("en"):
        sentence = re.sub(r"%\((\w+)(?::,)?\)s", r"{\1}", str(SENTENCES[key].text)).replace("%%", "%")
    assert f"| `{key.partition('.')[0]}` | {sentence} |" in TEXT


def test_every_code_of_a_message_is_listed():
    sources = [*(ROOT / "deliveries/content").glob("*.py"), *(ROOT / "deliveries/intake").glob("fetching*.py")]
    written = "".join(path.read_text(encoding="utf-8") for path in sources)
    for code in set(re.findall(r'"((?:TPL|FETCH|LINK|SUBJECT|NAME|FROM|TO|REPLY|BODY|MSG)_[A-Z_]+)"', written)):
        assert f"`{code}`" in TEXT


def test_every_rule_has_a_test_that_names_it():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    for code in {key.partition(".")[0] for key in SENTENCES if key[0].isupper()}:
        assert code in tests or code.lower() in tests


def test_the_clients_page_quotes_sentences_that_exist():
    page = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
    with translation.override("en"):
        known = "\n".join(shape(str(sentence.text)) for sentence in CATALOGUE.values())
    for quoted in re.findall(r"^\| `((?![A-Z_]+`)[^`…]{12,40})`", page, re.MULTILINE):
        words = re.sub(r"[“(].*", "", quoted)
        plain = re.sub(r" (\d+|ISO-8859-1),? .*", "", words)
        assert plain in known or plain.startswith(("Userdb", "same content", "the file"))
