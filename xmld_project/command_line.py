"""The way every command goes: the environment is checked, the database is there, one line says what failed."""

import os
import sys
from typing import Final

import django
from django.core.management import CommandError, execute_from_command_line, get_commands
from django.core.management.base import SystemCheckError
from django.db import Error as DatabaseError
from django.db import ProgrammingError

from deliveries.errors import ClientError, ServiceError
from xmld_project import environment
from xmld_project.standalone import parent
from xmld_project.standalone.postgres import available
from xmld_project.standalone.supervisor import migrating

# Commands that need no database; runall starts its own.
_WITHOUT_DATABASE: Final = {
    "runall",
    "schema",
    "help",
    "makemessages",
    "compilemessages",
    "collectstatic",
    "version",
}
_OURS: Final = ("deliveries", "recipients", "xmld_project")  # the apps whose commands are our own
_FAILED: Final = 1
_WRONG_USAGE: Final = 2
_INTERRUPTED: Final = 130  # as shells say it: 128 and the number of SIGINT
_UNDEFINED: Final = ("42P01", "42703")  # SQLSTATE: a table, a column that isn't there
FAULTS: Final = (
    environment.EnvironmentFault,
    available.DatabaseFault,
    CommandError,
    ClientError,
    ServiceError,
    DatabaseError,
    OSError,
)


def main(arguments: list[str]) -> int:
    """Run one management command and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xmld_project.settings")
    try:
        return _run(arguments)
    except BrokenPipeError:  # `runs | head`: the reader has left, and nothing can be said to anybody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except FAULTS as fault:
        if "--traceback" in arguments:
            raise
        sys.stderr.write(f"{sentence(fault)}\n")
        return fault.returncode if isinstance(fault, CommandError) else _FAILED


def _run(arguments: list[str]) -> int:
    given = environment.read()
    command = arguments[1] if len(arguments) > 1 else "help"
    django.setup()
    if not command.startswith("-") and command not in {*get_commands(), "help", "version"}:
        sys.stderr.write(f"there is no command {command!r}: `manage.py help` lists them\n")
        return _WRONG_USAGE
    parent.end_with_supervisor()
    if given.database_url or parent.supervised() or command.startswith("-") or command in _WITHOUT_DATABASE:
        _execute(arguments)
        return 0
    with available.available(given):
        if migrating.is_new():  # the first command may come before the first start
            migrating.migrate()
        _execute(arguments)
    return 0


def _execute(arguments: list[str]) -> None:
    """Let Django run the command; with --traceback it hands errors on instead of printing them its own way."""
    named = arguments[1:2] if not "".join(arguments[1:2]).startswith("-") else []
    more = ["--traceback"] if named else []
    if named and get_commands().get(named[0]) in _OURS:
        more.append("--skip-checks")  # they look at the code, which the build has checked: a fifth of a second
    execute_from_command_line([*arguments[:2], *more, *arguments[2:]])


def sentence(fault: BaseException) -> str:
    """Return what failed in one line; only the system checks have their own form of several."""
    if isinstance(fault, SystemCheckError):
        return str(fault).rstrip()
    if isinstance(fault, ProgrammingError) and getattr(fault.__cause__, "sqlstate", "") in _UNDEFINED:
        return f"the database is not up to date: run `manage.py migrate` ({_first_line(fault)})"
    if isinstance(fault, DatabaseError):
        return f"the database: {_first_line(fault)}"
    if isinstance(fault, OSError) and fault.filename is not None:
        return f"{os.fsdecode(fault.filename)}: {fault.strerror}"
    return " ".join(str(fault).split())


def _first_line(fault: BaseException) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0]
