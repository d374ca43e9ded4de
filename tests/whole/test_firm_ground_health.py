"""What is broken turns /readyz red by its name, what mends it turns it green (docs/reference.md, 1 and 5.3)."""

import os
import signal

import pytest

from tests.waiting import wait_for
from tests.whole.chaos_outcome import readyz
from tests.whole.firm_ground import SPACE, stopped

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product-firm")]


def failing(firm):
    return readyz(firm.product)[1].get("failing")


def last_poll_late(firm):
    """Let two minutes pass for each space and return what is said: a poll that was queued may mend it again."""
    firm.write("UPDATE deliveries_sftpspace SET next_poll_at = now() - interval '2 min'")
    body = readyz(firm.product)[1]
    return "" if "last poll" not in (body.get("failing") or []) else body["parts"]["last poll"]["message"]


def silent(firm, kind):
    """Let a minute pass for one kind of process: who is alive is heard of again within 5 s."""
    firm.write("UPDATE deliveries_worker SET heartbeat_at = heartbeat_at - interval '61 s' WHERE kind = %s", kind)


def green(firm):
    wait_for(lambda: readyz(firm.product)[0] == 200, "a green /readyz")


@pytest.mark.parametrize(("part", "kind", "name"), [("clock", "clock", "clock"), ("senders", "sender", "senders")])
def test_a_part_that_stands_still_turns_readyz_red_by_its_name(firm, part, kind, name):
    green(firm)
    pid = firm.product.run_json["pids"][part]
    with stopped(pid[0] if isinstance(pid, list) else pid):
        silent(firm, kind)
        wait_for(lambda: failing(firm) == [name], f"a red {name}")
    green(firm)


def test_a_hanging_cluster_turns_readyz_red_and_is_replaced_as_a_whole_group(firm):
    green(firm)
    pids = firm.product.run_json["pids"]
    with stopped(pids["supervisor"]), stopped(pids["cluster"], group=True):
        silent(firm, "cluster")
        wait_for(lambda: failing(firm) == ["cluster"], "a red cluster")
        os.kill(pids["supervisor"], signal.SIGCONT)
        firm.product.wait_for_another("cluster", pids["cluster"])
    green(firm)


def test_a_space_that_nobody_polls_turns_readyz_red(firm):
    green(firm)
    with stopped(firm.product.run_json["pids"]["clock"]):
        wait_for(lambda: SPACE in last_poll_late(firm), "a red last poll that names the space")
    green(firm)


def test_a_database_that_is_away_turns_readyz_red(firm):
    green(firm)
    with stopped(firm.product.run_json["pids"]["supervisor"]):
        firm.product.kill("postgres")
        wait_for(lambda: failing(firm) == ["database"], "a red database")
    green(firm)
