"""Home: what needs somebody now, each number a link; what goes out, live; what is next; the health of the parts."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries.admin.communicate.failed import failed_runs, runs_of
from deliveries.admin.communicate.rows import dress
from deliveries.admin.runs.check_bundle import BundleForm
from deliveries.admin.shell import health
from deliveries.admin.shell.badges import delivery_state
from deliveries.admin.shell.consent import newsletters_without_basis
from deliveries.models import Delivery, DeliveryStatus, Newsletter, ProcessingRun, RunStatus, SftpSpace
from recipients.admin.access import OPERATORS, may
from recipients.ids import id_in

_MOVING, _RESTING = 2, 10
_GOING: Final = (DeliveryStatus.SENDING, DeliveryStatus.PAUSED)
_NEXT: Final = 5
_SHOWN: Final = 10  # deliveries going out: Home is asked anew every few seconds


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add everything to the index page."""
    steps = _steps(request)
    after = _newest_run(request) if steps["never_sent"] else None
    no_basis = newsletters_without_basis(scoped(request, Newsletter))
    context.update({"title": _("Home"), "no_basis": no_basis, **facts(request), **steps, "after": after})
    return context


def facts(request: HttpRequest) -> dict[str, Any]:
    """Return what changes by itself: cards, what goes out, what is next, the health strip."""
    deliveries = scoped(request, Delivery).filter(type="normal").select_related("newsletter", "account", "filter")
    page = admin.site.get_model_admin(Delivery)
    going = list(deliveries.filter(status__in=_GOING).order_by("-started_at")[:_SHOWN])
    dress(request, page, going)
    return {
        "cards": _cards(deliveries, failed_runs(request)),
        "going": [(row, delivery_state(row.status), row.links[:1]) for row in going],
        "next": deliveries.filter(status=DeliveryStatus.SCHEDULED).order_by("start_at")[:_NEXT],
        "may_create": may(request, None, OPERATORS),
        "every": _MOVING if going else _RESTING,
        **health.strip(scoped(request, SftpSpace)),
    }


def urls() -> list[URLPattern]:
    """Return the address of the live part."""
    return [path("home/live/", admin.site.admin_view(live), name="home_live")]


def live(request: HttpRequest) -> HttpResponse:
    """Return the part of Home that changes; where the page shows the three steps, the first run opens by itself."""
    after = id_in(request.GET.get("after", ""))
    context = {**facts(request), "after": after, "go": ""}
    if after is not None and (run := _newest_run(request)) > after:
        context["go"] = reverse("admin:deliveries_processingrun_change", args=[run])
    return TemplateResponse(request, "campaign/home_live.html", context)


def _newest_run(request: HttpRequest) -> int:
    return scoped(request, ProcessingRun).order_by("-pk").values_list("pk", flat=True).first() or 0


def scoped(request: HttpRequest, model: Any) -> Any:
    """Return the rows of the accounts in which the user may read."""
    return admin.site.get_model_admin(model).get_queryset(request)


def _cards(deliveries: Any, runs: Any) -> list[dict[str, Any]]:
    listed = reverse("admin:deliveries_delivery_changelist")
    lately = _lately("ended_at")
    failed = deliveries.filter(status=DeliveryStatus.FAILED, **lately).count() + runs_of(runs, lately).count()
    scheduled = deliveries.filter(status=DeliveryStatus.SCHEDULED)
    counts = (
        (_("Waiting for an operator"), deliveries.filter(status=DeliveryStatus.READY).count(), {"tab": "ready"}),
        (_("Going out now"), deliveries.filter(status__in=_GOING).count(), {"tab": "processing"}),
        (_("Failed, last 7 days"), failed, {"tab": "failed", **lately}),
        (_("Scheduled"), scheduled.count(), {"tab": "scheduled"}),
    )
    return [
        {"label": label, "count": number, "url": f"{listed}?{urlencode(asked)}"} for label, number, asked in counts
    ]


def _lately(field: str) -> dict[str, Any]:
    """Return what picks a moment of the last 7 days, in the words of the lists' own filter, so that both agree."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return {f"{field}__gte": today - timedelta(days=7), f"{field}__lt": today + timedelta(days=1)}


def _steps(request: HttpRequest) -> dict[str, Any]:
    """Return the three steps of an account that never had a run: its own newsletter, and where its space is."""
    if scoped(request, Delivery).exists() or scoped(request, ProcessingRun).filter(status__in=_WELL).exists():
        return {"never_sent": False}
    newsletters = [row for row in scoped(request, Newsletter)[:20] if may(request, row.account_id, OPERATORS)]
    spaces = [row for row in scoped(request, SftpSpace)[:20] if may(request, row.account_id, OPERATORS)]
    return {
        "never_sent": True,
        "first_newsletter": next(iter(newsletters), None),
        "first_space": next(iter(spaces), None),
        "bundle": _bundle_form(request, spaces) if spaces else None,
    }


def _bundle_form(request: HttpRequest, spaces: list[SftpSpace]) -> BundleForm:
    """Return the form of Check a bundle, to be sent from here; its page answers."""
    mine = scoped(request, SftpSpace).filter(pk__in=[space.pk for space in spaces])
    return BundleForm(spaces=mine, initial={"space": spaces[0]}, auto_id="bundle-%s")


_WELL: Final = (RunStatus.SUCCESS, RunStatus.RECOVERED)
