"""A token of the read API, made and ended at a user of the account (reference 11)."""

import pytest
from django.test import Client

from deliveries.models import Activity
from recipients import api_tokens
from recipients.models import ApiToken, Membership


@pytest.mark.django_db
def test_a_token_is_shown_once_opens_the_api_and_ends(mine, signed_in, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    client = signed_in(mine.account, "account_admin")
    page = f"/admin/recipients/membership/{mine.membership.pk}"
    answer = client.post(f"{page}/new-api-token/", {"days": "30"}, follow=True).content.decode()
    token = answer.partition("shown only now: ")[2].partition("<")[0].split()[0]
    row = ApiToken.objects.get()
    assert row.expires_at is not None

    def asks():
        return Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/deliveries").status_code

    assert asks() == 200
    for again in (f"{page}/change/", f"{page}/new-api-token/", "/admin/"):
        assert token not in client.get(again).content.decode()
    client.post(f"{page}/end-api-token/", follow=True)
    assert asks() == 401
    verbs = Activity.objects.filter(verb__startswith="API token").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["API token made", "API token revoked"]


@pytest.mark.django_db
def test_an_operator_makes_none(mine, signed_in):
    page = f"/admin/recipients/membership/{mine.membership.pk}/new-api-token/"
    assert signed_in(mine.account, "operator").post(page).status_code in {403, 404}
    assert not ApiToken.objects.exists()


@pytest.mark.django_db
def test_a_token_reads_what_its_member_may_read_now(mine):
    secret = api_tokens.make_for(mine.membership, None)
    assert api_tokens.find(secret).personal_data
    Membership.objects.filter(pk=mine.membership.pk).update(role="reviewer", personal_data=False)
    assert not api_tokens.find(secret).personal_data
    Membership.objects.filter(pk=mine.membership.pk).update(personal_data=True)
    assert api_tokens.find(secret).personal_data
