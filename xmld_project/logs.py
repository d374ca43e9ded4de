"""One log line an event, for a person (`console`) or for a machine (`json`), on standard error.

Whatever libraries say, no line holds a person's address, a password in an address, or a token of a mail.
"""

import logging
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

_PASSWORD: Final = re.compile(r"(\b[a-z][a-z0-9+]{1,30}://[^\s:/@]{0,64}):[^\s@/]{1,200}@")
_TOKEN: Final = re.compile(r"(/(?:[ocuw]|admin/invitation|admin/password-reset/[^\s/]{1,64})/)[\w~=.-]{12,}")
_MAIL_ADDRESS: Final = re.compile(r"[^\s@<>\"'(){}\[\],;:=/]{1,64}@((?:[\w-]{1,63}\.){1,10}[\w-]{1,63})")
# Whoever asks for what there is not, or guesses, causes these.
_OF_STRANGERS: Final = ("django.request", "django.security", "xmld_project.standalone.sftp_server")
OF_A_KIND: Final = 30  # lines a minute; of the others the number is written
_MINUTE: Final = 60.0
_COUNTED: Final = "counted"


def _without_trace(record: logging.LogRecord) -> bool:
    """Leave the trace out of what a client did wrong: one line tells it, and anybody can send a million of them."""
    of_request = record.name == "django.request" and record.levelno < logging.ERROR
    if of_request or record.name.startswith("django.security"):
        record.exc_info = None
    return True


class Repetitions(logging.Filter):
    """Lines that anybody can cause, some a minute of each kind, then counted: a stranger must not fill the log.

    The count is told with the first line of any kind after the minute, or by the next of its own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._seen: Counter[tuple[str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a line through, if its kind has not had its share."""
        with self._lock:
            passed = Counter[tuple[str, int]]()
            if self._clock() - self._began >= _MINUTE:
                passed, self._seen, self._began = self._seen, Counter(), self._clock()
            kind = _kind_of(record)
            if kind is not None:
                self._seen[kind] += 1
            let = kind is None or self._seen[kind] <= OF_A_KIND
        for (name, status), number in passed.items():
            if number > OF_A_KIND:
                logging.getLogger(name).warning(
                    "%d more like these (%s) in the minute before", number - OF_A_KIND, status or "refused",
                    extra={_COUNTED: True},
                )  # fmt: skip
        return let


def _kind_of(record: logging.LogRecord) -> tuple[str, int] | None:
    """Return as what a line is counted, None where no stranger causes it."""
    if hasattr(record, _COUNTED) or not record.name.startswith(_OF_STRANGERS):
        return None
    return record.name, getattr(record, "status_code", 0)


def masked(text: str) -> str:
    """Return a text without what belongs to people: of a mail address its domain stays, for support."""
    text = _PASSWORD.sub(r"\1:…@", text)
    return _MAIL_ADDRESS.sub(r"…@\1", _TOKEN.sub(r"\1…", text))


def _without_people(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(log_format: str) -> None:
    """Route structlog and the standard logging of libraries through one renderer."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_people, renderer],
        )
    )
    handler.addFilter(_without_trace)
    handler.addFilter(Repetitions())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("paramiko", "asyncssh", "django-q"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
