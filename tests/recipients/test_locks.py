from datetime import timedelta

import pytest

from recipients import locks
from recipients.errors import LockedError

MINUTE = timedelta(minutes=1)
PAST = timedelta(seconds=-1)


@pytest.mark.sentence("3.4-04")
def test_a_lock_that_is_held_names_its_holder(database):
    locks.acquire(database.pk, "run 1", MINUTE)
    with pytest.raises(LockedError, match=f"Userdb is locked {database.pk}") as caught:
        locks.acquire(database.pk, "run 2", MINUTE)
    assert caught.value.holder == "run 1"


def test_the_holder_itself_takes_it_again_after_a_crash_and_keeps_since_when(database):
    locks.acquire(database.pk, "run 1", MINUTE)
    database.refresh_from_db()
    since = database.locked_since
    locks.acquire(database.pk, "run 1", MINUTE)
    database.refresh_from_db()
    assert database.locked_since == since


@pytest.mark.sentence("3.4-02", "3.4-03")
def test_a_lease_that_is_over_is_anybodys_and_is_not_renewed_by_the_old_holder(database):
    locks.acquire(database.pk, "run 1", PAST)
    locks.acquire(database.pk, "run 2", MINUTE)
    assert not locks.renew(database.pk, "run 1", MINUTE)
    assert locks.renew(database.pk, "run 2", MINUTE)


@pytest.mark.sentence("3.4-03")
def test_only_the_holder_gives_it_back(database):
    locks.acquire(database.pk, "run 1", MINUTE)
    locks.release(database.pk, "run 2")
    with pytest.raises(LockedError):
        locks.acquire(database.pk, "run 2", MINUTE)
    locks.release(database.pk, "run 1")
    locks.acquire(database.pk, "run 2", MINUTE)
