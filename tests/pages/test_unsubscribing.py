"""`/u/<token>` (reference 7, RFC 8058): looking changes nothing, posting acts once."""

import re

import pytest
from django.db import connection
from django.test import Client
from psycopg import sql

from deliveries import tokens
from deliveries.models import Event, Message, Subscription
from deliveries.tokens import Purpose
from recipients import suppressions, tables
from recipients.models import BlacklistEntry, Reason


@pytest.fixture
def page(mine):
    return f"/u/{tokens.make(Purpose.UNSUBSCRIBE, mine.message.pk)}"


def actions():
    return "".join(sorted(Event.objects.values_list("action", flat=True)))


def reasons(house):
    return list(
        BlacklistEntry.objects.filter(account=house.account, address=house.message.address).values_list(
            "reason", flat=True
        )
    )


@pytest.mark.sentence("7-11")
def test_a_scanner_that_follows_links_unsubscribes_nobody(mine, page):
    for _ in range(50):
        assert Client().get(page).status_code == 200
        assert Client().head(page).status_code == 200
    assert not Subscription.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.sentence("7-13")
def test_the_pages_button_unsubscribes_from_the_newsletter_alone(mine, page):
    response = Client().post(page, {"page": "1"})
    assert response.status_code == 200
    assert Subscription.objects.get().state == -1
    assert reasons(mine) == []
    assert actions() == "o"


@pytest.mark.sentence("7-13")
def test_all_mail_from_this_company_enters_the_blacklist(mine, page):
    Client().post(page, {"all": "1"})
    assert reasons(mine) == [Reason.UNSUBSCRIBED]
    assert actions() == "oz"


@pytest.mark.parametrize("multipart", [True, False])
@pytest.mark.sentence("7-12")
def test_one_click_does_both_in_either_encoding_and_once(mine, page, multipart):
    for _ in range(2):
        if multipart:
            response = Client().post(page, {"List-Unsubscribe": "One-Click"})
        else:
            response = Client().post(
                page, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
            )
        assert response.status_code == 200
    assert Subscription.objects.get().state == -1
    assert reasons(mine) == [Reason.LIST_UNSUBSCRIBE]
    assert actions() == "lz"


@pytest.mark.sentence("7-15")
def test_it_needs_no_cookie_and_no_csrf_token_and_sets_none(mine, page):
    client = Client(enforce_csrf_checks=True)
    for response in (client.get(page), client.post(page, {"List-Unsubscribe": "One-Click"})):
        assert response.status_code == 200
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


