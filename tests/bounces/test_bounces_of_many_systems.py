"""A development set in the shapes of many mail systems (tests/bounces/mails): how many are read rightly."""

import csv
import sys
from pathlib import Path

import pytest

from deliveries.tracking.bounces.receive import receive

HERE = Path(__file__).parent
MAILS = HERE / "mails"
ROWS = list(csv.DictReader((HERE / "expected.csv").read_text(encoding="utf-8").splitlines()))


def test_the_set_names_every_mail():
    assert sorted(row["mail"] for row in ROWS) == sorted(path.stem for path in MAILS.glob("*.eml"))
    assert len(ROWS) >= 80


@pytest.mark.django_db
@pytest.mark.sentence("7.1-02")
def test_addresses_and_hard_bounces_are_told_and_nothing_else_is_called_a_bounce(capsys):
    wrong, counted = [], {"kind": 0, "address": 0, "hard": 0, "false bounces": 0}
    for row in ROWS:
        found = receive((MAILS / f"{row['mail']}.eml").read_bytes(), "bounces@shop.example")[0]
        right = {
            "kind": found.kind == row["kind"],
            "address": (found.address or "") == row["address"],
            "hard": found.hard == (row["hard"] == "yes"),
            "false bounces": found.kind == "bounce" and row["kind"] != "bounce",
        }
        for name, yes in right.items():
            counted[name] += yes
        if not (right["kind"] and right["address"] and right["hard"]):
            wrong.append((row["mail"], row["kind"], row["address"], row["hard"], found))
    with capsys.disabled():
        sys.stdout.write(f"\n{'of ' + str(len(ROWS)) + ' mails':<20}" + "".join(f"{n:>16}" for n in counted))
        sys.stdout.write(f"\n{'read rightly':<20}" + "".join(f"{n:>16}" for n in counted.values()) + "\n")
    assert counted["address"] >= 0.95 * len(ROWS), wrong
    assert counted["hard"] >= 0.97 * len(ROWS), wrong
    assert counted["false bounces"] == 0, wrong
    assert counted["kind"] >= 0.97 * len(ROWS), wrong
