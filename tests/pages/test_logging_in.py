"""Who guesses passwords waits, nobody else does, and the time of an answer tells nothing of names."""

import re
import threading

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from recipients.admin.logging_in import attempts, throttling
from recipients.models import Account, Membership, User

PASSWORD = "long-enough-1"


@pytest.fixture(autouse=True)
def counted_here(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    return tmp_path / "login"


@pytest.fixture
def anna(db):
    return User.objects.create_user("anna", "anna@acme.example", PASSWORD, is_staff=True)


def log_in(name="anna", word="wrong", address="192.0.2.1", **headers):
    sent = {"username": name, "password": word}
    return Client().post("/admin/login/", sent, REMOTE_ADDR=address, headers=headers)


def fail(times, **how):
    return [log_in(**how).status_code for _ in range(times)]


@pytest.fixture
def hashes(monkeypatch):
    """Count the hashes that are computed."""
    made, encode = [], PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher, "encode", lambda *given, **more: made.append(1) or encode(*given, **more)
    )
    return made


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_after_ten_failures_one_waits_and_the_page_and_its_headers_say_so(anna, hashes, name):
    assert fail(10, name=name) == [200] * 10
    hashes.clear()
    answer = log_in(name, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 600
    assert "Too many log-ins failed: wait" in answer.content.decode()
    assert "_auth_user_id" not in answer.client.session
    assert hashes == []


def test_words_and_status_are_the_same_for_a_name_that_is_there_and_one_that_is_not(anna):
    said = []
    for name in ("anna", "anka", "anna@acme.example", "anka@acme.example"):
        answer = log_in(name)
        body = re.sub(
            r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|"csrf_token": "[^"]*"', "", answer.content.decode()
        )
        said.append((answer.status_code, body.replace(name, "NAME"), sorted(answer.headers)))
    assert len(set(map(str, said))) == 1


def test_letter_case_and_blanks_make_no_other_name(anna):
    assert fail(5) + fail(5, name="ANNA ") == [200] * 10
    assert log_in("Anna").status_code == 429


def test_whoever_comes_from_elsewhere_or_has_another_name_does_not_wait(anna):
    User.objects.create_user("bob", "bob@acme.example", PASSWORD, is_staff=True)
    fail(11)
    assert log_in("anna", PASSWORD, "192.0.2.2").status_code == 302
    assert log_in("bob", PASSWORD).status_code == 302


def test_a_log_in_that_succeeds_counts_anew(anna):
    fail(9)
    assert log_in("anna", PASSWORD).status_code == 302
    assert fail(9) == [200] * 9


def test_an_address_that_tries_many_names_waits_whatever_it_logs_in_with_itself(anna, monkeypatch):
    monkeypatch.setattr(throttling, "MOST_OF_AN_ADDRESS", 12)
    for number in range(12):
        assert log_in(f"name-{number}").status_code == 200
        if number < 11:
            assert log_in("anna", PASSWORD).status_code == 302
    assert log_in("anna", PASSWORD).status_code == 429
    assert log_in("anna", PASSWORD, "192.0.2.2").status_code == 302


def test_an_ipv6_site_is_one_address(anna):
    for number in range(10):
        log_in(address=f"2001:db8::{number + 1:x}")
    assert log_in(address="2001:db8::ffff").status_code == 429
    assert log_in(address="2001:db8:0:1::1").status_code == 200


def test_a_wait_ends_by_itself_and_is_not_made_longer_by_waiting(counted_here):
    begin = 1_000_000 * attempts.WINDOW
    for second in range(10):
        attempts.count("x", begin + second)
    assert attempts.wait("x", 10, begin + 10) == 2 * attempts.WINDOW - 10
    assert attempts.wait("x", 10, begin + 2 * attempts.WINDOW - 1) == 1
    assert attempts.wait("x", 10, begin + 2 * attempts.WINDOW) == 0
    for second in range(5):
        attempts.count("y", begin + attempts.WINDOW - 5 + second)
        attempts.count("y", begin + attempts.WINDOW + second)
    assert attempts.wait("y", 10, begin + attempts.WINDOW + 5) == attempts.WINDOW - 5
    attempts.count("z", begin + 9 * attempts.WINDOW)
    assert [each.name for each in counted_here.iterdir()] == [str(1_000_009)]


