"""Whoever returns or reads a range reads no other messages of the delivery (reference 5.3)."""

from django.db import connection, transaction

from deliveries import workers
from deliveries.models import Message, SendingRange
from deliveries.sending.ledger import ranges
from tests.sending.conftest import make_going

_WIDTH = 50
_READ = """
    SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'deliveries_message'
"""


def _rows_read():
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return cursor.fetchone()[0]


def test_a_range_of_a_delivery_that_is_in_no_statistics(shop):
    made = make_going(shop, 20 * _WIDTH, width=_WIDTH)
    owner = workers.enrol_sender()
    with transaction.atomic():
        leased = ranges.lease(owner, {})
        before = _rows_read()
        assert len(ranges.read(leased, leased.first_id - 1, 500)) == _WIDTH
        Message.objects.filter(id__range=(leased.first_id, leased.last_id)).update(status="delivered")
        ranges.give_back(owner, leased.pk, leased.leases)
        assert _rows_read() - before <= 5 * _WIDTH
    assert SendingRange.objects.filter(delivery=made).count() == 19
