"""Where caught mails go: one file a recipient, complete or not there, the newest kept."""

import datetime as dt
from collections import deque
from pathlib import Path
from typing import Final

from deliveries.durable_files import written_aside

KEPT: Final = 20_000  # mails; the oldest go


class MailStore:
    """The folder of caught mails. `<time>-<n>.eml`: time in UTC to the microsecond, so names sort by age."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._kept = kept
        for draft in folder.glob(".*.part"):
            draft.unlink()
        self._names = deque(sorted(path.name for path in folder.glob("*.eml")))
        self._count = 0

    def keep(self, return_path: str, recipients: list[str], content: bytes) -> None:
        """Keep a message once for each recipient, its envelope in the first two lines. Raises OSError."""
        for recipient in recipients:
            self._count += 1
            now = dt.datetime.now(tz=dt.UTC)  # noqa: TID251  a file's name, outside Django
            name = f"{now:%Y%m%dT%H%M%S.%fZ}-{self._count}.eml"
            envelope = f"Return-Path: <{return_path}>\r\nX-Original-To: {recipient}\r\n"
            with written_aside(self._folder / name, durable=False) as file:
                file.write(envelope.encode("utf-8", "surrogateescape"))
                file.write(content)
            self._names.append(name)
        while len(self._names) > self._kept:
            (self._folder / self._names.popleft()).unlink(missing_ok=True)
