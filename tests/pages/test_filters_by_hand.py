"""Reference 3.3, 3.5: filters in the admin."""

import json
import re

import pytest
from django.db import connection

from deliveries.models import Delivery
from recipients import filtering, tables
from recipients.models import FieldType, Filter

LIST = "/admin/recipients/filter/"
ADA = [{"field": "nome", "op": "equals", "value": "Ada"}]


@pytest.fixture
def client(mine, signed_in):
    return signed_in(mine.account)


@pytest.fixture
def act(client):
    """Confirm a dialog of a filter; returns the page that follows."""

    def send(row, name):
        return client.post(f"{LIST}{row.pk}/{name}/", {"post": "yes"}, follow=True).content.decode()

    return send


def people(database, *names):
    with connection.cursor() as cursor:
        for number, name in enumerate(names):
            cursor.execute(
                f"INSERT INTO recipients_data.db_{database.pk} (email, nome) VALUES (%s, %s)",
                [f"p{number}@x.example", name],
            )


@pytest.mark.sentence("3.3-04")
def test_what_xml_delivery_made_is_hidden_until_it_is_asked_for(mine, client):
    Filter.objects.create(database=mine.database, name="orders.xml 2026", conditions=ADA, automatic=True)
    hidden, shown = client.get(LIST).content.decode(), client.get(f"{LIST}?automatic=1").content.decode()
    assert "orders.xml 2026" not in hidden
    assert "Acme filter" in hidden
    assert "orders.xml 2026" in shown
    assert "Acme filter" in shown


@pytest.mark.sentence("3.5-20")
def test_a_filter_is_made_and_changed_and_its_conditions_are_checked(mine, client):
    form = {"database": mine.database.pk, "name": "Adas", "use": "both", "match": "all"}
    for wrong, said in (
        ([{"field": "citta", "op": "equals", "value": "x"}], "condition 1: field &#x27;citta&#x27; is not in"),
        ([{"kind": "opened", "id": 10**9}], "condition 1: delivery 1000000000 is not in this account"),
        ([], "required"),
    ):
        answer = client.post(f"{LIST}add/", form | {"conditions": json.dumps(wrong)})
        assert said in answer.content.decode()
    assert not Filter.objects.filter(name="Adas").exists()
    client.post(f"{LIST}add/", form | {"conditions": json.dumps(ADA)})
    made = Filter.objects.get(name="Adas")
    assert made.conditions == ADA
    changed = [{"kind": "in_filter", "id": mine.filter.pk}]
    client.post(f"{LIST}{made.pk}/change/", form | {"conditions": json.dumps(changed)})
    made.refresh_from_db()
    assert made.conditions == changed


@pytest.mark.sentence("3.5-10")
def test_a_circle_is_refused_when_it_is_saved(mine, client):
    outer = Filter.objects.create(
        database=mine.database, name="outer", conditions=[{"kind": "in_filter", "id": mine.filter.pk}]
    )
    circle = [{"kind": "in_filter", "id": outer.pk}]
    form = {"name": "x", "use": "both", "match": "all", "conditions": json.dumps(circle)}
    answer = client.post(f"{LIST}{mine.filter.pk}/change/", form)
    assert f"filter {mine.filter.pk} would use itself" in answer.content.decode()
    mine.filter.refresh_from_db()
    assert mine.filter.conditions != circle


@pytest.mark.sentence("3.5-11", "3.5-12")
def test_a_filter_counts_its_people_and_shows_the_first_50(mine, client):
    people(mine.database, *(["Bob", "Ada"] * 60))
    chosen = Filter.objects.create(database=mine.database, name="Adas", conditions=ADA)
    shown = client.get(f"{LIST}{chosen.pk}/people/")
    assert shown.context["count"] == 60
    assert [line[0] for line in shown.context["lines"]] == [f"p{n}@x.example" for n in range(1, 101, 2)]
    page = shown.content.decode()
    assert '<span class="xd-big">60</span>' in page


