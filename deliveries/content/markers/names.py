"""What a marker may name."""

from collections.abc import Mapping
from typing import Final

from deliveries.content.markers.expressions import Constant, Expression, FieldValue
from deliveries.content.markers.problems import Problems

OWN: Final = frozenset({"web_version", "unsubscribe_url", "delivery_id", "title"})


class Names:
    """What a marker may name: the database's fields, the delivery's labels, and our own four."""

    def __init__(self, fields: Mapping[str, str], labels: Mapping[str, str]) -> None:
        self.fields = fields
        self.used: set[str] = set()
        self._known = sorted(fields)
        self._labels = {**{name.casefold(): value for name, value in labels.items()}, **labels}
        self._shown = sorted(labels)

    def field(self, name: str, at: int, problems: Problems) -> Expression:
        """Return what reads a field; unknown ones are noted as a mistake."""
        lower = name.strip().lower()
        if lower not in self.fields and lower not in OWN:
            problems.add(at, "TPL_UNKNOWN_FIELD", name=name, known=self._known)
        self.used.add(lower)
        return FieldValue(lower)

    def label(self, name: str, at: int, problems: Problems) -> Constant:
        """Return a note's value; unknown ones are noted as a mistake."""
        value = self._labels.get(name.strip(), self._labels.get(name.strip().casefold()))
        if value is None:
            key = "TPL_UNKNOWN_LABEL" if self._shown else "TPL_UNKNOWN_LABEL.none"
            problems.add(at, key, name=name, known=self._shown)
        return Constant(value or "")
