"""What the senders tell of the relay, for whoever asks: pages, /readyz, /metrics, a delivery that waits."""

from datetime import timedelta
from typing import Final

from django.db import connection

from deliveries import conf
from deliveries.models import RelayHealth
from deliveries.models.functions import DatabaseNow
from deliveries.relay.address import RelayAddress, read_address

# A line that breaks is mended within a second or two by the next connection: no person need know of that.
PASSES: Final = timedelta(seconds=5)
_TELL: Final = """
    INSERT INTO deliveries_relayhealth AS old (relay, failing_since, code, words, told_at)
    VALUES (%(relay)s, CASE WHEN %(code)s = '' THEN NULL ELSE clock_timestamp() END, %(code)s, %(words)s,
            clock_timestamp())
    ON CONFLICT (relay) DO UPDATE SET code = excluded.code, words = excluded.words, told_at = excluded.told_at,
        failing_since = CASE WHEN excluded.code = '' THEN NULL
                             ELSE coalesce(old.failing_since, excluded.failing_since) END
"""


def name_of(address: RelayAddress) -> str:
    """Return host and port, as the relay is called."""
    return f"{address.host}:{address.port}"


def tell(address: RelayAddress, code: str, words: str) -> None:
    """Note a trouble, or with an empty code that there is none any more."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL, {"relay": name_of(address), "code": code, "words": words[:500]})


def failing() -> RelayHealth | None:
    """Return the state of the relay in use where it has failed for some seconds, else None."""
    known = RelayHealth.objects.filter(relay=name_of(read_address(conf.smtp_url())))
    return known.filter(failing_since__lt=DatabaseNow() - PASSES).first()


def sentence(state: RelayHealth) -> str:
    """Return what is wrong, in the relay's words, and since when."""
    since = f"{state.failing_since:%Y-%m-%d %H:%M} UTC"
    return f"{state.code}: the relay {state.relay} has taken nothing since {since} ({state.words})"
