"""Every address that there is, tried by those who must not: they learn nothing and change nothing (reference 9)."""

import re

import pytest
from django.test import Client

from recipients import api_tokens
from recipients.models import Membership, User
from tests.pages.conftest import furnish
from tests.rights import filling, walking, world

WORD = world.WORD.lower().encode()
PEOPLE = [word.encode() for word in world.PEOPLE]
_CHANGING = re.compile(rb"""csrfmiddlewaretoken" value="[^"]*"|"csrf_token": "[^"]*"|nonce="[^"]*\"""")
_THEIRS = re.compile(r"\b7000\d{3}\b")
HUGE = "9" * 22
ABSURD = (HUGE, "\u0661", "1e9%00")
# What any of the dialogs, forms and actions takes for a yes.
YES = {
    "post": "yes",
    "go": "1",
    "act": "again",
    "do": "next",
    "_save": "1",
    "confirm": "on",
    "name": "x",
    "value": "x",
}
_walks = []


@pytest.fixture
def both(db, demo, caught):
    """Two accounts, and everything that leads anywhere in the second one; the ids are those of every test here."""
    world.number_from(world.MINE)
    mine = furnish("Acme")
    theirs = world.theirs()
    caught(world.mail(), recipient=world.ADDRESS)
    world.number_from(world.LATER)
    if not _walks:
        boss = client_of(None, superuser=True)
        boss.post("/admin/recipients/account/choose/", {"account": theirs.account.pk})
        _walks.append(walking.crawl(boss, ["/admin/", *filling.of_patterns()]))
    theirs.walk = _walks[0]
    return mine, theirs


def client_of(account, role="operator", *, personal_data=False, superuser=False):
    name = f"user-{User.objects.count()}"
    user = User.objects.create_user(name, password="long-enough-1", is_staff=True, is_superuser=superuser)
    if account is not None:
        Membership.objects.create(account=account, user=user, name=name, role=role, personal_data=personal_data)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def get(client, address):
    answer = client.get(address)
    return answer.status_code, walking.content_of(answer)


def post(client, address, values):
    answer = client.post(address, values)
    return answer.status_code, walking.content_of(answer)


def nowhere(address):
    """Return the address with ids that nothing has."""
    return _THEIRS.sub(str(world.NO_SUCH), address)


def likeness(answer):
    """Return an answer without the ids that it repeats and what is new each time."""
    status, body = answer
    return status, re.sub(rb"\b7000\d{3}\b|\b%d\b" % world.NO_SUCH, b"ID", _CHANGING.sub(b"", body))


def test_every_pattern_has_an_address_that_is_tried(both):
    _mine, theirs = both
    assert filling.unreached(theirs.walk.addresses) == []
    assert {address: status for address, status in theirs.walk.answers.items() if status >= 500} == {}
    assert len(theirs.walk.addresses) > 150


def test_no_name_that_a_client_writes_is_markup_on_a_page(both):
    _mine, theirs = both
    assert b"&lt;svg onload" in get(client_of(theirs.account), "/admin/deliveries/delivery/?tab=all")[1]
    assert theirs.walk.unescaped == set()


def test_no_page_fails_on_what_no_page_is_asked(both):
    _mine, theirs = both
    boss = client_of(None, superuser=True)
    boss.post("/admin/recipients/account/choose/", {"account": theirs.account.pk})
    token = api_tokens.make(theirs.account, "absurd", personal_data=True, expires_at=None, actor=None)[1]
    reader = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)
    asked = walking.asked_of_each_page(theirs.walk)
    faults = [
        address
        for path, names in sorted(asked.items())
        for address in absurd(path, sorted(names))
        if get(reader if path.startswith("/api/") else boss, address)[0] >= 500
    ]
    assert len(asked) > 100
    assert faults == []


def absurd(path, names):
    """Yield the page asked for what is no number, no page, no text: everything at once, and each word alone."""
    for value in ABSURD:
        yield f"{path}?{'&'.join(f'{name}={value}' for name in names)}"
        if _THEIRS.search(path):
            yield _THEIRS.sub(value, path)
    yield from (f"{path}?{name}={HUGE}" for name in names if name not in {"o", "q"})


@pytest.mark.parametrize("role", ["account_admin", None, "operator", "reviewer"])
def test_another_accounts_rows_are_as_rows_that_do_not_exist(both, role):
    mine, theirs = both
    client = client_of(mine.account if role else None, role or "operator", personal_data=True)
    faults = []
    # Whom the walls hold back in one role they hold back in the next: those try one address of each pattern.
    tried = theirs.walk.addresses if role in {"account_admin", None} else filling.of_patterns()
    for address in sorted(tried):
        answer = get(client, address)
        if WORD in answer[1].lower():
            faults.append(f"{address} shows another account's words")
        if address != nowhere(address) and likeness(answer) != likeness(get(client, nowhere(address))):
            faults.append(f"{address} answers otherwise than for no row: {answer[0]}")
    assert faults == []


