"""The outcome of checking settings: the values to keep, and a sentence for each that is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deliveries.errors import ClientError

Check = Callable[[Any], Any]


@dataclass(slots=True)
class ValidationResult:
    """`kept` are values by name as sending takes them, `faults` the sentences beside the others."""

    kept: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def take(self, values: Mapping[str, Any], checks: Mapping[str, Check]) -> None:
        """Check each value that is not refused yet, as it is kept by now; an empty text is not a value."""
        for name, check in checks.items():
            value = self.kept.get(name, values.get(name, ""))
            if name in self.faults or value == "":
                continue
            try:
                self.kept[name] = check(value)
            except ClientError as error:
                self.faults[name] = error.message
