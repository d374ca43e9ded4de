"""A draft is begun with a newsletter's defaults, written, duplicated and made ready (reference 5.1, 5.4)."""

import pytest
from django.utils import timezone

from deliveries.errors import ClientError, StateConflict
from deliveries.models import Activity, Attachment, Content, Delivery, Label
from deliveries.sending.lifecycle import control, drafts, editing
from recipients.domains import ownership


@pytest.fixture
def draft(house, operator):
    return drafts.create_draft(house.newsletter, actor=operator)


def test_a_draft_has_every_default_of_its_newsletter(house, operator, draft):
    content = Content.objects.get(delivery=draft)
    assert (draft.status, draft.source, draft.created_by, draft.filter) == ("new", "ui", operator, None)
    assert (draft.title, draft.subject) == ("Hello ${nome}$", "Hello ${nome}$")
    assert (content.html, content.text) == (house.newsletter.html, house.newsletter.text)
    assert (content.from_address, content.reply_to) == (house.newsletter.from_address, house.newsletter.reply_to)
    assert content.footer
    assert draft.remove_duplicates  # who was loaded twice gets one mail, unless somebody wants otherwise
    assert list(draft.activity.values_list("verb", flat=True)) == ["created"]


@pytest.mark.parametrize(("preferred", "html", "text"), [("rich_text", True, False), ("simple_text", False, True)])
def test_a_draft_takes_the_parts_that_the_newsletter_prefers(house, preferred, html, text):
    house.newsletter.preferred_content = preferred
    content = Content.objects.get(delivery=drafts.create_draft(house.newsletter))
    assert (bool(content.html), bool(content.text)) == (html, text)


def test_a_transactional_newsletter_makes_transactional_deliveries_without_a_footer(house):
    house.newsletter.kind = "transactional"
    draft = drafts.create_draft(house.newsletter)
    assert draft.transactional
    assert not Content.objects.get(delivery=draft).footer


def test_what_is_written_is_kept_and_the_version_grows(house, operator, draft):
    version = editing.edit(
        draft.pk, {"title": "T", "filter": house.filter, "html": "<p>x</p>"}, version=draft.version, actor=operator
    )
    draft.refresh_from_db()
    assert (draft.title, draft.filter, draft.version) == ("T", house.filter, version)
    assert Content.objects.get(delivery=draft).html == "<p>x</p>"


def test_two_windows_do_not_overwrite_each_other(draft):
    editing.edit(draft.pk, {"title": "first"}, version=draft.version)
    with pytest.raises(StateConflict, match="Somebody changed it meanwhile"):
        editing.edit(draft.pk, {"title": "second", "html": "second"}, version=draft.version)
    assert Delivery.objects.get(pk=draft.pk).title == "first"
    assert Content.objects.get(delivery=draft).html != "second"


def test_what_has_started_is_no_longer_edited(house, draft):
    Delivery.objects.filter(pk=draft.pk).update(status="scheduled", start_at=timezone.now())
    with pytest.raises(StateConflict):
        editing.edit(draft.pk, {"title": "late"}, version=draft.version)
    Delivery.objects.filter(pk=draft.pk).update(status="sending")
    with pytest.raises(StateConflict, match="can no longer be changed"):
        editing.edit(draft.pk, {"title": "late"}, version=draft.version)


def test_a_draft_may_be_wrong_and_a_ready_one_may_not_become_so(draft):
    version = editing.edit(draft.pk, {"html": "${nosuchfield}$"}, version=draft.version)
    with pytest.raises(ClientError, match="nosuchfield"):
        editing.finish(draft.pk, version=version)
    version = editing.edit(draft.pk, {"html": "<p>${nome}$</p>"}, version=version)
    editing.finish(draft.pk, version=version)
    draft.refresh_from_db()
    assert draft.status == "ready"
    with pytest.raises(ClientError, match="nosuchfield"):
        editing.edit(draft.pk, {"html": "${nosuchfield}$"}, version=draft.version)
    assert Content.objects.get(delivery=draft).html == "<p>${nome}$</p>"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": " "}, "SUBJECT_MISSING"),
        ({"reply_to": ""}, "REPLY_TO_MISSING"),
        ({"html": "", "text": " "}, "CONTENT_NONE"),
        ({"from_address": "news@elsewhere.example"}, "SENDER_DOMAIN"),
    ],
)
def test_a_draft_that_a_bundle_could_not_ask_for_is_not_made_ready(draft, house, changes, code):
    house.account.sender_domains.all().delete()
    ownership.vouch(house.account, ["acme.example"])
    version = editing.edit(draft.pk, changes, version=draft.version)
    with pytest.raises(ClientError) as refused:
        editing.finish(draft.pk, version=version)
    assert refused.value.code == code
    assert Delivery.objects.get(pk=draft.pk).status == "new"


def test_a_duplicate_has_everything_but_the_past(house, operator):
    old = house.delivery
    Label.objects.create(delivery=old, name="season", value="winter\nlong")
    Attachment.objects.create(delivery=old, name="a.pdf", content_type="application/pdf", content=b"%PDF")
    Delivery.objects.filter(pk=old.pk).update(
        status="sent", size=2, ended_at=timezone.now(), remove_duplicates=True
    )
    made = drafts.duplicate(old.pk, actor=operator)
    assert (made.status, made.source, made.run, made.size, made.ended_at) == ("new", "ui", None, None, None)
    assert (made.filter, made.subject, made.remove_duplicates) == (old.filter, old.subject, True)
    assert made.title == "Acme offers (copy)"
    assert list(made.labels.values_list("name", "value")) == [("season", "winter\nlong")]
    assert bytes(made.attachments.get().content) == b"%PDF"
    assert made.content.html == old.content.html


def test_what_is_sent_with_a_grace_can_be_taken_back(house, operator):
    control.start(house.delivery.pk, actor=operator, grace=timezone.timedelta(seconds=60))
    house.delivery.refresh_from_db()
    assert (house.delivery.status, house.delivery.start_queued_at) == ("scheduled", None)
    assert house.delivery.start_at > timezone.now()
    control.unschedule(house.delivery.pk, actor=operator)
    house.delivery.refresh_from_db()
    assert house.delivery.status == "ready"
    assert [line.verb for line in Activity.objects.filter(delivery=house.delivery)[:2]] == [
        "unscheduled",
        "started",
    ]
