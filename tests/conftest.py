import shutil
from pathlib import Path

import pytest
from django.conf import settings as product_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import caches
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from deliveries.tracking.hits import link_targets
from deliveries.tracking.hits.recorder import RECORDER
from tests.product import Product
from tests.waiting import wait_for

# A fifth of a second an example, and a bound for drawing them, tell nothing where others keep the machine busy.
hypothesis_settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ours")

FILLED_ONCE = {"django_migrations", "django_content_type", "auth_permission"}
# Below the state folder of a process of the tests: failed log-ins, files of runs, results that a database missed.
KEPT_BETWEEN_REQUESTS = ("login", "spool", "journal")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Begin with what takes long: at the end it would keep one process busy while the other has nothing to do."""
    items.sort(key=lambda item: not (item.get_closest_marker("whole") or item.get_closest_marker("browser")))
    if config.getoption("loadgroup", default=False):
        for item in items:
            name_the_group(item)


def name_the_group(item):
    """Write the group behind the test's name, by which pytest-xdist keeps it in one process.

    pytest-xdist 3.8 does so by a field that pytest 9.2 no longer reads: each process started a product of its own.
    """
    group = item.get_closest_marker("xdist_group")
    if group and not item.nodeid.endswith(f"@{group.args[0]}"):
        item._id = item.parent.id.child(f"{item.name}@{group.args[0]}")


def delete_all_rows(_case=None) -> None:
    """Empty each table but those that migrations fill; foreign keys are looked at when it is all done."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL xmld.audit_opened_for = 'prune'")  # the audit log lets nobody else delete
        for table in connection.introspection.table_names(cursor):
            if table not in FILLED_ONCE:
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_by_deleting():
    """Truncating all tables and filling the permissions anew costs seconds after each test that commits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_all_rows)
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_are_hashed_quickly():
    """A million rounds for each account that a test makes, and for each key that it shows, prove nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1_000)
        yield


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    """Have the next test find what the first one found, whichever that is.

    A page leaves its reader's language and zone active in the thread. Failed log-ins are counted in files, runs
    keep theirs, counts of audiences are kept in memory, and so is where links lead.
    """
    yield
    translation.deactivate()
    timezone.deactivate()
    caches["counts"].clear()
    link_targets.forget()
    for name in KEPT_BETWEEN_REQUESTS:
        if (folder := Path(product_settings.STATE_DIR) / name).exists():
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_hit_is_written_behind_a_test(request, monkeypatch):
    """Hits go to the database by a thread of their own: only who asks for `written` waits for it."""
    if "written" not in request.fixturenames:
        monkeypatch.setattr(RECORDER, "record", lambda _hit: None)


@pytest.fixture
def written(transactional_db):
    """Have what the views take in written by its thread, and the thread's connection closed."""

    def wait():
        RECORDER.stop()
        wait_for(lambda: RECORDER._thread is None or not RECORDER._thread.is_alive(), "the hits to be written")

    yield wait
    wait()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Leave no connection to a database that is dropped: one made in Playwright's loop is not the one outside."""
    yield
    connections.close_all()


@pytest.fixture(scope="session")
def product():
    """The whole product with its demo account; mark tests of it `whole` and xdist_group("product")."""
    product = Product()
    try:
        yield product.start()
    finally:
        product.clear()


@pytest.fixture
def another_product():
    """Make products of one's own, which are cleared at the end: another_product(XMLD_SENDERS="2")."""
    made: list[Product] = []

    def make(**variables):
        made.append(Product(**variables))
        return made[-1]

    yield make
    for product in made:
        product.clear()
