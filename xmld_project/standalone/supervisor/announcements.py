"""What the console says: where everything is, `ready`, and what became of the first bundle."""

import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from xmld_project.standalone.places import Places
from xmld_project.standalone.service_user import ServiceUser
from xmld_project.standalone.supervisor import parts, welcome

_LOOK: Final = 0.3
_WELCOME_LONGEST: Final = 180.0  # seconds from the drop of the welcome bundle to its mail, on a slow machine


@dataclass(frozen=True, slots=True)
class Running:
    """What was settled before the start: the administrator, the demo account's ids or None, the host key."""

    admin: dict[str, str | None]
    demo: dict[str, Any] | None
    host_key: str
    database_url: str
    supervisor: int

    def run_file(
        self, ports: Mapping[str, int], pids: Mapping[str, int | None], postgres: int | None
    ) -> dict[str, Any]:
        """Return the content of run.json."""
        senders = [pid for name, pid in pids.items() if name.startswith("sender")]
        others = {name: pid for name, pid in pids.items() if not name.startswith("sender")}
        return {
            "web": ports[parts.WEB],
            "sftp": ports[parts.SFTP],
            "smtp": ports[parts.CATCHER],
            "sftp_host_key": self.host_key,
            "pids": {"supervisor": self.supervisor, **others, "senders": senders, "postgres": postgres},
            "admin": self.admin,
            "database_url": self.database_url,
        }


class StartupMessages:
    """Told step by step by the supervisor's loop, so that nothing waits for it."""

    def __init__(
        self,
        running: Running,
        places: Places,
        user: ServiceUser | None,
        ports: Mapping[str, int],
        say: Callable[[str], object],
    ) -> None:
        self._running = running
        self._places = places
        self._user = user
        self._ports = ports
        self._say = say
        self._step: Callable[[Callable[[], bool]], None] = self._wait_until_all_answer
        self._look_at = 0.0
        self._dropped_at = 0.0

    def go_on(self, all_answer: Callable[[], bool]) -> None:
        """Take the next step if it is due. Raises django.db.Error and OSError, and then takes it again."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK
            self._step(all_answer)

    def _wait_until_all_answer(self, all_answer: Callable[[], bool]) -> None:
        if not all_answer():
            return
        for line in self._addresses():
            self._say(line)
        self._say("ready")
        self._step = self._drop_the_welcome

    def _drop_the_welcome(self, _all_answer: Callable[[], bool]) -> None:
        made = self._running.demo
        waits = made is not None and welcome.drop(self._places, self._user, made)
        self._dropped_at = time.monotonic()
        self._step = self._tell_the_outcome if waits else self._rest

    def _tell_the_outcome(self, _all_answer: Callable[[], bool]) -> None:
        line = welcome.outcome(f"{self._web}/admin/")
        if line is None and time.monotonic() - self._dropped_at > _WELCOME_LONGEST:
            line = f"{welcome.FILE}: not finished yet, see {self._web}/admin/"
        if line is not None:
            self._say(line)
            self._step = self._rest

    def _rest(self, _all_answer: Callable[[], bool]) -> None:
        self._look_at = float("inf")

    @property
    def _web(self) -> str:
        return f"http://127.0.0.1:{self._ports[parts.WEB]}"

    def _addresses(self) -> list[str]:
        admin, sftp = self._running.admin, self._ports[parts.SFTP]
        password = admin["password"] or "the one you gave"
        who = f"   user {admin['username']}, password {password}" if admin["username"] else ""
        mails = f"smtp://127.0.0.1:{self._ports[parts.CATCHER]}, kept in {self._places.mail}"
        outside = (
            "" if ":".join(settings.SMTP_URL.split(":")[:2]) == "smtp://127.0.0.1" else " (mails go elsewhere)"
        )
        lines = [
            f"campaign area  {self._web}/admin/{who}",
            f"mail catcher   {mails}{outside}",
            f"state          {self._places.state}",
        ]
        if self._running.demo is None:
            return [*lines, f"SFTP           sftp://127.0.0.1:{sftp}, embedded spaces in {self._places.spaces}"]
        key = shlex.quote(f"[127.0.0.1]:{sftp} {self._running.host_key}")
        return [
            *lines,
            f"SFTP           sftp -P {sftp} demo@127.0.0.1   password demo, files in {self._places.spaces}/demo",
            "drop a bundle  in tests/samples/01-send-now: put orders.csv, put orders.xml, last put orders.ok",
            f"pin its key    echo {key} >> ~/.ssh/known_hosts",
        ]
