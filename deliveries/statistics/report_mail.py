"""The statistics of a delivery by mail, as its bundle asked for them (reference 2.3, schedule_report)."""

from collections.abc import Iterator
from typing import Final

from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Lower, Now
from django.utils import translation
from django.utils.translation import gettext as _

from deliveries import conf
from deliveries.errors import ServiceError
from deliveries.models import Delivery, DeliveryStatus, ReportPlan
from deliveries.relay import operator_mail
from deliveries.statistics import figures
from deliveries.statistics.words import FIGURES, RATES
from recipients.models import User

STARTED: Final = (DeliveryStatus.SENDING, DeliveryStatus.PAUSED, DeliveryStatus.SENT, DeliveryStatus.STOPPED)


def send(plan_id: int) -> str:
    """Mail it once, when it is due: the row is claimed before, and given back when the relay did not take it."""
    due = ReportPlan.objects.filter(pk=plan_id, sent_at=None, due_at__lte=Now(), delivery__status__in=STARTED)
    if not due.update(sent_at=Now()):
        return f"report {plan_id}: nothing to mail"
    plan = ReportPlan.objects.select_related("delivery__account").get(pk=plan_id)
    to = still_users(plan)
    if not to:
        return f"report {plan_id}: nobody is left to report to"
    try:
        operator_mail.hand_over(render(plan.delivery, to))
    except ServiceError as error:
        ReportPlan.objects.filter(pk=plan_id).update(sent_at=None)
        return f"report {plan_id}: {error.message}"
    return f"report {plan_id}: mailed to {len(to)}"


def still_users(plan: ReportPlan) -> list[str]:
    """Return the addresses that are still those of the account's users: figures are for nobody else."""
    users = User.objects.filter(memberships__account=plan.delivery.account_id, is_active=True)
    known = set(users.annotate(lower=Lower("email")).values_list("lower", flat=True))
    return [address for address in plan.recipients if address.lower() in known]


def render(delivery: Delivery, to: list[str]) -> EmailMultiAlternatives:
    """Return the mail, in the account's language."""
    with translation.override(delivery.account.language):
        subject = _("Statistics of «%(title)s»") % {"title": delivery.title}
        return operator_mail.draft(to, subject, _lines(delivery))


def _lines(delivery: Delivery) -> Iterator[str]:
    counted = figures.figures([delivery.pk])[delivery.pk]
    yield _("Delivery %(id)s «%(title)s»: %(state)s") % {
        "id": delivery.pk,
        "title": delivery.title,
        "state": delivery.get_status_display(),
    }
    yield ""
    for name, number in counted.items():
        if number or name in {"size", "delivered"}:
            yield f"{FIGURES[name]}: {number}"
    yield ""
    for name, rate in figures.rates(counted).items():
        if rate is not None:
            yield f"{RATES[name]}: {rate:.2%}"
    yield ""
    yield f"{conf.admin_url()}/deliveries/delivery/{delivery.pk}/change/"
