"""The reference is complete: every variable and every command stands in it, every sentence is held by a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
OURS = {"deliveries", "recipients", "xmld_project"}


def variables():
    text = (ROOT / "xmld_project" / "environment.py").read_text(encoding="utf-8")
    return sorted(set(re.findall(r'"((?:XMLD_[A-Z_]+)|DATABASE_URL)"', text)))


@pytest.mark.parametrize("name", variables())
def test_a_variable_stands_in_the_reference(name):
    assert f"`{name}`" in REFERENCE


@pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if app in OURS))
def test_a_command_stands_in_the_reference(name):
    assert re.search(rf"`{name}\b", REFERENCE)


def test_no_paper_names_a_path_of_some_machine():
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        assert "/work/" not in path.read_text(encoding="utf-8"), path.name


def test_the_locks_record_no_addresses():
    for path in (ROOT / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", path.read_text(encoding="utf-8")), (
            path.name
        )


def sentences():
    """Each sentence of the reference that somebody relies on, by its number (tests/sentences/README.md)."""
    found = {}
    for path in sorted((ROOT / "tests" / "sentences").glob("[0-9]*.md")):
        for number, words in re.findall(r"^- (\S+) (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert number not in found, f"{number} stands twice"
            found[number] = words
    return found


def named_by_tests() -> Iterator[str]:
    """The numbers in all @pytest.mark.sentence(...)."""
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.sentence":
                yield from (ast.literal_eval(argument) for argument in node.args)


def test_every_sentence_is_held_by_a_test_that_names_it():
    assert sorted(set(sentences()) - set(named_by_tests())) == []


def test_no_test_names_a_sentence_that_is_not_there():
    assert sorted(set(named_by_tests()) - set(sentences())) == []
