import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from deliveries.models import Content, Delivery, Message, Newsletter, SendingRange, Worker
from deliveries.models.states import DELIVERY_MOVES, MESSAGE_MOVES
from recipients import tables
from recipients.domains import ownership
from recipients.models import Account, Database, Field
from tests.ending import ending_with_us
from tests.sending.smtp_server import SmtpServer
from tests.waiting import PATIENCE, wait_for


@pytest.fixture
def smtp():
    server = SmtpServer()
    yield server
    server.stop()


@pytest.fixture
def shop(transactional_db):
    """An account with a database and a newsletter."""
    account = Account.objects.create(name="Shop", xml_delivery=True)
    ownership.vouch(account, ["shop.example"])
    database = Database.objects.create(account=account, name="Customers")
    for position, (name, kind) in enumerate(
        [("email", "email"), ("nome", "string"), ("XML_DELIVERY_CODE", "string")]
    ):
        Field.objects.create(database=database, name=name, type=kind, position=position)
    tables.create(database)
    yield Newsletter.objects.create(
        account=account,
        name="Offers",
        database=database,
        from_address="news@shop.example",
        reply_to="help@shop.example",
    )
    tables.drop(database)


def add_people(database: Database, addresses: list[str]) -> list[int]:
    query = sql.SQL(
        "INSERT INTO {} (email, nome) SELECT a, 'N' || n FROM unnest(%s::text[]) WITH ORDINALITY AS u (a, n)"
        " ORDER BY n RETURNING id"
    ).format(tables.identifier(database))
    with connection.cursor() as cursor:
        cursor.execute(query, [addresses])
        return [row[0] for row in cursor.fetchall()]


def make_delivery(newsletter: Newsletter, **values: object) -> Delivery:
    """A delivery that is ready."""
    given = {"title": "Offer", "subject": "Ciao ${nome}$", "status": "ready", **values}
    delivery = Delivery.objects.create(
        account=newsletter.account, newsletter=newsletter, database=newsletter.database, **given
    )
    Content.objects.create(
        delivery=delivery,
        from_name="Shop",
        from_address="news@shop.example",
        reply_to="help@shop.example",
        html="<html><body><p>Ciao ${nome}$</p></body></html>",
        text="Ciao ${nome}$\n",
    )
    return delivery


def make_going(newsletter: Newsletter, people: int | list[str], *, width: int = 100, **values: object) -> Delivery:
    """A delivery that goes out: its messages and ranges lie there as the freeze leaves them."""
    values.setdefault("status", "sending")
    delivery = make_delivery(newsletter, **{"started_at": timezone.now(), **values})
    addresses = [f"p{n}@to.example" for n in range(people)] if isinstance(people, int) else people
    rows = add_people(newsletter.database, addresses)
    made = Message.objects.bulk_create(
        Message(delivery=delivery, recipient_id=row, address=address)
        for row, address in zip(rows, addresses, strict=True)
    )
    for first in range(0, len(made), width):
        block = made[first : first + width]
        SendingRange.objects.create(
            delivery=delivery, first_id=block[0].pk, last_id=block[-1].pk, due_at=timezone.now()
        )
    Delivery.objects.filter(id=delivery.pk).update(size=len(made))
    return delivery


def statuses(delivery: Delivery) -> Counter:
    return Counter(Message.objects.filter(delivery=delivery).values_list("status", flat=True))


def only_message(delivery: Delivery) -> Message:
    return Message.objects.get(delivery=delivery)


def database_url(name: str = "") -> str:
    given = connection.settings_dict
    who, host = f"{given['USER']}:{quote(given['PASSWORD'])}", quote(given["HOST"])
    address = f"postgresql://{who}@/{name or given['NAME']}?host={host}"
    return address + (f"&port={given['PORT']}" if given["PORT"] else "")


class Senders:
    """Real sender processes against the test's database, with a state folder (so a journal) of their own."""

    def __init__(self, smtp: SmtpServer, state: Path):
        self.smtp = smtp
        self.state = state
        self.running: list[subprocess.Popen] = []
        self._said: dict[int, Path] = {}
        self.program = ("manage.py", "sender")

    def start(self, **environment: str) -> subprocess.Popen:
        said = self.state / f"said-{len(list(self.state.glob('said-*')))}"
        with said.open("wb") as complaints:
            process = subprocess.Popen(
                ending_with_us([sys.executable, *self.program], "KILL"),
                cwd=settings.BASE_DIR,
                env=os.environ
                | {
                    "DATABASE_URL": database_url(),
                    "XMLD_SMTP_URL": self.smtp.url,
                    "XMLD_STOP_SECONDS": "60",
                    "XMLD_STATE_DIR": str(self.state),
                    "XMLD_DATA_KEY": settings.DATA_KEY,
                    "XMLD_SECRET_KEY": settings.SECRET_KEY,
                }
                | environment,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
            )
        self.running.append(process)
        self._said[process.pid] = said
        return process

    def said(self, process: subprocess.Popen) -> str:
        """Return what it has complained of by now."""
        return self._said[process.pid].read_text(encoding="utf-8", errors="replace")

    def kill(self, process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGKILL)
        self.reap(process)

    def reap(self, process: subprocess.Popen) -> tuple[int, str]:
        code = process.wait(PATIENCE)
        self.running.remove(process)
        return code, self.said(process)

    def stop(self, process: subprocess.Popen) -> tuple[int, str]:
        """End a sender as an operator does, once it has come so far that it can obey."""
        known = Worker.objects.filter(kind="sender", pid=process.pid)
        wait_for(lambda: process.poll() is not None or known.exists(), "the sender's first sign of life")
        process.send_signal(signal.SIGTERM)
        return self.reap(process)


@pytest.fixture
def senders(smtp, shop, tmp_path):
    started = Senders(smtp, tmp_path)
    _refuse_other_moves()
    yield started
    for process in list(started.running):
        started.kill(process)
    _allow_all_moves()


MAPS: Final = {"deliveries_delivery": DELIVERY_MOVES, "deliveries_message": MESSAGE_MOVES}


def _refuse_other_moves() -> None:
    """Have the database refuse what the maps of states do not know: a sender that tries it comes to no end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION only_moves_of_the_map() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF (OLD.status || '>' || NEW.status) <> ALL(TG_ARGV) THEN"
            " RAISE EXCEPTION '% of %: no move of the map', OLD.status || '>' || NEW.status, TG_RELNAME; END IF;"
            " RETURN NEW; END $$"
        )
        for table, moves in MAPS.items():
            known = ", ".join(f"'{old}>{new}'" for old, targets in moves.items() for new in targets)
            cursor.execute(
                f"CREATE TRIGGER only_moves_of_the_map BEFORE UPDATE OF status ON {table} FOR EACH ROW"
                f" WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION only_moves_of_the_map({known})"
            )


def _allow_all_moves() -> None:
    with connection.cursor() as cursor:
        for table in MAPS:
            cursor.execute(f"DROP TRIGGER IF EXISTS only_moves_of_the_map ON {table}")


def forget_workers() -> None:
    """Let a minute pass for the sweeper: nobody has been heard of for that long."""
    Worker.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
