"""Conditions of a filter become one SQL predicate with parameters (reference 3.5)."""

from recipients.filtering.conditions import compile_conditions as compile_conditions
from recipients.filtering.keeping import archive as archive
from recipients.filtering.keeping import restore as restore
from recipients.filtering.keeping import used_by as used_by
from recipients.filtering.nested import check_conditions as check_conditions
from recipients.filtering.nested import predicate_of as predicate_of
from recipients.filtering.operators import operator_in_words as operator_in_words
from recipients.filtering.predicates import ROW as ROW
from recipients.filtering.predicates import Further as Further
from recipients.filtering.predicates import Parameter as Parameter
from recipients.filtering.predicates import Predicate as Predicate
from recipients.filtering.predicates import join as join
from recipients.filtering.selecting import count as count
from recipients.filtering.selecting import sample as sample
