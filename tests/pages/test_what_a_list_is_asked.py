"""A list answers the questions that its filters offer; any other leads to the list without filters."""

import pytest
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.urls import reverse

NOT_OFFERED = [
    ("deliveries/newsletter", "seeds__contains=a"),
    ("deliveries/newsletter", "name__regex=("),
    ("deliveries/newsletter", "kind__exact=%00"),
    ("deliveries/newsletter", "created_at__gte=1"),
    ("deliveries/newsletter", "account__name=Acme+Ltd"),
    ("deliveries/newsletter", "dkim_key__isnull=1"),
    ("deliveries/newsletter", "database__name__startswith=A"),
    ("deliveries/sftpspace", "password__startswith=g"),
    ("deliveries/sftpspace", "private_key__isnull=1"),
    ("deliveries/processingrun", "error__contains=mario"),
    ("deliveries/processingrun", "row_errors__reason__contains=mario"),
    ("deliveries/processingrun", "member__key_hash__startswith=p"),
    ("deliveries/delivery", "messages__address__startswith=a"),
    ("recipients/membership", "key_hash__startswith=p"),
    ("recipients/membership", "api_token_hash__startswith=0"),
    ("recipients/membership", "user__password__startswith=p"),
    ("recipients/membership", "user__email=x"),
    ("recipients/blacklistentry", "address__contains=libero"),
    ("recipients/user", "password__startswith=p"),
]
OFFERED = [
    ("deliveries/newsletter", "kind__exact=marketing"),
    ("deliveries/newsletter", "database__id__exact={database}"),
    ("deliveries/processingrun", "status__exact=ERROR&started_at__gte=2026-01-01T00:00Z"),
    ("deliveries/processingrun", "space__id__exact={space}"),
    ("deliveries/delivery", "tab=all&tests=1&newsletter__id__exact={newsletter}"),
    ("recipients/membership", "role__exact=account_admin&q=acme"),
    ("recipients/filter", "automatic=1&archived_at__isempty=1"),
    ("recipients/user", "is_superuser__exact=1&o=2&p=1"),
]


@pytest.fixture
def ask(mine, signed_in):
    platform, keeper = signed_in(None, superuser=True), signed_in(mine.account, "account_admin")
    mine.membership.key_hash = make_password("a key")
    mine.membership.save()
    ids = {name: row.pk for name, row in mine.rows().items()} | {"space": mine.space.pk}

    def get(page, query):
        client = platform if page == "recipients/user" else keeper
        return client.get(f"/admin/{page}/?{query.format(**ids)}")

    return get


@pytest.mark.parametrize(("page", "query"), NOT_OFFERED)
def test_what_no_filter_offers_is_not_answered(ask, page, query):
    answer = ask(page, query)
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/{page}/?e=1")


@pytest.mark.parametrize(("page", "query"), OFFERED)
def test_what_a_filter_offers_is_answered(ask, page, query):
    assert ask(page, query).status_code == 200


def test_every_choice_that_a_filter_shows_can_be_followed(mine, signed_in):
    client, followed = signed_in(mine.account, superuser=True), 0
    for model in admin.site._registry:
        if model._meta.app_label not in {"deliveries", "recipients"}:
            continue
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        listed = client.get(page).context["cl"]
        for shown in listed.filter_specs:
            for choice in shown.choices(listed):
                answer = client.get(page + choice["query_string"])
                assert answer.status_code == 200, (page, choice)
                followed += 1
    assert followed > 40
