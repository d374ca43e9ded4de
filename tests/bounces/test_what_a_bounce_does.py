"""Reference 7.1: a mail that comes back moves its own message, once, and climbs the ladder."""

import json

import pytest
from django.utils import timezone

from deliveries import tokens
from deliveries.models import Delivery, Event, Message, MessageCopy, Subscription
from deliveries.statistics.figures import figures
from deliveries.statistics.log import event_rows
from deliveries.statistics.recompute import from_events
from deliveries.tokens import Purpose
from deliveries.tracking.bounces.receive import receive
from recipients import suppressions
from recipients.models import BlacklistEntry, Reason
from tests.bounces.conftest import REASONS, complaint, dsn, message_id, return_path


def actions(message):
    return "".join(sorted(Event.objects.filter(message=message).values_list("action", flat=True)))


def standing(message):
    return suppressions.state_of(message.delivery.account, message.address)


@pytest.mark.sentence("7.1-08", "7.1-21")
def test_a_bounce_moves_its_message_and_blacklists_an_address_without_a_mailbox(sent):
    message = sent()
    (found,) = receive(dsn(), return_path(message))
    assert (found.kind, found.hard, found.category) == ("bounce", True, 1)
    assert (found.address, found.delivery, found.message) == (message.address, message.delivery_id, message.pk)
    message.refresh_from_db()
    assert (message.status, message.category, message.enhanced, message.code) == ("bounced", 1, "5.1.1", 550)
    assert "user unknown" in message.reply
    assert actions(message) == "bz"
    assert (standing(message).name, standing(message).reason) == ("permanent", Reason.MAILBOX)
    assert BlacklistEntry.objects.get().delivery == message.delivery_id


@pytest.mark.sentence("6-02")
def test_the_figures_agree_with_the_events_after_bounces(sent, delivery):
    full, gone, fine = sent("full@mail.example"), sent("gone@mail.example"), sent("fine@mail.example")
    Delivery.objects.filter(pk=delivery.pk).update(size=3)
    receive(dsn("full@mail.example", REASONS["full"]), return_path(full))
    receive(dsn("gone@mail.example"), return_path(gone))
    receive(complaint(fine))
    mine = figures([delivery.pk])[delivery.pk]
    assert (mine["delivered"], mine["bounced"], mine["complaints"]) == (1, 2, 1)
    assert (mine["blacklisted"], mine["temporary_blacklisted"]) == (2, 1)
    again = from_events(event_rows(Delivery.objects.all()))
    assert {name: again[name] for name, value in mine.items() if value is not None} == {
        name: value for name, value in mine.items() if value is not None
    }


@pytest.mark.sentence("7.1-21")
def test_a_status_of_class_4_is_never_hard(sent):
    message = sent()
    (found,) = receive(dsn(said="450 4.1.1 user unknown"), return_path(message))
    assert (found.kind, found.hard, found.category) == ("bounce", False, 8)
    assert standing(message).name == "temporary"


@pytest.mark.sentence("7.1-07")
def test_a_repeat_changes_nothing(sent):
    message = sent()
    mail = dsn(said=REASONS["full"])
    first, again = receive(mail, return_path(message))[0], receive(mail, return_path(message))[0]
    assert (first.changed, again.changed) == (True, False)
    assert standing(message).count == 1
    assert actions(message) == "by"


@pytest.mark.sentence("7-05")
def test_bounces_of_further_deliveries_climb_the_ladder_to_its_end(sent, delivery):
    names = []
    for _ in range(4):
        message = sent()
        receive(dsn(said=REASONS["full"]), return_path(message))
        names.append((standing(message).name, standing(message).count))
    assert names == [("temporary", 1), ("temporary", 2), ("temporary", 3), ("permanent", 4)]
    assert standing(message).reason == Reason.BOUNCES


def test_a_refusal_by_policy_is_a_bounce_and_suppresses_nobody(sent):
    message = sent()
    receive(dsn(said=REASONS["policy"]), return_path(message))
    assert Message.objects.get(pk=message.pk).status == "bounced"
    assert standing(message).name == "none"


@pytest.mark.sentence("7.1-04")
def test_122_the_message_is_known_by_its_id_where_the_return_path_was_lost(sent):
    message = sent()
    (found,) = receive(dsn(original=message_id(message)), "postmaster@shop.example")
    assert found.message == message.pk
    assert Message.objects.get(pk=message.pk).status == "bounced"


@pytest.mark.parametrize("way", ["SRS0=ab=cd=shop.example={}", "prvs=123={}", "{}+tag", "BTV1==={}"])
@pytest.mark.sentence("7.1-03")
def test_a_return_path_that_was_rewritten_on_its_way_is_still_ours(sent, way):
    message = sent()
    local, domain = return_path(message).split("@")
    assert receive(dsn(), f"{way.format(local.upper())}@{domain}")[0].message == message.pk


