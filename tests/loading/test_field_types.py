"""A new field type is a row of one table: here it shows what of it is still missing (CONTRIBUTING)."""

from datetime import UTC

import pytest

from deliveries.admin.filters.vocabulary import operator_words, operators_of
from deliveries.content.markers.values import print_value
from recipients.faults import CATALOGUE
from recipients.field_types import FIELD_TYPES, converters, typed
from recipients.filtering.operators import COMPARISONS, OPERATORS, compile_one
from recipients.filtering.values import read
from recipients.models import FieldType
from recipients.tables import Column


@pytest.mark.parametrize("kind", list(FieldType))
def test_the_example_of_a_type_is_read_printed_and_filtered(kind):
    row = FIELD_TYPES[kind]
    converted = converters(UTC)[kind](row.example)
    value = typed(kind, converted)
    assert read(kind, row.example) == value
    assert print_value(value, italian=True)
    if row.are_plain is not None and row.are_plain([row.example]):
        assert converted == row.example
    for operator in set(operators_of(kind)) - {"in", "not_in"}:
        assert operator in OPERATORS
        assert operator_words(kind, operator)
        assert compile_one(Column("field", kind), operator, row.example).sql
    assert (row.family in {"number", "day"}) == set(COMPARISONS).issubset(operators_of(kind))


@pytest.mark.parametrize("kind", [kind for kind in FieldType if FIELD_TYPES[kind].family != "text"])
def test_a_type_that_not_every_text_is_has_a_sentence_for_lists_and_one_for_filters(kind):
    assert {f"CSV_TYPE.{kind}", f"value.{kind}"} <= set(CATALOGUE)
