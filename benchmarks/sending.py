"""Sending against smtp-source on the same smtp-sink, in one run (docs/architecture.md, Sending).

Method: Debian's smtp-sink takes everything on loopback. `smtp-source -d` sends it one constant text of 20 KB,
with no ledger, in 10, 48 and 96 sessions; its best counts. Then real sender processes deliver the same number of
personalised 20 KB multipart messages out of the embedded PostgreSQL with its ordinary settings (fsync on).
The clock runs from the first to the last recorded outcome.

    .venv/bin/python benchmarks/sending.py [--messages 10000] [--senders 2]
"""
# ruff: noqa: PLC0415  models are there once the benchmark has set up its own database

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SESSIONS = (10, 48, 96)
SIZE = 20_000


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _program(name: str) -> str:
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/libexec/postfix") or sys.exit(
        "install Debian's postfix"
    )


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """Hold an smtp-sink up; yields its port."""
    port = _free_port()
    program = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/libexec/postfix") or sys.exit(
        "install postfix"
    )
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, *user, f"127.0.0.1:{port}", "512"])
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def source_rate(port: int, sessions: int, messages: int) -> float:
    program = shutil.which("smtp-source", path="/usr/sbin:/usr/bin:/usr/libexec/postfix") or sys.exit(
        "install postfix"
    )
    to = ["-f", "a@shop.example", "-t", "b@to.example", f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run(
        [program, "-d", "-s", str(sessions), "-m", str(messages), "-l", str(SIZE), *to],
        check=True,
    )
    return messages / (time.perf_counter() - began)


def _prepare(messages: int) -> int:
    from django.utils import timezone

    from deliveries.models import Content, Delivery, Message, Newsletter, SendingRange
    from recipients import tables
    from recipients.models import Account, Database, Field

    account = Account.objects.create(name=f"Bench {time.time_ns()}", domains=["shop.example"])
    database = Database.objects.create(account=account, name="Customers")
    for position, (name, kind) in enumerate((("email", "email"), ("nome", "string"), ("citta", "string"))):
        Field.objects.create(database=database, name=name, type=kind, position=position)
    tables.create(database)
    newsletter = Newsletter.objects.create(
        account=account, name="N", database=database, from_address="news@shop.example", reply_to="help@shop.example"
    )
    delivery = Delivery.objects.create(
        account=account,
        newsletter=newsletter,
        database=database,
        title="Bench",
        subject="Ciao ${nome}$, offerte a ${citta}$",
        status="paused",
        started_at=timezone.now(),
        size=messages,
    )
    line = "<p>Gentile cliente, le offerte della settimana sono arrivate: città e negozi in elenco.</p>\n"
    Content.objects.create(
        delivery=delivery,
        from_name="Shop",
        from_address="news@shop.example",
        reply_to="help@shop.example",
        html=f"<html><body><p>Ciao ${{nome}}$ di ${{citta}}$</p>{line * 150}<p>${{email}}$</p></body></html>",
        text="Ciao ${nome}$ di ${citta}$\n" + "Le offerte della settimana.\n" * 150,
    )
    _people(database, messages)
    made = Message.objects.bulk_create(
        [Message(delivery=delivery, recipient_id=n, address=f"p{n}@to.example") for n in range(1, messages + 1)],
        5_000,
    )
    for first in range(0, messages, 2_000):
        block = made[first : first + 2_000]
        SendingRange.objects.create(
            delivery=delivery, first_id=block[0].pk, last_id=block[-1].pk, due_at=timezone.now()
        )
    return delivery.pk


def _people(database: object, messages: int) -> None:
    from django.db import connection
    from psycopg import sql

    from recipients import tables

    query = sql.SQL(
        "INSERT INTO {} (email, nome, citta)"
        " SELECT 'p' || n || '@to.example', 'Anna' || n, 'Forlì' FROM generate_series(1, %s) AS n"
    ).format(tables.identifier(database))
    with connection.cursor() as cursor:
        cursor.execute(query, [messages])


def sender_rate(port: int, messages: int, senders: int) -> float:
    """Return messages a second of real sender processes, from the first outcome to the last."""
    from django.db.models import Max, Min

    from deliveries.models import Delivery, Message, Worker

    delivery = _prepare(messages)
    environment = os.environ | {"XMLD_SMTP_URL": f"smtp://127.0.0.1:{port}", "XMLD_STOP_SECONDS": "2"}
    processes = [
        subprocess.Popen([sys.executable, "manage.py", "sender"], cwd=ROOT, env=environment) for _ in range(senders)
    ]
    try:
        while Worker.objects.count() < senders:
            time.sleep(0.1)
        Delivery.objects.filter(id=delivery).update(status="sending")
        while not Delivery.objects.filter(id=delivery, status="sent").exists():
            time.sleep(0.2)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    delivered = Message.objects.filter(delivery=delivery, status="delivered")
    span = delivered.aggregate(first=Min("intent_at"), last=Max("outcome_at"))
    if delivered.count() != messages:
        sys.exit(f"only {delivered.count()} of {messages} were delivered")
    return messages / (span["last"] - span["first"]).total_seconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=2)
    given = parser.parse_args()
    state = tempfile.mkdtemp(prefix="xmld-bench-")
    Path(state).chmod(0o755)
    os.environ |= {"XMLD_STATE_DIR": state, "DJANGO_SETTINGS_MODULE": "xmld_project.settings"}
    from xmld_project import environment
    from xmld_project.standalone import postgres

    with postgres.available(environment.read()) as url, sink() as port:
        os.environ["DATABASE_URL"] = url
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        rates = {sessions: source_rate(port, sessions, given.messages) for sessions in SESSIONS}
        ours = sender_rate(port, given.messages, given.senders)
        best = max(rates.values())
        for sessions, rate in rates.items():
            print(f"smtp-source -d -s {sessions:<3} {rate:10,.0f} messages/s")
        print(f"sender x {given.senders}           {ours:10,.0f} messages/s   ratio {ours / best:.2f} of its best")
        from django.db import connections

        connections.close_all()
    shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main()
