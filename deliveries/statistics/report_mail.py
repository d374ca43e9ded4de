"""The statistics of a delivery by mail, as its bundle asked for them (reference 2.3, schedule_report)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Lower, Now
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from deliveries import conf
from deliveries.errors import ServiceError
from deliveries.models import Delivery, DeliveryStatus, ReportPlan
from deliveries.relay import operator_mail
from deliveries.statistics.report import report
from deliveries.statistics.report_file import report_csv
from deliveries.statistics.words import FIGURES, RATES, in_words, percent
from recipients.models import Membership, Role, User

STARTED: Final = (DeliveryStatus.SENDING, DeliveryStatus.PAUSED, DeliveryStatus.SENT, DeliveryStatus.STOPPED)

MOST_LINKS: Final = 10  # the file beside it has them all


def send(plan_id: int) -> str:
    """Mail it once, when it is due: the row is claimed before, and given back when the relay did not take it."""
    due = ReportPlan.objects.filter(pk=plan_id, sent_at=None, due_at__lte=Now(), delivery__status__in=STARTED)
    if not due.update(sent_at=Now()):
        return f"report {plan_id}: nothing to mail"
    plan = ReportPlan.objects.select_related(
        "delivery__account", "delivery__newsletter", "delivery__database", "delivery__filter"
    ).get(pk=plan_id)
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


def _all_see_people(delivery: Delivery, to: list[str]) -> bool:
    blind = Membership.objects.filter(account=delivery.account_id, role=Role.REVIEWER, personal_data=False)
    addresses = blind.annotate(lower=Lower("user__email")).values_list("lower", flat=True)
    return not {address.lower() for address in to} & set(addresses)


def render(delivery: Delivery, to: list[str]) -> EmailMultiAlternatives:
    """Return the mail in the account's language: text, the same as HTML, and everything as a CSV."""
    document = report(delivery, people=_all_see_people(delivery, to))
    with translation.override(delivery.account.language):
        subject = _("Statistics of «%(title)s»") % {"title": delivery.title}
        tables = _tables(document)
        mail = operator_mail.draft(to, subject, _lines(delivery, tables))
        context = {
            "delivery": delivery,
            "subject": subject,
            "tables": tables,
            "url": _address(delivery),
            "language": translation.get_language(),
        }
        mail.attach_alternative(render_to_string("mails/statistics.html", context), "text/html")
    mail.attach(f"statistics-{delivery.pk}.csv", report_csv(document), "text/csv")
    return mail


def _tables(document: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the figures, the rates and the most clicked links as rows of words."""
    counted, links = document["figures"], document["links"]
    numbers = [
        (str(FIGURES[name]), in_words(number))
        for name, number in counted.items()
        if number != 0 or name in {"size", "delivered"}
    ]
    rates = [(str(RATES[name]), percent(rate)) for name, rate in document["rates"].items() if rate is not None]
    clicked = sorted((link for link in links if link["clicks"]), key=lambda link: -link["clicks"])[:MOST_LINKS]
    lines = [(str(link["url"] or _("other addresses")), in_words(link["clicks"])) for link in clicked]
    tables = [(_("Figures"), numbers), (_("Rates"), rates), (_("Most clicked links"), lines)]
    return [(name, rows) for name, rows in tables if rows]


def _lines(delivery: Delivery, tables: Iterable[tuple[str, list[tuple[str, str]]]]) -> Iterator[str]:
    yield _("Delivery %(id)s «%(title)s»: %(state)s") % {
        "id": delivery.pk,
        "title": delivery.title,
        "state": delivery.get_status_display(),
    }
    for _name, rows in tables:
        yield ""
        for label, value in rows:
            yield f"{label}: {value}"
    yield ""
    yield _address(delivery)


def _address(delivery: Delivery) -> str:
    return f"{conf.admin_url()}/deliveries/delivery/{delivery.pk}/change/"
