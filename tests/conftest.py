import pytest

from tests.product import Product


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
