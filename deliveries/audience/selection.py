"""Whom a delivery's filters select, before anybody is left out (reference 3.3, 3.5)."""

from typing import Final

from psycopg import sql

from deliveries.audience.behaviour import kinds
from deliveries.models import Delivery
from recipients import filtering, tables
from recipients.errors import ClientError
from recipients.filtering import ROW, Predicate, join
from recipients.models import Filter

TEST_LISTS: Final = "XMLD-%-T"


def predicate(delivery: Delivery) -> Predicate:
    """Return the condition on a row of the delivery's database: both base filters and its own filter.

    Without a filter it is all users, less the rows that were loaded as test lists. Raises ClientError when a
    filter is of another database or can't be read any more.
    """
    wanted = [delivery.database.base_filter, delivery.newsletter.base_filter, delivery.filter]
    parts = [_stored(delivery, chosen) for chosen in wanted if chosen is not None]
    if delivery.filter is None:
        parts += _without_test_lists(delivery)
    return join("all", parts)


def count(delivery: Delivery) -> int:
    """Return how many rows are selected now; people who will be left out or suppressed are among them."""
    return filtering.count(delivery.database, predicate(delivery))


def sample(delivery: Delivery, limit: int) -> list[int]:
    """Return the ids of the first rows that are selected now, ascending."""
    return filtering.sample(delivery.database, predicate(delivery), limit)


def _stored(delivery: Delivery, chosen: Filter) -> Predicate:
    if chosen.database_id != delivery.database_id:
        raise ClientError("FILTER_DATABASE", filter=chosen.pk, delivery=delivery.pk)
    try:
        return filtering.predicate_of(chosen, further=kinds(delivery.database))
    except ClientError as error:
        raise ClientError("filter.unusable", filter=chosen.name, fault=error.fault) from error


def _without_test_lists(delivery: Delivery) -> list[Predicate]:
    code = tables.code_column(delivery.database)
    if code is None:
        return []
    return [Predicate(sql.SQL("({} LIKE %s) IS NOT TRUE").format(sql.Identifier(ROW, code)), (TEST_LISTS,))]
