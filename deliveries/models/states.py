"""Every state and the moves between them (reference 4.1, 5.1, 6)."""

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    NEW = "new", _("draft")
    PREPARING = "preparing", _("preparing")
    READY = "ready", _("ready")
    SCHEDULED = "scheduled", _("scheduled")
    SENDING = "sending", _("sending")
    PAUSED = "paused", _("paused")
    SENT = "sent", _("sent")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")


_D = DeliveryStatus

# `new` and `preparing` are of deliveries that are made by hand.
DELIVERY_MOVES: Final[Mapping[DeliveryStatus, frozenset[DeliveryStatus]]] = {
    _D.NEW: frozenset({_D.PREPARING, _D.READY, _D.SCHEDULED}),  # scheduled at once: the copy that a test is
    _D.PREPARING: frozenset({_D.READY, _D.SCHEDULED}),
    _D.READY: frozenset({_D.SCHEDULED, _D.FAILED}),
    _D.SCHEDULED: frozenset({_D.SCHEDULED, _D.READY, _D.SENDING, _D.FAILED}),  # scheduled anew: for another time
    _D.SENDING: frozenset({_D.PAUSED, _D.SENT, _D.STOPPED, _D.FAILED}),
    _D.PAUSED: frozenset({_D.SENDING, _D.STOPPED}),
    _D.SENT: frozenset({_D.SENDING}),  # what was in doubt is sent again, or a late 4xx came
    _D.STOPPED: frozenset(),
    _D.FAILED: frozenset({_D.READY}),
}


# Where an operator may still change the content or delete.
EDITABLE: Final = frozenset({_D.NEW, _D.READY, _D.SCHEDULED})
DELETABLE: Final = EDITABLE | {_D.FAILED}


class MessageStatus(models.TextChoices):
    """`sending` lies between the committed intent and the committed result; figures count it as pending."""

    PENDING = "pending", _("pending")
    SENDING = "sending", _("being sent")
    DEFERRED = "deferred", _("deferred")
    IN_DOUBT = "in_doubt", _("in doubt")
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("bounced")
    ERROR = "error", _("error")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")
    BLACKLIST = "blacklist", _("blacklisted")
    TEMPORARY_BLACKLIST = "temporary_blacklist", _("temporarily blacklisted")


_M = MessageStatus

_WAITS: Final = frozenset(
    {
        _M.SENDING, _M.BOUNCED, _M.ERROR, _M.EXPIRED, _M.CANCELLED, _M.BLACKLIST, _M.TEMPORARY_BLACKLIST,
        _M.IN_DOUBT,  # one that may have arrived at an earlier attempt and is given up
    }
)  # fmt: skip
MESSAGE_MOVES: Final[Mapping[MessageStatus, frozenset[MessageStatus]]] = {
    # What waits to be sent again out of doubt may turn out to have arrived before.
    _M.PENDING: _WAITS | {_M.DEFERRED, _M.DELIVERED},
    _M.DEFERRED: _WAITS | {_M.DELIVERED},
    _M.SENDING: frozenset({_M.DELIVERED, _M.DEFERRED, _M.BOUNCED, _M.IN_DOUBT, _M.CANCELLED}),
    _M.IN_DOUBT: frozenset({_M.DELIVERED, _M.DEFERRED, _M.BOUNCED, _M.PENDING, _M.CANCELLED}),
    _M.DELIVERED: frozenset({_M.BOUNCED}),  # a later DSN
    _M.BOUNCED: frozenset(),
    _M.ERROR: frozenset(),
    _M.EXPIRED: frozenset(),
    _M.CANCELLED: frozenset(),
    _M.BLACKLIST: frozenset(),
    _M.TEMPORARY_BLACKLIST: frozenset(),
}

# A delivery that is going out is over when no message is in one of these.
OPEN_MESSAGES: Final = frozenset({_M.PENDING, _M.SENDING, _M.DEFERRED})
# What no attempt is under way for.
WAITING_MESSAGES: Final = frozenset({_M.PENDING, _M.DEFERRED})


class RunStatus(models.TextChoices):
    LOADING = "LOADING", _("loading")
    SUCCESS = "SUCCESS", _("success")
    ERROR = "ERROR", _("error")
    RECOVERED = "RECOVERED", _("recovered")


class SubStatus(models.TextChoices):
    """The steps of a run in the order of a good one, then the ways it ends badly or waits."""

    SEMAPHORE_FOUND = "SEMAPHORE_FOUND"
    XML_CONFIGURATION_FILE_FOUND = "XML_CONFIGURATION_FILE_FOUND"
    DOWNLOAD_XML_COMPLETED = "DOWNLOAD_XML_COMPLETED"
    USER_REQUESTING = "USER_REQUESTING"
    DOWNLOAD_CSV_ZIP_COMPLETED = "DOWNLOAD_CSV_ZIP_COMPLETED"
    SEMAPHORE_DELETED = "SEMAPHORE_DELETED"
    RECIPIENTS_UPLOAD_STARTED = "RECIPIENTS_UPLOAD_STARTED"
    RECIPIENTS_ADDED = "RECIPIENTS_ADDED"
    RECIPIENTS_UPLOAD_FINISHED = "RECIPIENTS_UPLOAD_FINISHED"
    QUALIFIER_ID = "QUALIFIER_ID"
    QUALIFIER_TEST_ID = "QUALIFIER_TEST_ID"
    DELIVERY_CONTENT = "DELIVERY_CONTENT"
    DELIVERY_ID = "DELIVERY_ID"
    DELIVERY_ID_TEST = "DELIVERY_ID_TEST"
    DELIVERY_STARTED = "DELIVERY_STARTED"
    DELIVERY_FINISHED = "DELIVERY_FINISHED"
    XML_ERROR = "XML_ERROR"
    XMLD_CONFIGURATION_ERROR = "XMLD_CONFIGURATION_ERROR"
    API_COMMUNICATION_ERROR = "API_COMMUNICATION_ERROR"
    SERVER_COMMUNICATION_ERROR = "SERVER_COMMUNICATION_ERROR"
    GENERIC_ERROR = "GENERIC_ERROR"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    DUPLICATE_HELD = "DUPLICATE_HELD"
    LOCK_WAIT = "LOCK_WAIT"
    QUARANTINED = "QUARANTINED"
    DISCARDED = "DISCARDED"