def test_no_attempt_of_many_at_once_is_lost(counted_here):
    now = 5_000 * attempts.WINDOW + 1.0
    threads = [threading.Thread(target=lambda: [attempts.count("x", now) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert attempts.wait("x", 401, now) == 0
    assert attempts.wait("x", 400, now) > 0


def test_where_nothing_can_be_written_people_still_log_in(anna, counted_here):
    counted_here.write_text("no folder")
    assert fail(12) == [200] * 12
    assert log_in("anna", PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("anna", PASSWORD), ("anna@acme.example", "wrong"), ("nobody", "x")]
)
def test_a_name_costs_two_hashes_whether_it_exists_or_not(anna, hashes, name, password):
    hashes.clear()
    authenticate(username=name, password=password)
    assert len(hashes) == 2


@pytest.mark.parametrize("namesakes", [1, 2, 3])
def test_a_name_that_several_have_costs_no_more(db, hashes, namesakes):
    for number in range(namesakes):
        account = Account.objects.create(name=f"A{number}")
        user = User.objects.create_user(f"erp@{number}", f"erp@a{number}.example", PASSWORD)
        Membership.objects.create(account=account, user=user, name="erp")
    hashes.clear()
    authenticate(username="erp", password="wrong")
    assert len(hashes) == 2


def test_two_people_of_one_name_both_log_in_by_it(db):
    for number, username in enumerate(("erp", "erp@2")):
        account = Account.objects.create(name=f"A{number}")
        user = User.objects.create_user(username, f"erp@a{number}.example", f"{PASSWORD}-{number}", is_staff=True)
        Membership.objects.create(account=account, user=user, name="erp")
    assert [authenticate(username="erp", password=f"{PASSWORD}-{n}").username for n in range(2)] == ["erp", "erp@2"]


def test_of_forty_tries_at_once_ten_are_looked_at(counted_here):
    now, passed = 7_000 * attempts.WINDOW + 1.0, []
    tries = [threading.Thread(target=lambda: passed.append(attempts.take("x", 10, now) == 0)) for _ in range(40)]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    assert sum(passed) == 10


def test_letters_that_only_the_database_holds_for_the_same_open_nothing_and_are_counted(anna, hashes):
    User.objects.filter(pk=anna.pk).update(email="anna-revisor@acme.example")
    assert authenticate(username="anna-rev\u0131sor@acme.example", password=PASSWORD) is None
    assert authenticate(username="Anna-Revisor@acme.example", password=PASSWORD) == anna
    assert fail(5, name="anna-rev\u0131sor@acme.example") + fail(5, name="anna") == [200] * 10
    assert log_in("anna-revisor@acme.example", PASSWORD).status_code == 429


def test_the_old_password_of_a_session_left_open_is_guessed_as_slowly(anna):
    client = Client()
    client.force_login(anna)
    new = {"new_password1": "another-long-1", "new_password2": "another-long-1"}

    def change(old):
        sent = {"old_password": old, **new}
        return client.post("/admin/password_change/", sent, REMOTE_ADDR="192.0.2.1")

    assert [change("wrong").status_code for _ in range(10)] == [200] * 10
    assert change(PASSWORD).status_code == 429
    assert log_in("anna", PASSWORD).status_code == 429
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_log_in_name_and_address_are_tried_before_the_names_that_many_share(db):
    for number in range(7):
        account = Account.objects.create(name=f"A{number}")
        user = User.objects.create_user(f"erp@{number}", f"erp@a{number}.example", f"{PASSWORD}-{number}")
        Membership.objects.create(account=account, user=user, name="erp")
    last = User.objects.create_user("erp", "erp@last.example", PASSWORD, is_staff=True)
    assert authenticate(username="erp", password=PASSWORD) == last
    assert authenticate(username="erp@a6.example", password=f"{PASSWORD}-6").username == "erp@6"
    assert authenticate(username="erp", password=f"{PASSWORD}-6") is None
    assert "write the e-mail address" in log_in("erp", f"{PASSWORD}-6").content.decode()
