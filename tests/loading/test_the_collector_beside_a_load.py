"""docs/decisions.md: the garbage collector looks seldom while a list is loaded, and as before afterwards."""

import gc

import pytest

from recipients.loading.copying import rare_collections


def fail_within() -> None:
    with rare_collections():
        raise ValueError(gc.get_threshold()[0])


def test_the_collector_is_as_it_was_after_a_load_that_failed_too():
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="50000"):
        fail_within()
    assert gc.get_threshold() == before


def test_of_two_loads_at_once_the_one_that_asked_first_takes_it_back():
    before = gc.get_threshold()
    first, second = rare_collections(), rare_collections()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
