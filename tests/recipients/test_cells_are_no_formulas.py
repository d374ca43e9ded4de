"""What clients write into names is opened in a spreadsheet by an operator, whatever separates its cells."""

import re

import pytest

from recipients.csv_lines import csv_lines

CALL = "cmd|'/c calc'!A1"
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


def begun(line):
    """Return how each cell begins that a spreadsheet may see, with a comma or a semicolon between cells."""
    return [piece.lstrip('"')[:1] for piece in re.split("[,;\t\r\n]", line)]


@pytest.mark.parametrize("sign", [*SIGNS, "\t=", "\r=", "\n="])
@pytest.mark.parametrize("before", ["", "a;", "a\n", "a\r\n", "a\t", "a;b;", ";"])
def test_no_cell_begins_as_a_formula(before, sign):
    (line,) = csv_lines([["x", f"{before}{sign}{CALL}", "y"]])
    assert not set(begun(line)) & set(SIGNS), line


@pytest.mark.parametrize(
    "text", ["+39 02 1234567", "-5", "-1.250,00", "a = b", "x;y", "Via Brera; 1", "a-b@c.example"]
)
def test_what_is_none_stays_as_it_is(text):
    (line,) = csv_lines([[text]])
    assert line.rstrip("\r\n").strip('"') == text
