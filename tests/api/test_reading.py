"""The read API tells what pages and commands tell, page by page, of one account only."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone

from deliveries.models import Delivery, Message
from recipients import api_tokens
from recipients.models import ApiToken, Membership, User
from tests.api.conftest import Api, filled, token_of


def command(*arguments):
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_it_tells_what_the_commands_tell(api, delivery):
    (told,) = api("deliveries")["items"]
    (said,) = command("deliveries")
    assert told == {name: said[name] for name in told}
    (run,), (ran,) = api("runs")["items"], command("runs")
    assert {**run, "started": None} == {**{name: ran[name] for name in run}, "started": None}
    assert api(f"runs/{delivery.run_id}")["transitions"][0]["sub_status"] == "SEMAPHORE_FOUND"
    report, reported = api(f"deliveries/{delivery.pk}/report"), command("report", str(delivery.pk))
    assert report["figures"] == reported["figures"]
    assert {name: report[name] for name in ("rates", "links", "domains", "devices", "bounces", "emptied")} == {
        name: reported[name] for name in ("rates", "links", "domains", "devices", "bounces", "emptied")
    }
    events = api(f"deliveries/{delivery.pk}/events")["items"]
    assert events == command("events", str(delivery.pk))
    one = api(f"deliveries/{delivery.pk}")
    assert (one["labels"], one["database"]["name"]) == ({"season": "winter"}, "Customers")


def test_what_else_there_is(api, delivery):
    assert api("newsletters")["items"][0]["mail_from"] == "news@shop.example"
    (database,) = api("databases")["items"]
    assert database["fields"] == [{"name": "email", "type": "email"}, {"name": "nome", "type": "string"}]
    assert api("filters")["items"][0] == {
        "id": delivery.filter_id,
        "name": "Milan",
        "database": {"id": database["id"], "name": "Customers"},
        "use": "both",
        "automatic": False,
        "archived": False,
    }


def test_pages_join_to_the_whole_and_what_comes_meanwhile_moves_nothing(api, delivery):
    for number in range(4):
        Delivery.objects.create(
            account=delivery.account, newsletter=delivery.newsletter, database=delivery.database, title=str(number)
        )
    whole = [row["id"] for row in api("deliveries")["items"]]
    first = api("deliveries", limit=2)
    Delivery.objects.create(
        account=delivery.account, newsletter=delivery.newsletter, database=delivery.database, title="new"
    )
    second = api("deliveries", limit=2, cursor=first["next"])
    third = api("deliveries", limit=2, cursor=second["next"])
    assert [row["id"] for page in (first, second, third) for row in page["items"]] == whole
    assert third["next"] is None
    rows, after = [], {}
    while after is not None:
        page = api(f"deliveries/{delivery.pk}/events", limit=2, **after)
        rows += page["items"]
        after = {"cursor": page["next"]} if page["next"] else None
    assert len(rows) == 9  # delivered, a click, a deduced view each


def test_lists_can_be_narrowed(api, delivery):
    Delivery.objects.create(
        account=delivery.account, newsletter=delivery.newsletter, database=delivery.database, title="t", type="test"
    )
    assert len(api("deliveries")["items"]) == 1
    assert len(api("deliveries", tests="true")["items"]) == 2
    assert api("deliveries", status="failed")["items"] == []
    assert api("runs", status="ERROR")["items"] == []


def test_another_accounts_ids_answer_as_unknown(api, delivery):
    theirs = filled("other")
    for path in (
        "runs/{run}",
        "deliveries/{delivery}",
        "deliveries/{delivery}/report",
        "deliveries/{delivery}/events",
    ):
        of_theirs = api(path.format(run=theirs.run_id, delivery=theirs.pk), answers=404)
        of_none = api(path.format(run=10**9, delivery=10**9), answers=404)
        assert of_theirs["detail"].replace(str(theirs.pk), "").replace(str(theirs.run_id), "") == of_none[
            "detail"
        ].replace(str(10**9), "")
    for path in ("runs", "deliveries", "newsletters", "databases", "filters"):
        assert len(api(path)["items"]) == 1


PROBLEMS = [
    ("deliveries", {"limit": "0"}, 422, "INVALID"),
    ("deliveries", {"limit": "201"}, 422, "INVALID"),
    ("deliveries", {"status": "none"}, 422, "INVALID"),
    ("deliveries", {"cursor": "MQ=="}, 422, "INVALID"),
    ("deliveries", {"cursor": "c\u0661"}, 422, "INVALID"),
    ("deliveries/x", {}, 422, "INVALID"),
    (f"deliveries/{10**30}", {}, 422, "INVALID"),
    ("nothing", {}, 404, "NO_ADDRESS"),
    ("", {}, 404, "NO_ADDRESS"),
]


@pytest.mark.parametrize(("path", "values", "status", "code"), PROBLEMS)
def test_what_can_not_be_answered_is_a_problem(api, path, values, status, code):
    problem = api(path, answers=status, **values)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"].endswith((".", "`."))


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(OperationalError, 503, "AWAY"), (InterfaceError, 503, "AWAY"), (KeyError, 500, "INTERNAL")],
)
def test_what_fails_with_us_is_a_problem_too(api, monkeypatch, fault, status, code):
    def fails(_secret):
        raise fault("server closed the connection")

    monkeypatch.setattr(api_tokens, "find", fails)
    answer = Client(raise_request_exception=False, headers=api.headers).get("/api/v1/runs")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert (answer.json()["code"], "connection" in answer.content.decode()) == (code, False)
    assert answer.get("Retry-After") == ("60" if status == 503 else None)


def test_nothing_can_be_changed(api, delivery):
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(Client(headers=api.headers), method)(f"/api/v1/deliveries/{delivery.pk}")
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
        assert answer["Allow"] == "GET"
    assert Delivery.objects.filter(pk=delivery.pk).exists()


@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer x", "Basic eDp4"])
def test_without_a_living_token_nothing_is_told(delivery, sent):
    answer = Client(headers={"Authorization": sent} if sent else {}).get(f"/api/v1/deliveries/{delivery.pk}")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (401, "TOKEN")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_can_expire_and_be_revoked_and_is_kept_hashed(delivery):
    secret = token_of(delivery.account, name="short", expires_at=timezone.now() + timedelta(minutes=1))
    Api(secret)("runs")
    row = ApiToken.objects.get(name="short")
    assert row.last_used_at is not None
    assert secret not in str(ApiToken.objects.values())
    ApiToken.objects.update(expires_at=timezone.now())
    Api(secret)("runs", answers=401)
    other = token_of(delivery.account, name="other")
    assert api_tokens.revoke(ApiToken.objects.get(name="other"))
    Api(other)("runs", answers=401)
    with pytest.raises(api_tokens.ClientError, match="another name"):
        token_of(delivery.account, name="x"), token_of(delivery.account, name="x")


def test_a_members_token_ends_with_the_member(delivery):
    user = User.objects.create(username="erp")
    member = Membership.objects.create(account=delivery.account, user=user, name="erp")
    api_tokens.provision(member, "a-long-enough-token")
    api_tokens.provision(member, "a-long-enough-token")
    Api("a-long-enough-token")("runs")
    User.objects.update(is_active=False)
    Api("a-long-enough-token")("runs", answers=401)
    User.objects.update(is_active=True)
    member.delete()
    Api("a-long-enough-token")("runs", answers=401)


def test_the_xmls_keys_open_nothing(delivery):
    user = User.objects.create(username="erp", suid="demo-user")
    Membership.objects.create(account=delivery.account, user=user, name="erp", key_hash="x")
    for secret in ("demo-user", "demo-key", "x"):
        Api(secret)("runs", answers=401)


def test_a_token_without_the_right_reads_no_person(delivery):
    api = Api(token_of(delivery.account, personal_data=False))
    assert api(f"deliveries/{delivery.pk}/events", answers=403)["code"] == "PERSONAL_DATA"
    whole = json.dumps([api(path) for path in ("runs", "deliveries", "newsletters", "databases", "filters")])
    for message in Message.objects.all():
        assert message.address not in whole


def test_who_guesses_or_asks_too_often_waits(delivery, monkeypatch):
    from deliveries.api import opening

    monkeypatch.setattr(opening, "MOST_FAILURES", 3)
    monkeypatch.setattr(opening, "MOST_REQUESTS", 2)
    api = Api(token_of(delivery.account))
    api("runs"), api("runs")
    answer = Client(headers=api.headers).get("/api/v1/runs")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (429, "TOO_MANY")
    assert int(answer["Retry-After"]) > 0
    for _ in range(3):
        Api("wrong")("runs", answers=401)
    Api("wrong")("runs", answers=429)
