import asyncio
import threading

from deliveries import conf
from deliveries.models import SendingRange, Worker
from deliveries.sending.ledger import ranges
from deliveries.sending.worker.jobs import Job, LeasedRange
from deliveries.sending.worker.turns import Turns
from recipients.models import Account
from tests.sending.conftest import make_going, statuses
from tests.waiting import PATIENCE, wait_for


class _Mailing:
    def __init__(self, account: int, *, marketing: bool = True):
        self.account_id, self.marketing, self.newsletter_id = account, marketing, 1


class _Row(str):
    __slots__ = ()
    address = "p@to.example"


def _leased(turns: Turns, name: str, account: int, jobs: int, **kind) -> None:
    leased = LeasedRange(SendingRange(delivery_id=1), _Mailing(account, **kind), read_to=0, chunk=10)
    turns.add(leased)
    turns.hand_out(leased, [Job(_Row(name), leased, None, None) for _ in range(jobs)])


def _order(turns: Turns, number: int) -> str:
    return "".join(turns.take_waiting().row for _ in range(number))


def test_accounts_take_turns_however_many_ranges_one_has():
    turns = Turns()
    for _ in range(3):
        _leased(turns, "a", account=1, jobs=9)
    _leased(turns, "b", account=2, jobs=9)
    assert _order(turns, 8) in {"abababab", "babababa"}


def test_transactional_mail_goes_before_all_other():
    turns = Turns()
    _leased(turns, "m", account=1, jobs=5)
    _leased(turns, "t", account=1, jobs=2, marketing=False)
    assert _order(turns, 4) == "ttmm"


def test_a_range_that_is_closed_gives_no_more_and_owes_nothing():
    turns = Turns()
    _leased(turns, "a", account=1, jobs=3)
    first = turns.take_waiting()
    first.leased.close()
    assert turns.take_waiting() is None
    first.done()
    assert first.leased.over


def test_who_has_yet_to_connect_does_so_for_a_job_that_waits_for_a_rate():
    """Whoever takes in vain asks for tokens; with all connections lost nobody would, for ever."""
    turns = Turns()
    turns.obey({"newsletter:1": 60})
    _leased(turns, "a", account=1, jobs=2)
    assert turns.take_waiting() is None, "no token yet"
    asyncio.run(asyncio.wait_for(turns.some(), PATIENCE))
    assert turns.rates.wanted() == {"newsletter:1": (60, 1)}


def test_a_job_goes_to_who_is_connected_before_who_is_not():
    async def who_comes_first() -> list[str]:
        turns, came = Turns(), []

        async def connect():
            await turns.some()
            came.append("connects")

        async def take():
            came.append((await turns.take()).row)

        tasks = [asyncio.create_task(connect()), asyncio.create_task(take())]
        await asyncio.sleep(0)  # both wait
        _leased(turns, "job", account=1, jobs=1)
        await tasks[1]
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return came

    assert asyncio.run(who_comes_first()) == ["job"]


def test_of_what_is_due_transactional_ranges_are_leased_first_then_those_of_other_accounts(shop):
    owner = Worker.objects.create(kind="sender", host="h", pid=1, heartbeat_at="2026-01-01T00:00:00Z").pk
    mine, urgent = make_going(shop, 2), make_going(shop, 2, transactional=True)
    other = make_going(shop, 2)
    other.account = Account.objects.create(name="Other", xml_delivery=True)
    other.save()
    assert ranges.lease(owner, {}).delivery_id == urgent.pk
    assert ranges.lease(owner, {mine.pk: shop.account_id}).delivery_id == other.pk
    assert ranges.lease(owner, {}).delivery_id == mine.pk


def test_101_ten_transactional_people_start_within_five_seconds_behind_a_slow_server(senders, smtp, shop):
    slow = threading.Event()

    def answers_late(phase, _context):
        if phase == "dot":
            slow.wait(1.0)

    smtp.script = answers_late
    big = make_going(shop, 3_000, width=1_000)
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) > 20, "some progress")
    invoice = make_going(shop, [f"t{n}@to.example" for n in range(10)], transactional=True)
    before = len(smtp.accepted)
    wait_for(lambda: statuses(invoice)["pending"] == 0, "all ten on their way")
    assert len(smtp.accepted) - before <= 5 * conf.connections(), "what the server takes in five seconds"
    wait_for(lambda: statuses(invoice) == {"delivered": 10}, "all ten")
    assert statuses(big)["pending"] > 1_000
    senders.kill(process)
    slow.set()
