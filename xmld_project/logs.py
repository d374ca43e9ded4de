"""One log line an event, for a person (`console`) or for a machine (`json`), on standard error.

Whatever libraries say, no line holds a person's address, a password in an address, or a token of a mail.
"""

import logging
import re
import sys
from typing import Final

import structlog

_PASSWORD: Final = re.compile(r"(\b[a-z][a-z0-9+]{1,30}://[^\s:/@]{0,64}):[^\s@/]{1,200}@")
_TOKEN: Final = re.compile(r"(/(?:[ocuw]|admin/invitation|admin/password-reset/[^\s/]{1,64})/)[\w~=.-]{12,}")
_MAIL_ADDRESS: Final = re.compile(r"[^\s@<>\"'(){}\[\],;:=/]{1,64}@((?:[\w-]{1,63}\.){1,10}[\w-]{1,63})")


def _without_trace(record: logging.LogRecord) -> bool:
    """Leave the trace out of what a client did wrong: one line tells it, and anybody can send a million of them."""
    of_request = record.name == "django.request" and record.levelno < logging.ERROR
    if of_request or record.name.startswith("django.security"):
        record.exc_info = None
    return True


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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("paramiko", "asyncssh", "django-q"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
