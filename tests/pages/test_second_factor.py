"""Administrators show a second factor, others may (reference 9)."""

import re

import pytest
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from deliveries.models import Activity

PAGE = "/admin/second-factor/"
HOME = "/admin/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def code_of(user, step=0):
    """Return what the app shows; `step` 1 is the next code, as one is good only once."""
    device = TOTPDevice.objects.get(user=user)
    totp = TOTP(device.bin_key, drift=step)
    return f"{totp.token():06d}"


def set_up(client):
    client.get(PAGE)
    page = client.post(PAGE, {"code": code_of(client.user)}).content.decode()
    return re.findall(r"<li><code>(\w+)</code>", page)


def again(client):
    """Return a new session of the same person, past the password."""
    new = Client()
    new.force_login(client.user)
    new.user = client.user
    return new


@pytest.mark.parametrize(("role", "superuser"), [("account_admin", False), (None, True)])
def test_an_administrator_sees_no_page_before_it_is_set_up_and_shown(mine, signed_in, role, superuser):
    client = signed_in(mine.account if role else None, role, superuser=superuser)
    for page in (HOME, "/admin/deliveries/delivery/", "/admin/search/?s=a"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"][: len(PAGE)]) == (302, PAGE)
    assert client.post("/admin/recipients/account/add/", {"name": "x"}).status_code == 302
    codes = set_up(client)
    assert len(codes) == 10
    assert client.get(HOME).status_code == 200
    assert again(client).get(HOME).status_code == 302


def test_others_are_asked_only_when_they_have_one(mine, signed_in):
    client = signed_in(mine.account, "operator")
    assert client.get(HOME).status_code == 200
    set_up(client)
    later = again(client)
    assert later.get(HOME)["Location"] == f"{PAGE}?next=%2Fadmin%2F"
    answer = later.post(PAGE, {"code": code_of(client.user, 1), "next": "/admin/deliveries/delivery/"})
    assert answer["Location"] == "/admin/deliveries/delivery/"
    assert later.get(HOME).status_code == 200


def test_a_wrong_code_is_said_and_makes_the_next_wait(mine, signed_in, settings):
    settings.OTP_TOTP_THROTTLE_FACTOR = settings.OTP_STATIC_THROTTLE_FACTOR = 600  # seconds, instead of one
    client = signed_in(mine.account, "operator")
    set_up(client)
    later = again(client)
    assert "This code is not valid" in later.post(PAGE, {"code": "000000"}).content.decode()
    assert "Too many wrong codes" in later.post(PAGE, {"code": "000000"}).content.decode()
    assert later.get(HOME).status_code == 302


def test_a_recovery_code_lets_in_once(mine, signed_in):
    client = signed_in(mine.account, "operator")
    codes = set_up(client)
    assert again(client).post(PAGE, {"code": codes[0]}).status_code == 302
    assert again(client).post(PAGE, {"code": codes[0]}).status_code == 200
    page = client.get(PAGE).content.decode()
    assert "9 recovery codes are left" in page
    new = re.findall(r"<li><code>(\w+)</code>", client.post(PAGE, {"act": "codes"}).content.decode())
    assert len(set(new) - set(codes)) == 10


def test_who_must_have_one_can_not_turn_it_off(mine, signed_in):
    admin, operator = signed_in(mine.account, "account_admin"), signed_in(mine.account, "operator")
    for client in (admin, operator):
        set_up(client)
        client.post(PAGE, {"act": "off"})
    assert [TOTPDevice.objects.filter(user=c.user).exists() for c in (admin, operator)] == [True, False]


def test_it_leads_nowhere_else(mine, signed_in):
    client = signed_in(mine.account, "operator")
    set_up(client)
    later = again(client)
    answer = later.post(PAGE, {"code": code_of(client.user, 1), "next": "//evil.example/admin/"})
    assert answer["Location"] == HOME


def test_an_account_administrator_takes_a_members_away_but_not_that_of_who_works_elsewhere_too(
    mine, theirs, signed_in
):
    admin = signed_in(mine.account, "account_admin")
    set_up(admin)
    operator = signed_in(mine.account, "operator")
    set_up(operator)
    membership = operator.user.memberships.get()
    page = f"/admin/recipients/membership/{membership.pk}/without-second-factor/"
    theirs.account.memberships.create(user=operator.user, name="guest")
    change = admin.get(f"/admin/recipients/membership/{membership.pk}/change/").content.decode()
    assert "without-second-factor" not in change
    operator.user.memberships.filter(account=theirs.account).delete()
    assert admin.post(page).status_code == 302
    assert not TOTPDevice.objects.filter(user=operator.user).exists()
    assert Activity.objects.filter(account=mine.account, verb="second factor removed", actor=admin.user).exists()
