"""What helps a run that failed, by the code of its fault: one or two sentences for operators (reference 4.1)."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SERVER: Final = _("Retry when the SFTP server answers again.")
_RIGHTS: Final = _("Give the SFTP user the right that the sentence names, then retry.")
_DATABASE: Final = _("Retry: the database was away, the bundle is not at fault.")
_LOCK: Final = _("Retry when nobody holds the database any more.")
LOG: Final = _("Have the log read for what crashed, then retry.")
_AREA: Final = _("Mend here what the sentence names, then retry: the bundle is taken as it was received.")
_EITHER: Final = _(
    "Mend in the account what the sentence names, then retry; or check a mended XML with “Check a mended XML”, "
    "then have it dropped again."
)
_LIST: Final = _(
    "Mend in the account what the sentence names, then retry; or have the bundle dropped again with a mended list."
)
_HOST: Final = _("Retry when the host gives what the message includes.")
_SPACE: Final = _("Put on the space what was not there, then retry: only that is looked for again.")
CLIENT: Final = _(
    "A retry meets the same mistake, for the bundle is taken as it was received: the client sends a mended one."
)
MENDED: Final = _(
    "A retry meets the same mistake, for the bundle is taken as it was received: check a mended XML with “Check a "
    "mended XML”, then have it dropped again, or put it on the space with “Check a bundle”."
)
GOOD_ROWS: Final = _("Load the good rows anyway, or have the client send a mended list.")
KEYS: Final = _("Its keys were not accepted: the client drops it again with the right ones.")
NO_FILES: Final = _("Its files are no longer kept: the client drops it again.")
NOTHING: Final = _("There is nothing to mend.")

ADVICE: Final[dict[str, Promise]] = {
    **dict.fromkeys(("SFTP_CONNECT", "SFTP_TIMEOUT", "SFTP_CUT", "SFTP_AUTH", "HOST_KEY_CHANGED"), _SERVER),
    **dict.fromkeys(("SEMAPHORE_DENIED", "SFTP_DENIED", "SFTP_REFUSED"), _RIGHTS),
    "DATABASE_AWAY": _DATABASE,
    "LOCKED": _LOCK,
    "QUARANTINED": LOG,
    **dict.fromkeys(("ACCOUNT_INACTIVE", "DATABASE_NO_CODE", "NO_CODE_FIELD"), _AREA),
    **dict.fromkeys(
        ("CHANNEL_OFF", "REF_NEWSLETTER", "REF_FILTER", "REF_TEMPLATE", "FILTER_USE", "FILTER_ARCHIVED",
         "FILTER_BROKEN", "DATABASE_READ_ONLY", "FROM_NOT_ALLOWED", "SUBJECT_MISSING", "REPLY_TO_MISSING",
         "CONTENT_MISSING", "CONTENT_NONE", "NOBODY", "FIELD_UNKNOWN", "TPL_UNKNOWN_FIELD", "FETCH_HOST"),
        _EITHER,
    ),
    "CSV_UNKNOWN_COLUMN": _LIST,
    **dict.fromkeys(("FETCH_FAILED", "FETCH_TYPE", "FETCH_TOO_LARGE", "FETCH_ADDRESS", "FETCH_PRIVATE"), _HOST),
    **dict.fromkeys(("BND_NO_XML", "REF_MISSING", "AMBIGUOUS_NAMES", "NOT_REGULAR_FILE", "SFTP_CHANGED"), _SPACE),
}  # fmt: skip
