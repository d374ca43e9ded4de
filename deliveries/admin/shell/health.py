"""The health strip of Home: spaces, workers and the relay; red says what to do."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDay
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from deliveries import workers
from deliveries.admin.shell.badges import space_state
from deliveries.models import ProcessingRun
from deliveries.sending.database import durability
from deliveries.sending.ledger import relay_health
from recipients.admin.badges import state

_SHOWN: Final = 20
_WEEK: Final = timedelta(days=8)  # seven whole days and the one that is not over
_DAYS: Final = 5  # of the last seven on which a bundle came: such a space is heard from daily


def strip(spaces: Any) -> dict[str, Any]:
    """Return the spaces with their state and what is unusual, and the workers."""
    rows = list(spaces.select_related("account").order_by("name")[:_SHOWN])
    silent = _silent([row.pk for row in rows])
    return {
        "spaces": [(space, space_state(space), silent.get(space.pk)) for space in rows],
        "workers": _workers(),
    }


def _silent(ids: list[int]) -> dict[int, Any]:
    """Return when the last bundle came, for the spaces that usually get one a day and got none since yesterday."""
    now = timezone.localtime()
    yesterday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    runs = ProcessingRun.objects.filter(space__in=ids, started_at__gt=now - _WEEK)
    before = Count(TruncDay("started_at"), filter=Q(started_at__lt=yesterday), distinct=True)
    found = runs.values("space_id").annotate(days=before, last=Max("started_at")).order_by()
    return {row["space_id"]: row["last"] for row in found if row["days"] >= _DAYS and row["last"] < yesterday}


def _workers() -> list[Any]:
    """Return a label a kind: how many are alive; red says with what to start it. Before them what stops it all."""
    trouble = relay_health.failing()
    sentences = [durability.sentence(), relay_health.sentence(trouble) if trouble else ""]
    stops = [state("bad", "error", sentence) for sentence in sentences if sentence]
    relay = [] if trouble else [state("good", "check_circle", _("mail relay"))]
    kinds = (
        ("clock", _("clock"), "clock"),
        ("cluster", _("cluster"), "qcluster"),
        ("sender", _("senders"), "sender"),
    )
    return [
        *stops,
        *relay,
        *_alive(kinds),
    ]


def _alive(kinds: Any) -> list[Any]:
    return [
        state("good", "check_circle", f"{name}: {alive}")
        if (alive := workers.alive(kind).count())
        else _missing(name, command)
        for kind, name, command in kinds
    ]


def _missing(name: str, command: str) -> SafeString:
    """Return a label that fits a narrow card, and beside it what to do."""
    label = state("bad", "error", _("%(name)s: none alive") % {"name": name})
    return format_html("{} {}", label, _("Start it with manage.py %(command)s.") % {"command": command})
