"""Keys and account (reference 2.1): who may drop bundles here."""

from django.contrib.auth.hashers import check_password, make_password

from deliveries.intake.instructions import Instructions
from deliveries.intake.mistakes import refused
from deliveries.models import SftpSpace
from recipients.models import Account, Membership


def authenticate(instructions: Instructions, account: Account | SftpSpace) -> Membership:
    """Return whose key it is; raises BundleError AUTH_FAILED, whatever is wrong with suid or key.

    The key must be the one given to that user for the space's account. A suid that nobody has costs the same
    time as a key that is wrong.
    """
    owner = account.account if isinstance(account, SftpSpace) else account
    member = (
        Membership.objects.select_related("user", "account")
        .filter(account=owner, user__suid=instructions.suid, user__is_active=True)
        .exclude(key_hash="")
        .first()
    )
    if member is None:
        make_password(instructions.key)
        raise refused("AUTH_FAILED", instructions, "auth/key")
    if not check_password(instructions.key, member.key_hash):
        raise refused("AUTH_FAILED", instructions, "auth/key")
    return member


def check_still(instructions: Instructions, member: Membership | None) -> Membership:
    """Return the member of a run that is retried, whose key is masked by now, if they still may (reference 1)."""
    if member is None or not member.user.is_active or not member.key_hash:
        raise refused("AUTH_FAILED", instructions, "auth/key")
    return member


def check_active(instructions: Instructions, account: Account) -> None:
    """Raise BundleError ACCOUNT_INACTIVE where XML Delivery is not switched on."""
    if not account.xml_delivery:
        raise refused("ACCOUNT_INACTIVE", instructions, "")