@pytest.mark.sentence("7-17")
def test_every_wrong_token_gets_the_same_page(mine, page):
    wrong = [
        "x",
        "-" * 24,
        page[3:-1] + ("A" if page[-1] != "A" else "B"),
        tokens.make(Purpose.OPEN, mine.message.pk),
        tokens.make(Purpose.UNSUBSCRIBE, mine.message.pk + 10_000),
    ]
    answers = {
        (r.status_code, r.content) for t in wrong for r in (Client().get(f"/u/{t}"), Client().post(f"/u/{t}"))
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404


@pytest.mark.sentence("7-18")
def test_a_copy_acts_on_nobody(mine):
    copy = f"/u/{tokens.make(Purpose.UNSUBSCRIBE, 0)}"
    assert b"copy" in Client().get(copy).content
    assert Client().post(copy, {"all": "1"}).status_code == 200
    assert not Subscription.objects.exists()


def test_no_script_and_nothing_from_elsewhere_may_run_on_it(mine, page):
    policy = Client().get(page)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy


def test_it_speaks_the_accounts_language(mine, page):
    assert "Unsubscribe" in Client().get(page, headers={"accept-language": "it"}).content.decode()
    mine.account.language = "it"
    mine.account.save()
    assert "Annullare l\u2019iscrizione" in Client().get(page).content.decode()


@pytest.mark.sentence("7-17")
def test_a_form_that_is_no_form_is_refused_before_it_is_read(mine, page):
    response = Client().post(page, b"x" * 40_000, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert not Subscription.objects.exists()


def test_whoever_was_on_the_list_already_does_not_enter_it_again(mine, page):
    suppressions.suppress(mine.account, mine.message.address, Reason.BY_HAND)
    Client().post(page, {"List-Unsubscribe": "One-Click"})
    assert actions() == "l"


def test_hostile_names_are_shown_as_text(mine, page):
    mine.newsletter.name = "<script>alert(1)</script>"
    mine.newsletter.save()
    assert b"<script>" not in Client().get(page, headers={"user-agent": "<b>\x00"}).content


@pytest.mark.sentence("7-14")
def test_a_mistake_is_undone_by_the_page_itself(mine, page):
    Client().post(page, {"all": "1"})
    answer = Client().post(page, {"back": "1"}).content.decode()
    assert "You are subscribed again" in answer
    assert Subscription.objects.get().state == 1
    assert reasons(mine) == []
    assert actions() == "osz"
    assert "No more mail of" in Client().get(page).content.decode()


def test_a_one_click_unsubscription_can_be_undone_too_and_nothing_to_undo_changes_nothing(mine, page):
    Client().post(page, {"List-Unsubscribe": "One-Click"})
    for _ in range(2):
        Client().post(page, {"back": "1"})
    assert Subscription.objects.get().state == 1
    assert reasons(mine) == []
    assert actions() == "lsz"


@pytest.mark.sentence("7-14")
def test_who_complained_or_has_no_mailbox_does_not_return_by_a_button(mine, page):
    suppressions.suppress(mine.account, mine.message.address, Reason.FEEDBACK_LOOP)
    Client().post(page, {"page": "1"})
    assert "send me these mails again" not in Client().get(page).content.decode()
    Client().post(page, {"back": "1"})
    assert reasons(mine) == [Reason.FEEDBACK_LOOP]


def test_a_second_visit_finds_what_the_first_one_did(mine, page):
    Client().post(page, {"page": "1"})
    answer = Client().get(page).content.decode()
    assert "You are unsubscribed" in answer
    assert "send me these mails again" in answer


@pytest.mark.sentence("7-15")
def test_the_page_shows_no_address_in_full(mine, page):
    answer = Client().get(page).content.decode()
    assert "a•••@acme.example" in answer
    assert mine.message.address not in answer


@pytest.mark.sentence("7-15")
def test_it_works_when_the_recipient_was_deleted(mine, page):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}").format(tables.identifier(mine.database)))
    assert Client().post(page, {"page": "1"}).status_code == 200
    assert Subscription.objects.get().state == -1


@pytest.mark.sentence("7-16")
def test_an_erased_person_is_unsubscribed_and_nothing_is_written(mine, page):
    Message.objects.filter(pk=mine.message.pk).update(address="erased-7 @acme.example")
    assert "You are unsubscribed" in Client().get(page).content.decode()
    for form in ({"page": "1"}, {"back": "1"}, {"List-Unsubscribe": "One-Click"}):
        assert Client().post(page, form).status_code == 200
    assert not Subscription.objects.exists()
    assert not Event.objects.exists()


def test_an_unsubscription_proves_a_message_in_doubt_sent(mine, page):
    Message.objects.filter(pk=mine.message.pk).update(status="in_doubt")
    Client().post(page, {"page": "1"})
    assert Message.objects.get(pk=mine.message.pk).status == "delivered"


def test_the_page_and_the_footer_of_a_mail_address_nobody_as_tu_or_lei(mine, page):
    mine.account.language = "it"
    mine.account.save()
    answers = [Client().get(page), Client().post(page, {"all": "1"}), Client().post(page, {"back": "1"})]
    for answer in answers:
        words = set(re.findall(r"[a-zàèéìòù]+", answer.content.decode().lower()))
        assert not words & {"puoi", "riceverai", "tuo", "tua", "ti", "premi", "suo", "sua", "lei"}


def test_125_a_thousand_looks_of_scanners_unsubscribe_nobody(mine, page):
    client = Client()
    for number in range(500):
        client.get(page, headers={"user-agent": f"Scanner/{number}"})
        client.head(page)
    assert not Subscription.objects.exists()
    assert not Event.objects.exists()


def test_126_after_one_click_the_address_is_out_of_the_next_deliverys_audience(mine, page):
    Client().post(page, {"List-Unsubscribe": "One-Click"})
    state = suppressions.state_of(mine.account, mine.message.address)
    assert (state.name, state.reason) == ("permanent", Reason.LIST_UNSUBSCRIBE)


def test_127_guessed_tokens_all_get_one_answer(mine, page):
    client = Client()
    guesses = {f"{number:032d}" for number in range(300)} | {"A" * 32, "%2e%2e", "a" * 3_000}
    answers = {(answer.status_code, answer.content) for answer in map(client.get, (f"/u/{g}" for g in guesses))}
    assert len(answers) == 1
