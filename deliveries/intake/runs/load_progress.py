"""How far a load is, committed on a connection of its own while the load's transaction is open (reference 4.1)."""

from types import TracebackType
from typing import Self

from django.db import connection
from django.utils import timezone

from deliveries.intake.runs.transitions import RunContext


class Progress:
    """Called with the rows judged so far: commits them as a RECIPIENTS_ADDED transition of the run."""

    def __init__(self, work: RunContext) -> None:
        self._work = work
        self._before = work.run.rows_good or 0
        self._connection = connection.copy()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def __call__(self, rows: int) -> None:
        """Write down that so many rows were judged; raises LeaseLost when the space is another's."""
        self._work.lease.check()
        so_far, now = self._before + rows, timezone.now()
        with self._connection.cursor() as cursor:
            cursor.execute(
                "WITH mine AS (UPDATE deliveries_processingrun"
                " SET rows_so_far = %s, sub_status = 'RECIPIENTS_ADDED'"
                " WHERE id = %s AND epoch = %s AND status = 'LOADING' RETURNING id)"
                " INSERT INTO deliveries_runtransition (run_id, sub_status, started_at, ended_at, message)"
                " SELECT id, 'RECIPIENTS_ADDED', %s, %s, %s FROM mine",
                [so_far, self._work.run.pk, self._work.lease.epoch, self._work.since, now, str(so_far)],
            )
        self._work.since = now
