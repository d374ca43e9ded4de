"""A mail to whoever started a delivery that took long: it is sent, and how it went (reference 5.1)."""

from django.db.models.functions import Now
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from deliveries import conf
from deliveries.audit import Verb
from deliveries.errors import ServiceError
from deliveries.models import Activity, Delivery, DeliveryStatus
from deliveries.relay import operator_mail
from deliveries.statistics.figures import figures
from recipients.models import User


def send(delivery_id: int) -> str:
    """Mail it once: the delivery is claimed before, and given back when the relay did not take the mail."""
    sent = Delivery.objects.filter(pk=delivery_id, status=DeliveryStatus.SENT)
    if not sent.filter(told_at=None).update(told_at=Now()):
        return f"delivery {delivery_id}: nothing to tell"
    delivery = sent.get()
    person = _starter(delivery)
    if person is None:
        return f"delivery {delivery_id}: nobody to tell"
    counted = figures([delivery_id])[delivery_id]
    numbers = {
        "title": delivery.title,
        "delivered": number_format(counted["delivered"] or 0, force_grouping=True),
        "bounced": number_format(counted["bounced"] or 0, force_grouping=True),
    }
    with translation.override(person.language or None):
        mail = operator_mail.draft(
            [person.email],
            _("«%(title)s» is sent: %(delivered)s delivered") % numbers,
            [
                _("%(delivered)s delivered, %(bounced)s bounced.") % numbers,
                "",
                f"{conf.admin_url()}/deliveries/delivery/{delivery_id}/change/?tab=statistics",
            ],
        )
    try:
        operator_mail.hand_over(mail)
    except ServiceError as error:
        sent.update(told_at=None)
        return f"delivery {delivery_id}: {error.message}"
    return f"delivery {delivery_id}: told"


def _starter(delivery: Delivery) -> User | None:
    """Return who started or scheduled it last, while they are of the account and have an address."""
    acts = Activity.objects.filter(delivery=delivery, verb__in=[Verb.STARTED, Verb.SCHEDULED], actor__isnull=False)
    act = acts.order_by("-id").first()
    if act is None:
        return None
    users = User.objects.filter(memberships__account=delivery.account_id, is_active=True).exclude(email="")
    return users.filter(pk=act.actor_id or 0).first()
