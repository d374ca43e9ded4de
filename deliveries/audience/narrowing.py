"""The steps that count and freeze share: who is selected, who said no, who is listed, who stays (reference 5.2)."""

from psycopg import sql

from deliveries.audience.exclusions import listed, unsubscribed
from deliveries.audience.selection import predicate
from deliveries.models import Delivery
from recipients import tables
from recipients.filtering import ROW, Predicate


def narrowed(statement: str, delivery: Delivery, *, every: str, first: str) -> Predicate:
    """Fill the places of a statement: {row}, {address}, {people}, {selected}, {unsubscribed}, {listed}, {kept}.

    {kept} is `first` where repetitions are removed, else `every`; the parameters are those of the first three
    queries, in this order. Raises ClientError when a filter can't be used.
    """
    selected, left, listed_now = predicate(delivery), unsubscribed(delivery), listed(delivery)
    query = sql.SQL(statement).format(
        row=sql.Identifier(ROW),
        address=sql.Identifier(tables.address_column(delivery.database)),
        people=tables.identifier(delivery.database),
        selected=selected.sql,
        unsubscribed=left.sql,
        listed=listed_now.sql,
        kept=sql.SQL(first if delivery.remove_duplicates else every),
    )
    return Predicate(query, (*selected.parameters, *left.parameters, *listed_now.parameters))
