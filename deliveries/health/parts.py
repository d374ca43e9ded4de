"""Which parts of the product answer, checked by the database's clock (reference, Public addresses)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import DatabaseError
from django.db.models import Max
from django.db.models.functions import Now

from deliveries import workers
from deliveries.models import SftpSpace, Worker
from deliveries.sending.database import durability
from deliveries.sending.ledger import relay_health

POLL_LATE: Final = timedelta(seconds=60)  # a clock that works is late by a second or two


@dataclass(frozen=True, slots=True)
class Part:
    """One part: whether it answers and, when it doesn't, the sentence that says what to do."""

    name: str
    ok: bool
    word: str = ""


def check_parts() -> list[Part]:
    """Return every part; without a database nothing else can be known, so then it is the only one."""
    try:
        unsafe = durability.sentence()
        return [Part("database", ok=not unsafe, word=unsafe), *(check() for check in _OTHERS)]
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        return [Part("database", ok=False, word=f"PostgreSQL doesn't answer: {reason}")]


def _worker(kind: str, name: str, what_to_do: str) -> Callable[[], Part]:
    def check() -> Part:
        if workers.alive(kind).exists():
            return Part(name, ok=True)
        last = Worker.objects.filter(kind=kind).aggregate(last=Max("heartbeat_at"))["last"]
        heard = f"last heard of {last:%Y-%m-%d %H:%M:%S} UTC" if last else "never heard of"
        return Part(name, ok=False, word=f"no {kind} is alive, {heard}: {what_to_do}")

    return check


def _last_poll() -> Part:
    late = SftpSpace.objects.filter(paused_at=None, next_poll_at__lt=Now() - POLL_LATE, failing_since=None)
    names = list(late.order_by("next_poll_at").values_list("name", flat=True)[:3])
    if names:
        return Part(
            "last poll", ok=False, word=f"not polled in time: {', '.join(names)}; look at clock and cluster"
        )
    return Part("last poll", ok=True)


def _relay() -> Part:
    state = relay_health.failing()
    return Part("relay", ok=True) if state is None else Part("relay", ok=False, word=relay_health.sentence(state))


_OTHERS: Final = (
    _worker("clock", "clock", "start `manage.py clock`"),
    _worker("cluster", "cluster", "start `manage.py qcluster`"),
    _worker("sender", "senders", "start `manage.py sender`"),
    _last_poll,
    _relay,
)
