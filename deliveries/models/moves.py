"""A move of state: one conditional UPDATE from where the map (states.py) lets a row come, whose count says who won.

The ledger of sending moves thousands of messages a statement, in SQL of its own; the database of its tests refuses
what is not in the map.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet

from deliveries.models.states import DELIVERY_MOVES, MESSAGE_MOVES, DeliveryStatus, MessageStatus

Row = TypeVar("Row", bound=Model)


def sources(target: DeliveryStatus | MessageStatus) -> frozenset[str]:
    """Return the states from which the map lets a row come to this one."""
    moves = DELIVERY_MOVES if isinstance(target, DeliveryStatus) else MESSAGE_MOVES
    return frozenset(state for state, targets in moves.items() if target in targets)


def move(rows: QuerySet[Row], target: DeliveryStatus | MessageStatus, **values: object) -> int:
    """Bring those of `rows` that may come there to `target`, with further values of theirs; return how many came.

    The caller narrows `rows` where its act means less than the map allows. 0: somebody else was first.
    """
    return rows.filter(status__in=sources(target)).update(status=target, **values)
