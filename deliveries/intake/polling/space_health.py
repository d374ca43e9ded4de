"""What a poll or a look says of its space: good, failing, paused (reference 1)."""

import json
from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest

from deliveries import audit
from deliveries.errors import ServiceError
from deliveries.intake.sftp.errors import HostKeyChanged, LoginRefused
from deliveries.intake.sftp.session import MOST_NAMES
from deliveries.models import SftpSpace
from deliveries.models.functions import DatabaseNow
from recipients.faults import Fault

BACK_OFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))  # reference 1
REFUSALS: Final = 3  # many servers lock a user out after a few more

# Each space has a time of its own within the interval, by the golden ratio: those that were all due at once, after
# a restart, are not so again; and what the clock and the queue cost does not add up from poll to poll.
_BEGAN: Final = """
UPDATE deliveries_sftpspace
   SET queued_at = NULL, last_poll_at = clock_timestamp(),
       next_poll_at = clock_timestamp() + make_interval(secs => poll_seconds - mod(
           extract(epoch FROM clock_timestamp()) + mod(id * 0.618034, 1) * poll_seconds, poll_seconds)::float8)
"""
_BEGAN_ONE: Final = f"{_BEGAN} WHERE id = %s"
_QUIET: Final = f"{_BEGAN}, last_ok_at = clock_timestamp() WHERE id = ANY(%s) AND last_error_code = ''"

# An embedded space whose bundled server has no cluster beside it.
_UNSERVED_CODE: Final = "SFTP_ELSEWHERE"
_UNSERVED: Final = """
UPDATE deliveries_sftpspace
   SET failing_since = coalesce(failing_since, clock_timestamp()), last_error_code = %s, last_fault = %s
 WHERE id = %s AND coalesce(last_poll_at, created_at)
       < clock_timestamp() - greatest(2 * poll_seconds, 120) * interval '1 s'
"""


def began(space: SftpSpace) -> None:
    """Note the poll, and when the next one is due: at most an interval from now, at the space's own time."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGAN_ONE, [space.pk])
    space.refresh_from_db(fields=["last_poll_at"])


def quiet(spaces: list[int]) -> None:
    """Note a good look at spaces on which nothing lies, as a poll would that finds nothing."""
    if spaces:
        with connection.cursor() as cursor:
            cursor.execute(_QUIET, [spaces])


def left_to_others(space: SftpSpace) -> None:
    """Have it asked again at once, by a cluster that can; and say so once nobody could for a while."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deliveries_sftpspace SET queued_at = NULL WHERE id = %s", [space.pk])
        cursor.execute(_UNSERVED, [_UNSERVED_CODE, json.dumps(Fault.of(_UNSERVED_CODE).as_json()), space.pk])


def failed(space: SftpSpace, error: ServiceError) -> None:
    """Back off from 1 to 15 minutes; a changed host key pauses at once, three refused log-ins in a row too."""
    refused = space.consecutive_errors + 1 if space.last_error_code == "SFTP_AUTH" else 1
    pause = isinstance(error, HostKeyChanged) or (isinstance(error, LoginRefused) and refused >= REFUSALS)
    wait = BACK_OFF[min(space.consecutive_errors, len(BACK_OFF) - 1)]
    SftpSpace.objects.filter(pk=space.pk).update(
        consecutive_errors=F("consecutive_errors") + 1 if space.last_error_code == error.code else 1,
        failing_since=Coalesce("failing_since", DatabaseNow()),
        last_error_code=error.code,
        last_fault=error.fault.as_json(),
        next_poll_at=Greatest(DatabaseNow() + wait, F("next_poll_at")),
    )
    if pause:  # and never the reverse: somebody may have paused it while we waited for its server
        SftpSpace.objects.filter(pk=space.pk).update(paused_at=DatabaseNow())
        audit.record(space.account_id, None, audit.Verb.SPACE_PAUSED, space, {"reason": error.fault.as_json()})
    space.refresh_from_db()


def ended(space: SftpSpace, stuck: Fault | None, unwritten: str, *, cut: bool) -> None:
    """Clear the error after a poll that went well, unless a semaphore can't be removed or a report not written."""
    wrong = stuck
    if wrong is None and unwritten:
        wrong = Fault.of("REPORT_DENIED", reason=unwritten)
    if wrong is None and cut:
        wrong = Fault.of("TOO_MANY_FILES", most=MOST_NAMES)
    SftpSpace.objects.filter(pk=space.pk).update(
        consecutive_errors=0,
        last_ok_at=DatabaseNow(),
        failing_since=Coalesce("failing_since", DatabaseNow()) if stuck is not None else Value(None),
        last_error_code=wrong.code if wrong else "",
        last_fault=wrong.as_json() if wrong else None,
    )


def again_soon(space: SftpSpace) -> None:
    """More bundles lie there than one poll works: the next comes at once."""
    SftpSpace.objects.filter(pk=space.pk).update(next_poll_at=DatabaseNow())
