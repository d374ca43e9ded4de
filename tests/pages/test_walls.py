"""Every address of the admin, asked by those who must not: nothing of another account shows, ever."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

NO_SUCH = 987654321
LOGIN = "/admin/login/"


def admin_patterns():
    """Every named address below /admin/, with the arguments it takes."""

    def walk(patterns, prefix):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, prefix + str(pattern.pattern))
            elif isinstance(pattern, URLPattern):
                yield prefix + str(pattern.pattern), pattern

    yield from walk(get_resolver().url_patterns, "/")


def addresses(rows, file_id):
    """Fill each pattern with the id of the row of its model; patterns without a row stay as they are."""
    names = {
        f"{model._meta.app_label}/{model._meta.model_name}": model._meta.model_name
        for model in admin.site._registry
    }
    for route, _pattern in admin_patterns():
        if not route.startswith("/admin/") or "(?P" in route:
            continue
        model = names.get("/".join(route.split("/")[2:4]))
        row = rows.get(model)
        if "<" in route and row is None:
            continue
        filled = route
        for part in ("<path:object_id>", "<int:object_id>", "<id>"):
            filled = filled.replace(part, str(row))
        yield filled.replace("<int:file_id>", str(file_id)).replace("<int:person_id>", "1")


def answer(client, method, url):
    response = client.get(url) if method == "GET" else client.post(url, {"post": "yes"})
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, body


@pytest.mark.parametrize(
    ("role", "method"),
    [("operator", "GET"), ("operator", "POST"), ("account_admin", "POST"), ("reviewer", "GET"), (None, "GET")],
)
def test_another_accounts_rows_answer_as_rows_that_do_not_exist(mine, theirs, signed_in, role, method):
    client = signed_in(mine.account if role else None, role or "operator", personal_data=True)
    before = {name: type(row).objects.filter(pk=row.pk).values().get() for name, row in theirs.rows().items()}
    theirs_ids = {name: row.pk for name, row in theirs.rows().items()}
    none_ids = dict.fromkeys(theirs_ids, NO_SUCH)
    asked = 0
    pairs = zip(addresses(theirs_ids, theirs.run_file.pk), addresses(none_ids, theirs.run_file.pk), strict=True)
    for url, nowhere in pairs:
        if "logout" in url or (method == "POST" and "password_change" in url):
            continue
        status, body = answer(client, method, url)
        asked += 1
        assert theirs.word.lower().encode() not in body.lower(), f"{url} shows another account's data"
        if url != nowhere:
            assert (status, body) == answer(client, method, nowhere), url
            # /<id>/ sends everybody on to /<id>/change/, whatever the id.
            assert status in {403, 404} or (status == 302 and url.count("/") == 5), f"{url} answered {status}"
    assert asked > 60
    after = {name: type(row).objects.filter(pk=row.pk).values().get() for name, row in theirs.rows().items()}
    assert before == after


def test_nobody_gets_no_further_than_the_log_in(mine):
    ids = {name: row.pk for name, row in mine.rows().items()}
    for url in addresses(ids, mine.run_file.pk):
        if url.startswith(LOGIN) or "jsi18n" in url or "logout" in url:
            continue
        response = Client().get(url)
        if response.status_code == 200:
            assert mine.word.encode() not in response.content
        else:
            assert response.status_code in {302, 404, 405}, url
            assert response.status_code != 302 or LOGIN in response["Location"], url


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