def test_no_form_that_names_another_accounts_rows_does_anything(both):
    mine, theirs = both
    client = client_of(mine.account, "account_admin")
    before, faults = (world.kept_rows(), world.people_of(theirs)), []
    for (address, _names), values in sorted(theirs.walk.forms.items()):
        answer = post(client, address, values)
        if WORD in answer[1].lower() and WORD not in str(values).lower().encode():
            faults.append(f"{address} shows another account's words")
        without = {name: [nowhere(value) for value in given] for name, given in values.items()}
        if (address, values) != (nowhere(address), without):
            other = post(client, nowhere(address), without)
            if likeness(answer) != likeness(other):
                faults.append(f"POST {address} answers otherwise than for no row: {answer[0]}, {other[0]}")
    assert faults == []
    assert (world.kept_rows(), world.people_of(theirs)) == before


@pytest.mark.parametrize("role", ["account_admin", "operator"])
def test_no_address_of_another_account_does_anything_when_it_is_posted_to(both, role):
    mine, theirs = both
    client = client_of(mine.account, role)
    before, faults = (world.kept_rows(), world.people_of(theirs)), []
    tried = theirs.walk.addresses if role == "account_admin" else filling.of_patterns()
    posts = [(address, YES) for address in tried if _THEIRS.search(address)]
    ids = {model: filling.newest(model) or world.NO_SUCH for model in filling.registered().values()}
    posts += [
        (f"/admin/{place}/", YES | {"action": action, "_selected_action": ids[model], "select_across": across})
        for place, model in filling.registered().items()
        for action in filling.actions(model)
        for across in "01"
    ]
    for address, values in sorted(posts, key=str):
        status, body = answer = post(client, address, values)
        if WORD in body.lower():
            faults.append(f"POST {address} shows another account's words")
        if status >= 500:
            faults.append(f"POST {address} {values} fails")
        if address != nowhere(address) and likeness(answer) != likeness(post(client, nowhere(address), values)):
            faults.append(f"POST {address} answers otherwise than for no row: {status}")
    assert len(posts) > 80
    assert faults == []
    assert (world.kept_rows(), world.people_of(theirs)) == before


def test_no_search_finds_what_is_another_accounts(both):
    mine, theirs = both
    client = client_of(mine.account, "account_admin")
    lists = sorted({address.partition("?")[0] for address in theirs.walk.addresses if not _THEIRS.search(address)})
    asked = [f"{address}?{name}={world.WORD[:4]}" for address in lists for name in theirs.walk.asks | {"q", "s"}]
    for address in [*asked, *filling.autocompletes([world.WORD[:4], ""])]:
        assert WORD not in get(client, address)[1].lower(), address


def test_nobody_and_half_a_log_in_see_nothing(both, settings):
    _mine, theirs = both
    settings.SECOND_FACTOR_REQUIRED = True
    half = client_of(theirs.account, "account_admin")
    before = world.kept_rows()
    for client in (Client(), half):
        for address in sorted(theirs.walk.addresses):
            assert WORD not in get(client, address)[1].lower(), address
        for (address, _names), values in sorted(theirs.walk.forms.items()):
            post(client, address, values)
    assert world.kept_rows() == before


def test_a_reviewer_sees_no_person_without_the_right_and_changes_nothing(both):
    _mine, theirs = both
    client = client_of(theirs.account, "reviewer")
    before, faults = (world.kept_rows(), world.people_of(theirs)), []
    lists = {address.partition("?")[0] for address in theirs.walk.addresses if not _THEIRS.search(address)}
    searches = {f"{address}?{name}=persef" for address in lists for name in theirs.walk.asks | {"s"}}
    for address in sorted(theirs.walk.addresses | searches):
        body = get(client, address)[1].lower()
        faults += [f"{address} shows {word.decode()}" for word in PEOPLE if word in body]
    for (address, _names), values in sorted(theirs.walk.forms.items()):
        body = post(client, address, values)[1].lower()
        sent = str(values).lower().encode()
        faults += [f"POST {address} shows {word.decode()}" for word in PEOPLE if word in body and word not in sent]
    assert faults == []
    after = world.kept_rows(), world.people_of(theirs)
    assert {name: rows for name, rows in after[0].items() if rows != before[0][name]} == {}
    assert after[1] == before[1]


def test_the_api_knows_one_account(both):
    mine, theirs = both
    whole = {"personal_data": True, "expires_at": None, "actor": None}
    _row, mine_token = api_tokens.make(mine.account, "mine", **whole)
    _row, people_hidden = api_tokens.make(theirs.account, "hidden", **(whole | {"personal_data": False}))
    addresses = [address for address in theirs.walk.addresses if address.startswith("/api/")]
    assert len(addresses) > 8
    outsider = Client(headers={"Authorization": f"Bearer {mine_token}"})
    hidden = Client(headers={"Authorization": f"Bearer {people_hidden}"})
    for address in addresses:
        answer = get(outsider, address)
        assert WORD not in answer[1].lower(), address
        assert likeness(answer) == likeness(get(outsider, nowhere(address))), address
        assert not any(word in get(hidden, address)[1].lower() for word in PEOPLE), address
        assert get(Client(), address)[0] in {401, 404} or "openapi" in address
