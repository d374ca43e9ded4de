import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.errors import ClientError, StateConflict
from deliveries.models import Delivery, DeliveryStatus
from deliveries.sending.lifecycle import control, copies, drafts, start

_PLAIN = {
    "start": "send it now",
    "pause": "let no further message out",
    "resume": "let it go on",
    "stop": "end it for good",
    "unschedule": "take it back to ready",
    "delete": "delete it",
}


class Command(BaseCommand):
    help = "What an operator may do with a delivery."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        for name, words in _PLAIN.items():
            _with_id(acts.add_parser(name, help=words))
        schedule = _with_id(acts.add_parser("schedule", help="let it go out at a time"))
        schedule.add_argument(
            "when", metavar="WHEN", help="2026-12-01T09:00:00, in the account's zone or with an offset"
        )
        _with_id(acts.add_parser("duplicate", help="begin a draft with all of it but its past"))
        test = _with_id(acts.add_parser("test", help="send a test of it"))
        test.add_argument("addresses", nargs="+", metavar="ADDRESS")
        resolve = _with_id(acts.add_parser("resolve", help="settle the messages in doubt"))
        resolve.add_argument("how", choices=["sent", "resend"])

    def handle(self, **options: Any) -> None:
        act, delivery = options["act"], options["id"]
        try:
            said = _do(act, delivery, options)
        except ClientError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            row = Delivery.objects.filter(id=delivery).first()
            self.stdout.write(json.dumps({"id": delivery, "status": row.status if row else None, "message": said}))
        else:
            self.stdout.write(said)


def _with_id(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("id", type=int, metavar="ID")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    return parser


def _do(act: str, delivery: int, options: dict[str, Any]) -> str:
    if act == "start":
        return _start(delivery)
    if act == "schedule":
        return f"delivery {delivery} goes out at {control.schedule(delivery, options['when']).isoformat()}"
    if act == "resolve":
        return f"{control.resolve(delivery, options['how'])} messages: {options['how']}"
    if act == "duplicate":
        return f"delivery {drafts.duplicate(delivery).pk} is a draft like {delivery}"
    if act == "test":
        return _test(delivery, options["addresses"])
    getattr(control, act)(delivery)
    return f"delivery {delivery}: {act} done"


def _test(delivery: int, addresses: list[str]) -> str:
    if not Delivery.objects.filter(pk=delivery).exists():
        raise StateConflict("NO_DELIVERY", id=delivery)
    test = copies.send_test(delivery, addresses=addresses)
    return f"delivery {test.pk} is a test of {delivery}: {test.size or 0} recipients"


def _start(delivery: int) -> str:
    control.start(delivery)
    start.begin(delivery)  # the cluster may have been faster: the row says what became of it
    row = Delivery.objects.get(id=delivery)
    if row.status == DeliveryStatus.FAILED:
        raise CommandError(f"Delivery {delivery} failed: {row.note}")
    return f"delivery {delivery} started: {row.size or 0} recipients"
