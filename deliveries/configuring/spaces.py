"""A space's settings (reference 1): what is kept here, polling and the bundled SFTP server take."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from deliveries import sftp_usernames
from deliveries.configuring import addresses
from deliveries.configuring.validation import Check, ValidationResult
from deliveries.errors import ClientError
from deliveries.models import SftpSpace

_PLAIN: Final[Mapping[str, Check]] = {
    "notify": addresses.few_mailboxes,
}
_USERNAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


def validate_space(values: Mapping[str, Any], space: SftpSpace) -> ValidationResult:
    """Check those settings that are among `values`, for a space of this account; `embedded` may be one of them."""
    result = ValidationResult()
    result.take(values, _PLAIN)
    if values.get("embedded", space.embedded):
        result.take(values, {"username": lambda text: _username(text, space)})
    return result


def _username(text: str, space: SftpSpace) -> str:
    """Return a user name of the bundled SFTP server, which is also the name of a folder there.

    Letter case makes no difference, as on some machines it makes none between folders.
    """
    if not _USERNAME.fullmatch(text):
        raise ClientError("USERNAME", _("Write letters, digits and . _ - (100 at most), no dot at the beginning."))
    others = SftpSpace.objects.filter(embedded=True, username__iexact=text)
    others = others.exclude(pk=space.pk) if space.pk else others
    if others.exists() or (space.account_id and sftp_usernames.is_taken(text, space.account_id)):
        sentence = _("Another space of the bundled server has this user name: choose another.")
        raise ClientError("USERNAME_TAKEN", sentence)
    return text
