"""Reference 7: one page for one address, whatever lists it stands in."""

import hashlib
import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliveries.audience import expected
from deliveries.models import Action, Activity, Delivery, Event, Link, Message, Subscription
from deliveries.sending.ledger.ranges import Row
from deliveries.sending.worker.compose import mailing, write
from recipients import suppressions, tables
from recipients.models import BlacklistEntry, Database, Field, Reason
from tests.pages.conftest import furnish

ADDRESS = "anna@acme.example"


def store(database, address, name="Anna"):
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO recipients_data.db_{database.pk} (email, nome) VALUES (%s, %s) RETURNING id",
            [address, name],
        )
        return cursor.fetchone()[0]


@pytest.fixture
def anna(mine):
    """A person in the list, whose mail was delivered, opened and clicked, also by a machine."""
    row = store(mine.database, "Anna@acme.example")
    now = timezone.now()
    Message.objects.filter(pk=mine.message.pk).update(
        recipient_id=row, status="delivered", outcome_at=now, attempt=1, composed_at=now.replace(microsecond=0)
    )
    type(mine.delivery).objects.filter(pk=mine.delivery.pk).update(status="sent", started_at=now, size=1)
    type(mine.delivery.content).objects.filter(pk=mine.delivery.pk).update(
        html="<p>Hi ${nome}$</p>", text="Hi ${nome}$", frozen_labels={}, frozen_title="x"
    )
    Link.objects.create(delivery=mine.delivery, number=1, url="https://acme.example/sale", name="Sale")
    for minutes, action, origin in ((1, "v", "person"), (2, "c", "person"), (3, "c", "machine")):
        Event.objects.create(
            account=mine.account, delivery=mine.delivery, message=mine.message, at=now + timedelta(minutes=minutes),
            action=action, origin=origin, reference="1" if action == "c" else "",
        )  # fmt: skip
    mine.message.refresh_from_db()
    return mine


def url_of(account, address=ADDRESS, page=""):
    return f"/admin/recipients/database/person/{page}?account={account.pk}&address={quote(address)}"


@pytest.fixture
def page(anna, signed_in):
    client = signed_in(anna.account, "account_admin")

    class Page:
        def show(self, address=ADDRESS):
            return client.get(url_of(anna.account, address))

        def act(self, name, **data):
            return client.post(url_of(anna.account, ADDRESS, f"{name}/"), data, follow=True).content.decode()

    Page.client = client
    return Page()


def test_the_page_shows_rows_of_all_databases_and_what_happened_newest_first(page, anna):
    other = Database.objects.create(account=anna.account, name="Shop")
    for position, (name, kind) in enumerate([("email", "email"), ("nome", "string")]):
        Field.objects.create(database=other, name=name, type=kind, position=position)
    tables.create(other)
    store(other, ADDRESS, "Annina")
    store(other, ADDRESS, "Annetta")
    response = page.show("ANNA@acme.example")
    shown = response.content.decode()
    assert [row.database.name for row, _fields in response.context["rows"]] == ["Acme people", "Shop", "Shop"]
    assert "Annina" in shown
    assert "Annetta" in shown
    whats = [str(line.shown) for line in response.context["lines"]]
    assert "by a machine" in whats[0]
    assert "click" in whats[1]
    assert "view" in whats[2]
    assert "delivered" in whats[3]
    assert response.context["lines"][1].detail == "Sale"


def test_as_many_queries_for_many_newsletters_and_messages_as_for_one(page, anna):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert page.show().status_code == 200
        return len(caught)

    page.show()
    before = queries()
    for number in range(5):
        newsletter = type(anna.newsletter).objects.create(
            account=anna.account, name=f"n{number}", database=anna.database, from_address="a@acme.example"
        )
        delivery = type(anna.delivery).objects.create(
            account=anna.account, newsletter=newsletter, database=anna.database, title=f"t{number}", status="sent"
        )
        message = Message.objects.create(delivery=delivery, recipient_id=1, address=ADDRESS, status="delivered")
        Event.objects.create(
            account=anna.account, delivery=delivery, message=message, at=timezone.now(), action=Action.BOUNCE
        )
    assert queries() == before


def test_the_list_and_a_deliverys_recipients_lead_to_the_person(page, anna):
    listed = page.client.get(f"/admin/recipients/database/{anna.database.pk}/people/").content.decode()
    row = anna.message.recipient_id
    assert f'href="/admin/recipients/database/{anna.database.pk}/people/{row}/">Anna@acme.example</a>' in listed
    way = page.client.get(f"/admin/recipients/database/{anna.database.pk}/people/{row}/", follow=True)
    assert way.context["title"] == ADDRESS
    tab = page.client.get(f"/admin/deliveries/delivery/{anna.delivery.pk}/change/?tab=recipients").content.decode()
    assert f"person/?account={anna.account.pk}&amp;address=anna%40acme.example" in tab


