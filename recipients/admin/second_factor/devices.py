"""A person's second factor: an authenticator app (RFC 6238) and ten codes for the day on which it is lost."""

import base64
from io import BytesIO
from typing import Final

import qrcode
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from recipients import audit
from recipients.models import Membership, User

CODES: Final = 10
_APP: Final = "app"
_CODES: Final = "recovery codes"


def app_of(user: User) -> TOTPDevice | None:
    """Return the app that was set up, or None."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def prepare_app(user: User) -> TOTPDevice:
    """Return the app that waits for its first code, with a secret that stays the same until then."""
    device, _made = TOTPDevice.objects.get_or_create(user=user, name=_APP, confirmed=False)
    return device


def secret_of(device: TOTPDevice) -> str:
    """Return the secret in base32, as it is typed where no picture can be read."""
    return base64.b32encode(device.bin_key).decode("ascii").rstrip("=")


def picture_of(device: TOTPDevice) -> str:
    """Return the code that an app reads, as an address of the picture itself (SVG)."""
    image = qrcode.make(device.config_url, image_factory=SvgPathImage, box_size=8)
    file = BytesIO()
    image.save(file)
    return f"data:image/svg+xml;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def confirm_app(device: TOTPDevice, code: str) -> list[str] | None:
    """Set the app up where the code is its own; returns the recovery codes, shown only now, or None."""
    with transaction.atomic():
        locked = TOTPDevice.objects.select_for_update().filter(pk=device.pk, confirmed=False).first()
        allowed, _why = locked.verify_is_allowed() if locked else (False, None)
        if locked is None or not allowed or not locked.verify_token(code):
            return None
        locked.confirmed = True
        locked.save()
        _record(locked.user, audit.Verb.SECOND_FACTOR_SET)
        return new_codes(locked.user)


def new_codes(user: User) -> list[str]:
    """Put ten new recovery codes in the place of the old ones and return them."""
    with transaction.atomic():
        device, _made = StaticDevice.objects.get_or_create(user=user, name=_CODES)
        device.token_set.all().delete()
        codes = [StaticToken.random_token() for _number in range(CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
        _record(user, audit.Verb.RECOVERY_CODES_MADE)
    return codes


def codes_left(user: User) -> int:
    """Return how many recovery codes were not used yet."""
    return int(StaticToken.objects.filter(device__user=user).count())


def remove(user: User, *, actor: User) -> None:
    """Take the second factor away: at the next log-in there is none, or a new one is set up."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        _record(user, audit.Verb.SECOND_FACTOR_REMOVED, actor=actor)


def _record(user: User, verb: audit.Verb, *, actor: User | None = None) -> None:
    """Tell it in each account to which the person belongs, or as the platform's own."""
    accounts: list[int | None] = list(Membership.objects.filter(user=user).values_list("account_id", flat=True))
    for account in accounts or [None]:
        audit.record(account, actor or user, verb, user)
