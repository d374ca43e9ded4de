"""How long the area's lists and reports take over many rows, and how many queries they ask."""

import statistics
import time
from collections.abc import Iterator
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MeasurementError
from benchmarks.statistics import made_accounts
from deliveries.models import Delivery
from recipients.models import Membership, Role, User

METHOD: Final = """\
pages: each list and report of the area, the median of {page_rounds} calls, for the administrator of an account with
{page_rows:,} rows in each list and {page_messages:,} messages behind the 25 deliveries of a page (as many again
going out), and of one with a tenth. The ratio is that of their queries: it must be 1."""
_DELIVERIES: Final = "/admin/deliveries/delivery/"
LISTS: Final = {
    "Home": "/admin/",
    "Communicate, Queued": f"{_DELIVERIES}",
    "Communicate, Processing": f"{_DELIVERIES}?tab=processing",
    "Communicate, Failed": f"{_DELIVERIES}?tab=failed",
    "Communicate, All": f"{_DELIVERIES}?tab=all",
    "All, its last page": f"{_DELIVERIES}?tab=all&p=last",
    "All, a search": f"{_DELIVERIES}?q=winter",
    "All, its live part": f"{_DELIVERIES}live/?tab=all",
    "Archive": f"{_DELIVERIES}?tab=finished",
    "Runs": "/admin/deliveries/processingrun/",
    "Blacklist": "/admin/recipients/blacklistentry/",
    "History": "/admin/deliveries/activity/",
    "Filters": "/admin/recipients/filter/",
    "Databases": "/admin/recipients/database/",
    "People": "/admin/recipients/database/{database}/people/",
    "A delivery": _DELIVERIES + "{delivery}/change/",
    "its recipients": _DELIVERIES + "{delivery}/change/?tab=recipients",
    "its statistics": _DELIVERIES + "{delivery}/change/?tab=statistics",
}


def measure(sizes: Sizes) -> Iterator[Row]:
    """Ask both accounts for each page."""
    few = _Reader(made_accounts.account("Few", sizes.page_rows // 10, sizes.page_messages // 10))
    many = _Reader(made_accounts.account("Many", sizes.page_rows, sizes.page_messages))
    for name, address in LISTS.items():
        asked_of_few = few.queries(address)
        yield Row(name, many.seconds(address, sizes.page_rounds) * 1000, "ms", at_most=300)
        asked = many.queries(address)
        yield Row("its queries", asked, "", asked / asked_of_few, at_most=1.0)


class _Reader:
    """An administrator of the account of a delivery, whose second factor was shown."""

    def __init__(self, row: Delivery) -> None:
        user = User.objects.create(username=f"administrator of {row.account_id}")
        Membership.objects.create(account=row.account, user=user, role=Role.ACCOUNT_ADMIN)
        self.client, self.row = Client(headers={"Host": "127.0.0.1"}), row
        self.client.force_login(user)
        session = self.client.session
        session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.create(user=user).persistent_id
        session.save()

    def get(self, address: str) -> None:
        path = address.format(delivery=self.row.pk, database=self.row.database_id)
        if path.endswith("p=last"):
            path = path.replace("last", str(self.last_page()))
        answer = self.client.get(path)
        if answer.status_code != 200:  # noqa: PLR2004  fine
            raise MeasurementError(f"{path}: {answer.status_code}")

    def last_page(self) -> int:
        return -(-Delivery.objects.filter(account=self.row.account).count() // made_accounts.ON_A_PAGE)

    def seconds(self, address: str, rounds: int) -> float:
        times = []
        for _round in range(rounds):
            began = time.perf_counter()
            self.get(address)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    def queries(self, address: str) -> int:
        self.get(address)
        with CaptureQueriesContext(connection) as queries:
            self.get(address)
            return len(queries)
