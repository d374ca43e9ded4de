"""A filter is built as a sentence and counted while one writes; nobody reads or writes JSON (reference 3.5)."""

import json

import pytest
from django.db import connection

from deliveries.admin.filters.in_words import in_words
from recipients.models import Filter

LIST = "/admin/recipients/filter/"


@pytest.fixture
def people(mine):
    with connection.cursor() as cursor:
        for number in range(30):
            cursor.execute(
                f"INSERT INTO recipients_data.db_{mine.database.pk} (email, nome) VALUES (%s, %s)",
                [f"p{number}@x.example", "Ada" if number % 3 else "Bob"],
            )


@pytest.fixture
def client(mine, signed_in):
    return signed_in(mine.account)


def count(client, database, conditions, match="all"):
    given = {"database": database.pk, "match": match, "conditions": json.dumps(conditions)}
    return client.post(f"{LIST}count/", given)


def test_the_count_says_the_sentence_how_many_and_one_example(mine, people, client):
    said = count(client, mine.database, [{"field": "nome", "op": "equals", "value": "Ada"}]).json()
    assert said == {"sentence": "nome is Ada", "people": "20 rows", "example": "for example p1@x.example"}


def test_what_is_wrong_is_said_while_one_writes(mine, client):
    said = count(client, mine.database, [{"field": "nome", "op": "greater", "value": "Ada"}]).json()
    assert "condition 1" in said["problem"]
    assert client.post(f"{LIST}count/", {"database": mine.database.pk, "conditions": "{"}).json()["problem"]
    for unfinished in ([], [{"field": "nome", "op": "equals", "value": ""}]):
        assert "Write a condition" in count(client, mine.database, unfinished).json()["people"]


def test_another_accounts_database_is_as_unknown_as_none(mine, theirs, client):
    assert count(client, theirs.database, []).status_code == 404
    assert client.get(f"{LIST}words/?database={theirs.database.pk}").status_code == 404
    assert client.get(f"{LIST}words/?database=x").status_code == 404


def test_what_is_offered_is_the_accounts_own(mine, theirs, client):
    words = client.get(f"{LIST}words/?database={mine.database.pk}&own={mine.filter.pk}").json()
    assert [field["name"] for field in words["fields"]] == ["email", "nome", "XML_DELIVERY_CODE"]
    assert words["choices"]["filters"] == []
    assert [each["name"] for each in words["choices"]["newsletters"]] == ["Acme news"]


@pytest.mark.parametrize(("personal_data", "status"), [(False, 403), (True, 200)])
def test_who_may_not_see_people_learns_nothing_of_them_by_counting(mine, people, signed_in, personal_data, status):
    reviewer = signed_in(mine.account, "reviewer", personal_data=personal_data)
    answer = count(reviewer, mine.database, [{"field": "nome", "op": "equals", "value": "Ada"}])
    assert answer.status_code == status
    assert (b"people" in answer.content and b"for example" in answer.content) is personal_data


@pytest.mark.parametrize(
    ("match", "conditions", "sentence"),
    [
        ("all", [{"field": "nome", "op": "is_empty"}], "nome is empty"),
        (
            "any",
            [
                {"field": "nome", "op": "in", "value": list("abcdefg")},
                {"match": "all", "conditions": [{"field": "email", "op": "contains", "value": "@x"}]},
            ],
            "nome is one of a, b, c, d, e, … or (email contains @x)",
        ),
    ],
)
def test_conditions_read_as_a_sentence(mine, match, conditions, sentence):
    assert in_words(mine.database, match, conditions) == sentence


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_operator_builds_a_nested_filter_by_keyboard_and_sees_the_count(chromium, live_server, look, request):
    mine = request.getfixturevalue("mine")
    request.getfixturevalue("people")
    window = look()
    window.sign_in(mine.membership.user)
    page = window.page
    window.look(f"{LIST}add/")
    page.select_option("[name=database]", str(mine.database.pk))
    page.fill("[name=name]", "Adas and more")
    page.wait_for_selector("[data-what]")
    page.select_option("[data-what]", "field:nome")
    page.get_by_label("Value").fill("Ada")
    page.get_by_text("nome is Ada → 20 rows").wait_for()
    page.get_by_role("button", name="Add a group").focus()
    page.keyboard.press("Enter")
    last = page.locator("[data-what]").last
    assert last.evaluate("each => each === document.activeElement")
    last.select_option("field:nome")
    page.get_by_label("How it is compared").last.select_option("starts_with")
    page.get_by_label("Value").last.fill("Ad")
    page.get_by_text("(nome begins with Ad) → 20 rows").wait_for()
    assert "[{" not in page.locator("body").inner_text()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{LIST}")
    made = Filter.objects.get(name="Adas and more")
    assert made.conditions == [
        {"field": "nome", "op": "equals", "value": "Ada"},
        {"match": "any", "conditions": [{"field": "nome", "op": "starts_with", "value": "Ad"}]},
    ]
    window.look(f"{LIST}{made.pk}/change/")
    page.get_by_text("(nome begins with Ad) → 20 rows").wait_for()
    window.check("filter-built")
