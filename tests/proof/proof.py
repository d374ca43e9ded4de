"""The whole product over a pair of databases, killed part by part; then each person is counted (reference 5.3)."""

import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.product import Product
from tests.proof.database_pair import DatabasePair
from tests.waiting import wait_for
from tests.whole import chaos_bundles
from tests.whole.chaos_clients import Client
from tests.whole.chaos_monkey import Monkey
from tests.whole.chaos_outcome import rows

SPACES = ("north", "south", "east", "west")
OVER = ("sent", "ready", "failed", "stopped")
PEOPLE_A_BUNDLE = 1_000
OPERATORS = "ops@chaos.example"  # told of each run by a mail of its own
# What strikes, and how often against the others: a fail-over is rare, as it costs seconds.
STRIKES = {
    "senders": 10, "cluster": 4, "a worker": 2, "clock": 3, "web": 1, "sftp": 2,
    "PostgreSQL crashes": 2, "PostgreSQL fails over": 1, "the clock jumps": 2,
}  # fmt: skip
# Seconds. The clock that decides is the database's: where it goes ahead, all that was written lies further back.
JUMPS = (-3_600, -40, 40, 3_600)
WRITTEN = {
    "deliveries_worker": ("heartbeat_at",),
    "deliveries_sendingrange": ("lease_until", "due_at"),
    "deliveries_message": ("not_before",),
    "deliveries_processingrun": ("resume_at",),
    "deliveries_sftpspace": ("lease_until", "queued_at", "last_poll_at"),
    "deliveries_delivery": ("start_queued_at",),
}
DOUBTS_A_KILL = 64


