import resource
import socket
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

# Connections that say nothing cost a descriptor each and no thread; unfinished headers are waited for so long.
_CONNECTIONS: Final = 8_192
_HEADER_MILLISECONDS: Final = 10_000  # a client that sends them slowly holds no thread, but a connection


def _family() -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in settings.WEB_HOST else socket.AF_INET


class Command(BaseCommand):
    help = "Serves the admin and the public pages (granian: 2 workers of 4 + 4 threads)."

    def handle(self, **_options: Any) -> None:
        settings.STATIC_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
        try:
            with socket.create_server((settings.WEB_HOST, settings.WEB_PORT), family=_family()) as free:
                port = free.getsockname()[1]
        except OSError as error:
            raise CommandError(f"XMLD_WEB_PORT={settings.WEB_PORT}: {error.strerror}; give another port") from error
        _allow_connections()
        Granian(
            "xmld_project.web.application:application",
            address=settings.WEB_HOST,
            port=port,
            interface=Interfaces.RSGI,
            workers=2,
            loop=Loops.uvloop,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
            websockets=False,
            backlog=1_024,
            backpressure=_CONNECTIONS,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=5,
            log_level=LogLevels.warn,
        ).serve()


def _allow_connections() -> None:
    """Raise this process's own bound on descriptors as far as the machine lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
