"""A log-in ends with its password, its user and its time; no other site acts or looks through it (reference 9)."""

import pytest
from django.test import Client

from recipients.models import User

pytestmark = pytest.mark.django_db

HOME = "/admin/deliveries/delivery/"
PASSWORD, ANOTHER = "a-good-long-sentence", "another-good-long-sentence"


@pytest.fixture
def nora(settings, tmp_path):
    settings.STATE_DIR = tmp_path  # failures are counted there
    return User.objects.create_superuser("nora", "nora@acme.example", PASSWORD)


def logged_in(**how):
    client = Client(**how)
    assert client.post("/admin/login/", {"username": "nora", "password": PASSWORD}).status_code == 302
    assert client.get(HOME).status_code == 200
    return client


def test_137_a_changed_password_ends_every_other_session(nora):
    here, elsewhere = logged_in(), logged_in()
    changed = {"old_password": PASSWORD, "new_password1": ANOTHER, "new_password2": ANOTHER}
    assert here.post("/admin/password_change/", changed).status_code == 302
    assert here.get(HOME).status_code == 200
    assert elsewhere.get(HOME).status_code == 302


def test_137_a_user_that_was_deactivated_is_out_at_once(nora):
    client = logged_in()
    User.objects.filter(pk=nora.pk).update(is_active=False)
    assert client.get(HOME).status_code == 302


def test_137_a_session_ends_with_the_browser_and_after_eight_hours(nora, settings):
    cookie = logged_in().cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"], cookie["httponly"]) == ("", "", True)
    assert settings.SESSION_COOKIE_AGE == 8 * 3600


def test_138_a_form_of_another_site_does_nothing(nora):
    client = logged_in_with_checks()
    assert client.post("/admin/password_change/", {"old_password": PASSWORD}).status_code == 403
    assert client.post(HOME, {"action": "delete"}).status_code == 403


def logged_in_with_checks():
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())
    return client


def test_138_no_page_of_the_area_is_framed_by_another_site(nora):
    answer = logged_in().get(HOME)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", "", "area.example@evil.example"])
def test_138_another_host_name_is_refused(nora, settings, host):
    settings.ALLOWED_HOSTS = ["area.example"]
    assert Client().get("/admin/login/", headers={"Host": host}).status_code == 400