def test_a_whole_number_of_a_person_has_no_thousands_mark(mine, client):
    tables.add_fields(mine.database, [("ordine", FieldType.INTEGER)])
    with connection.cursor() as cursor:
        into = tables.identifier(mine.database).as_string()
        cursor.execute(f"INSERT INTO {into} (email, nome, ordine) VALUES ('a@x.example', 'Acme', 10005)")
    assert re.search(r"<td>10005\s*</td>", client.get(f"{LIST}{mine.filter.pk}/people/").content.decode())


@pytest.mark.sentence("3.5-22")
def test_who_may_not_see_people_gets_the_count_alone(mine, signed_in):
    people(mine.database, "Acme")
    url = f"{LIST}{mine.filter.pk}/people/"
    shown = signed_in(mine.account, "reviewer").get(url)
    assert (shown.context["count"], b"p0@x.example" in shown.content) == (1, False)
    assert b"p0@x.example" in signed_in(mine.account, "reviewer", personal_data=True).get(url).content


@pytest.mark.sentence("3.5-19")
def test_the_page_of_a_filter_says_what_uses_it(mine, client):
    chosen = mine.filter
    Filter.objects.create(database=mine.database, name="outer", conditions=[{"kind": "in_filter", "id": chosen.pk}])
    mine.database.base_filter = mine.newsletter.base_filter = chosen
    mine.database.save()
    mine.newsletter.save()
    Delivery.objects.filter(pk=mine.delivery.pk).update(filter=chosen, status="scheduled")
    used_by = client.get(f"{LIST}{chosen.pk}/people/").context["used_by"]
    expected = [
        "database “Acme people”",
        "filter “outer”",
        "newsletter “Acme news”",
        f"delivery {mine.delivery.pk}",
    ]
    assert used_by == expected


@pytest.mark.sentence("3.5-14", "3.5-23")
@pytest.mark.parametrize("name", ["delete", "archive"])
@pytest.mark.parametrize("status", ["new", "ready", "scheduled"])
def test_what_a_waiting_delivery_uses_is_neither_deleted_nor_archived(mine, act, name, status):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status)
    assert f"is used by delivery {mine.delivery.pk}" in act(mine.filter, name)
    mine.filter.refresh_from_db()
    assert mine.filter.archived_at is None


@pytest.mark.sentence("3.5-15")
def test_a_filter_is_archived_and_restored(mine, act):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sent")
    act(mine.filter, "archive")
    mine.filter.refresh_from_db()
    assert mine.filter.archived_at is not None
    act(mine.filter, "restore")
    mine.filter.refresh_from_db()
    assert mine.filter.archived_at is None


def test_a_free_filter_is_deleted_and_one_of_the_past_is_archived(mine, act):
    free = Filter.objects.create(database=mine.database, name="free", conditions=ADA)
    act(free, "delete")
    assert not Filter.objects.filter(pk=free.pk).exists()
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sent")
    act(mine.filter, "delete")
    mine.filter.refresh_from_db()
    assert mine.filter.archived_at is not None


def test_an_archived_filter_still_serves_the_filters_that_use_it(mine):
    people(mine.database, "Acme", "Bob")
    outer = Filter.objects.create(
        database=mine.database, name="outer", conditions=[{"kind": "in_filter", "id": mine.filter.pk}]
    )
    filtering.archive(mine.filter)
    assert filtering.count(mine.database, filtering.predicate_of(outer)) == 1


@pytest.mark.parametrize(
    "conditions",
    [
        "[" * 3_000 + "]" * 3_000,
        '[{"match": "all", "conditions": ' * 500 + "[]" + "}]" * 500,
        '[{"match": ["all"], "conditions": []}]',
        '[{"match": {}, "conditions": []}]',
    ],
)
def test_conditions_of_a_hostile_shape_are_answered_by_a_sentence(mine, client, conditions):
    answer = client.post(f"{LIST}count/", {"database": mine.database.pk, "match": "all", "conditions": conditions})
    assert answer.status_code == 200
    assert answer.json()["problem"]


def test_a_number_of_thousands_of_digits_is_nobodys_filter(mine, client):
    words = client.get(f"{LIST}words/", {"database": mine.database.pk, "own": "9" * 5_000})
    assert words.status_code == 200
