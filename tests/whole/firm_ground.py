"""The account of the tests of firm ground, and what they do to it from outside."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.product import Product
from tests.waiting import wait_for
from tests.whole.chaos_bundles import XML, account_file
from tests.whole.chaos_outcome import rows

CONNECTIONS = 64
SPACE = "firm"


class Ground:
    """A product with one space of its own."""

    def __init__(self) -> None:
        self.product = Product(XMLD_DEMO="0")
        self._newsletter = 0

    def prepare(self, folder: Path) -> "Ground":
        self.product.start()
        file = folder / "firm.toml"
        file.write_text(account_file([SPACE]), encoding="utf-8")
        made = self.product.command("provision", str(file)).json
        self._newsletter = made["newsletters"][f"Offers {SPACE}"]
        return self

    def drop(self, stem: str, people: int, *, method: str = "manual", schedule: datetime | None = None) -> int:
        """Drop a bundle for so many people and return its delivery once the run has ended."""
        at = f"<schedule>{schedule:%Y-%m-%dT%H:%M:%S}Z</schedule>" if schedule else ""
        xml = XML.format(
            key="chaos-key", newsletter=self._newsletter, recipients=f"<csv_file>{stem}.csv</csv_file>",
            method=method, schedule=at, name=stem,
        )  # fmt: skip
        csv = "email,nome,ordine\n" + "".join(f"{stem}.{n}@mail.example,N,{n}\n" for n in range(people))
        files = {f"{stem}.xml": xml.encode(), f"{stem}.csv": csv.encode(), f"{stem}.ok": b""}
        self.product.drop(files, SPACE, SPACE)
        run = self.product.wait_for_run(f"{stem}.xml")
        assert run["status"] == "SUCCESS", run["error"]
        return run["delivery"]

    def write(self, statement: str, *values: object) -> None:
        """Change a row: only to let time pass that a test can't wait for."""
        with psycopg.connect(self.product.run_json["database_url"]) as connection:
            connection.execute(statement, values)

    def limit(self, a_second: int) -> None:
        """Let no more mails a second out; 0 lifts it."""
        self.write("UPDATE deliveries_newsletter SET rate_per_hour = %s", a_second * 3600)

    def delivery(self, number: int) -> dict[str, Any]:
        return rows(self.product, "SELECT * FROM deliveries_delivery WHERE id = %s", number)[0]

    def messages(self, number: int) -> dict[str, int]:
        """Count a delivery's messages by state."""
        question = "SELECT status, count(*) AS n FROM deliveries_message WHERE delivery_id = %s GROUP BY status"
        return {row["status"]: row["n"] for row in rows(self.product, question, number)}

    def wait_for_status(self, number: int, status: str) -> dict[str, Any]:
        return wait_for(
            lambda: (row := self.delivery(number))["status"] == status and row, f"delivery {number} {status}"
        )

    def wait_for_replies(self, number: int) -> None:
        wait_for(lambda: "sending" not in self.messages(number), "the replies still out")

    def act(self, *words: object) -> str:
        answer = self.product.command("delivery", *map(str, words))
        assert answer.code == 0, answer.err
        return answer.out

    def mails_to(self, stem: str) -> list[str]:
        """Return the addresses of a bundle that a mail came to, one for each mail."""
        return [address for address in self.product.addressees() if address.startswith(f"{stem}.")]

    @contextmanager
    def half_sent(self, stem: str, people: int, rate: int = 100) -> Iterator[int]:
        """Start a delivery and let the mail server stand still once some of it is out; yields the delivery.

        At a hundred a second it can't be over before; with `rate` 0 it goes as fast as it can.
        """
        number = self.drop(stem, people)
        self.limit(rate)
        catcher = self.product.run_json["pids"]["catcher"]
        with ThreadPoolExecutor(1) as beside:  # the command ends later than the first thousand mails
            started = beside.submit(self.act, "start", number)
            wait_for(lambda: self.messages(number).get("delivered"), "the first mail")
            os.kill(catcher, signal.SIGSTOP)
            started.result()
        with stopped(catcher):
            left = self.messages(number).get("pending", 0)
            assert left > CONNECTIONS, "it was over before it could be stopped: more people are needed"
            yield number
        self.limit(0)


@contextmanager
def stopped(*pids: int, group: bool = False) -> Iterator[None]:
    """Have processes stand still for the block; whoever is gone by its end was replaced."""
    tell = os.killpg if group else os.kill
    for pid in pids:
        tell(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            try:
                tell(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue
