import pytest

from tests.whole.firm_ground import Ground


@pytest.fixture(scope="session")
def firm(tmp_path_factory):
    """One product for the tests of firm ground, with an account of its own."""
    ground = Ground()
    try:
        yield ground.prepare(tmp_path_factory.mktemp("firm"))
    finally:
        ground.product.clear()
