"""The people of a bundle in a rehearsal: counted and looked at, never stored (reference 4.3)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deliveries import audience
from deliveries.intake import rules
from deliveries.intake.rules.plan import Audience, Plan
from deliveries.intake.rules.references import References
from deliveries.models import SftpSpace
from recipients import tables
from recipients.loading import BadRowsError, Dialect, LoadResult, check_csv, check_inline

_SHOWN: Final = 3  # mails in the answer
_DEFAULT_LIMIT: Final = 0.1  # as a space that says nothing else

Values = Mapping[str, object]


class People:
    """The people of both audiences, counted: in place of the loading of a run."""

    def __init__(
        self, references: References, plan: Plan, files: Mapping[str, Path], space: SftpSpace | None
    ) -> None:
        self._references, self._plan, self._files, self._space = references, plan, files, space
        self.bad = 0
        self.counted: dict[str, int] = {}
        self._samples: dict[str, list[Values]] = {}

    def check(self, kind: str, wanted: Audience) -> LoadResult:
        """Check the people that the bundle brings as loading does, and store nothing."""
        try:
            result = self._checked(wanted)
        except BadRowsError as error:
            self.bad += error.result.bad
            raise
        self.bad += result.bad
        self.counted[kind], self._samples[kind] = result.good, list(result.samples)
        return result

    def _checked(self, wanted: Audience) -> LoadResult:
        source, space, columns = wanted.source, self._space, self._references.columns
        if source is None:
            raise TypeError("a filter brings no recipients")
        limit, zone = space.bad_rows_limit if space else _DEFAULT_LIMIT, self._references.database.account.zone
        if source.csv_file:
            dialect = (
                Dialect(space.separator, space.quote, space.escape, space.csv_encoding) if space else Dialect()
            )
            path = self._files[source.csv_file]
            return check_csv(columns, path, dialect, limit, at_most=wanted.most, zone=zone)
        return check_inline(columns, rules.inline(source), limit, at_most=wanted.most, zone=zone)

    def count(self, kind: str, wanted: Audience) -> int:
        """Return how many people a filter picks now, and keep the values of the first of them."""
        delivery = rules.unsaved_delivery(self._references, self._plan, wanted, kind)
        ids = audience.sample(delivery, _SHOWN)
        values = tables.read_values(self._references.database, ids)
        self._samples[kind] = [values[each] for each in ids if each in values]
        count = audience.count(delivery)
        self.counted[kind] = min(count, wanted.most) if wanted.most else count
        return count

    def first(self) -> list[Values]:
        """Return the values of the first people, of the normal audience where there are any."""
        return (self._samples.get("normal") or self._samples.get("test") or [])[:_SHOWN]
