"""The rates that hold for a message, and the tokens that this sender has (reference 5.3, rates)."""

from collections.abc import Iterable, Mapping
from typing import Final

from deliveries import conf
from deliveries.models import Newsletter
from deliveries.sending.worker.jobs import Job

_RELAY: Final = "relay"
_HOUR: Final = 3600


def read_limits(newsletters: Iterable[int]) -> dict[str, int]:
    """Return the rates an hour in force, by key: the relay's, these newsletters', and those of their domains."""
    limits = {_RELAY: conf.relay_rate()} if conf.relay_rate() else {}
    rows = Newsletter.objects.filter(id__in=newsletters).values_list("id", "rate_per_hour", "rates")
    for newsletter, an_hour, domains in rows:
        if an_hour:
            limits[f"newsletter:{newsletter}"] = an_hour
        limits |= {f"newsletter:{newsletter}:{domain.lower()}": rate for domain, rate in domains.items() if rate}
    return limits


class Rates:
    """Tokens, and the keys of which more are wanted; those of a rate that is lifted are forgotten."""

    def __init__(self) -> None:
        self.limits: dict[str, int] = {}
        self._tokens: dict[str, int] = {}
        self._wanted: set[str] = set()

    def admits(self, job: Job) -> str:
        """Take a token of each rate that holds for a job; return "" then, else the key of the one that lacks."""
        if not self.limits:
            return ""
        newsletter = f"newsletter:{job.leased.mailing.newsletter_id}"
        domain = f"{newsletter}:{job.row.address.rpartition('@')[2].lower()}"
        keys = [key for key in (_RELAY, newsletter, domain) if key in self.limits]
        for key in keys:
            if not self._tokens.get(key):
                self._wanted.add(key)
                return key
        for key in keys:
            self._tokens[key] -= 1
        return ""

    def wanted(self) -> dict[str, tuple[int, int]]:
        """Return what to ask the database for: of each key its rate, and a second's worth of tokens."""
        return {
            key: (self.limits[key], max(1, self.limits[key] // _HOUR)) for key in self._wanted if key in self.limits
        }

    def add(self, given: Mapping[str, int]) -> None:
        """Add tokens that the database gave."""
        for key, number in given.items():
            if number:
                self._tokens[key] = self._tokens.get(key, 0) + number
                self._wanted.discard(key)

    def set_limits(self, limits: dict[str, int]) -> None:
        """Obey these rates from now on."""
        self.limits = limits
        self._wanted &= limits.keys()
