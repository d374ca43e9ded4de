from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xmld_project import environment
from xmld_project.standalone.supervisor import fork_server, settling, start


class Command(BaseCommand):
    help = "Starts, watches and stops everything on this machine: what `make run` runs."

    def handle(self, **_options: Any) -> None:
        try:
            given = environment.read()
            settling.settle(given)
            start.run(given, self._say, fork_server.begin())
        except start.FAULTS as fault:
            raise CommandError(str(fault)) from fault

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # who waits for `ready` may read a pipe or a file
