"""An account administrator brings people and clients' systems in, and no wall is looked over (reference 9)."""

import re

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.test import Client
from django_q.models import OrmQ

from deliveries.models import Activity
from recipients import invitations
from recipients.admin.people import password_reset
from recipients.models import Invitation, Membership, User

PASSWORD = "a-good-long-sentence"
LIST = "/admin/recipients/membership/"


@pytest.fixture
def admin(mine, signed_in):
    return signed_in(mine.account, "account_admin")


def invite(client, mine, email="nora@acme.example", **further):
    given = {"account": mine.account.pk, "email": email, "name": "Nora", "role": "reviewer", **further}
    return client.post(f"{LIST}invite/", given, follow=True)


def link_of(sent):
    return re.search(r"https?://[^/]+(/admin/invitation/\S+)", sent.body)[1]


def test_an_invited_person_chooses_a_password_and_works(mine, admin):
    page = invite(admin, mine, personal_data="on").content.decode()
    assert "An invitation went to nora@acme.example." in page
    assert "Invited, and not here yet" in page
    (sent,) = mail.outbox
    assert sent.to == ["nora@acme.example"]
    nora = Client()
    page = nora.get(link_of(sent)).content.decode()
    assert "You are invited to «Acme Ltd» as reviewer." in page
    weak = nora.post(link_of(sent), {"new_password1": "1234567890", "new_password2": "1234567890"})
    assert "entirely numeric" in weak.content.decode()
    answer = nora.post(link_of(sent), {"new_password1": PASSWORD, "new_password2": PASSWORD}, follow=True)
    assert "Welcome to «Acme Ltd»." in answer.content.decode()
    membership = Membership.objects.get(user__email="nora@acme.example")
    assert (membership.account, membership.role, membership.personal_data) == (mine.account, "reviewer", True)
    fresh = Client()
    assert fresh.post("/admin/login/", {"username": "nora@acme.example", "password": PASSWORD}).status_code == 302
    assert fresh.get("/admin/deliveries/delivery/").status_code == 200
    verbs = set(Activity.objects.filter(account=mine.account).values_list("verb", flat=True))
    assert {"invited", "joined"} <= verbs


def test_a_user_of_another_account_joins_as_themselves_and_who_invites_learns_nothing(mine, theirs, admin):
    user = User.objects.create_user("nora", "nora@acme.example", PASSWORD)
    Membership.objects.create(account=theirs.account, user=user, name="Nora")
    known = invite(admin, mine).content.decode()
    unknown = invite(admin, mine, email="nobody@acme.example", name="Nobody").content.decode()
    assert "An invitation went to nora@acme.example." in known
    assert "An invitation went to nobody@acme.example." in unknown
    link = link_of(mail.outbox[0])
    assert Client().get(link)["Location"].startswith("/admin/login/?next=")
    client = Client()
    client.force_login(user)
    assert "Welcome to" in client.post(link, follow=True).content.decode()
    assert set(user.memberships.values_list("account_id", flat=True)) == {mine.account.pk, theirs.account.pk}


def test_an_invitation_is_no_way_back_in_and_makes_no_second_user_of_an_address(mine, admin):
    User.objects.create_user("nora", "Nora@acme.example", PASSWORD, is_active=False)
    invite(admin, mine)
    link = link_of(mail.outbox[0])
    new = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    for answer in (Client().get(link), Client().post(link, new)):
        assert answer.status_code == 403
        assert "Your user was deactivated" in answer.content.decode()
    assert User.objects.filter(email__iexact="nora@acme.example").count() == 1
    User.objects.filter(username="nora").update(is_active=True)
    assert Client().get(link)["Location"].startswith("/admin/login/?next=")


