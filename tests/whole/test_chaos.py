"""Whatever is killed, each bundle comes to its end, each person gets one mail (docs/reference.md, 1 and 5.3)."""

from pathlib import Path
from random import Random

import pytest

from tests.waiting import wait_for
from tests.whole import chaos_bundles
from tests.whole.chaos_clients import Client
from tests.whole.chaos_monkey import Monkey
from tests.whole.chaos_outcome import Outcome

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product-chaos")]
CONNECTIONS = 64
SPACES = ["north", "south", "east", "west"]


def provisioned(product, folder):
    """Make the account of the chaos and return its newsletters by space."""
    file = folder / "chaos.toml"
    file.write_text(chaos_bundles.account_file(SPACES), encoding="utf-8")
    made = product.command("provision", str(file)).json["newsletters"]
    return {space: made[f"Offers {space}"] for space in SPACES}


def live_through(product, folder: Path, seed: int, count: int, seconds: float, patience: float):
    """Drop `count` bundles while processes are killed for `seconds`, then outcome what became of them."""
    newsletters = provisioned(product, folder)
    planned = chaos_bundles.Writer(Random(f"bundles {seed}"), newsletters).write(count)
    clients = [
        Client(product, [b for b in planned if b.space == space], Random(f"{space} {seed}"), 0.7 * seconds)
        for space in SPACES
    ]
    monkey = Monkey(product, Random(f"monkey {seed}"))
    for client in clients:
        client.start()
    try:
        monkey.rage(seconds)
        for client in clients:
            client.join(patience)
        assert not [client.name for client in clients if client.is_alive()], "a client could not drop its bundles"
    finally:
        for client in clients:
            client.give_up.set()
    doubtful = sum((client.doubtful for client in clients), start=clients[0].doubtful.__class__())
    outcome = Outcome(product, planned, doubtful)
    story = "\n".join(monkey.story)
    try:
        wait_for(outcome.settled, "the end of everything", patience)
    except AssertionError as late:
        raise AssertionError(f"{late}: {outcome.unsettled}\n{story}\n{product.console[-4000:]}") from late
    faults = outcome.faults(CONNECTIONS * monkey.kills["senders"])
    print(f"seed {seed}: {outcome.numbers()} kills {dict(monkey.kills)} stops {dict(monkey.stops)}")  # noqa: T201
    assert not faults, "\n".join([*faults, story])


@pytest.mark.timeout(900)
def test_a_short_chaos_loses_and_doubles_nothing(another_product, tmp_path):
    product = another_product(XMLD_SENDERS="2", XMLD_WORKERS="3", XMLD_DEMO="0").start()
    live_through(product, tmp_path, seed=0, count=12, seconds=25, patience=240)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(1, 11))
def test_three_minutes_of_chaos_lose_and_double_nothing(another_product, tmp_path, seed):
    product = another_product(XMLD_SENDERS="2", XMLD_WORKERS="4", XMLD_DEMO="0").start()
    live_through(product, tmp_path, seed, count=30, seconds=180, patience=600)
