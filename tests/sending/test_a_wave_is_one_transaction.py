import asyncio
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction

from deliveries import workers
from deliveries.sending.database import binary_arrays
from deliveries.sending.database.away import DatabaseAway
from deliveries.sending.database.pipeline import PipelinedConnection, Statement
from deliveries.sending.ledger import fence, wave
from tests.sending.conftest import database_url, make_going, only_message
from tests.sending.test_the_ledger_can_not_be_fooled import _intent, _result
from tests.sending.waving import commit_wave, committed
from tests.sessions import waits_for_a_lock
from tests.waiting import wait_for, wait_for_end


def test_a_wave_that_is_carried_out_late_grants_nothing(shop):
    message = only_message(make_going(shop, 1))
    owner = workers.enrol_sender()
    assert fence.raise_fence(owner) == 1
    assert commit_wave(owner, [], [_intent(message)], fence=0) == frozenset()
    assert commit_wave(owner, [], [_intent(message)], fence=1) == {message.pk}


def test_who_raises_the_fence_waits_for_the_wave_under_way(shop):
    owner = workers.enrol_sender()
    raised = []
    other = threading.Thread(target=lambda: (raised.append(fence.raise_fence(owner)), connection.close()))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s::int)", [fence.LOCK, owner])
        other.start()
        wait_for(waits_for_a_lock, "the fence to wait")
        assert not raised
    wait_for_end(other)
    assert raised == [1]


def test_where_prepared_statements_are_not_kept_the_wave_goes_out_in_full(shop):
    first, second = make_going(shop, 2).messages.order_by("id")
    owner = workers.enrol_sender()
    forget = [(Statement(b"", b"DEALLOCATE ALL"), ())]  # as if a pooler had given us another session
    intents = {each.pk: _intent(each) for each in (first, second)}

    async def waves():
        ledger, hand = PipelinedConnection(), wave.Writer(owner, 0)
        granted = [await wave.commit(ledger, hand, [], [intents[first.pk]])]
        await ledger.run(forget)
        with pytest.raises(DatabaseAway):
            await wave.commit(ledger, hand, [], [intents[second.pk]])
        granted.append(await wave.commit(ledger, hand, [], [intents[second.pk]]))
        await ledger.run(forget)
        await wave.commit(ledger, hand, [_result(second, "delivered")], [])
        await ledger.close()
        return granted

    assert asyncio.run(waves()) == [{first.pk}, {second.pk}]
    second.refresh_from_db()
    assert second.status == "delivered"


def test_a_mistake_in_a_statement_is_not_taken_for_a_database_that_is_away(shop):
    async def asked():
        ledger = PipelinedConnection()
        with pytest.raises(psycopg.ProgrammingError):
            await ledger.run([(Statement(b"", b"SELECT nothing_of_this_name"), ())])
        answer = await ledger.run([(Statement(b"", b"SELECT 7::bigint"), ())])
        await ledger.close()
        return answer[0].get_value(0, 0)

    assert asyncio.run(asked()) == (7).to_bytes(8, "big")


def test_a_table_that_is_locked_is_not_waited_for_even_to_prepare_a_statement(shop):
    message = only_message(make_going(shop, 1))
    owner = workers.enrol_sender()
    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE deliveries_message IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseAway, match="lock timeout"):
            asyncio.run(committed(wave.Writer(owner, 0), [], [_intent(message)]))
    assert commit_wave(owner, [], [_intent(message)]) == {message.pk}


MOMENT = datetime(1999, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "oid", "data", "expected"),
    [
        ("bigint[]", binary_arrays.INT8S, binary_arrays.int8s([1, -(2**63)]), [1, -(2**63)]),
        ("bigint[]", binary_arrays.INT8S, binary_arrays.int8s([]), []),
        ("int[]", binary_arrays.INT4S, binary_arrays.int4s([7, -7]), [7, -7]),
        ("int[]", binary_arrays.INT4S, binary_arrays.int4s([7, None]), [7, None]),
        ("text[]", binary_arrays.TEXTS, binary_arrays.texts(["", "è \udcff"]), ["", "è ?"]),
        ("bytea[]", binary_arrays.BYTEAS, binary_arrays.byteas([b"", b"\0x"]), [b"", b"\0x"]),
        ("timestamptz[]", binary_arrays.TIMESTAMPS, binary_arrays.timestamps([MOMENT, MOMENT]), [MOMENT, MOMENT]),
    ],
)
def test_an_array_is_read_as_it_was_written(shop, kind, oid, data, expected):
    with psycopg.connect(database_url()) as raw:
        sent = raw.pgconn.exec_params(f"SELECT $1::{kind}::text".encode(), [data], [oid], [1], 0)
        text = sent.get_value(0, 0).decode()
        assert raw.execute(f"SELECT %s::{kind}", [text]).fetchone()[0] == expected
