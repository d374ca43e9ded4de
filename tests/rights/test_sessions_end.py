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


def test_138_the_token_of_a_form_is_no_use_on_another_site(nora):
    client = logged_in_with_checks()
    client.get("/admin/password_change/")
    form = {"old_password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post("/admin/password_change/", form).status_code == 200  # asked for the new one
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        assert client.post("/admin/password_change/", form, headers={"Origin": origin}).status_code == 403


def test_137_a_log_in_makes_a_session_of_its_own(nora):
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    client.post("/admin/login/", {"username": "nora", "password": PASSWORD})
    assert client.cookies["sessionid"].value != "a" * 32
    assert Client(headers={"Cookie": "sessionid=" + "a" * 32}).get(HOME).status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", r"\\evil.example", "javascript:alert(1)", "https://evil.example/a", "/a\r\nX: y"]
)
def test_138_no_address_of_another_site_is_gone_to_after_a_form(nora, target):
    answers = [
        Client().post("/admin/login/", {"username": "nora", "password": PASSWORD, "next": target}),
        Client().post("/i18n/setlang/", {"language": "it", "next": target}, headers={"Referer": target.strip()}),
        logged_in().get("/admin/login/", {"next": target}),
    ]
    for answer in answers:
        assert "evil" not in answer["Location"]
        assert answer["Location"].startswith("/")
        assert "\n" not in answer["Location"]


def test_138_what_changes_something_is_not_done_by_looking(nora):
    client = logged_in()
    for act in ("logout", "django_q/", "django_q/ormq/"):
        assert client.get(f"/admin/{act}").status_code in {301, 404, 405}
    assert client.get("/admin/logout/").status_code == 405
    assert client.get(HOME).status_code == 200


def test_138_no_page_of_the_area_is_framed_by_another_site(nora):
    answer = logged_in().get(HOME)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", "", "area.example@evil.example"])
def test_138_another_host_name_is_refused(nora, settings, host):
    settings.ALLOWED_HOSTS = ["area.example"]
    assert Client().get("/admin/login/", headers={"Host": host}).status_code == 400
