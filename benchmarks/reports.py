"""Reports, pages and files of large deliveries against small ones."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import statistics_ground
from benchmarks.figures import Row, Sizes
from benchmarks.processes import MANAGE, MeasurementError
from deliveries.models import Delivery
from deliveries.statistics.report import report
from recipients import api_tokens
from recipients.models import Membership, User

METHOD: Final = """\
reports: an ended delivery of {rows:,} messages and ten events each against one of a hundredth; the median of 15
calls. The Archive's page of 25 deliveries of a tenth of that against 25 of 100. 1,000,000 rows of the event log."""
CALLS: Final = 15
ARCHIVE: Final = 25
SMALL: Final = 100
MOST_LINES: Final = 1_000_000
KILOBYTES: Final = 1024


def _median(work: Callable[[], object]) -> float:
    times = []
    for _call in range(CALLS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _ways(row: Delivery) -> dict[str, Callable[[], object]]:
    """Return how a report is had: by the service of command and mail, on its page, over the API."""
    whole = Delivery.objects.select_related("newsletter", "database", "filter")
    area, api = _operator(row), Client(headers={"Authorization": f"Bearer {_secret(row)}"})

    def fetched(client: Client, address: str) -> Callable[[], object]:
        def ask() -> None:
            answer = client.get(address, HTTP_HOST="127.0.0.1")
            if answer.status_code != 200:  # noqa: PLR2004  fine
                raise MeasurementError(f"{address}: {answer.status_code}")

        return ask

    return {
        "report": lambda: report(whole.get(pk=row.pk)),
        "page of statistics": fetched(area, f"/admin/deliveries/delivery/{row.pk}/change/?tab=statistics"),
        "report over the API": fetched(api, f"/api/v1/deliveries/{row.pk}/report"),
    }


def _operator(row: Delivery) -> Client:
    user, made = User.objects.get_or_create(username="operator")
    if made:
        Membership.objects.create(account=row.account, user=user, name="operator")
    client = Client()
    client.force_login(user)
    return client


def _secret(row: Delivery) -> str:
    return api_tokens.make(row.account, f"t{row.pk}", personal_data=True, expires_at=None, actor=None)[1]


def measure(sizes: Sizes) -> Iterator[Row]:
    """Ask of large and small."""
    small = statistics_ground.delivery("small", sizes.rows // 100, events=True)
    large = statistics_ground.delivery("large", sizes.rows, events=True)
    of_small = {name: _median(work) for name, work in _ways(small).items()}
    for name, work in _ways(large).items():
        seconds = _median(work)
        yield Row(f"{name}, {sizes.rows:,} messages", seconds, "s", seconds / of_small[name], at_most=2.0)
    yield from _log(small, large)
    yield from _archive(sizes, _operator(large))


def _log(small: Delivery, large: Delivery) -> Iterator[Row]:
    """Print the event log of a delivery by the command, and look at how much its process grew by that."""
    _lines, _seconds, before = _printed(small)
    lines, seconds, after = _printed(large)
    yield Row(f"event log, {lines:,} rows", lines / seconds, "rows/s")
    yield Row("memory beyond that of a hundredth", after - before, "MB", at_most=100.0)


def _printed(row: Delivery) -> tuple[int, float, float]:
    """Return how many lines came, in how many seconds, and how many megabytes the process was at its largest."""
    began = time.perf_counter()
    process = subprocess.Popen([*MANAGE, "events", str(row.pk), "--csv"], stdout=subprocess.PIPE)
    if process.stdout is None:
        raise MeasurementError("the event log has no output")
    lines = sum(1 for _line, _number in zip(process.stdout, range(MOST_LINES), strict=False))
    seconds = time.perf_counter() - began
    process.stdout.close()
    _pid, _status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return lines, seconds, usage.ru_maxrss / KILOBYTES


def _archive(sizes: Sizes, client: Client) -> Iterator[Row]:
    found: dict[str, tuple[float, int]] = {}
    for name, messages in (("small", SMALL), ("large", sizes.rows // 10)):
        Delivery.objects.filter(status="sent").update(status="ready")
        for number in range(ARCHIVE):
            statistics_ground.delivery(f"{name} {number}", messages)

        def ask() -> None:
            client.get("/admin/deliveries/delivery/?tab=finished", HTTP_HOST="127.0.0.1")

        ask()
        with CaptureQueriesContext(connection) as queries:
            ask()
            asked = len(queries)
        found[name] = _median(ask), asked
    (small, few), (large, many) = found["small"], found["large"]
    yield Row(f"Archive, 25 deliveries of {sizes.rows // 10:,}", large, "s", large / small, at_most=1.5)
    yield Row("its queries", many, "", many / few, at_most=1.0)