def test_a_row_without_an_address_shows_its_fields(page, anna):
    row = store(anna.database, None, "Nobody")
    shown = page.client.get(f"/admin/recipients/database/{anna.database.pk}/people/{row}/").content.decode()
    assert "Nobody" in shown
    assert "holds no address" in shown


def mail(page, anna):
    return page.client.get(f"/admin/recipients/database/person/mail/{anna.message.pk}/").content.decode()


def test_the_mail_as_she_got_it_is_proved_by_its_bytes(page, anna):
    message = anna.message
    values = tables.read_values(anna.database, [message.recipient_id])[message.recipient_id]
    row = Row(message.pk, message.recipient_id, message.address, 1, message.composed_at, None)
    sent = write(mailing(anna.delivery), row, values, message.composed_at)
    Message.objects.filter(pk=message.pk).update(body_digest=sent.digest)
    assert "the very bytes that were sent" in mail(page, anna)
    frame = page.client.get(f"/admin/recipients/database/person/mail/{message.pk}/html/")
    assert b"Hi Anna" in frame.content
    assert "sandbox" in frame["Content-Security-Policy"]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE recipients_data.db_{anna.database.pk} SET nome = 'Anita'")
    assert "have changed since" in mail(page, anna)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM recipients_data.db_{anna.database.pk}")
    assert "The row of this person is gone" in mail(page, anna)


def test_a_mail_that_0_1_0_sent_is_proved_by_its_bytes_too(page, anna):
    message = anna.message
    values = tables.read_values(anna.database, [message.recipient_id])[message.recipient_id]
    row = Row(message.pk, message.recipient_id, message.address, 1, message.composed_at, None)
    sent = write(mailing(anna.delivery), row, values, message.composed_at)
    Message.objects.filter(pk=message.pk).update(body_digest=hashlib.sha256(sent.body).digest())
    assert "the very bytes that were sent" in mail(page, anna)


def again(page, anna):
    return page.client.post(f"/admin/recipients/database/person/mail/{anna.message.pk}/again/", follow=True)


def test_a_mail_is_sent_again_by_a_draft_that_reaches_its_person_alone(page, anna):
    store(anna.database, "berta@acme.example", "Berta")
    store(anna.database, ADDRESS, "Anna, loaded twice")
    assert f"person/mail/{anna.message.pk}/again/" in mail(page, anna)
    asked = page.client.get(f"/admin/recipients/database/person/mail/{anna.message.pk}/again/").content.decode()
    assert "They have it already" in asked
    assert Delivery.objects.count() == 1
    shown = again(page, anna)
    draft = Delivery.objects.exclude(pk=anna.delivery.pk).get()
    assert shown.request["PATH_INFO"].endswith(f"/{draft.pk}/edit/summary/")
    assert draft.status == "new"
    assert [expected(draft).reached, draft.content.html] == [1, "<p>Hi ${nome}$</p>"]
    assert draft.filter.name == f"One person of «{anna.delivery.title}»"
    anna.message.refresh_from_db()
    assert (anna.message.status, anna.message.attempt) == ("delivered", 1)


def test_nothing_is_sent_again_to_whose_row_is_gone(page, anna):
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM recipients_data.db_{anna.database.pk}")
    assert "holds this address any more" in again(page, anna).content.decode()
    assert Delivery.objects.count() == 1


def test_a_reviewer_sends_nothing_again(anna, signed_in):
    client = signed_in(anna.account, "reviewer", personal_data=True)
    address = f"/admin/recipients/database/person/mail/{anna.message.pk}/"
    assert "/again/" not in client.get(address).content.decode()
    assert client.post(f"{address}again/").status_code == 403


def test_blacklisting_and_taking_off(page, anna):
    assert "on the blacklist" in page.act("blacklist", note="she called")
    entry = BlacklistEntry.objects.get(account=anna.account, address=ADDRESS)
    assert (entry.reason, entry.note, entry.entered_by) == (Reason.BY_HAND, "she called", page.client.user)
    shown = page.show()
    assert "This address is not written to." in shown.content.decode()
    names = [link["name"] for link in shown.context["links"]]
    assert "lift" in names
    assert "blacklist" not in names


def test_unsubscribing_from_one_newsletter(page, anna):
    page.act("unsubscribe", newsletter=anna.newsletter.pk)
    said = Subscription.objects.get(newsletter=anna.newsletter)
    assert (said.address, said.state, said.source) == (ADDRESS, -1, "by hand")
    line = Activity.objects.get(verb="unsubscribed by hand")
    assert ADDRESS not in json.dumps(line.params) + line.target
    assert "unsubscribe" not in [link["name"] for link in page.show().context["links"]]


