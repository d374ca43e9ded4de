"""`make chaos`: the whole product under everything at once; SEED, MESSAGES, KILLS and RELAY are its knobs."""

import os
import random
import sys
from collections import Counter
from urllib.parse import urlsplit

import pytest

from tests.product import Product
from tests.proof.database_pair import DatabasePair
from tests.proof.proof import Proof
from tests.proof.relay_in_front import RelayInFront
from tests.sending.chaos import Misbehaving
from tests.sending.smtp_server import SmtpServer

pytestmark = [pytest.mark.whole, pytest.mark.long, pytest.mark.xdist_group("product-proof")]


def knob(name: str, default: int) -> int:
    return int(os.environ.get(f"CHAOS_{name}", default))


@pytest.fixture
def pair():
    pair = DatabasePair()
    try:
        yield pair.start()
    finally:
        pair.close()


@pytest.fixture
def relay():
    """Our own misbehaving server, or what stands in front of another relay."""
    chance = random.Random(f"server {knob('SEED', 1)}")
    other = os.environ.get("CHAOS_RELAY", "")
    if other:
        address = urlsplit(other)
        front = RelayInFront((address.hostname or "127.0.0.1", address.port or 25), chance)
        yield front
        front.stop()
        return
    moods = Misbehaving(chance)
    server = SmtpServer(moods)
    yield _Moody(server, moods)
    server.stop()


class _Moody:
    """The scripted server, calmed by one word."""

    def __init__(self, server: SmtpServer, moods: Misbehaving) -> None:
        self.url = server.url
        self.did = moods.did
        self._server, self._moods = server, moods

    def copies(self) -> Counter[str]:
        return self._server.copies()

    @property
    def calm(self) -> bool:
        return self._moods.calm

    @calm.setter
    def calm(self, calm: bool) -> None:
        self._moods.calm = calm


@pytest.mark.timeout(3_000)
def test_nobody_is_lost_or_written_to_twice_whatever_happens(pair, relay, tmp_path, capsys):
    product = Product(
        DATABASE_URL=pair.url, XMLD_SMTP_URL=relay.url, XMLD_SENDERS="2", XMLD_WORKERS="3", XMLD_DEMO="0"
    )
    try:
        product.start(ready=False).wait_until_ready(300)
        messages, kills = knob("MESSAGES", 20_000), knob("KILLS", 100)
        proof = Proof(product, pair, relay, tmp_path, knob("SEED", 1), messages, kills)
        table = proof.live_through()
    finally:
        product.clear()
    with capsys.disabled():
        sys.stdout.write(f"\n{table}\n")
