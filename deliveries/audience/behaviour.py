"""Conditions on what people did: subscribed, received, opened, clicked (reference 3.5)."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from psycopg import sql

from deliveries.models import Delivery, Newsletter
from deliveries.models.messages import CLICKED_SQL, OPENED_SQL
from recipients import tables
from recipients.errors import ClientError
from recipients.filtering import ROW, Further, Predicate
from recipients.models import Database

# By address, not by row: each load appends rows, and a person's older messages belong to older rows.
_MESSAGES: Final = "lower({address}) IN (SELECT lower(m.address) FROM deliveries_message AS m WHERE {which})"
_OF_DELIVERY: Final = "m.delivery_id = %s AND "
_RECEIVED: Final = f"{_OF_DELIVERY}m.status = 'delivered'"
_SUBSCRIBED: Final = (
    "lower({address}) IN (SELECT s.address FROM deliveries_subscription AS s "
    "WHERE s.newsletter_id = %s AND s.state = 1 AND s.address IS NOT NULL)"
)


def kinds(database: Database) -> Mapping[str, Further]:
    """Return the kinds of condition that deliveries add to a filter of this database."""
    return {
        "subscribed": partial(_subscribed, database),
        "received": partial(_messages, database, _RECEIVED),
        # A click, or a visit of the web version, proves an open (reference 6, hidden views).
        "opened": partial(_messages, database, _OF_DELIVERY + OPENED_SQL),
        "clicked": partial(_messages, database, _OF_DELIVERY + CLICKED_SQL),
    }


def _address(database: Database) -> sql.Identifier:
    return sql.Identifier(ROW, tables.address_column(database))


def _subscribed(database: Database, newsletter_id: int) -> Predicate:
    if not Newsletter.objects.filter(pk=newsletter_id, account=database.account_id).exists():
        raise ClientError("NEWSLETTER_UNKNOWN", id=newsletter_id)
    return Predicate(sql.SQL(_SUBSCRIBED).format(address=_address(database)), (newsletter_id,))


def _messages(database: Database, which: str, delivery_id: int) -> Predicate:
    if not Delivery.objects.filter(pk=delivery_id, account=database.account_id).exists():
        raise ClientError("DELIVERY_UNKNOWN", id=delivery_id)
    query = sql.SQL(_MESSAGES).format(address=_address(database), which=sql.SQL(which))
    return Predicate(query, (delivery_id,))
