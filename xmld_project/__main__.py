"""`xml-delivery` and `python -m xmld_project`: the commands of an installation that has no clone."""

import os
import sys
from typing import Final

from xmld_project.command_line import main

USAGE: Final = """usage: xml-delivery run            everything on this machine, as `make run`
       xml-delivery manage COMMAND …   a command of the reference
"""


def console(arguments: list[str] | None = None) -> int:
    """Run `run` or `manage …` and return the exit code: 0 done, 1 failed, 2 wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["manage"]:
        return main(["xml-delivery manage", *given[1:]])
    if given == ["run"]:
        os.environ.setdefault("XMLD_DEMO", "1")
        os.environ.setdefault("XMLD_STOP_SECONDS", "8")
        return main(["xml-delivery", "runall"])
    asked = given in (["--help"], ["-h"], ["help"])
    (sys.stdout if asked else sys.stderr).write(USAGE)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main(["manage.py", *sys.argv[1:]]))
