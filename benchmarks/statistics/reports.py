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

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MANAGE, MeasurementError
from benchmarks.statistics import made_deliveries
from deliveries.models import Delivery
from deliveries.statistics.report import report
from recipients import api_tokens
from recipients.models import Membership, User

METHOD: Final = """\
reports: an ended delivery of {rows:,} messages and ten events each against one of a hundredth; the medians of 15
calls of either by turns. The Archive's page of 25 deliveries of a tenth of that against 25 of 100. 1,000,000 rows
of the event log."""
CALLS: Final = 15
ARCHIVE: Final = 25
SMALL: Final = 100
MOST_LINES: Final = 1_000_000
KILOBYTES: Final = 1024


def _medians(small: Callable[[], object], large: Callable[[], object]) -> tuple[float, float]:
    """Time two things by turns, so that whatever else the machine does slows either."""
    times: tuple[list[float], list[float]] = ([], [])
    for _call in range(CALLS):
        for work, taken in zip((small, large), times, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


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
    user, made = User.objects.get_or_create(username=f"operator of {row.account_id}")
    if made:
        Membership.objects.create(account=row.account, user=user, name="operator")
    client = Client()
    client.force_login(user)
    return client


def _secret(row: Delivery) -> str:
    return api_tokens.make(row.account, f"t{row.pk}", personal_data=True, expires_at=None, actor=None)[1]


def measure(sizes: Sizes) -> Iterator[Row]:
    """Ask of large and small."""
    small = made_deliveries.delivery("small", sizes.rows // 100, events=True)
    large = made_deliveries.delivery("large", sizes.rows, events=True)
    of_small = _ways(small)
    for name, work in _ways(large).items():
        few, seconds = _medians(of_small[name], work)
        yield Row(f"{name}, {sizes.rows:,} messages", seconds, "s", seconds / few, at_most=2.0)
        yield Row("its time", seconds, "s", at_most=1.0)
    yield from _log(small, large)
    yield from _archive(sizes)


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


def _archive(sizes: Sizes) -> Iterator[Row]:
    pages = [_archive_of(messages) for messages in (SMALL, sizes.rows // 10)]
    few, many = (_queries(page) for page in pages)
    small, large = _medians(*pages)
    yield Row(f"Archive, 25 deliveries of {sizes.rows // 10:,}", large, "s", large / small, at_most=1.5)
    yield Row("its queries", many, "", many / few, at_most=1.0)


def _archive_of(messages: int) -> Callable[[], object]:
    """Make an account whose Archive has 25 deliveries of so many messages; return what asks for the page."""
    account = f"Archive of {messages}"
    *_others, row = [made_deliveries.delivery(str(number), messages, account=account) for number in range(ARCHIVE)]
    client = _operator(row)
    return lambda: client.get("/admin/deliveries/delivery/?tab=finished", HTTP_HOST="127.0.0.1")


def _queries(page: Callable[[], object]) -> int:
    page()
    with CaptureQueriesContext(connection) as queries:
        page()
        return len(queries)
