import email
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deliveries import tokens
from deliveries.composition import source_of, tracking_at_start
from deliveries.models import Activity, Content, Delivery, Label, ReportPlan
from deliveries.sending.lifecycle import control, start
from deliveries.sending.worker import compose
from deliveries.tokens import Click, Purpose
from recipients.domains import ownership
from recipients.models import Account, Filter
from tests.sending.conftest import add_people, make_delivery, statuses


def _due(newsletter, **values):
    return make_delivery(newsletter, **{"status": "scheduled", "start_at": timezone.now(), **values})


def test_a_delivery_that_is_due_freezes_its_audience_and_goes_out(shop):
    add_people(shop.database, ["a@to.example", "b@to.example"])
    delivery = _due(shop)
    plan = ReportPlan.objects.create(delivery=delivery, recipients=["x@shop.example"], delay_hours=12)
    assert "started: 2 recipients" in start.begin(delivery.pk)
    delivery.refresh_from_db()
    plan.refresh_from_db()
    assert (delivery.status, delivery.size, delivery.note) == ("sending", 2, "")
    assert statuses(delivery) == {"pending": 2}
    assert delivery.ranges.count() == 1
    assert plan.due_at - delivery.started_at == timedelta(hours=12)
    assert "nothing to start" in start.begin(delivery.pk)
    assert statuses(delivery) == {"pending": 2}


def test_labels_and_title_edited_while_it_goes_out_change_no_mail(shop):
    add_people(shop.database, ["a@to.example"])
    delivery = _due(shop, title="First")
    Content.objects.filter(delivery=delivery).update(text="<{season}> ${title}$")
    Label.objects.create(delivery=delivery, name="season", value="winter")
    start.begin(delivery.pk)
    Label.objects.all().delete()
    Delivery.objects.filter(pk=delivery.pk).update(title="Second")
    delivery.refresh_from_db()
    assert compose.mailing(delivery).compiled
    source = source_of(delivery)
    assert (source.labels, source.title) == ({"season": "winter"}, "First")


def test_a_start_makes_the_rows_of_its_links_and_keeps_how_they_are_tracked(shop):
    add_people(shop.database, ["a@to.example"])
    shop.consent, shop.consent_field, shop.link_categories = "field", "Email", {"News": 4}
    shop.save()
    delivery = _due(shop)
    written = "%{Shop[news]%%https://a.example/?o=${email}$}% https://b.example/x."
    Content.objects.filter(delivery=delivery).update(text=written)
    start.begin(delivery.pk)
    rows = delivery.tracked_links.values_list("number", "url", "name", "category", "part")
    assert list(rows) == [
        (1, "https://a.example/?o=${email}$", "Shop", 4, "text"),
        (2, "https://b.example/x", "", 0, "text"),
    ]
    content = Content.objects.get(delivery=delivery)
    assert (content.tracking, content.consent_field) == ("individual", "email")


def test_transactional_mail_asks_for_no_consent(shop):
    shop.consent, shop.consent_field = "field", "email"
    shop.save()
    kept = tracking_at_start(_due(shop, transactional=True))
    assert kept == {"tracking": "individual", "consent_field": ""}


def test_a_copy_carries_links_of_nobody_and_an_id_of_its_own(shop):
    add_people(shop.database, ["a@to.example"])
    delivery = _due(shop)
    Content.objects.filter(delivery=delivery).update(html="", text="https://b.example/x")
    start.begin(delivery.pk)
    delivery.refresh_from_db()
    mailing = compose.mailing(delivery)
    copies = [compose.write_copy(mailing, "me@shop.example", {}, delivery.started_at) for _ in range(2)]
    first, second = (email.message_from_bytes(copy.body) for copy in copies)
    assert first["Message-ID"] != second["Message-ID"]
    token = first.get_payload(decode=True).decode().strip().rpartition("/c/")[2]
    assert tokens.read_click(token) == Click(delivery.pk, tokens.COPY_ID, 1, None)
    assert tokens.read_local_part(Purpose.RETURN_PATH, copies[0].return_path.partition("@")[0]) == tokens.COPY_ID


def test_a_start_after_a_retry_has_the_labels_of_now(shop):
    add_people(shop.database, ["a@to.example"])
    delivery = _due(shop)
    start.begin(delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(status="failed")
    control.retry(delivery.pk)
    Label.objects.create(delivery=delivery, name="season", value="winter")
    assert source_of(delivery).labels == {"season": "winter"}


@pytest.mark.parametrize("written", ["news@caffè.example", "news@xn--caff-8oa.example", "news@CAFFÈ.example"])
def test_a_domain_beyond_ascii_may_be_written_either_way(shop, written):
    ownership.vouch(Account.objects.get(), ["caffè.example"])
    add_people(shop.database, ["a@to.example"])
    delivery = _due(shop)
    Content.objects.filter(delivery=delivery).update(from_address=written)
    start.begin(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.note) == ("sending", "")
    mailing = compose.mailing(delivery)
    assert (mailing.sender_domain, mailing.bounce_domain) == (
        "xn--caff-8oa.example",
        "bounces.xn--caff-8oa.example",
    )


def test_it_does_not_start_before_its_time(shop):
    delivery = _due(shop, start_at=timezone.now() + timedelta(minutes=1))
    assert "nothing to start" in start.begin(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.start_attempts) == ("scheduled", 0)


def test_a_late_start_goes_out_at_once_and_is_noted(shop):
    add_people(shop.database, ["a@to.example"])
    delivery = _due(shop, start_at=timezone.now() - timedelta(hours=3))
    start.begin(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == "sending"
    assert "started late" in delivery.note
    assert Activity.objects.get(delivery=delivery, verb="started").params["due"]


def test_with_nobody_to_write_to_it_fails_and_the_command_says_so(shop):
    delivery = make_delivery(shop)
    with pytest.raises(CommandError, match="nobody to write to"):
        call_command("delivery", "start", str(delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.note) == ("failed", "nobody to write to")
    assert not delivery.messages.exists()


def test_the_command_starts_it(shop, capsys):
    add_people(shop.database, ["a@to.example"])
    delivery = make_delivery(shop)
    call_command("delivery", "start", str(delivery.pk))
    assert "1 recipients" in capsys.readouterr().out
    delivery.refresh_from_db()
    assert delivery.status == "sending"


def test_what_crashed_three_times_fails_with_a_sentence(shop):
    add_people(shop.database, ["a@to.example"])
    delivery = _due(shop, start_attempts=3)
    assert "crashed three times" in start.begin(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == "failed"


def test_a_sender_domain_that_is_no_longer_allowed_fails_it(shop):
    add_people(shop.database, ["a@to.example"])
    shop.account.sender_domains.all().delete()
    ownership.vouch(shop.account, ["other.example"])
    assert "may no longer send from “shop.example”" in start.begin(_due(shop).pk)


@pytest.mark.sentence("3.5-13")
def test_an_archived_filter_fails_it(shop):
    gone = Filter.objects.create(database=shop.database, name="Milan", archived_at=timezone.now())
    assert "is archived" in start.begin(_due(shop, filter=gone).pk)


def test_content_that_can_not_be_prepared_fails_it_before_anybody_is_written_to(shop):
    add_people(shop.database, ["a@to.example"])
    delivery = _due(shop, subject="Ciao ${cognome}$")
    assert "cognome" in start.begin(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == "failed"
    assert not delivery.messages.exists()
