import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from django.utils import timezone, translation
from psycopg import sql

from tests.product import Product

FILLED_ONCE = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes long: at the end it would keep one process busy while the other has nothing to do."""
    items.sort(key=lambda item: not (item.get_closest_marker("whole") or item.get_closest_marker("browser")))


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
def no_language_or_zone_is_left_behind():
    """A page leaves its reader's language active in the thread until the next one: the next test reads no page."""
    yield
    translation.deactivate()
    timezone.deactivate()


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
