"""Before and after: back to ready, duplicate, delete."""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.admin.deliveries import progress
from deliveries.models import Delivery, DeliveryStatus
from deliveries.models.states import DELETABLE
from deliveries.sending.lifecycle import control, drafts
from recipients.admin.dialogs import Dialog, Done, Question
from recipients.models import User

_Data = dict[str, Any]


def _retry(row: Delivery, user: User, _data: _Data) -> str:
    control.retry(row.pk, actor=user)
    return _("«%(title)s» is ready and waits for you.") % {"title": row.title}


def _ask_delete(row: Delivery) -> Question:
    return Question(
        _("Delete «%(title)s»?") % {"title": row.title},
        [_("Its message, its labels and its place in the lists go; its recipients stay in the database.")],
        warning=_("This cannot be undone."),
    )


def _delete(row: Delivery, user: User, _data: _Data) -> str:
    control.delete(row.pk, actor=user)
    return _("«%(title)s» is deleted.") % {"title": row.title}


def _duplicate(row: Delivery, user: User, _data: _Data) -> Done:
    made = drafts.duplicate(row.pk, actor=user)
    url = reverse("admin:deliveries_delivery_edit", args=[made.pk, "message"])
    return Done(_("This is a copy of «%(title)s»: change what differs.") % {"title": row.title}, url)


DIALOGS: Final = (
    Dialog(
        "retry",
        lazy("Retry"),
        "replay",
        lambda row: Question(
            _("Take «%(title)s» back to ready?") % {"title": row.title}, [row.note] if row.note else []
        ),
        _retry,
        offered=lambda row: row.status == DeliveryStatus.FAILED and row.copies_of is None,
    ),
    Dialog(
        "duplicate",
        lazy("Duplicate"),
        "content_copy",
        lambda row: Question(
            _("Duplicate «%(title)s»?") % {"title": row.title},
            [_("A draft is made with its recipients, message, labels and options; nothing is sent.")],
        ),
        _duplicate,
        offered=lambda row: row.type == "normal",
    ),
)
DELETE: Final = Dialog(
    "delete",
    lazy("Delete"),
    "delete",
    _ask_delete,
    _delete,
    offered=lambda row: row.status in DELETABLE and not progress.about_to_start(row),
    variant="danger",
    leaves=True,
)
