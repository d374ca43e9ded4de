"""A name that is taken is refused on the page, beside the name, with what to do; nothing ends in an error page."""

import json

import pytest
from django.utils import translation

from deliveries.models import Newsletter, SftpSpace
from recipients.models import Database, Filter, Membership, User

PAGES = {
    "newsletter": "deliveries/newsletter",
    "space": "deliveries/sftpspace",
    "database": "recipients/database",
    "filter": "recipients/filter",
    "membership": "recipients/membership",
}


def second(house, kind, name="Taken", account=None):
    """A second row of the kind, with its name."""
    account = account or house.account
    database = house.database if account == house.account else Database.objects.create(account=account, name="x")
    match kind:
        case "newsletter":
            return Newsletter.objects.create(
                account=account, database=database, name=name, from_address="n@a.example"
            )
        case "space":
            return SftpSpace.objects.create(account=account, name=name, username="u", host="127.0.0.1")
        case "database":
            return Database.objects.create(account=account, name=name)
        case "filter":
            return Filter.objects.create(database=database, name=name, conditions=[])
        case _:
            user = User.objects.create_user(f"u{User.objects.count()}", password="long-enough-1")
            return Membership.objects.create(account=account, user=user, name=name)


def shown(client, page):
    """What the page's form holds, as a browser sends it."""
    values = {bound.html_name: bound.value() for bound in client.get(page).context["adminform"].form}
    plain = {
        name: value for name, value in values.items() if isinstance(value, str | int | float) and value is not False
    }
    return plain | {"seeds": "", "rates": "{}", "notify": "", "authorized_keys": ""}


def errors(response):
    return dict(response.context["adminform"].form.errors) if response.context else {}


@pytest.fixture
def rename(mine, signed_in):
    client = signed_in(mine.account, "account_admin")

    def send(kind, **fields):
        row = getattr(mine, kind)
        page = f"/admin/{PAGES[kind]}/{row.pk}/change/"
        sent = shown(client, page)
        if kind == "filter":
            sent["conditions"] = json.dumps(mine.filter.conditions)
        response = client.post(page, sent | fields)
        row.refresh_from_db()
        return errors(response)

    return send


@pytest.mark.parametrize("kind", PAGES)
def test_a_row_is_not_renamed_to_a_name_that_is_taken(mine, theirs, rename, kind):
    second(mine, kind)
    second(mine, kind, "Free", theirs.account)
    before = getattr(mine, kind).name
    [said] = rename(kind, name="Taken")["name"]
    assert said.endswith("already: choose another.")
    assert getattr(mine, kind).name == before
    assert rename(kind, name="Free") == {}
    assert rename(kind, name="Free") == {}
    assert getattr(mine, kind).name == "Free"


@pytest.mark.parametrize("kind", PAGES)
def test_a_row_is_not_added_under_a_name_that_is_taken(mine, signed_in, kind):
    second(mine, kind)
    client = signed_in(mine.account, superuser=True)
    page = f"/admin/{PAGES[kind]}/add/"
    sent = shown(client, page) | {
        "account": mine.account.pk,
        "database": mine.database.pk,
        "name": "Taken",
        "from_address": "n@acme.example",
        "username": "someone",
        "host": "127.0.0.1",
        "separator": ",",
        "structure": "email email",
        "conditions": json.dumps(mine.filter.conditions),
        "user": User.objects.create_user("fresh", password="long-enough-1").pk,
    }
    found = errors(client.post(page, sent))
    assert list(found) == ["name"]
    assert found["name"][0].endswith("already: choose another.")
    assert errors(client.post(page, sent | {"name": "Another"})) == {}


def test_a_person_is_not_added_twice_to_an_account(mine, signed_in):
    client = signed_in(mine.account, superuser=True)
    page = "/admin/recipients/membership/add/"
    sent = {"account": mine.account.pk, "user": mine.membership.user_id, "name": "Again", "role": "operator"}
    assert "belongs to the account already" in errors(client.post(page, sent))["user"][0]


def test_a_filter_by_hand_may_have_the_name_of_one_that_a_bundle_made(mine, signed_in):
    Filter.objects.create(database=mine.database, name="orders", conditions=[], automatic=True)
    sent = {"database": mine.database.pk, "name": "orders", "use": "both", "match": "all"}
    sent["conditions"] = json.dumps(mine.filter.conditions)
    signed_in(mine.account).post("/admin/recipients/filter/add/", sent)
    assert Filter.objects.filter(name="orders", automatic=False).exists()


def test_two_spaces_of_the_bundled_server_have_two_user_names(mine, rename):
    SftpSpace.objects.filter(pk=mine.space.pk).update(embedded=True)
    SftpSpace.objects.create(account=mine.account, name="Other", username="taken", embedded=True)
    assert "has this user name" in rename("space", username="taken")["username"][0]


def test_seconds_between_polls_are_five_or_more(mine, rename):
    assert rename("space", poll_seconds="4") == {"poll_seconds": ["Write 5 or more, and at most 86400 (a day)."]}
    assert rename("space", poll_seconds="5") == {}
    assert mine.space.poll_seconds == 5


def test_it_is_said_in_italian_too(mine, signed_in):
    second(mine, "filter")
    sent = {"name": "Taken", "use": "both", "match": "all", "conditions": json.dumps(mine.filter.conditions)}
    with translation.override("en"):  # a request leaves its language to whoever comes next in the thread
        answer = signed_in(mine.account).post(
            f"/admin/recipients/filter/{mine.filter.pk}/change/", sent, headers={"Accept-Language": "it"}
        )
        said = "Il db utenti ha già un filtro con questo nome: sceglierne un altro."
        assert errors(answer) == {"name": [said]}
