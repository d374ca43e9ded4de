"""All examinations, in the order in which a fault of one explains those of the next."""

from collections.abc import Callable, Iterator
from typing import Final

from django.db import DatabaseError

from deliveries.health.doctor import database, mail, reach, system
from deliveries.health.doctor.findings import Finding, mend

Examination = Callable[[], Iterator[Finding]]
_WITHOUT_DATABASE: Final[tuple[Examination, ...]] = (system.disk, system.secrets, system.users, system.versions)
_WITH_DATABASE: Final[tuple[Examination, ...]] = (
    database.server,
    database.durability,
    database.migrations,
    database.clock,
    reach.parts,
    mail.relay,
    reach.spaces,
    reach.public_address,
    mail.sender_domains,
)


def examine() -> list[Finding]:
    """Return every finding; where the database does not answer, only what needs none is looked at."""
    found = [finding for each in _WITHOUT_DATABASE for finding in each()]
    try:
        found += [finding for each in _WITH_DATABASE for finding in each()]
    except DatabaseError as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        found.append(mend("database", f"PostgreSQL does not answer ({reason}): start it, or mend DATABASE_URL"))
    return found