def test_a_link_is_good_once_and_a_wrong_one_tells_nothing(mine, admin):
    invite(admin, mine)
    link = link_of(mail.outbox[0])
    Client().post(link, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    pages = {Client().get(each).content for each in (link, f"{link[:-3]}abc/", "/admin/invitation/x/")}
    assert len({re.sub(rb"csrf[^>]*", b"", page) for page in pages}) == 1
    assert Client().get(link).status_code == 404


def test_a_newer_invitation_and_a_withdrawal_end_the_older_one(mine, admin):
    invite(admin, mine)
    invite(admin, mine)
    old, new = (link_of(each) for each in mail.outbox)
    assert [Client().get(each).status_code for each in (old, new)] == [404, 200]
    waiting = Invitation.objects.get(withdrawn_at=None)
    admin.post(f"{LIST}invitations/{waiting.pk}/", {"act": "again"})
    assert len(mail.outbox) == 3
    admin.post(f"{LIST}invitations/{waiting.pk}/", {"act": "withdraw"})
    assert Client().get(new).status_code == 404


def test_nobody_invites_into_an_account_that_is_not_theirs(mine, theirs, admin, signed_in):
    answer = admin.post(
        f"{LIST}invite/",
        {"account": theirs.account.pk, "email": "x@zenith.example", "name": "X", "role": "account_admin"},
    )
    assert answer.status_code == 200
    assert not Invitation.objects.exists()
    foreign = invitations.invite(
        theirs.account, "y@zenith.example", "Y", "operator", personal_data=False, actor=theirs.membership.user
    )
    admin.post(f"{LIST}invitations/{foreign.pk}/", {"act": "withdraw"})
    foreign.refresh_from_db()
    assert foreign.withdrawn_at is None
    assert b"y@zenith.example" not in admin.get(LIST).content
    assert signed_in(mine.account, "operator").get(f"{LIST}invite/").status_code == 403


def test_a_system_gets_a_suid_and_a_key_that_are_shown_once(mine, admin):
    page = admin.post(f"{LIST}system/", {"account": mine.account.pk, "name": "erp"}).content.decode()
    suid, key = re.findall(r"<dd><code>([^<]+)</code>", page)
    membership = Membership.objects.get(account=mine.account, name="erp")
    assert (membership.user.suid, membership.role) == (suid, "operator")
    assert check_password(key, membership.key_hash)
    assert not membership.user.has_usable_password()
    again = admin.post(f"{LIST}system/", {"account": mine.account.pk, "name": "erp"})
    assert "There is a member of this name already" in again.content.decode()


def test_who_forgot_a_password_gets_a_mail_and_every_address_the_same_answer(mine, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    user = mine.membership.user
    user.email = "admin@acme.example"
    user.save()
    there = Client()
    there.force_login(user)
    answers = [
        Client().post("/admin/password-reset/", {"email": each}, follow=True).content
        for each in ("admin@acme.example", "nobody@acme.example")
    ]
    assert answers[0] == answers[1]
    assert mail.outbox == []  # the cluster sends them: nobody learns by the time of an answer who works here
    for queued in OrmQ.objects.order_by("id"):
        password_reset.send(*queued.task["args"])
    (sent,) = mail.outbox
    link = re.search(r"https?://[^/]+(/admin/password-reset/\S+)", sent.body)[1]
    client = Client()
    page = client.get(link, follow=True)
    where = page.redirect_chain[-1][0]
    client.post(where, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert there.get("/admin/").status_code == 302
    assert "This link is not valid" in Client().get(link, follow=True).content.decode()


def test_links_with_a_secret_lead_to_the_area_whatever_host_the_request_names(mine, admin, settings, tmp_path):
    settings.STATE_DIR, settings.ADMIN_URL = tmp_path, "https://area.example/admin"
    settings.ALLOWED_HOSTS = ["testserver", "tracking-of-a-client.example"]
    User.objects.filter(pk=mine.membership.user_id).update(email="admin@acme.example")
    forged = {"HTTP_HOST": "tracking-of-a-client.example"}
    Client(**forged).post("/admin/password-reset/", {"email": "admin@acme.example"})
    for queued in OrmQ.objects.order_by("id"):
        password_reset.send(*queued.task["args"])
    admin.post(
        f"{LIST}invite/",
        {"account": mine.account.pk, "email": "nora@acme.example", "name": "Nora", "role": "reviewer"},
        **forged,
    )
    reset, invitation = (sent.body for sent in mail.outbox)
    assert "https://area.example/admin/password-reset/" in reset
    assert "https://area.example/admin/invitation/" in invitation
    assert "tracking-of-a-client" not in reset + invitation


@pytest.mark.django_db
def test_the_log_in_page_leads_to_it():
    assert b"/admin/password-reset/" in Client().get("/admin/login/").content
