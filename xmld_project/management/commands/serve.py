import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def _family() -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in settings.WEB_HOST else socket.AF_INET


class Command(BaseCommand):
    help = "Serves the admin and the public pages (granian: 2 workers of 4 threads)."

    def handle(self, **_options: Any) -> None:
        settings.STATIC_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
        try:
            with socket.create_server((settings.WEB_HOST, settings.WEB_PORT), family=_family()) as free:
                port = free.getsockname()[1]
        except OSError as error:
            raise CommandError(f"XMLD_WEB_PORT={settings.WEB_PORT}: {error.strerror}; give another port") from error
        Granian(
            "xmld_project.wsgi:application",
            address=settings.WEB_HOST,
            port=port,
            interface=Interfaces.WSGI,
            workers=2,
            blocking_threads=4,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=5,
            log_level=LogLevels.warn,
        ).serve()
