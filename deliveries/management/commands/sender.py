from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.errors import ServiceError
from deliveries.sending.worker import main


class Command(BaseCommand):
    help = "Sends what is due until it is told to stop (SIGTERM); run one a core."

    def handle(self, **_options: Any) -> None:
        try:
            main.run()
        except ServiceError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