def test_another_accounts_newsletter_is_no_choice(page, theirs):
    assert "Select a valid choice" in page.act("unsubscribe", newsletter=theirs.newsletter.pk)
    assert not Subscription.objects.exists()


def test_the_export_holds_rows_messages_and_events(page, anna):
    response = page.client.get(url_of(anna.account, ADDRESS, "export.json"))
    told = json.loads(response.content)
    assert told["rows"][0]["values"]["nome"] == "Anna"
    assert len(told["messages"][0]["events"]) == 3
    assert Activity.objects.filter(verb="people exported").count() == 1


def test_erasing_asks_for_the_address_and_names_what_it_does_not_reach(page, anna):
    assert "another address" in page.act("erase", address="b@acme.example")
    assert tables.find_people(anna.database, ADDRESS, limit=5, whole=True)
    shown = page.act("erase", address=ADDRESS)
    assert "Erased as erased-" in shown
    assert "Not reached" in shown
    assert not tables.find_people(anna.database, ADDRESS, limit=5, whole=True)
    anna.message.refresh_from_db()
    assert anna.message.is_erased


@pytest.mark.parametrize("personal_data", [True, False])
def test_a_reviewer_looks_with_the_right_and_does_nothing(anna, signed_in, personal_data):
    client = signed_in(anna.account, "reviewer", personal_data=personal_data)
    response = client.get(url_of(anna.account))
    assert response.status_code == (200 if personal_data else 403)
    if personal_data:
        assert [link["name"] for link in response.context["links"]] == ["export"]
    for act in ("blacklist", "unsubscribe", "erase"):
        assert client.post(url_of(anna.account, ADDRESS, f"{act}/"), {"address": ADDRESS}).status_code == 403
    shown = client.get(f"/admin/recipients/database/person/mail/{anna.message.pk}/")
    assert shown.status_code == (200 if personal_data else 403)


def test_an_operator_may_not_erase(anna, signed_in):
    client = signed_in(anna.account)
    assert client.post(url_of(anna.account, ADDRESS, "erase/"), {"address": ADDRESS}).status_code == 403
    assert "erase" not in [link["name"] for link in client.get(url_of(anna.account)).context["links"]]


def test_another_accounts_people_are_not_found(anna, theirs, signed_in):
    client = signed_in(theirs.account, "account_admin")
    for page in ("", "export.json", "blacklist/", "erase/"):
        assert client.get(url_of(anna.account, ADDRESS, page)).status_code == 404
    assert client.get(f"/admin/recipients/database/person/mail/{anna.message.pk}/").status_code == 404
    assert client.get(f"/admin/recipients/database/person/mail/{anna.message.pk}/html/").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "account=1", "account=x&address=a", "account=99999999999999999999&address=a"]
)
def test_who_is_not_asked_for_well_is_not_found(page, query):
    assert page.client.get(f"/admin/recipients/database/person/?{query}").status_code == 404


def test_addresses_are_found_in_all_databases_by_their_beginning(anna, theirs):
    store(anna.database, "andrea@acme.example")
    store(anna.database, "bert@acme.example")
    databases = [anna.database, theirs.database]
    assert tables.addresses_beginning(databases, "AN", 5) == [
        (anna.account.pk, "andrea@acme.example"),
        (anna.account.pk, ADDRESS),
    ]
    assert tables.addresses_beginning([], "an", 5) == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_person_in_a_browser(look):
    house = furnish("Acme")
    store(house.database, ADDRESS)
    suppressions.suppress(house.account, ADDRESS, Reason.BOUNCES, until=timezone.now() + timedelta(days=3), count=4)
    for width, scheme, locale in ((1280, "light", "en-GB"), (360, "dark", "it-IT")):
        looker = look(width, scheme, locale)
        looker.sign_in(house.membership.user)
        looker.look(url_of(house.account), f"person-{width}")
        looker.look(f"/admin/recipients/database/person/mail/{house.message.pk}/", f"person-mail-{width}")
        looker.look(f"/admin/recipients/database/{house.database.pk}/people/", f"people-{width}")
    looker = look()
    looker.sign_in(house.membership.user)
    looker.look(url_of(house.account))
    looker.page.get_by_role("link", name="Put on the blacklist").click()
    dialog = looker.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("she called")
    looker.check("person-dialog")
    dialog.get_by_role("button", name="Put on the blacklist").click()
    looker.page.get_by_text("This address is not written to.").wait_for()
    looker.check("person-blacklisted")
