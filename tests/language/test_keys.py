"""Reference 2.1: whose bundles are taken."""

import re

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import make_password

from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from deliveries.models import ProcessingRun, RunFile, RunTransition
from recipients.models import Membership, User
from tests.language.writing import write


@pytest.mark.sentence("2.1-04", "2.1-05")
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


@pytest.mark.sentence("2.1-03")
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


@pytest.mark.sentence("2.1-01")
@pytest.mark.parametrize("name", ["suid", "key"])
def test_suid_and_key_are_both_mandatory(name):
    without = re.sub(rf"<{name}>.*?</{name}>", "", write().decode()).encode()
    with pytest.raises(BundleError) as caught:
        parse(without, "x.xml")
    assert (caught.value.sub_status, caught.value.code) == ("XML_ERROR", "XML_MISSING_ELEMENT")
    assert f"<{name}>" in caught.value.message


@pytest.mark.parametrize(
    "auth",
    [
        "<auth><suid>u</suid><key>s3cret<x/></key></auth>",
        "<auth>s3cret<suid>u</suid><key>k</key></auth>",
        '<auth><suid>u</suid><key k="s3cret">k</key></auth>',
    ],
)
def test_no_sentence_shows_what_may_be_a_key(auth):
    data = re.sub("<auth>.*</auth>", auth, write().decode()).encode()
    with pytest.raises(BundleError) as caught:
        parse(data, "x.xml")
    assert caught.value.problems
    assert not any("s3cret" in problem.message for problem in caught.value.problems)


@pytest.fixture
def three_keys(demo):
    """The user has a key for two accounts, and a colleague has one for the first of them."""
    colleague = User.objects.create(username="c", suid="colleague")
    Membership.objects.create(account=demo.other, user=demo.user, name="o", key_hash=make_password("other-key"))
    Membership.objects.create(account=demo.account, user=colleague, name="c", key_hash=make_password("their-key"))
    return {("demo-user", "demo-key"): demo.account, ("demo-user", "other-key"): demo.other,
            ("colleague", "their-key"): demo.account}  # fmt: skip


@pytest.mark.sentence("2.1-02", "2.1-03")
def test_a_key_is_that_users_for_that_account_and_for_no_other(three_keys, demo):
    for suid in ("demo-user", "colleague"):
        for key in ("demo-key", "other-key", "their-key"):
            for account in (demo.account, demo.other):
                instructions = parse(write(suid=suid, key=key), "x.xml")
                if three_keys.get((suid, key)) == account:
                    assert rules.authenticate(instructions, account).user.suid == suid
                else:
                    with pytest.raises(BundleError, match=r"^authentication failed$"):
                        rules.authenticate(instructions, account)


@pytest.mark.sentence("2.1-07")
@pytest.mark.parametrize("key", ["demo-key", "demo-keX", "x"])
def test_a_key_is_compared_in_constant_time(demo, monkeypatch, key):
    compared = []
    constant = hashers.constant_time_compare
    monkeypatch.setattr(
        hashers, "constant_time_compare", lambda one, other: compared.append(1) or constant(one, other)
    )
    try:
        rules.authenticate(parse(write(key=key), "x.xml"), demo.account)
    except BundleError:
        assert key != "demo-key"
    assert compared


@pytest.mark.sentence("2.1-09")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("good", [True, False])
def test_a_key_stands_in_no_log_no_row_and_no_file_that_is_kept(demo, ran, caplog, capfd, request, good):
    key = "a-key-of-its-own"
    Membership.objects.filter(pk=demo.member.pk).update(key_hash=make_password(key))
    caplog.set_level("DEBUG")
    run = ran(key=key, newsletter=demo.offers.pk if good else 999_999)
    assert run.status == ("SUCCESS" if good else "ERROR")
    folder = request.getfixturevalue("drop").drop
    kept = [str(each) for model in (ProcessingRun, RunTransition, RunFile) for each in model.objects.values()]
    kept += [each.place.read_text() for each in RunFile.objects.all()]
    kept += [path.read_text() for path in folder.iterdir() if path.name.startswith("report.")]
    out = capfd.readouterr()
    assert key not in "".join([caplog.text, out.out, out.err, *kept])
    assert key in (folder / "x.xml").read_text()
