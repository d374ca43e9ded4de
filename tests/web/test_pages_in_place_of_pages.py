import pytest
from django.test import Client, RequestFactory

from recipients.models import Account, Membership, Role, User
from xmld_project.web import error_pages


@pytest.fixture
def reviewer(db):
    account = Account.objects.create(name="Acme")
    person = User.objects.create_user("rita", password="x", is_staff=True, language="en")
    Membership.objects.create(account=account, user=person, name="rita", role=Role.REVIEWER)
    boss = User.objects.create_user("carla", password="x", is_staff=True)
    Membership.objects.create(account=account, user=boss, name="Carla", role=Role.ACCOUNT_ADMIN)
    return person


def test_a_403_says_whom_to_ask(reviewer):
    client = Client()
    client.force_login(reviewer)
    answer = client.get("/admin/deliveries/processingrun/check/")
    assert answer.status_code == 403
    assert "Ask an administrator of your account: Carla." in answer.content.decode()


def test_a_form_without_its_token_is_told_to_be_loaded_again(db):
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()


@pytest.mark.parametrize("page", [error_pages.bad_request, error_pages.not_found, error_pages.server_error])
def test_an_error_page_reads_nothing_of_the_request(page):
    kind = "application/x-www-form-urlencoded; charset=utf-7"
    answer = page(RequestFactory().post("/", b"a=b", content_type=kind))
    assert answer.status_code >= 400
    assert answer["Cache-Control"] == "no-store"
