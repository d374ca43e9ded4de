"""The administrator's day in a browser, in Italian: from the second factor to the steps of the first bundle."""

import re

import pytest
from django.core import mail
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from deliveries.models import Newsletter, SftpSpace
from recipients.models import Membership, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "long-enough-1"


@pytest.fixture(autouse=True)
def required(settings, tmp_path):
    settings.SECOND_FACTOR_REQUIRED = True
    settings.STATE_DIR = tmp_path


def code_of(user):
    return f"{TOTP(TOTPDevice.objects.get(user=user).bin_key).token():06d}"


def save(looker, name):
    looker.page.get_by_role("button", name="Salva", exact=True).click()
    looker.page.get_by_text("con successo").first.wait_for()
    assert looker.overflow(name) == []


def set_up_the_second_factor(looker, user):
    page = looker.page
    page.wait_for_url(re.compile("second-factor"))
    page.fill("[name=code]", code_of(user))
    assert looker.overflow("day-factor") == []
    page.get_by_role("button", name="Continua").click()
    page.get_by_role("link", name="Li ho conservati").wait_for()
    assert looker.overflow("day-codes") == []
    page.get_by_role("link", name="Li ho conservati").click()
    page.wait_for_url(re.compile("/admin/$"))


def make_account(looker):
    looker.open("/admin/recipients/account/add/")
    looker.page.fill("[name=name]", "Bottega Rossi")
    looker.page.locator("[name=xml_delivery]").check(force=True)
    assert looker.page.locator("[name=time_zone]").input_value() == "Europe/Rome"
    save(looker, "day-account")


def make_domain_and_list(looker):
    page = looker.page
    looker.open("/admin/recipients/senderdomain/add/")
    page.fill("[name=domain]", "bottega.example")
    save(looker, "day-domain")
    looker.open("/admin/recipients/database/add/")
    page.fill("[name=name]", "Clienti")
    page.fill("[name=structure]", "email email\nnome string")
    save(looker, "day-list")


def make_newsletter(looker):
    page = looker.page
    looker.open("/admin/deliveries/newsletter/add/")
    page.fill("[name=name]", "Offerte")
    page.locator("select[name=database]").select_option(label="Clienti")
    page.fill("[name=from_address]", "news@bottega.example")
    assert looker.overflow("day-newsletter-form") == []
    save(looker, "day-newsletter")
    newsletter = Newsletter.objects.get()
    looker.open(f"/admin/deliveries/newsletter/{newsletter.pk}/change/")
    assert looker.overflow("day-newsletter-page") == []


def make_space(looker):
    page = looker.page
    looker.open("/admin/deliveries/sftpspace/add/")
    page.fill("[name=name]", "bottega")
    page.locator("[name=embedded]").check(force=True)
    page.fill("[name=username]", "bottega")
    page.fill("[name=new_password]", "segreta-1234")
    save(looker, "day-space")


def invite(looker):
    page = looker.page
    looker.open("/admin/recipients/membership/invite/")
    if page.locator("select[name=account]").count():
        page.locator("select[name=account]").select_option(label="Bottega Rossi")
    page.fill("[name=email]", "nora@bottega.example")
    page.fill("[name=name]", "Nora")
    page.locator("[name=role]").select_option("account_admin")
    page.get_by_role("button", name="Invita").click()
    page.get_by_text("nora@bottega.example").first.wait_for()
    assert looker.overflow("day-invited") == []
    return re.search(r"https?://[^/]+(/admin/invitation/\S+)", mail.outbox[0].body)[1]


def come_in(looker, way):
    page = looker.page
    looker.open(way)
    page.fill("[name=new_password1]", PASSWORD)
    page.fill("[name=new_password2]", PASSWORD)
    assert looker.overflow("day-invitation") == []
    assert "tua password" not in page.inner_text("form")
    page.locator("form button[type=submit]").first.click()
    set_up_the_second_factor(looker, Membership.objects.get().user)


def test_from_nothing_to_the_three_steps_of_the_first_bundle(look):
    boss = User.objects.create_superuser("boss", "boss@x.example", PASSWORD)
    looker = look(1280, locale="it-IT")
    looker.open("/admin/login/")
    looker.page.fill("[name=username]", "boss")
    looker.page.fill("[name=password]", PASSWORD)
    looker.page.click("[type=submit]")
    set_up_the_second_factor(looker, boss)
    make_account(looker)
    make_domain_and_list(looker)
    make_newsletter(looker)
    make_space(looker)
    way = invite(looker)
    hers = look(1280, locale="it-IT")
    come_in(hers, way)
    hers.check("day-home")
    hers.page.get_by_text("Un pacchetto per «Offerte»").wait_for()
    assert SftpSpace.objects.get().embedded
