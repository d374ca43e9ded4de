"""Who is left out or suppressed at the freeze, as SQL over its common table `chosen` (reference 5.2, 7)."""

from typing import Final

from psycopg import sql

from deliveries.models import Delivery, Subscription
from recipients.filtering import Parameter, Predicate
from recipients.models import BlacklistEntry
from recipients.suppressions import UNSUBSCRIPTIONS, fingerprint_sql

_NOBODY: Final = Predicate(sql.SQL("SELECT NULL::text WHERE FALSE"))
_SAID_NO: Final = "FROM deliveries_subscription AS s WHERE s.newsletter_id = %s AND s.state = -1"
_ON_LIST: Final = (
    "FROM recipients_blacklistentry AS b WHERE b.account_id = %s AND (b.permanent OR b.until > now()) "
    "AND NOT (coalesce(b.reason, 0) = ANY(%s::int[]))"
)
# An erased person's entry holds the fingerprint alone: then those of all chosen addresses are computed.
_BY_PRINT: Final = "JOIN (SELECT DISTINCT key FROM chosen WHERE key <> '') AS c ON {print} = found.fingerprint"


def obeys_unsubscriptions(delivery: Delivery) -> bool:
    """Return whether unsubscriptions keep people out: not of transactional and test deliveries."""
    return not delivery.transactional and delivery.type != "test"


def unsubscribed(delivery: Delivery) -> Predicate:
    """Return the query of the normalised addresses (key) that unsubscribed from the newsletter."""
    if not obeys_unsubscriptions(delivery):
        return _NOBODY
    newsletter = delivery.newsletter_id
    known = sql.SQL(f"SELECT s.address {_SAID_NO} AND s.address IS NOT NULL")
    said_no = Subscription.objects.filter(newsletter=newsletter, state=-1)
    if not said_no.filter(address__isnull=True).exists():
        return Predicate(known, (newsletter,))
    printed, blocks = _printed()
    erased = sql.SQL(f"SELECT c.key FROM (SELECT s.fingerprint {_SAID_NO} AND s.address IS NULL) AS found {{}}")  # noqa: S608  constants of ours
    return Predicate(
        sql.SQL("{} UNION {}").format(known, erased.format(printed)), (newsletter, newsletter, *blocks)
    )


def listed(delivery: Delivery) -> Predicate:
    """Return the query of (key, permanent, reason): the addresses on the account's blacklist now, each once."""
    passed_over = [] if obeys_unsubscriptions(delivery) else [int(reason) for reason in UNSUBSCRIPTIONS]
    whose = (delivery.account_id, passed_over)
    known = sql.SQL(f"SELECT b.address AS key, b.permanent, b.reason {_ON_LIST} AND b.address IS NOT NULL")
    parts: list[sql.Composable] = [known]
    parameters: list[Parameter] = [*whose]
    if BlacklistEntry.objects.filter(account=delivery.account_id, address__isnull=True).exists():
        printed, blocks = _printed()
        fields = "c.key, found.permanent, found.reason"
        entries = f"SELECT b.fingerprint, b.permanent, b.reason {_ON_LIST} AND b.address IS NULL"
        parts.append(sql.SQL(f"SELECT {fields} FROM ({entries}) AS found {{}}").format(printed))  # noqa: S608  the same
        parameters += [*whose, *blocks]
    once = sql.SQL(
        "SELECT DISTINCT ON (key) key, permanent, reason FROM ({}) AS entry ORDER BY key, permanent DESC"
    )
    return Predicate(once.format(sql.SQL(" UNION ALL ").join(parts)), tuple(parameters))


def _printed() -> tuple[sql.Composed, tuple[bytes, bytes]]:
    query, blocks = fingerprint_sql(sql.SQL("c.key"))
    return sql.SQL(_BY_PRINT).format(print=query), blocks
