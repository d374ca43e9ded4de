"""A user's key for an account, made in the admin: shown once, kept hashed, the old one stops (reference 2.1)."""

import pytest
from django.contrib.auth.hashers import check_password, make_password


@pytest.mark.sentence("2.1-06", "2.1-08")
@pytest.mark.django_db
def test_a_key_is_shown_once_when_it_is_made_and_kept_hashed(mine, signed_in):
    mine.membership.key_hash = make_password("old-key")
    mine.membership.save()
    client = signed_in(mine.account, "account_admin")
    page = f"/admin/recipients/membership/{mine.membership.pk}"
    answer = client.post(f"{page}/new-key/", follow=True).content.decode()
    mine.membership.refresh_from_db()
    key = answer.partition("shown only now: ")[2][:32]
    assert key.isalnum()
    assert check_password(key, mine.membership.key_hash)
    assert key not in mine.membership.key_hash
    assert not check_password("old-key", mine.membership.key_hash)
    for again in (f"{page}/change/", f"{page}/new-key/", "/admin/recipients/membership/", "/admin/"):
        assert key not in client.get(again).content.decode()
