"""A space's settings (reference 1): what is kept here, polling and the bundled SFTP server take."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from deliveries.configuring import addresses, numbers
from deliveries.configuring.verdict import Judge, Verdict, fault
from deliveries.models import SftpSpace

_PLAIN: Final[Mapping[str, Judge]] = {
    "notify": addresses.mailboxes,
    **numbers.judges("port", "poll_seconds", "duplicate_window_minutes", "bad_rows_limit"),
}
_USERNAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


def judge_space(values: Mapping[str, Any], *, embedded: bool, own: int | None) -> Verdict:
    """Judge those settings that are among `values`; `own` is the id of the space if it has one."""
    verdict = Verdict()
    verdict.take(values, _PLAIN)
    if embedded:
        verdict.take(values, {"username": lambda text: _username(text, own)})
    return verdict


def _username(text: str, own: int | None) -> str:
    """Return a user name of the bundled SFTP server, which is also the name of a folder there.

    Letter case makes no difference, as on some machines it makes none between folders.
    """
    if not _USERNAME.fullmatch(text):
        raise fault("USERNAME", _("Write letters, digits and . _ - (100 at most), no dot at the beginning."))
    of_name = SftpSpace.objects.filter(embedded=True, username__iexact=text)
    if (of_name if own is None else of_name.exclude(pk=own)).exists():
        sentence = _("Another space of the bundled server has this user name: choose another.")
        raise fault("USERNAME_TAKEN", sentence)
    return text