@dataclass
class Proof:
    """One life of a product: `relay` is what takes its mail, counts copies and misbehaves."""

    product: Product
    pair: DatabasePair
    relay: Any
    folder: Path
    seed: int
    messages: int
    kills: int
    did: Counter[str] = field(default_factory=Counter)

    def live_through(self) -> str:
        """Drop bundles, strike `kills` times, wait for the end and check; returns the table of what happened."""
        self._chance = random.Random(f"proof {self.seed}")
        self._monkey = Monkey(self.product, self._chance)
        clients = self._clients()
        for client in clients:
            client.start()
        while self.strikes < self.kills:
            self._wait_for_progress()
            self._strike()
            self._hurry()
            self._stop_one()
        self.relay.calm = True
        for client in clients:
            client.join(120)
            assert not client.is_alive(), "a client could not drop its bundles"
        self.doubtful = sum((client.doubtful for client in clients), start=Counter())
        with contextlib.suppress(AssertionError):  # who is still open is named by the verdict
            wait_for(self._over, "the end", 600)
        faults = self._faults()
        table = self._table(faults)
        assert not faults, table
        return table

    @property
    def strikes(self) -> int:
        """How often something was killed, by now."""
        crashes = sum(self.did[each] for each in ("PostgreSQL crashes", "PostgreSQL fails over"))
        return self._monkey.kills.total() + crashes

    def _clients(self) -> list[Client]:
        file = self.folder / "proof.toml"
        file.write_text(chaos_bundles.account_file(list(SPACES)), encoding="utf-8")
        made = self.product.command("provision", str(file)).json["newsletters"]
        newsletters = {space: made[f"Offers {space}"] for space in SPACES}
        size = min(
            PEOPLE_A_BUNDLE, self.messages // len(SPACES)
        )  # each space has a client, and each client a bundle
        self.planned = [self._bundle(number, size, newsletters) for number in range(self.messages // size)]
        self.people = [each for bundle in self.planned for each in bundle.people]
        self.suppressed = self.people[:: len(self.people) // 8]
        for address in self.suppressed:
            said = self.product.command("blacklist", "add", address, "--account", chaos_bundles.ACCOUNT)
            assert said.code == 0, said.err
        spread = 1.5 * self.kills  # seconds: a strike comes every one to eight
        return [
            Client(self.product, [b for b in self.planned if b.space == space], random.Random(space), spread)
            for space in SPACES
        ]

    def _bundle(self, number: int, size: int, newsletters: dict[str, int]) -> chaos_bundles.Planned:
        stem, space = f"b{number:03}", SPACES[number % len(SPACES)]
        people = tuple(f"{stem}.p{each}@mail.example" for each in range(size))
        rows = [f"{address},Name {at},{at}" for at, address in enumerate(people)]
        xml = chaos_bundles.XML.format(
            key="chaos-key", newsletter=newsletters[space], recipients=f"<csv_file>{stem}.csv</csv_file>",
            method="auto", schedule="", name=stem,
        )  # fmt: skip
        lines = "\n".join(["email,nome,ordine", *rows, ""])
        files = {f"{stem}.xml": xml.encode(), f"{stem}.csv": lines.encode(), f"{stem}.ok": b""}
        return chaos_bundles.Planned(space, stem, "now", files, people)

    def _wait_for_progress(self) -> None:
        """Let a few more people be written to, so that strikes are spread over all of them; never for long."""
        goal = self.relay.copies().total() + self._chance.randint(1, 2 * self.messages // self.kills)
        with contextlib.suppress(AssertionError):  # everything may be waiting for what the last strike took away
            wait_for(lambda: self.relay.copies().total() >= goal, "some progress", self._chance.uniform(2, 8))

    def _strike(self) -> None:
        kind = self._chance.choices(list(STRIKES), list(STRIKES.values()))[0]
        if kind == "PostgreSQL crashes":
            self.pair.crash()
        elif kind == "PostgreSQL fails over":
            self.pair.fail_over()
        elif kind == "the clock jumps":
            self._jump(self._chance.choice(JUMPS))
            return
        else:
            self._monkey.kill(kind)
            return
        self.did[kind] += 1

    def _jump(self, seconds: int) -> None:
        """Let the database's clock have gone ahead by so much, or back: what decides by it, decides otherwise."""
        with contextlib.suppress(psycopg.OperationalError), self._connected() as connection:
            connection.execute("SET lock_timeout = '2s'")
            for table, columns in WRITTEN.items():
                moved = ", ".join(f"{column} = {column} - %(by)s * interval '1 second'" for column in columns)
                connection.execute(f"UPDATE {table} SET {moved} WHERE {columns[0]} IS NOT NULL", {"by": seconds})
            self.did["clock jumps"] += 1

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self.pair.url, connect_timeout=10)

    def _hurry(self) -> None:
        """Let retries be due now; nothing of what is being sent is touched."""
        with contextlib.suppress(psycopg.OperationalError), self._connected() as connection:
            connection.execute("SET lock_timeout = '2s'")
            connection.execute("UPDATE deliveries_message SET not_before = now() WHERE status = 'deferred'")
            connection.execute("UPDATE deliveries_sendingrange SET due_at = now() WHERE owner IS NULL")

    def _stop_one(self) -> None:
        """Stop one delivery for good while it goes out, by the operator's command."""
        if self.did["deliveries stopped"] or self.strikes < self.kills // 2:
            return
        with contextlib.suppress(psycopg.OperationalError):
            for row in rows(
                self.product, "SELECT id FROM deliveries_delivery WHERE status = 'sending' ORDER BY id DESC LIMIT 1"
            ):
                if row["id"] is not None:
                    said = self.product.command("delivery", "stop", str(row["id"]))
                    self.did["deliveries stopped"] += said.code == 0

    def _over(self) -> bool:
        self._hurry()
        try:
            runs = rows(self.product, "SELECT file, status FROM deliveries_processingrun WHERE status <> 'LOADING'")
            going = rows(
                self.product, f"SELECT id FROM deliveries_delivery WHERE status <> ALL('{{{','.join(OVER)}}}')"
            )
        except psycopg.OperationalError:
            return False
        return {bundle.xml for bundle in self.planned} <= {run["file"] for run in runs} and not going

    def _faults(self) -> list[str]:
        """Return a sentence for each person and bundle of whom something is wrong; nobody's hangs on another's."""
        copies = self._copies()
        messages = rows(self.product, "SELECT address, status FROM deliveries_message")
        told = {row["address"]: row["status"] for row in messages}
        each = Counter(row["address"] for row in messages)
        faults = [f"{to} got {number} copies" for to, number in copies.items() if number > 1]
        faults += [f"{to} was never ours to write to" for to in copies if to not in told]
        faults += [
            f"{to} has {each[to]} messages" for to in set(self.people) - set(self.suppressed) if each[to] != 1
        ]
        faults += [f"{to} is on the blacklist and was written to" for to in self.suppressed if copies[to]]
        for to, status in told.items():
            if status == "delivered" and not copies[to]:
                faults.append(f"{to} is called delivered and has nothing")
            if status in {"bounced", "expired", "cancelled", "blacklist"} and copies[to]:
                faults.append(f"{to} is called {status} and has a copy")
            if status in {"pending", "sending", "deferred", "error"}:
                faults.append(f"{to} is still {status}")
        self.told = Counter(told.values())
        forced = sum(number for kind, number in self.relay.did.items() if kind.startswith("drop after"))
        broken = self._monkey.kills["senders"] + self.did["PostgreSQL crashes"] + self.did["PostgreSQL fails over"]
        self.most_doubts = forced + broken * DOUBTS_A_KILL
        if self.told["in_doubt"] > self.most_doubts:
            faults.append(f"{self.told['in_doubt']} are in doubt, {self.most_doubts} can be")
        return faults + self._of_runs() + self._of_figures()

    def _copies(self) -> Counter[str]:
        return Counter({to: number for to, number in self.relay.copies().items() if to != OPERATORS})

    def _of_runs(self) -> list[str]:
        """One finished run a bundle; where a client could not know, a second one may be, held as the same."""
        runs = rows(self.product, "SELECT file, sub_status, rows_good FROM deliveries_processingrun ORDER BY id")
        faults = []
        for bundle in self.planned:
            ends = Counter(run["sub_status"] for run in runs if run["file"] == bundle.xml)
            spare = self.doubtful.get(bundle.stem, 0)
            if ends["DELIVERY_FINISHED"] != 1 or ends.total() > 1 + spare:
                faults.append(f"{bundle.stem}: its runs ended {dict(ends)}")
        return faults

    def _of_figures(self) -> list[str]:
        answer = self.product.command("reconcile", "--json")
        return [] if answer.code == 0 and answer.json["clean"] else [answer.out + answer.err]

    def _table(self, faults: list[str]) -> str:
        lines: list[tuple[str, int]] = [("seed", self.seed), ("messages", self.told.total())]
        lines += [(f"killed {part}", number) for part, number in sorted(self._monkey.kills.items())]
        lines += [*sorted(self.did.items()), *sorted(self.relay.did.items())]
        lines += [(f"ended {status}", number) for status, number in sorted(self.told.items())]
        copies = self._copies()
        lines += [("may be in doubt at most", self.most_doubts), ("copies accepted", copies.total())]
        lines += [("most copies of one", max(copies.values(), default=0)), ("faults", len(faults))]
        shown = "\n".join(f"{what:<36} {number:>9}" for what, number in lines)
        return "\n".join([shown, *faults[:20]])
