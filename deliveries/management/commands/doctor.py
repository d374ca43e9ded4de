import json
import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from deliveries.health.doctor import State, examine

_MARKS: Final = {State.FINE: "ok  ", State.LOOK: "look", State.MEND: "MEND"}


class Command(BaseCommand):
    help = "Says what is wrong with this installation and what to do, a line each; 1 when something must be mended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        findings = examine()
        sick = [each for each in findings if each.state is State.MEND]
        if options["json"]:
            rows = [{"place": f.place, "state": f.state.value, "message": f.sentence} for f in findings]
            self.stdout.write(json.dumps({"healthy": not sick, "findings": rows}, ensure_ascii=False))
        else:
            for each in findings:
                self.stdout.write(f"{_MARKS[each.state]} {each.place}: {each.sentence}")
        if sick:
            sys.stderr.write(f"{len(sick)} {'thing' if len(sick) == 1 else 'things'} must be mended\n")
            sys.exit(1)
