import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deliveries.models import Activity
from recipients import suppressions
from recipients.models import Reason

ADDRESS = "anna@mail.example"


@pytest.fixture
def blacklist(account, capsys):
    def run(act, address=ADDRESS, *more, name=account.name):
        call_command("blacklist", act, address, f"--account={name}", "--json", *more)
        return json.loads(capsys.readouterr().out)

    return run


def test_an_address_is_entered_shown_and_taken_off(blacklist):
    entered = {"address": ADDRESS, "state": "permanent", "reason": 2, "until": None, "count": 0}
    assert blacklist("show") == entered | {"state": "none", "reason": None}
    assert blacklist("add", "ANNA@Mail.example") == entered
    assert blacklist("show") == entered
    assert blacklist("remove")["state"] == "none"
    assert blacklist("remove")["state"] == "none"


def test_each_change_stands_in_the_history_once_with_its_reason(blacklist):
    for act in ("add", "add", "remove", "remove"):
        blacklist(act, ADDRESS, "--why=asked by phone")
    assert [(a.verb, a.params["why"]) for a in Activity.objects.order_by("id")] == [
        ("blacklist added", "asked by phone"),
        ("blacklist removed", "asked by phone"),
    ]


def test_a_temporary_entry_says_until_when_and_how_many_bounces(account, blacklist):
    suppressions.record_bounce(account, ADDRESS, 3, timezone.now())
    found = blacklist("show")
    assert (found["state"], found["reason"], found["count"]) == ("temporary", Reason.BOUNCES, 1)
    assert found["until"] > timezone.now().isoformat()


@pytest.mark.parametrize(
    ("address", "name", "code"),
    [("no address", "Shop", "ADDR_"), (ADDRESS, "Other", "ACCOUNT_UNKNOWN: there is no account 'Other'")],
)
def test_what_is_wrong_is_said_in_one_line(blacklist, address, name, code):
    with pytest.raises(CommandError, match=code):
        blacklist("add", address, name=name)


def test_an_account_knows_nothing_of_anothers_entries(account, blacklist):
    other = type(account).objects.create(name="Other")
    suppressions.suppress(other, ADDRESS, Reason.ABUSE)
    assert blacklist("show")["state"] == "none"
    assert blacklist("remove")["state"] == "none"
    assert suppressions.state_of(other, ADDRESS).name == "permanent"
