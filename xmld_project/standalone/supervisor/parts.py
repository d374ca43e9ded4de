"""What runs under the supervisor: each part's command and the environment that they share."""

import os
from collections.abc import Mapping

from xmld_project import environment
from xmld_project.environment import Environment
from xmld_project.standalone import parent
from xmld_project.standalone.places import Places
from xmld_project.standalone.supervisor.processes.child import Child
from xmld_project.standalone.supervisor.processes.forking import Starter

WEB, SFTP, CATCHER = "XMLD_WEB_PORT", "XMLD_SFTP_PORT", "XMLD_CATCHER_PORT"


def shared_environment(places: Places, ports: Mapping[str, int]) -> dict[str, str]:
    """Return the environment of all children: ours, with what the supervisor has settled."""
    settled = {
        "XMLD_STATE_DIR": str(places.state),
        "PYTHONUNBUFFERED": "1",
        parent.SUPERVISOR: str(os.getpid()),
        parent.STATE: str(places.state),
        **{variable: str(port) for variable, port in ports.items()},
    }
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in settled}
    return kept | settled


def children(given: Environment, places: Places, ports: Mapping[str, int], starter: Starter) -> list[Child]:
    """Return every part but PostgreSQL, in the order of their start."""
    commands = {
        "catcher": ["xmld_project.standalone.mail_catcher.process", str(ports[CATCHER]), str(places.mail)],
        "sftp": ["xmld_project.standalone.sftp_server.process"],
        "web": _manage("serve"),
        "clock": _manage("clock"),
        "cluster": _manage("qcluster"),
        **({"bounces": _manage("bounces")} if given.bounce_maildir else {}),
        **{f"sender-{number}": _manage("sender") for number in range(1, given.senders + 1)},
    }
    return [Child(name, command, starter, places.logs / f"{name}.log") for name, command in commands.items()]


def _manage(command: str) -> list[str]:
    """Return a management command; `runall` has checked the same code, and a check copies 16 MB into each part."""
    return ["xmld_project", command, "--skip-checks"]


def wanted_ports(given: environment.Environment) -> dict[str, int]:
    """Return the ports asked for, by variable."""
    return {WEB: given.web_port, SFTP: given.sftp_port, CATCHER: given.catcher_port}
