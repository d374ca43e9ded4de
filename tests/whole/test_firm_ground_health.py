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
        firm.write("UPDATE deliveries_sftpspace SET next_poll_at = next_poll_at - interval '2 min'")
        wait_for(lambda: "last poll" in (failing(firm) or []), "a red last poll")
        assert SPACE in readyz(firm.product)[1]["parts"]["last poll"]["message"]
    green(firm)


def test_a_database_that_is_away_turns_readyz_red(firm):
    green(firm)
    with stopped(firm.product.run_json["pids"]["supervisor"]):
        firm.product.kill("postgres")
        wait_for(lambda: failing(firm) == ["database"], "a red database")
    green(firm)
