"""Reviewers read, operators act, account administrators configure (reference 9)."""

import pytest

from deliveries.models import Delivery

ACTS = [
    ("deliveries/delivery", "delivery", "start"),
    ("deliveries/delivery", "delivery", "schedule"),
    ("deliveries/delivery", "delivery", "stop"),
    ("deliveries/delivery", "delivery", "delete"),
    ("deliveries/sftpspace", "space", "pause"),
    ("deliveries/sftpspace", "space", "poll-now"),
    ("recipients/filter", "filter", "archive"),
    ("recipients/blacklistentry", "entry", "lift"),
]


@pytest.mark.parametrize(("where", "row", "act"), ACTS)
def test_a_reviewer_can_do_nothing(mine, signed_in, where, row, act):
    client = signed_in(mine.account, "reviewer", personal_data=True)
    url = f"/admin/{where}/{getattr(mine, row).pk}/{act}/"
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403


@pytest.mark.parametrize("where", ["deliveries/delivery", "deliveries/processingrun", "deliveries/newsletter"])
def test_a_reviewer_reads(mine, signed_in, where):
    client = signed_in(mine.account, "reviewer")
    assert client.get(f"/admin/{where}/").status_code == 200
    row = {"delivery": mine.delivery, "processingrun": mine.run, "newsletter": mine.newsletter}[where.split("/")[1]]
    assert mine.word.encode() in client.get(f"/admin/{where}/{row.pk}/change/").content


def test_a_reviewer_sees_addresses_only_with_the_right(mine, signed_in):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sent", size=1)
    page = f"/admin/deliveries/delivery/{mine.delivery.pk}/change/?tab=recipients"
    assert b"anna@acme.example" not in signed_in(mine.account, "reviewer").get(page).content
    assert b"anna@acme.example" in signed_in(mine.account, "reviewer", personal_data=True).get(page).content
    assert (
        b"bad@acme.example"
        not in signed_in(mine.account, "reviewer").get("/admin/recipients/blacklistentry/").content
    )


def test_an_operator_configures_nothing(mine, signed_in):
    client = signed_in(mine.account, "operator")
    assert client.get("/admin/deliveries/newsletter/add/").status_code == 403
    assert client.get("/admin/deliveries/sftpspace/add/").status_code == 403
    assert client.get("/admin/recipients/membership/").status_code == 403
    assert client.post(f"/admin/deliveries/sftpspace/{mine.space.pk}/change/", {"name": "x"}).status_code == 403


def test_an_account_administrator_cannot_activate_or_widen(mine, signed_in):
    client = signed_in(mine.account, "account_admin")
    form = client.get(f"/admin/recipients/account/{mine.account.pk}/change/").context["adminform"].form
    assert "xml_delivery" not in form.fields
    assert "fetch_hosts" not in form.fields
    assert client.get("/admin/recipients/account/add/").status_code == 403
    assert client.get("/admin/recipients/user/").status_code == 403


def test_secrets_go_in_and_never_come_out(mine, signed_in):
    from deliveries import vault

    mine.space.password = vault.seal("sesame-open")
    mine.space.save()
    client = signed_in(mine.account, "account_admin")
    assert b"sesame-open" not in client.get(f"/admin/deliveries/sftpspace/{mine.space.pk}/change/").content


def test_a_reviewer_sees_no_bar_without_buttons(mine, signed_in):
    page = f"/admin/recipients/database/{mine.database.pk}/change/"
    assert b"xd-buttons" not in signed_in(mine.account, "reviewer").get(page).content
    assert b"xd-buttons" in signed_in(mine.account, "operator").get(page).content
