"""The product on the distribution's PostgreSQL behind pgbouncer, whose sessions change with each transaction."""

import csv
import io
import re
import signal
from collections import Counter

import psycopg
import pytest

from tests.product import ROOT, Product
from tests.production.own_database import OwnPostgres, PgBouncer
from tests.waiting import wait_for

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product-pooled")]

SAMPLE = ROOT / "tests" / "samples" / "01-send-now"
PEOPLE = 2_000
SESSIONS = 8  # fewer than connect: web, clock, cluster and sender must share them


@pytest.fixture(scope="module")
def postgres():
    server = OwnPostgres()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def pooler(postgres):
    server = PgBouncer(postgres.port, SESSIONS)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def product(pooler):
    product = Product(DATABASE_URL=pooler.url, XMLD_DEMO="1")
    try:
        yield product.start()
    finally:
        product.clear()


def bundle():
    """Return sample 01 with a list of many."""
    files = {path.name: path.read_bytes() for path in SAMPLE.iterdir()}
    (name,) = [name for name in files if name.endswith(".csv")]
    header, first, *_ = csv.reader(io.StringIO(files[name].decode("utf-8")))
    place = header.index("email")
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(header)
    for number in range(PEOPLE):
        writer.writerow([*first[:place], f"p{number}@mail.example", *first[place + 1 :]])
    return files | {name: lines.getvalue().encode()}


@pytest.fixture(scope="module")
def sent(product):
    """The delivery to all of them, once it is over."""
    product.drop(bundle())
    run = product.wait_for_run("orders.xml")
    assert run["status"] == "SUCCESS", run

    folder = product.state / "mail"
    wait_for(lambda: sum(1 for _ in folder.glob("*.eml")) >= PEOPLE, "2,000 mails")

    def over():
        (found,) = [each for each in product.command("deliveries", "--json").json if each["id"] == run["delivery"]]
        return found if found["status"] == "sent" else None

    return wait_for(over, "the end of the delivery")


def test_each_of_2000_gets_one_mail_and_the_accounts_hold(product, sent):
    assert sent["figures"]["delivered"] == PEOPLE
    mails = [path.read_bytes() for path in (product.state / "mail").glob("*.eml")]
    ours = [mail for mail in mails if f"\r\nX-XMLD-Delivery: {sent['id']}\r\n".encode() in mail]
    got = Counter(re.search(rb"^X-Original-To: <?([^>\r]+)", mail, re.MULTILINE)[1].decode() for mail in ours)
    assert got == {f"p{number}@mail.example": 1 for number in range(PEOPLE)}
    assert product.command("reconcile", "--json").json["clean"]


def test_more_are_connected_than_there_are_sessions(product, sent, pooler):
    def crowded():
        pool = pooler.pool()
        return pool if pool["cl_active"] + pool["cl_waiting"] > SESSIONS else None

    pool = wait_for(crowded, "more connections than sessions")
    assert pool["pool_mode"] == "transaction"
    assert pool["sv_active"] + pool["sv_idle"] + pool["sv_used"] <= SESSIONS


def test_no_lock_and_no_setting_is_left_to_the_next_one_s_session(product, sent, postgres, pooler):
    held = (
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.locktype = 'advisory' AND a.state = 'idle'"
    )
    # Locks and sessions are read one after the other, and a lock may end in between: one that is left never does.
    with psycopg.connect(postgres.as_owner(), dbname="xmld", autocommit=True) as owner:
        wait_for(lambda: owner.execute(held).fetchone() == (0,), "no lock of a session that does nothing")
    found = set()
    for _ in range(SESSIONS):
        with psycopg.connect(pooler.url, prepare_threshold=None) as asked:
            found.add(asked.execute("SHOW lock_timeout").fetchone())
    assert found == {("0",)}


def test_a_clock_that_is_killed_is_followed_by_another_that_works(product, sent):
    old = product.kill("clock", signal.SIGKILL)
    product.wait_for_another("clock", old)
    product.drop({"later.xml": b"<", "later.ok": b""})
    assert product.wait_for_run("later.xml")["status"] == "ERROR"


def test_the_event_log_is_read_over_it(product, sent):
    log = product.command("events", str(sent["id"]), "--csv").out
    assert len({row["recipient"] for row in csv.DictReader(io.StringIO(log))}) == PEOPLE
