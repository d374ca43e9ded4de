"""Home: what needs somebody now, each number a link."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from deliveries import workers
from deliveries.admin.shell.badges import space_state
from deliveries.models import Delivery, DeliveryStatus, ProcessingRun, RunStatus, SftpSpace, SubStatus
from deliveries.sending.ledger import durability, relay_health
from recipients.admin.badges import state


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the cards, the next deliveries and the health strip to the index page."""
    deliveries = _scoped(request, Delivery).filter(type="normal")
    runs = _scoped(request, ProcessingRun)
    spaces = _scoped(request, SftpSpace).select_related("account").order_by("name")
    context.update(
        {
            "title": _("Home"),
            "cards": _cards(deliveries, runs),
            "next": deliveries.filter(status=DeliveryStatus.SCHEDULED).order_by("start_at")[:5],
            "spaces": [(space, space_state(space)) for space in spaces[:20]],
            "workers": _workers(),
            "never_sent": not deliveries.exists() and not runs.exists(),
        }
    )
    return context


def _scoped(request: HttpRequest, model: Any) -> Any:
    return admin.site.get_model_admin(model).get_queryset(request)


def _cards(deliveries: Any, runs: Any) -> list[dict[str, Any]]:
    listed = reverse("admin:deliveries_delivery_changelist")
    run_list = reverse("admin:deliveries_processingrun_changelist")
    began, failed_on = _lately("started_at"), _lately("ended_at")
    failed_runs = runs.filter(status=RunStatus.ERROR, **began).exclude(sub_status=SubStatus.DISCARDED)
    failed = deliveries.filter(status=DeliveryStatus.FAILED, **failed_on)
    going = deliveries.filter(status__in=[DeliveryStatus.SENDING, DeliveryStatus.PAUSED])
    return [
        {
            "label": _("Waiting for an operator"),
            "count": deliveries.filter(status=DeliveryStatus.READY).count(),
            "url": f"{listed}?tab=ready",
        },
        {"label": _("Going out now"), "count": going.count(), "url": f"{listed}?tab=processing"},
        {
            "label": _("Failed deliveries, last 7 days"),
            "count": failed.count(),
            "url": f"{listed}?{urlencode({'tab': 'failed', **failed_on})}",
        },
        {
            "label": _("Failed runs, last 7 days"),
            "count": failed_runs.count(),
            "url": f"{run_list}?{urlencode({'status__exact': RunStatus.ERROR, **began})}",
        },
    ]


def _lately(field: str) -> dict[str, Any]:
    """Return what picks a moment of the last 7 days, in the words of the lists' own filter, so that both agree."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return {f"{field}__gte": today - timedelta(days=7), f"{field}__lt": today + timedelta(days=1)}


def _workers() -> list[Any]:
    """Return a label a kind: how many are alive; red says with what to start it. Before them what stops it all."""
    trouble = relay_health.failing()
    sentences = [durability.sentence(), relay_health.sentence(trouble) if trouble else ""]
    stops = [state("bad", "error", sentence) for sentence in sentences if sentence]
    kinds = (
        ("clock", _("clock"), "clock"),
        ("cluster", _("cluster"), "qcluster"),
        ("sender", _("senders"), "sender"),
    )
    return stops + [
        state("good", "check_circle", f"{name}: {alive}")
        if (alive := workers.alive(kind).count())
        else _missing(name, command)
        for kind, name, command in kinds
    ]


def _missing(name: str, command: str) -> SafeString:
    """Return a label that fits a narrow card, and beside it what to do."""
    label = state("bad", "error", _("%(name)s: none alive") % {"name": name})
    return format_html("{} {}", label, _("Start it with manage.py %(command)s.") % {"command": command})
