"""The outcome of a judgement: what is kept of what was written, and a sentence for each value that is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deliveries.errors import ClientError

Judge = Callable[[Any], Any]


@dataclass(slots=True)
class Verdict:
    """`kept` are values by name as sending takes them, `faults` the sentences beside the others."""

    kept: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def take(self, values: Mapping[str, Any], judges: Mapping[str, Judge]) -> None:
        """Judge each value that is not refused yet, as it is kept by now; an empty text is no value."""
        for name, judge in judges.items():
            value = self.kept.get(name, values.get(name, ""))
            if name in self.faults or value == "":
                continue
            try:
                self.kept[name] = judge(value)
            except ClientError as error:
                self.faults[name] = error.message
