"""Mistakes of one part, gathered with their places."""

import re
from bisect import bisect_right
from typing import Any

from deliveries.content.source import Problem
from recipients.faults import Fault

_MOST = 20  # as many as a bundle is told at once (intake/mistakes.py)
_LINE_END = re.compile("\r\n?|\n")  # as editors and XML count, not as str.splitlines() does


class Problems:
    """The first 20 mistakes of a part; `name` is how a sentence calls the part."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.found: list[Problem] = []
        self._lines = [0, *(match.end() for match in _LINE_END.finditer(source))]

    def place(self, at: int) -> tuple[int, int]:
        """Return line and column of a character, both from 1."""
        line = max(bisect_right(self._lines, at), 1)
        return line, at - self._lines[line - 1] + 1

    def add(self, at: int, fault: str | Fault, /, **params: Any) -> None:
        """Note one mistake, by its key and values or as it is; it gets its place before it."""
        if len(self.found) >= _MOST:
            return
        line, column = self.place(at)
        made = fault if isinstance(fault, Fault) else Fault.of(fault, **params)
        self.found.append(Problem(self.name, line, column, made))
