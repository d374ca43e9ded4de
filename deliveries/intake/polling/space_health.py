"""What a poll or a look says of its space: good, failing, paused (reference 1)."""

from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest

from deliveries import audit
from deliveries.errors import ServiceError
from deliveries.intake.sftp.errors import HostKeyChanged, LoginRefused
from deliveries.models import SftpSpace
from deliveries.models.functions import DatabaseNow

BACK_OFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))
REFUSALS: Final = 3

# Beats are spread over the interval by the golden ratio: spaces that were all due at once, after a restart, are no
# herd any more; and what the clock and the queue cost does not add up from poll to poll.
_BEGAN: Final = """
UPDATE deliveries_sftpspace
   SET queued_at = NULL, last_poll_at = clock_timestamp(),
       next_poll_at = clock_timestamp() + make_interval(secs => poll_seconds - mod(
           extract(epoch FROM clock_timestamp()) + mod(id * 0.618034, 1) * poll_seconds, poll_seconds)::float8)
"""
_BEGAN_ONE: Final = f"{_BEGAN} WHERE id = %s"
_QUIET: Final = f"{_BEGAN}, last_ok_at = clock_timestamp() WHERE id = ANY(%s) AND last_error_code = ''"

# An embedded space whose bundled server no cluster stands beside.
_UNSERVED_CODE: Final = "SFTP_ELSEWHERE"
_UNSERVED_WORDS: Final = "no cluster runs beside the bundled SFTP server of this space: start runall there"
_UNSERVED: Final = """
UPDATE deliveries_sftpspace
   SET failing_since = coalesce(failing_since, clock_timestamp()), last_error_code = %s, last_error = %s
 WHERE id = %s AND coalesce(last_poll_at, created_at)
       < clock_timestamp() - greatest(2 * poll_seconds, 120) * interval '1 s'
"""


def began(space: SftpSpace) -> None:
    """Note the poll, and when the next one is due: at most an interval from now, on the space's own beat."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGAN_ONE, [space.pk])
    space.refresh_from_db(fields=["last_poll_at"])


def quiet(spaces: list[int]) -> None:
    """Note a good look at spaces on which nothing lies, as a poll would that finds nothing."""
    if spaces:
        with connection.cursor() as cursor:
            cursor.execute(_QUIET, [spaces])


def left(space: SftpSpace) -> None:
    """Have it asked again at once, by a cluster that can; and say so once nobody could for a while."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deliveries_sftpspace SET queued_at = NULL WHERE id = %s", [space.pk])
        cursor.execute(_UNSERVED, [_UNSERVED_CODE, _UNSERVED_WORDS, space.pk])


def failed(space: SftpSpace, error: ServiceError) -> None:
    """Back off from 1 to 15 minutes; a changed host key pauses at once, three refused log-ins in a row too."""
    refused = space.consecutive_errors + 1 if space.last_error_code == "SFTP_AUTH" else 1
    pause = isinstance(error, HostKeyChanged) or (isinstance(error, LoginRefused) and refused >= REFUSALS)
    wait = BACK_OFF[min(space.consecutive_errors, len(BACK_OFF) - 1)]
    SftpSpace.objects.filter(pk=space.pk).update(
        consecutive_errors=F("consecutive_errors") + 1 if space.last_error_code == error.code else 1,
        failing_since=Coalesce("failing_since", DatabaseNow()),
        last_error_code=error.code,
        last_error=error.message,
        next_poll_at=Greatest(DatabaseNow() + wait, F("next_poll_at")),
    )
    if pause:  # and never the reverse: somebody may have paused it while we waited for its server
        SftpSpace.objects.filter(pk=space.pk).update(paused_at=DatabaseNow())
        audit.record(space.account_id, None, audit.Verb.SPACE_PAUSED, space, {"reason": error.message})
    space.refresh_from_db()


def ended(space: SftpSpace, stuck: str, unwritten: str, *, cut: bool) -> None:
    """Clear the error after a poll that went well, unless a semaphore can't be removed or a report not written."""
    word = "more than 200,000 files lie there, the rest is not looked at: clear the directory" if cut else ""
    code = "TOO_MANY_FILES" if cut else ""
    if unwritten:
        word, code = f"a report can't be written: {unwritten}", "REPORT_DENIED"
    if stuck:
        word, code = stuck, "SEMAPHORE_DENIED"
    SftpSpace.objects.filter(pk=space.pk).update(
        consecutive_errors=0,
        last_ok_at=DatabaseNow(),
        failing_since=Coalesce("failing_since", DatabaseNow()) if stuck else Value(None),
        last_error_code=code,
        last_error=word,
    )


def again_soon(space: SftpSpace) -> None:
    """More bundles lie there than one poll works: the next comes at once."""
    SftpSpace.objects.filter(pk=space.pk).update(next_poll_at=DatabaseNow())
