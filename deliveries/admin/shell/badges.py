"""Icon, tone and word of each state of runs, deliveries, spaces and messages."""

from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from deliveries.models import DeliveryStatus, MessageStatus, ProcessingRun, RunStatus, SftpSpace
from deliveries.models.states import SubStatus
from deliveries.statistics.words import FIGURES as FIGURES
from recipients.admin.badges import state

DELIVERY_LOOKS: Final = {
    DeliveryStatus.NEW: ("calm", "edit_note"),
    DeliveryStatus.PREPARING: ("busy", "hourglass_top"),
    DeliveryStatus.READY: ("wait", "pan_tool"),
    DeliveryStatus.SCHEDULED: ("wait", "schedule"),
    DeliveryStatus.SENDING: ("busy", "send"),
    DeliveryStatus.PAUSED: ("wait", "pause_circle"),
    DeliveryStatus.SENT: ("good", "check_circle"),
    DeliveryStatus.STOPPED: ("bad", "stop_circle"),
    DeliveryStatus.FAILED: ("bad", "error"),
}
RUN_LOOKS: Final = {
    RunStatus.LOADING: ("busy", "progress_activity"),
    RunStatus.SUCCESS: ("good", "check_circle"),
    RunStatus.ERROR: ("bad", "error"),
    RunStatus.RECOVERED: ("good", "healing"),
}
MESSAGE_LOOKS: Final = {
    MessageStatus.PENDING: ("calm", "hourglass_empty"),
    MessageStatus.SENDING: ("busy", "send"),
    MessageStatus.DEFERRED: ("wait", "schedule"),
    MessageStatus.IN_DOUBT: ("wait", "help"),
    MessageStatus.DELIVERED: ("good", "mark_email_read"),
    MessageStatus.BOUNCED: ("bad", "undo"),
    MessageStatus.ERROR: ("bad", "error"),
    MessageStatus.EXPIRED: ("bad", "timer_off"),
    MessageStatus.CANCELLED: ("calm", "cancel"),
    MessageStatus.BLACKLIST: ("calm", "block"),
    MessageStatus.TEMPORARY_BLACKLIST: ("calm", "block"),
}
# Where a person must decide, the run's own state alone would look like any error.
WAITING_FOR_A_PERSON: Final = frozenset({SubStatus.DUPLICATE_HELD, SubStatus.QUARANTINED})


def delivery_state(status: str) -> SafeString:
    """Return the label of a delivery's state."""
    known = DeliveryStatus(status)
    return state(*DELIVERY_LOOKS[known], known.label)


def starting_state() -> SafeString:
    """Return the label of a delivery that was told to go and whose people are being chosen."""
    return state("busy", "rocket_launch", _("starting"))


def run_state(run: ProcessingRun) -> SafeString:
    """Return the label of a run's state."""
    known = RunStatus(run.status)
    if run.sub_status in WAITING_FOR_A_PERSON:
        return state("wait", "pan_tool", _("waits for you"))
    return state(*RUN_LOOKS[known], known.label)


def message_state(status: str) -> SafeString:
    """Return the label of a message's state."""
    known = MessageStatus(status)
    return state(*MESSAGE_LOOKS[known], known.label)


def space_state(space: SftpSpace) -> SafeString:
    """Return paused, failing, fine or new; a poll that went well may still leave a sentence to be read."""
    if space.paused_at:
        return state("wait", "pause_circle", _("paused"))
    if space.failing_since:
        return state("bad", "error", _("failing"))
    if space.last_error:
        return state("wait", "warning", _("works, but…"))
    return state("good", "check_circle", _("fine")) if space.last_ok_at else state("calm", "schedule", _("new"))


# What clients and the report know by its code, in words for whoever reads the page.
STEPS: Final = {
    SubStatus.SEMAPHORE_FOUND: _("semaphore found"),
    SubStatus.XML_CONFIGURATION_FILE_FOUND: _("XML found"),
    SubStatus.DOWNLOAD_XML_COMPLETED: _("XML downloaded"),
    SubStatus.USER_REQUESTING: _("account and keys checked"),
    SubStatus.DOWNLOAD_CSV_ZIP_COMPLETED: _("recipients' files downloaded"),
    SubStatus.SEMAPHORE_DELETED: _("semaphore removed"),
    SubStatus.RECIPIENTS_UPLOAD_STARTED: _("loading began"),
    SubStatus.RECIPIENTS_ADDED: _("rows added"),
    SubStatus.RECIPIENTS_UPLOAD_FINISHED: _("loading ended"),
    SubStatus.QUALIFIER_ID: _("filter"),
    SubStatus.QUALIFIER_TEST_ID: _("test filter"),
    SubStatus.DELIVERY_CONTENT: _("content checked"),
    SubStatus.DELIVERY_ID: _("delivery made"),
    SubStatus.DELIVERY_ID_TEST: _("test delivery made"),
    SubStatus.DELIVERY_STARTED: _("delivery handed over"),
    SubStatus.DELIVERY_FINISHED: _("done"),
    SubStatus.XML_ERROR: _("error in the XML"),
    SubStatus.XMLD_CONFIGURATION_ERROR: _("error in what the bundle asks"),
    SubStatus.API_COMMUNICATION_ERROR: _("an interface did not answer"),
    SubStatus.SERVER_COMMUNICATION_ERROR: _("a server did not answer"),
    SubStatus.GENERIC_ERROR: _("error"),
    SubStatus.INTERNAL_ERROR: _("error of ours"),
    SubStatus.DUPLICATE_HELD: _("same content as before: held"),
    SubStatus.LOCK_WAIT: _("waits for the database"),
    SubStatus.QUARANTINED: _("put aside after three crashes"),
    SubStatus.DISCARDED: _("discarded"),
}


def step(sub_status: str) -> StrOrPromise:
    """Return a sub-status in words."""
    return STEPS.get(SubStatus(sub_status), sub_status)
