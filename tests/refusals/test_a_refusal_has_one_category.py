"""Reference 6, bounce categories: one rule for replies at SMTP time and for bounces that come later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliveries.refusals import Category, Refusal, classify, find_enhanced

OURS = "abcdefghijklmnopqrstuvwxyz234@bounces.shop.example"
THEIRS = "anna@mail.example"


def at_rcpt(text, code=550):
    return classify(Refusal(text, code, "", "rcpt", OURS, THEIRS))


@pytest.mark.parametrize(
    "text",
    [
        f"Verification failed for <{OURS}> No Such User Here Sender verify failed",
        f"Verification failed for <{OURS}> The mail server detected your message as spam. Sender verify failed",
        f"<{OURS}>: Sender address rejected: Domain not found",
        f"<{OURS}>: Sender address rejected: User unknown in virtual mailbox table",
        f"5.1.1 <{OURS}>: user unknown",
        f"<{OURS}>: No such user here",
        "sender verify failed: 550 5.1.1 no such user",
        "Sender verify failed (host is blacklisted)",
        "Could not verify sender: mailbox does not exist",
        "Sender domain does not exist",
        "5.1.8 Domain of sender address does not exist",
        "Domain bounces.shop.example does not exist",
        "Domain shop.example not found",
        "unable to verify the return path, unknown user",
        "Invalid sender: no such domain",
        "Your envelope sender does not exist here",
        "callback verification: sender call-out: mailbox unknown",
        "Requested action not taken: mailbox unavailable invalid DNS MX or A/AAAA resource record",
        "5.1.0 Sender denied: unknown user",
        "Relaying denied. User unknown",
        "relay not permitted, domain not found",
        "Unable to relay for anna@mail.example",
        "sorry, that domain isn't in my list of allowed rcpthosts",
        "you are not allowed to send to this user, unknown recipient",
        "il mittente non esiste: utente sconosciuto",
    ],
)
@pytest.mark.sentence("6-27")
def test_a_refusal_that_speaks_of_us_is_7_whatever_else_it_quotes(text):
    assert at_rcpt(text) == Category.POLICY


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("sorry, no mailbox here by that name (#5.1.1 - chkuser)", 1),
        ("sorry, not now (#5.7.1)", 7),
        ("mailbox is over quota (#5.2.2)", 3),
        ("5.2.2 no such user", 3),
        ("no such user here [5.4.1]", 4),
        ("Rejected. See 5.1.2.", 2),
        ("#5.1.1 unspecified", 1),
        ("<anna@mail.example>... User unknown; 5.1.6", 1),
        ("5.0.0 user unknown", 1),
        ("5.1.0 mailbox full", 3),
        ("5.2.0 whatever", 9),
        ("from 10.5.1.1 and 5.1.1.9, version 4.5.1-2, v5.2.2: no", 0),
    ],
)
@pytest.mark.sentence("6-28")
def test_an_enhanced_code_decides_wherever_it_stands(text, category):
    assert at_rcpt(text) == category


@pytest.mark.parametrize(
    ("text", "code", "category"),
    [
        ("5.2.1 <anna@mail.example>... User Unknown", 550, 1),
        ("5.2.1 <anna@mail.example>: mailbox disabled", 550, 9),
        ("5.4.4 Name service error for name=mail.example type=MX: Host not found", 550, 2),
        (
            "5.4.4 Name service error for name=mail.example type=MX: Malformed or unexpected name server reply",
            550,
            4,
        ),
        ("5.1.3 http://www.spamhaus.org/query/bl?ip=192.0.2.1", 553, 6),
        ("5.1.1 <anna@mail.example> - 192.0.2.1 has sent to too many recipients this hour", 550, 8),
        ("sorry, mailbox anna@mail.example is over quota temporarily (#5.1.1)", 552, 3),
        ("mailbox full (#5.1.1)", 550, 1),
        ("5.2.0 From: Domain is invalid. Please provide a valid From:", 550, 7),
        ("5.1.0 - Unknown address error 550-'5.7.1 Access denied'", 550, 7),
        ("wasn't delivered because the address couldn't be found. Check it and try again.", 550, 1),
        ("Message from a Messaging Security Suite", 550, 0),
    ],
)
@pytest.mark.sentence("6-29")
def test_words_narrow_a_code_that_systems_use_for_something_else_too(text, code, category):
    assert at_rcpt(text, code) == category


@pytest.mark.parametrize("code", [550, 551, 553])
@pytest.mark.parametrize("text", ["", "no", "sorry, not here", "see https://mail.example/help"])
@pytest.mark.sentence("6-31")
def test_551_and_553_are_1_only_with_words_or_a_code_that_say_so(code, text):
    assert at_rcpt(text, code) == Category.UNKNOWN
    assert at_rcpt(f"{text} user unknown", code) == Category.NO_MAILBOX
    assert at_rcpt(f"{text} (#5.1.1)", code) == Category.NO_MAILBOX


@pytest.mark.parametrize(
    "text",
    [
        "delivery error: dd This user doesn't have a mail.example account (anna@mail.example) [0] - mta1",
        "delivery error: dd anna@mail.example is no longer valid. [-20] - mta1.mail.example",
        "delivery error: dd Not a valid recipient - mta1.mail.example",
        "Requested action not taken: mailbox unavailable",
        "5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
        "User anna (anna@mail.example) not listed in Domino Directory",
        "Unrouteable address: no such mailbox",
        "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "5.4.1 Recipient address rejected: Access denied. [mx.mail.example]",
        "utente sconosciuto",
        "Casella inesistente",
        "Unknown user: anna@mail.example",
        "<anna@mail.example>: Recipient address rejected: User unknown in local recipient table",
        "Verification failed for <anna@mail.example> No Such User Here Recipient verify failed",
        "mx.spamfilter.example: no such user",
        "Empfaenger existiert nicht: Adresse unbekannt",
        "adresse inconnue",
        "550 #5.1.0 Address rejected.",
        "<anna@mail.example>: Recipient address rejected.",
        "el usuario no existe",
    ],
)
@pytest.mark.sentence("6-30")
def test_words_for_a_mailbox_that_is_not_there_are_known_in_many_systems_and_languages(text):
    assert at_rcpt(text) == Category.NO_MAILBOX


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Domain mail.example not found", 2),
        ("Unrouteable mail domain", 2),
        ("DNS lookup failure: host mail.example not found", 2),
        ("Name service error: Host not found, try again", 4),
        ("mailbox full", 3),
        ("User is over quota", 3),
        ("casella piena", 3),
        ("Mailbox quota usage exceeded. Espacio en casilla de mail agotado.", 3),
        ("Esta casilla ha expirado por falta de uso", 9),
        ("retry timeout exceeded", 4),
        ("message size exceeded", 5),
        ("connection timed out", 4),
        ("Message size exceeds fixed limit", 5),
        ("blocked using zen.spamhaus.org", 6),
        ("5.7.1 message looks like spam", 6),
        ("Message refused by DMARC policy", 7),
        ("greylisted, try later", 8),
        ("account is disabled", 9),
        ("5.2.1 The email account that you tried to reach is disabled", 9),
        ("message contains a virus", 10),
    ],
)
def test_the_other_categories_have_their_words(text, category):
    assert at_rcpt(text) == category


@pytest.mark.sentence("6-32")
def test_552_without_a_word_is_a_full_mailbox_at_rcpt_and_a_large_message_elsewhere():
    assert classify(Refusal("no", 552, stage="rcpt")) == Category.FULL
    assert classify(Refusal("no", 552, stage="dot")) == Category.TOO_LARGE


@pytest.mark.sentence("6-32")
def test_556_without_a_word_is_a_domain_that_takes_no_mail():
    assert classify(Refusal("no", 556)) == Category.NO_DOMAIN


@pytest.mark.sentence("6-32")
@pytest.mark.parametrize("code", [550, 551, 553, 554])
def test_another_5xx_without_a_word_is_unknown(code):
    assert classify(Refusal("no", code)) == Category.UNKNOWN


@pytest.mark.sentence("6-32")
def test_a_4xx_without_a_word_is_temporary_trouble():
    assert classify(Refusal("no", 450)) == Category.TEMPORARY
    assert classify(Refusal("mailbox unavailable", 450)) == Category.TEMPORARY


def test_the_code_of_the_replys_class_goes_before_one_that_it_quotes():
    assert find_enhanced("they said 4.2.1 earlier, now (#5.7.1)", 550) == "5.7.1"
    assert find_enhanced("nothing here", 550) == ""


@given(st.text(max_size=600), st.sampled_from([0, 450, 550, 552, 553]))
def test_any_text_gets_a_category(text, code):
    assert classify(Refusal(text, code, "", "rcpt", OURS, THEIRS)) in Category
