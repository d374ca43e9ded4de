"""What can still be done about a run that failed, by its code (reference 4.1)."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deliveries.models import ProcessingRun, RunFile, RunStatus, SubStatus

_TOO_MANY_BAD: Final = "CSV_TOO_MANY_ERRORS"


class Hindrance(Enum):
    """Why a run can't be retried at all."""

    STATE = "it is not in ERROR, or was discarded"
    KEYS = "its keys were never accepted"
    NO_FILES = "its files are no longer kept"


@dataclass(frozen=True, slots=True)
class Advice:
    """What helps: `retry` where it may go well now or once `words` is done; `words` are one or two sentences.

    `good_rows`: the list has rows that can be loaded without the bad ones. `mended_xml`: a mended XML can be
    checked against the files that are kept.
    """

    retry: bool
    words: Promise
    good_rows: bool = False
    mended_xml: bool = False


_SERVER: Final = _("Retry when the SFTP server answers again.")
_RIGHTS: Final = _("Give the SFTP user the right that the sentence names, then retry.")
_DATABASE: Final = _("Retry: the database was away, the bundle is not at fault.")
_LOCK: Final = _("Retry when nobody holds the database any more.")
_LOG: Final = _("Have the log read for what crashed, then retry.")
_AREA: Final = _("Mend here what the sentence names, then retry: the bundle is taken as it was received.")
_HOST: Final = _("Retry when the host gives what the message includes.")
_SPACE: Final = _("Put on the space what was not there, then retry: only that is looked for again.")
_CLIENT: Final = _(
    "A retry meets the same mistake, for the bundle is taken as it was received: the client sends a mended one."
)
_GOOD_ROWS: Final = _("Load the good rows anyway, or have the client send a mended list.")
_KEYS: Final = _("Its keys were not accepted: the client drops it again with the right ones.")
_NO_FILES: Final = _("Its files are no longer kept: the client drops it again.")
_NOTHING: Final = _("There is nothing to mend.")

WORDS: Final[dict[str, Promise]] = {
    **dict.fromkeys(("SFTP_CONNECT", "SFTP_TIMEOUT", "SFTP_CUT", "SFTP_AUTH", "HOST_KEY_CHANGED"), _SERVER),
    **dict.fromkeys(("SEMAPHORE_DENIED", "SFTP_DENIED", "SFTP_REFUSED"), _RIGHTS),
    "DATABASE_AWAY": _DATABASE,
    "LOCKED": _LOCK,
    "QUARANTINED": _LOG,
    **dict.fromkeys(
        ("ACCOUNT_INACTIVE", "CHANNEL_OFF", "REF_NEWSLETTER", "REF_FILTER", "REF_TEMPLATE", "FILTER_USE",
         "FILTER_ARCHIVED", "FILTER_BROKEN", "DATABASE_READ_ONLY", "DATABASE_NO_CODE", "FROM_NOT_ALLOWED",
         "SUBJECT_MISSING", "REPLY_TO_MISSING", "CONTENT_MISSING", "CONTENT_NONE", "NOBODY", "FIELD_UNKNOWN",
         "CSV_UNKNOWN_COLUMN", "TPL_UNKNOWN_FIELD", "FETCH_HOST", "NO_CODE_FIELD"),
        _AREA,
    ),
    **dict.fromkeys(("FETCH_FAILED", "FETCH_TYPE", "FETCH_TOO_LARGE", "FETCH_ADDRESS", "FETCH_PRIVATE"), _HOST),
    **dict.fromkeys(("BND_NO_XML", "REF_MISSING", "AMBIGUOUS_NAMES", "NOT_REGULAR_FILE", "SFTP_CHANGED"), _SPACE),
}  # fmt: skip

_HINDERED: Final[dict[Hindrance, Promise]] = {
    Hindrance.KEYS: _KEYS,
    Hindrance.NO_FILES: _NO_FILES,
    Hindrance.STATE: _NOTHING,
}


def hindrance(run: ProcessingRun) -> Hindrance | None:
    """Return why the run can't be retried, None where it can."""
    received = RunFile.objects.filter(run=run, role="xml").first()
    if run.code == "AUTH_FAILED" or (run.member_id is None and received is not None):
        return Hindrance.KEYS
    if received is not None and not received.place.is_file():
        return Hindrance.NO_FILES
    if run.status != RunStatus.ERROR or run.sub_status == SubStatus.DISCARDED:
        return Hindrance.STATE
    return None


def has_good_rows(run: ProcessingRun) -> bool:
    """Return whether only the share of bad rows kept the good ones from being loaded."""
    return run.status == RunStatus.ERROR and run.code == _TOO_MANY_BAD and bool(run.rows_loadable)


def advice(run: ProcessingRun) -> Advice:
    """Return what can be done about a run in ERROR."""
    hindered = hindrance(run)
    if hindered is not None:
        return Advice(retry=False, words=_HINDERED[hindered])
    of_the_bundle = run.sub_status in {SubStatus.XML_ERROR, SubStatus.XMLD_CONFIGURATION_ERROR}
    mended_xml = of_the_bundle and RunFile.objects.filter(run=run, role="xml").exists() and run.code != "LOCKED"
    if has_good_rows(run):
        return Advice(retry=False, words=_GOOD_ROWS, good_rows=True, mended_xml=mended_xml)
    if run.code in WORDS:
        return Advice(retry=True, words=WORDS[run.code], mended_xml=mended_xml)
    return Advice(retry=not of_the_bundle, words=_CLIENT if of_the_bundle else _LOG, mended_xml=mended_xml)
