"""What must hold when the chaos is over: runs, messages and mails are counted one by one."""

import contextlib
import http.client
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.product import Product
from tests.whole.chaos_bundles import Planned

_RUNS = """
SELECT r.id, s.name AS space, r.file, r.status, r.sub_status, r.fault, r.crashes, r.delivery_id, r.duplicate_of_id,
       r.rows_good, d.status AS delivery
  FROM deliveries_processingrun r JOIN deliveries_sftpspace s ON s.id = r.space_id
  LEFT JOIN deliveries_delivery d ON d.id = r.delivery_id
  JOIN recipients_account a ON a.id = r.account_id WHERE a.name = 'Chaos' ORDER BY r.id
"""
_MESSAGES = """
SELECT m.address, m.status, m.attempt, m.owner, m.reply, m.delivery_id FROM deliveries_message m
  JOIN deliveries_delivery d ON d.id = m.delivery_id JOIN recipients_account a ON a.id = d.account_id
 WHERE a.name = 'Chaos'
"""
_OPEN = frozenset({"pending", "sending", "deferred"})
_OVER = frozenset({"sent", "ready", "failed", "stopped"})


def rows(product: Product, question: str, *values: object) -> list[dict[str, Any]]:
    """Ask the product's database, over a connection of our own."""
    url = product.run_json["database_url"]
    with psycopg.connect(url, connect_timeout=5, row_factory=dict_row) as connection:
        return connection.execute(question, values or None).fetchall()


def readyz(product: Product) -> tuple[int, dict[str, Any]]:
    """Return the answer of /readyz: (status, body); (0, {}) while the web server is away."""
    port = product.run_json["web"]
    try:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
            client.request("GET", "/readyz")
            answer = client.getresponse()
            return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}


class Outcome:
    """Looks at one product after its chaos. `doubtful` are the clients' tries by stem, see chaos_clients."""

    def __init__(self, product: Product, planned: Sequence[Planned], doubtful: Mapping[str, int]) -> None:
        self._product = product
        self._planned = planned
        self._doubtful = doubtful
        self.unsettled = "nothing was looked at"

    def settled(self) -> bool:
        """Return whether everything has come to its end; `unsettled` says what has not."""
        self.unsettled = self._look()
        return not self.unsettled

    def _look(self) -> str:
        try:
            runs, messages = rows(self._product, _RUNS), rows(self._product, _MESSAGES)
        except (psycopg.Error, OSError) as error:
            return str(error)
        missing = {bundle.xml for bundle in self._planned} - {run["file"] for run in runs}
        if missing:
            return f"no run of {sorted(missing)}"
        waiting = [run for run in runs if run["status"] == "LOADING" and run["sub_status"] != "DUPLICATE_HELD"]
        going = [run for run in runs if run["delivery"] is not None and run["delivery"] not in _OVER]
        still = [message for message in messages if message["status"] in _OPEN]
        if waiting or going or still:
            return f"runs {waiting}; deliveries {going}; {len(still)} messages such as {still[:2]}"
        status, body = readyz(self._product)
        return "" if status == 200 else f"/readyz says {status} {body}"

    def faults(self, most_in_doubt: int) -> list[str]:
        """Return a sentence for everything that is not as it must be."""
        runs, messages = rows(self._product, _RUNS), rows(self._product, _MESSAGES)
        by_file = defaultdict(list)
        for run in runs:
            by_file[run["file"]].append(run)
        return [
            *(fault for bundle in self._planned for fault in self._of_bundle(bundle, by_file)),
            *self._of_people(messages, most_in_doubt),
            *self._of_accounts(),
        ]

    def _of_bundle(self, bundle: Planned, by_file: Mapping[str, list[dict[str, Any]]]) -> list[str]:
        """One run a bundle; where a client could not know, a second one may be, held or with the same mistake."""
        runs = by_file[bundle.xml]
        ends = Counter(run["sub_status"] for run in runs)
        good = bundle.sub_status in {"DELIVERY_FINISHED", "DUPLICATE_HELD"}
        spare = self._doubtful.get(bundle.stem, 0)
        wanted = Counter([bundle.sub_status])
        if bundle.held_as or any(other.held_as == bundle.stem for other in self._planned):
            pair = by_file[f"{bundle.held_as}.xml"] + runs if bundle.held_as else []
            done = sum(run["sub_status"] == "DELIVERY_FINISHED" for run in pair)
            if bundle.held_as and done != 1:
                return [f"{bundle.stem} and {bundle.held_as} of the same content were worked {done} times: {pair}"]
            ends["DUPLICATE_HELD" if good else ""] += 0
            wrong = set(+ends) - {"DELIVERY_FINISHED", "DUPLICATE_HELD"} or not 1 <= len(runs) <= 1 + spare
            return [f"{bundle.stem} ({bundle.kind}): {runs}"] if wrong else []
        extra = ends - wanted
        allowed = {"DUPLICATE_HELD"} if good else {bundle.sub_status}
        if wanted - ends or set(extra) - allowed or extra.total() > spare:
            return [
                f"{bundle.stem} ({bundle.kind}, {spare} doubtful tries): wanted {bundle.sub_status}, got {runs}"
            ]
        state = "ready" if bundle.kind == "manual" else "sent"
        return [
            f"{bundle.stem}: its delivery is {run['delivery']}, {run['rows_good']} rows of {len(bundle.people)}"
            for run in runs
            if run["sub_status"] == "DELIVERY_FINISHED"
            and (run["delivery"] != state or run["rows_good"] != len(bundle.people))
        ]

    def _of_people(self, messages: list[dict[str, Any]], most_in_doubt: int) -> list[str]:
        """Each person one message; delivered is one mail, a mail is delivered or in doubt, nobody is missing."""
        mails = Counter(
            mail["X-Original-To"].strip() for mail in self._product.mails() if mail["X-XMLD-Delivery"] is not None
        )
        known = defaultdict(list)
        for message in messages:
            known[message["address"]].append(message)
        people = {each for bundle in self._planned if bundle.kind != "manual" for each in bundle.people}
        doubt = sum(message["status"] == "in_doubt" for message in messages)
        faults = [f"{address}: {count} mails" for address, count in mails.items() if count > 1]
        faults += [f"{address}: nobody asked for this mail" for address in mails if address not in people]
        faults += [f"{address}: {len(known[address])} messages" for address in people if len(known[address]) != 1]
        for message in messages:
            sent, status = mails[message["address"]], message["status"]
            if status not in {"delivered", "in_doubt"} or (status == "delivered" and sent != 1):
                faults.append(f"{message['address']}: {status} ({message['reply']}), {sent} mails")
        if doubt > most_in_doubt:
            faults.append(f"{doubt} messages in doubt, {most_in_doubt} can be explained")
        return faults

    def _of_accounts(self) -> list[str]:
        answer = self._product.command("reconcile", "--json")
        return [] if answer.code == 0 and json.loads(answer.out)["clean"] else [answer.out + answer.err]

    def numbers(self) -> dict[str, int]:
        """Count what there was, for the table of the report."""
        runs, messages = rows(self._product, _RUNS), rows(self._product, _MESSAGES)
        return {
            "runs": len(runs),
            "messages": len(messages),
            "in doubt": sum(message["status"] == "in_doubt" for message in messages),
            "second attempts": sum(message["attempt"] > 1 for message in messages),
            "most crashes of a run": max(run["crashes"] for run in runs),
        }
