"""One log line an event, for a person (`console`) or for a machine (`json`), on standard error."""

import logging
import sys

import structlog


def _without_trace(record: logging.LogRecord) -> bool:
    """Leave the trace out of what a client did wrong: one line tells it, and anybody can send a million of them."""
    of_request = record.name == "django.request" and record.levelno < logging.ERROR
    if of_request or record.name.startswith("django.security"):
        record.exc_info = None
    return True


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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_without_trace)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("paramiko", "asyncssh", "django-q"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