@pytest.mark.parametrize(
    "recipient",
    [None, "bounces@shop.example", f"{'0' * 48}@bounces.shop.example", "x" * 5_000 + "@shop.example"],
)
@pytest.mark.sentence("7.1-05")
def test_122_a_forged_or_foreign_bounce_changes_nothing(sent, recipient):
    message = sent()
    (found,) = receive(dsn(), recipient)
    assert (found.kind, found.address, found.hard) == ("bounce", "anna@mail.example", True)
    assert (found.delivery, found.message, found.changed) == (None, None, False)
    assert Message.objects.get(pk=message.pk).status == "delivered"
    assert not Event.objects.exists()
    assert not BlacklistEntry.objects.exists()


@pytest.mark.sentence("7.1-06")
def test_tokens_of_other_purposes_and_of_copies_act_on_nobody(sent):
    message = sent()
    other = f"{tokens.make_local_part(Purpose.OPEN, message.pk)}@bounces.shop.example"
    copy = f"{tokens.make_local_part(Purpose.RETURN_PATH, 0)}@bounces.shop.example"
    gone = f"{tokens.make_local_part(Purpose.RETURN_PATH, message.pk + 1000)}@bounces.shop.example"
    for recipient in (other, copy, gone):
        assert receive(dsn(), recipient)[0].message is None
    assert Message.objects.get(pk=message.pk).status == "delivered"


@pytest.mark.sentence("7.1-09")
def test_of_several_recipients_only_the_messages_own_is_its_bounce(sent):
    message = sent("b@mail.example")
    more = "\nFinal-Recipient: rfc822; b@mail.example\nAction: failed\nStatus: 5.2.2\n"
    found = receive(dsn("a@mail.example", more=more), return_path(message))
    assert [(line.address, line.category, line.message) for line in found] == [
        ("a@mail.example", 1, None),
        ("b@mail.example", 3, message.pk),
    ]
    assert Message.objects.get(pk=message.pk).category == 3


@pytest.mark.sentence("7.1-10")
def test_a_bounce_of_where_the_mail_was_forwarded_to_is_the_bounce_of_the_message(sent):
    message = sent("anna@mail.example")
    receive(dsn("anna.private@other.example"), return_path(message))
    assert Message.objects.get(pk=message.pk).status == "bounced"


@pytest.mark.sentence("7.1-11")
def test_122_a_delay_is_no_bounce(sent):
    message = sent()
    (found,) = receive(dsn(said="451 4.4.1 try later", action="delayed"), return_path(message))
    assert (found.kind, found.hard) == ("delay", False)
    assert Message.objects.get(pk=message.pk).status == "delivered"
    assert not Event.objects.exists()


@pytest.mark.sentence("7.1-12")
def test_124_an_automatic_answer_to_the_return_path_is_no_bounce(sent):
    message = sent()
    mail = b"From: anna@mail.example\nSubject: Automatic reply: Winter\nAuto-Submitted: auto-replied\n\nAway.\n"
    (found,) = receive(mail, return_path(message))
    assert (found.kind, found.message) == ("auto_reply", message.pk)
    assert not Event.objects.exists()


@pytest.mark.sentence("7.1-22")
def test_what_comes_back_proves_a_message_in_doubt_sent(sent):
    bounced, delayed, answered = (sent(f"{name}@mail.example", "in_doubt") for name in ("a", "b", "c"))
    MessageCopy.objects.create(message=bounced, body=b"x")
    receive(dsn("a@mail.example"), return_path(bounced))
    receive(dsn("b@mail.example", "451 4.4.1 later", "delayed"), return_path(delayed))
    receive(b"From: c@mail.example\nSubject: Automatic reply\n\nx", return_path(answered))
    found = [Message.objects.get(pk=m.pk).status for m in (bounced, delayed, answered)]
    assert found == ["bounced", "delivered", "delivered"]
    assert not MessageCopy.objects.exists()


def test_a_bounce_may_come_before_the_reply_to_the_dot_is_recorded(sent):
    message = sent(status="sending")
    assert receive(dsn(), return_path(message))[0].changed
    assert Message.objects.get(pk=message.pk).status == "bounced"


@pytest.mark.parametrize("status", ["pending", "cancelled", "blacklist", "error", "expired"])
@pytest.mark.sentence("7.1-23")
def test_what_never_went_out_does_not_bounce(sent, status):
    message = sent(status=status)
    assert not receive(dsn(), return_path(message))[0].changed
    assert Message.objects.get(pk=message.pk).status == status


