"""Exit codes and the one line of reason (reference, Commands), through the way that every command goes."""

import json

import pytest
from django.db import DataError, OperationalError, ProgrammingError
from psycopg.errors import UndefinedTable

from deliveries.errors import BundleError, ServiceError
from xmld_project import command_line

pytestmark = pytest.mark.django_db(transaction=True)


def run(capfd, *arguments):
    code = 0
    try:
        code = command_line.main(["manage.py", *arguments])
    except SystemExit as end:
        code = end.code
    said = capfd.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("provision", "/nowhere/at/all.toml"),
        ("delivery", "start", "999999"),
        ("report", "999999"),
        ("run", "retry", "999999"),
        ("run_log", "999999", "--json"),
        ("import_recipients", "No such base", "/etc/hostname"),
        ("poll", "--space", "no such space"),
        ("check_bundle", "/nowhere/at/all.xml"),
    ],
)
def test_what_fails_says_why_in_one_line_and_exits_with_1(capfd, arguments):
    code, out, err = run(capfd, *arguments)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert not err.startswith(("CommandError", "Traceback"))


@pytest.mark.parametrize(
    "arguments",
    [("no_such_command",), ("runs", "--no-such-option"), ("delivery", "start", "x"), ("report",), ("events",)],
)
def test_wrong_usage_exits_with_2(capfd, arguments):
    code, out, err = run(capfd, *arguments)
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize("command", ["runs", "deliveries", "reconcile"])
def test_json_is_all_that_is_printed(capfd, command):
    code, out, err = run(capfd, command, "--json")
    assert (code, err) == (0, "")
    json.loads(out)


def undefined():
    error = ProgrammingError('relation "x" does not exist\nLINE 1')
    error.__cause__ = UndefinedTable()
    return error


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (OperationalError("connection refused\nIs it there?"), "the database: connection refused"),
        (DataError(""), "the database: DataError"),
        (undefined(), 'the database is not up to date: run `manage.py migrate` (relation "x" does not exist)'),
        (BundleError("X", "a sentence\nof two lines"), "a sentence of two lines"),
        (ServiceError("X", "a sentence"), "a sentence"),
        (PermissionError(13, "Permission denied", "/a"), "/a: Permission denied"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
    ],
)
def test_each_kind_of_fault_is_one_line(fault, line):
    assert isinstance(fault, command_line.FAULTS)
    assert command_line.sentence(fault) == line
