"""Walls between accounts, one at a time; tests/rights walks them all."""

import pytest


def test_a_file_of_another_run_is_not_found_under_ones_own(mine, theirs, signed_in):
    client = signed_in(mine.account)
    assert (
        client.get(f"/admin/deliveries/processingrun/{mine.run.pk}/file/{theirs.run_file.pk}/").status_code == 404
    )


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("deliveries", "newsletter", "database"),
        ("deliveries", "newsletter", "base_filter"),
        ("recipients", "membership", "user"),
    ],
)
def test_autocomplete_offers_only_ones_own(mine, theirs, signed_in, app, model, field):
    client = signed_in(mine.account, "account_admin")
    response = client.get(
        "/admin/autocomplete/", {"app_label": app, "model_name": model, "field_name": field, "term": theirs.word}
    )
    assert response.status_code in {200, 403}
    assert theirs.word.encode() not in response.content


def test_a_form_refuses_another_accounts_rows(mine, theirs, signed_in):
    client = signed_in(mine.account, "account_admin")
    url = f"/admin/deliveries/newsletter/{mine.newsletter.pk}/change/"
    client.post(url, {"name": "taken", "database": theirs.database.pk, "from_address": "a@b.example"})
    mine.newsletter.refresh_from_db()
    assert mine.newsletter.database_id == mine.database.pk


def test_a_member_of_two_accounts_cannot_join_their_rows(mine, theirs, signed_in):
    from recipients.models import Membership

    client = signed_in(mine.account, "account_admin")
    Membership.objects.create(account=theirs.account, user=client.user, name="both", role="account_admin")
    page = f"/admin/deliveries/newsletter/{mine.newsletter.pk}/change/"
    form = {
        field: value
        for field, value in client.get(page).context["adminform"].form.initial.items()
        if value is not None
    }
    form |= {"database": theirs.database.pk, "seeds": "", "rates": "{}"}
    response = client.post(page, form)
    assert response.status_code == 200
    assert "another account" in str(response.context["errors"])
    mine.newsletter.refresh_from_db()
    assert mine.newsletter.database_id == mine.database.pk


def test_a_lookup_in_the_address_cannot_spy(mine, theirs, signed_in):
    client = signed_in(mine.account)
    for query in ("account__name=Zenith+Ltd", f"newsletter__id__exact={theirs.newsletter.pk}", "q=Zenith"):
        response = client.get(f"/admin/deliveries/delivery/?tab=all&{query}", follow=True)
        assert b"Zenith offers" not in response.content