@pytest.mark.sentence("7.1-16", "7-06")
def test_the_person_who_answers_ends_a_row_of_bounces(sent):
    message = sent()
    suppressions.record_bounce(message.delivery.account, message.address, 3, timezone.now())
    receive(b"From: Anna <anna@mail.example>\nSubject: Re: Winter\n\nThanks!", return_path(message))
    assert standing(message).name == "none"


@pytest.mark.sentence("7.1-13")
def test_123_a_complaint_twice_is_counted_once(sent, delivery):
    message = sent()
    found = [receive(complaint(message))[0] for _ in range(2)]
    assert [(line.kind, line.changed) for line in found] == [("complaint", True), ("complaint", False)]
    assert (standing(message).name, standing(message).reason) == ("permanent", Reason.FEEDBACK_LOOP)
    assert actions(message) == "fz"
    assert figures([delivery.pk])[delivery.pk]["complaints"] == 1


@pytest.mark.sentence("7.1-13")
def test_a_report_that_it_was_no_spam_changes_nothing(sent):
    message = sent()
    assert receive(complaint(message, "not-spam"))[0].kind == "unknown"
    assert not Event.objects.exists()


@pytest.mark.sentence("7.1-15")
def test_a_mail_to_the_unsubscribe_address_is_a_list_unsubscription(sent):
    message = sent()
    address = f"{tokens.make_local_part(Purpose.UNSUBSCRIBE, message.pk)}@bounces.shop.example"
    mail = b"From: Anna <anna.other@mail.example>\nSubject: unsubscribe\n\n"
    found = [receive(mail, address)[0] for _ in range(2)]
    assert [(line.kind, line.address, line.changed) for line in found] == [
        ("unsubscribe", message.address, True),
        ("unsubscribe", message.address, False),
    ]
    assert Subscription.objects.get().state == -1
    assert standing(message).reason == Reason.LIST_UNSUBSCRIBE
    assert actions(message) == "lz"


@pytest.mark.sentence("7.1-15")
def test_the_mail_that_apples_unsubscribe_button_sends_counts_though_it_calls_itself_automatic(sent):
    message = sent()
    mail = b"From: anna@mail.example\nSubject: unsubscribe\nAuto-Submitted: auto-replied\n\nApple Mail sent this."
    to = f"{tokens.make_local_part(Purpose.UNSUBSCRIBE, message.pk)}@bounces.shop.example"
    (found,) = receive(mail, to)
    assert (found.kind, found.changed) == ("unsubscribe", True)
    assert actions(message) == "lz"


@pytest.mark.sentence("7.1-14")
def test_microsofts_own_form_of_a_complaint_is_one(sent):
    message = sent()
    mail = f"""From: staff@hotmail.com
Subject: complaint about message from 192.0.2.1
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: anna@mail.example
Message-ID: {message_id(message)}

Hello
"""
    (found,) = receive(mail.encode(), "fbl@shop.example")
    assert (found.kind, found.message, found.changed) == ("complaint", message.pk, True)
    assert standing(message).reason == Reason.FEEDBACK_LOOP
    assert receive(mail.replace("staff@hotmail.com", "staff@mail.example").encode(), "fbl@shop.example")[
        0
    ].kind == ("unknown")


@pytest.mark.parametrize("ours", [True, False])
def test_amazons_notification_is_of_the_message_whose_return_path_it_names(sent, ours):
    message = sent()
    event = {
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "anna@mail.example"}]},
        "mail": {"source": return_path(message) if ours else "news@shop.example"},
    }
    event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = f"smtp; {REASONS['no mailbox']}"
    mail = f"From: no-reply@sns.mail.example\nSubject: AWS Notification Message\n\n{json.dumps(event)}\n--\nbye"
    (found,) = receive(mail.encode(), "notices@shop.example")
    assert (found.kind, found.address, found.hard) == ("bounce", "anna@mail.example", True)
    assert (found.message, found.changed) == ((message.pk, True) if ours else (None, False))
    assert Message.objects.get(pk=message.pk).status == ("bounced" if ours else "delivered")


def test_a_machines_answer_to_the_unsubscribe_address_unsubscribes_nobody(sent):
    message = sent()
    address = f"{tokens.make_local_part(Purpose.UNSUBSCRIBE, message.pk)}@bounces.shop.example"
    receive(b"From: a@mail.example\nSubject: Out of office\n\nx", address)
    receive(dsn(), address)
    assert not Subscription.objects.exists()


def test_134_a_hostile_reason_is_kept_as_plain_text_in_one_line(sent):
    message = sent()
    said = "550 5.1.1 \x1b[31m<script>\x00alert(1)</script>\u202e user unknown " + "x" * 5_000
    receive(dsn(said=said), return_path(message))
    message.refresh_from_db()
    assert message.status == "bounced"
    assert not set(message.reply) & set("\x00\x1b\u202e\n")
    assert len(message.reply) <= 500
