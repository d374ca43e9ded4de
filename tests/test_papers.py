"""The reference is complete: every variable and every command stands in it."""

import re
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
