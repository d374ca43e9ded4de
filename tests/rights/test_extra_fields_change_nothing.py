"""A form takes what it shows: every other field of its row that is sent along changes nothing (reference 9)."""

import pytest
from django.db import models
from django.test import Client
from lxml import html as lxml_html

from deliveries.intake.parsing.order import XSD
from deliveries.models import Delivery, SftpSpace
from deliveries.sending.lifecycle import drafts
from recipients import invitations
from recipients.models import Membership, User

# What a page of a right form keeps itself: when, and which edit it was.
_KEPT = {"version", "updated_at", "modified_at", "last_login"}
_RIGHTS = {"is_superuser": "on", "is_staff": "on", "groups": "1", "user_permissions": "1", "password": "x"}
ROLES = ["account_admin", "operator"]
_ANOTHER = {
    models.BooleanField: "on", models.IntegerField: "7", models.DateTimeField: "2031-01-01 00:00:00",
    models.JSONField: '["x"]',
}  # fmt: skip


@pytest.fixture(autouse=True)
def here(settings, tmp_path):
    settings.STATE_DIR = tmp_path


def shown(client, address, action=""):
    """Return what a browser would send of a page's form, None where it has none that changes anything."""
    answer = client.get(address)
    if answer.status_code != 200:
        return None
    for form in lxml_html.fromstring(answer.content).forms:
        names = {element.get("name") for element in form.inputs} - {None, "csrfmiddlewaretoken", "language", "next"}
        if form.method == "POST" and names and (form.action or "") in {"", address, action}:
            sent: dict[str, list[str]] = {}
            for name, value in form.form_values():
                sent.setdefault(name, []).append(value)
            return names, sent
    return None


def extras(row, shown_names, theirs):
    """Return a value for each field of the row that the form does not show; of references another account's row."""
    others = {type(each): each.pk for each in theirs.rows().values()}
    found = dict(_RIGHTS)
    for field in row._meta.concrete_fields:
        if field.name in shown_names or any(name.startswith(f"{field.name}_") for name in shown_names):
            continue
        if field.remote_field:
            found[field.name] = found[field.attname] = str(others.get(field.related_model, 1))
        elif field.choices:
            now = getattr(row, field.name)
            found[field.name] = str(next((value for value, _label in field.flatchoices if value != now), "x"))
        else:
            found[field.name] = next((text for kind, text in _ANOTHER.items() if isinstance(field, kind)), "mass")
    found["id"] = found["pk"] = found["object_id"] = str(theirs.rows().get(row._meta.model_name, row).pk)
    return found


def values(row):
    fresh = type(row)._default_manager.filter(pk=row.pk).values().first() or {}
    return {name: value for name, value in fresh.items() if name not in _KEPT}


def tried(client, address, row, theirs, action=""):
    """Send a page's form with everything else; return its answer and the fields that changed all the same."""
    found = shown(client, address, action)
    if found is None:
        return None, set()
    names, sent = found
    more = extras(row, names, theirs)
    before = values(row)
    answer = client.post(action or address, {**more, **sent})
    after = values(row)
    return answer.status_code, {
        name for name in before if before[name] != after.get(name) and not {name, name.removesuffix("_id")} & names
    }


def everybody(theirs):
    """Return what nobody here may change: another account's rows, and who may do what."""
    people = [values(user) for user in User.objects.order_by("pk")]
    return [values(row) for row in theirs.rows().values()], people, list(Membership.objects.order_by("pk").values())


@pytest.mark.parametrize("role", ROLES)
def test_no_change_form_takes_more_than_it_shows(mine, theirs, signed_in, role):
    client = signed_in(mine.account, role)
    before, saved = everybody(theirs), set()
    for name, row in mine.rows().items():
        address = f"/admin/{row._meta.app_label}/{name}/{row.pk}/change/"
        status, changed = tried(client, address, row, theirs)
        assert changed == set(), address
        if status == 302:
            saved.add(name)
    wanted = {"account_admin": {"newsletter", "sftpspace", "membership", "filter"}, "operator": {"filter"}}
    assert wanted[role] <= saved
    assert everybody(theirs) == before


@pytest.mark.parametrize("role", ROLES)
def test_no_step_of_a_draft_takes_more_than_it_shows(mine, theirs, signed_in, role):
    client = signed_in(mine.account, role)
    draft = drafts.create_draft(mine.newsletter)
    before = everybody(theirs)
    for step in ("newsletter", "recipients", "message", "links"):
        for row in (draft, draft.content):
            status, changed = tried(client, f"/admin/deliveries/delivery/{draft.pk}/edit/{step}/", row, theirs)
            assert (status, changed) == (302, set()), step
    assert (Delivery.objects.get(pk=draft.pk).status, everybody(theirs)) == ("new", before)


def test_what_is_added_lies_in_ones_own_account(mine, theirs, signed_in):
    client = signed_in(mine.account, "account_admin")
    before = everybody(theirs)
    page = "/admin/deliveries/newsletter/add/"
    names, sent = shown(client, page)
    sent |= {"name": "New one", "database": mine.database.pk, "from_address": "news@acme.example"}
    for account in ({}, {"account": theirs.account.pk}):
        client.post(page, {**extras(mine.newsletter, names, theirs), **sent, **account})
    made = type(mine.newsletter).objects.filter(name="New one")
    assert {row.account_id for row in made} <= {mine.account.pk}
    assert everybody(theirs) == before


def test_who_joins_by_an_invitation_is_what_it_says(mine, theirs):
    invited = invitations.invite(
        mine.account, "nora@x.example", "Nora", "reviewer", personal_data=False, actor=mine.membership.user
    )
    more = {"role": "account_admin", "account": theirs.account.pk, "personal_data": "on", "username": "boss"}
    password = {"new_password1": "a-good-long-sentence", "new_password2": "a-good-long-sentence"}
    answer = Client().post(
        f"/admin/invitation/{invitations.token_of(invited)}/",
        {**_RIGHTS, **more, "email": "x@y.example", **password},
    )
    assert answer.status_code == 302
    joined = Membership.objects.get(user__email="nora@x.example")
    assert (joined.account, joined.role, joined.personal_data) == (mine.account, "reviewer", False)
    assert (joined.user.username, joined.user.is_superuser) == ("nora@x.example", False)
    assert joined.user.check_password(password["new_password1"])


@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_the_platform_sets_an_sftp_host(mine, theirs, signed_in, role):
    client = signed_in(mine.account, role)
    page = f"/admin/deliveries/sftpspace/{mine.space.pk}/change/"
    found = shown(client, page)
    where = {"host": "evil.example", "port": "2222", "embedded": "on", "host_key": "ssh-ed25519 AAAA"}
    client.post(page, {**(found[1] if found else {}), **where})
    client.post(
        "/admin/deliveries/sftpspace/add/", {"account": mine.account.pk, "name": "new", "username": "n", **where}
    )
    spaces = SftpSpace.objects.filter(account=mine.account).values_list(
        "name", "host", "port", "embedded", "host_key"
    )
    assert list(spaces) == [("Acme space", "127.0.0.1", 22, False, "")]


def test_no_xml_of_a_client_names_a_host():
    text = XSD.read_text(encoding="utf-8").lower()
    assert 'name="suid"' in text
    assert not [
        word for word in ('name="host', 'name="port', 'name="sftp', 'name="relay', 'name="smtp') if word in text
    ]
