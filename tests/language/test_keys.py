"""Reference 2.1, 1.1: whose bundles are taken."""

import pytest

from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from recipients.models import Membership, User
from tests.language.writing import write


@pytest.mark.parametrize(
    "parts",
    [{"key": "wrong"}, {"suid": "nobody"}, {"suid": "stranger", "key": "stranger-key"}, {"key": "********"}],
)
def test_auth_failed_gives_no_hint_of_what_is_wrong(demo, parts):
    stranger = User.objects.create(username="s", suid="stranger")
    Membership.objects.create(account=demo.other, user=stranger, name="s", key_hash=demo.member.key_hash)
    with pytest.raises(BundleError, match=r"^authentication failed$") as caught:
        rules.authenticate(parse(write(**parts), "x.xml"), demo.account)
    assert (caught.value.code, caught.value.sub_status) == ("AUTH_FAILED", "XMLD_CONFIGURATION_ERROR")
    assert (caught.value.file, caught.value.line) == ("x.xml", 3)


def test_the_key_of_the_spaces_account_opens_it(demo):
    assert rules.authenticate(parse(write(), "x.xml"), demo.space) == demo.member


def test_auth_failed_for_a_user_who_may_no_longer(demo):
    instructions = parse(write(), "x.xml")
    demo.user.is_active = False
    demo.user.save()
    with pytest.raises(BundleError):
        rules.authenticate(instructions, demo.account)
    demo.member.refresh_from_db()
    with pytest.raises(BundleError):
        rules.check_still(instructions, demo.member)
    with pytest.raises(BundleError):
        rules.check_still(instructions, None)


def test_account_inactive(demo):
    demo.account.xml_delivery = False
    with pytest.raises(BundleError, match=r"^XML Delivery is not active for this account$") as caught:
        rules.check_active(parse(write(), "x.xml"), demo.account)
    assert caught.value.code == "ACCOUNT_INACTIVE"
