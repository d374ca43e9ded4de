from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recipients import filtering, tables
from recipients.errors import ClientError
from recipients.faults import Fault
from recipients.filtering import check_conditions, compile_conditions
from recipients.models import Database, Filter

NOON = datetime(2026, 12, 1, 12)  # noqa: DTZ001  as loaded: no zone
ROWS = [
    {
        "email": "Ada@x.example",
        "nome": "Ada",
        "eta": 36,
        "saldo": Decimal("1.50"),
        "attivo": True,
        "nato": date(1990, 1, 2),
        "visto": NOON,
    },
    {
        "email": "bob@y.example",
        "nome": "100%_Bob\\",
        "eta": -5,
        "saldo": Decimal(20),
        "attivo": False,
        "nato": date(2000, 12, 31),
        "visto": NOON + timedelta(days=1),
    },
    {"email": "c@z.example", "nome": ""},
    {"email": "d@z.example"},
]
OPERATORS = {
    "equals": lambda held, value: held == value,
    "different": lambda held, value: held != value,
    "greater": lambda held, value: held is not None and held > value,
    "greater_or_equal": lambda held, value: held is not None and held >= value,
    "less": lambda held, value: held is not None and held < value,
    "less_or_equal": lambda held, value: held is not None and held <= value,
    "contains": lambda held, value: held is not None and value in held,
    "not_contains": lambda held, value: held is None or value not in held,
    "starts_with": lambda held, value: held is not None and held.startswith(value),
    "in": lambda held, values: held in values,
    "not_in": lambda held, values: held not in values,
    "is_empty": lambda held, _value: held in {None, ""},
    "is_not_empty": lambda held, _value: held not in {None, ""},
}
ORDERED = ["equals", "different", "greater", "greater_or_equal", "less", "less_or_equal"]
PARTS = ["equals", "different", "contains", "not_contains", "starts_with"]
VALUES = {
    "nome": (PARTS, ["Ada", "ada", "%", "_", "\\", "100%_Bob\\", "d"]),
    "eta": (ORDERED, [36, -5, 0]),
    "saldo": (ORDERED, [Decimal("1.5"), Decimal(20), Decimal("0.1")]),
    "attivo": (["equals", "different"], [True, False]),
    "nato": (ORDERED, [date(1990, 1, 2), date(1999, 9, 9)]),
    "visto": (ORDERED, [NOON, NOON + timedelta(hours=1)]),
}


def written(value):
    return str(value) if isinstance(value, Decimal | date) else value


@st.composite
def conditions(draw):
    """One condition as it is stored, and what a row must be to satisfy it."""
    field = draw(st.sampled_from(sorted(VALUES)))
    operators, values = VALUES[field]
    operator = draw(st.sampled_from([*operators, "in", "not_in", "is_empty", "is_not_empty"]))
    if operator in {"in", "not_in"}:
        value = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3))
        stored = [written(one) for one in value]
    else:
        value = draw(st.sampled_from(values))
        stored = written(value)
    return (
        {"field": field.upper(), "op": operator, "value": stored},
        lambda row: OPERATORS[operator](row.get(field), value),
    )


def group(children):
    def build(match, made):
        decide = all if match == "all" else any
        return (
            {"match": match, "conditions": [stored for stored, _ in made]},
            lambda row: decide(judge(row) for _, judge in made),
        )

    return st.builds(build, st.sampled_from(["all", "any"]), st.lists(children, min_size=1, max_size=3))


@pytest.mark.sentence("3.5-01", "3.5-02", "3.5-11")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=st.recursive(conditions(), group, max_leaves=6))
def test_postgresql_selects_what_the_same_condition_says_in_python(database, people, made):
    stored, judge = made
    ids = filtering.sample(database, filtering.predicates.EVERYBODY) or people(*ROWS)
    predicate = compile_conditions(tables.columns(database), "all", [stored])
    expected = [number for number, row in zip(ids, ROWS, strict=True) if judge(row)]
    assert filtering.sample(database, predicate) == expected
    assert filtering.count(database, predicate) == len(expected)


@pytest.mark.sentence("3.5-17")
@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ({"field": "email", "op": "equals", "value": "ADA@X.example"}, [0]),
        ({"field": "email", "op": "contains", "value": "Y.EX"}, [1]),
        ({"field": "visto", "op": "equals", "value": "01/12/2026"}, [0]),
        ({"field": "visto", "op": "greater", "value": "2026-12-01"}, [1]),
        ({"field": "visto", "op": "in", "value": ["2026-12-01 12:00", "02/12/2026"]}, [0, 1]),
        ({"field": "saldo", "op": "equals", "value": "1,5"}, [0]),
        ({"field": "attivo", "op": "equals", "value": "sì"}, [0]),
    ],
)
def test_values_are_read_as_people_write_them(database, people, condition, who):
    ids = people(*ROWS)
    predicate = compile_conditions(tables.columns(database), "all", [condition])
    assert filtering.sample(database, predicate) == [ids[number] for number in who]


@pytest.mark.sentence("3.5-17", "3.5-18")
@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"field": "city", "op": "equals", "value": "x"}, "condition 1: field 'city' is not in the database"),
        ({"field": "nome", "op": "like", "value": "x"}, "condition 1: op 'like' is unknown"),
        ({"field": "nome", "op": "greater", "value": "x"}, "nome is greater than 'x': a string field has no order"),
        ({"field": "eta", "op": "contains", "value": "3"}, "has no parts to look for"),
        ({"field": "eta", "op": "equals", "value": "9" * 19}, "write a whole number"),
        ({"field": "nato", "op": "less", "value": "31/02/2020"}, "yyyy-mm-dd or dd/mm/yyyy"),
        ({"field": "nome", "op": "equals", "value": " "}, "choose “is empty” or “is not empty”"),
        ({"field": "nome", "op": "equals", "value": "\0"}, "no text can hold"),
        ({"field": "nome", "op": "in", "value": []}, "at least one value"),
        ({"field": "nome", "op": "equals"}, "needs a value"),
        ({"match": "any", "conditions": [{"field": "x"}]}, "condition 1.1: field 'x'"),
        ({"match": "some", "conditions": []}, "write all or any"),
        ({"match": "any", "conditions": []}, "at least one"),
        ({"field": "nome", "op": "is_empty", "not": True}, "key 'not' is unknown"),
        ({"kind": "opened", "id": 1}, "kind 'opened' can't be used here"),
        ("nome", "write field, op and value"),
    ],
)
def test_a_wrong_condition_is_refused_with_its_place(database, condition, sentence):
    with pytest.raises(ClientError) as caught:
        check_conditions(tables.columns(database), "all", [condition])
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            {"field": "nome", "op": "equals", "value": " "},
            "condizione 1: nome è ' ': il valore è vuoto; scriverne uno, oppure scegliere «è vuoto»",
        ),
        (
            {"field": "nato", "op": "less", "value": "lunedì"},
            "condizione 1: nato è prima del 'lunedì': scrivere una data",
        ),
        ({"field": "eta", "op": "not_in", "value": ["x"]}, "condizione 1: eta non è nessuno tra ['x']"),
    ],
)
def test_a_wrong_condition_is_told_in_the_words_of_the_page_that_writes_it(database, condition, sentence):
    with pytest.raises(ClientError) as caught:
        check_conditions(tables.columns(database), "all", [condition])
    with translation.override("it"):
        told = Fault.from_json(caught.value.fault.as_json()).say()
    assert told.startswith(sentence)
    assert "nome" not in caught.value.fault.say(people=False)


@pytest.mark.sentence("3.5-16")
def test_what_people_write_is_a_parameter_and_never_sql(database, people):
    hostile = "'; DROP TABLE recipients_account; --"
    ids = people({"email": "a@x.example", "nome": f"x{hostile}"}, {"email": "b@x.example", "nome": "x"})
    for operator, value in (("contains", hostile), ("equals", f"x{hostile}"), ("in", [f"x{hostile}"])):
        predicate = compile_conditions(
            tables.columns(database), "all", [{"field": "nome", "op": operator, "value": value}]
        )
        assert "DROP" not in predicate.sql.as_string()
        assert filtering.sample(database, predicate) == ids[:1]
    for wrong in ({"sql": "TRUE"}, {"field": "nome", "op": "is_empty", "sql": "TRUE"}, "TRUE", {"field": "TRUE"}):
        with pytest.raises(ClientError):
            compile_conditions(tables.columns(database), "all", [wrong])


def nested(levels):
    deepest = {"field": "nome", "op": "is_empty"}
    for _ in range(levels):
        deepest = {"match": "all", "conditions": [deepest]}
    return deepest


@pytest.mark.sentence("3.5-03", "3.5-04")
def test_ten_levels_and_a_hundred_conditions_are_the_most(database):
    columns = tables.columns(database)
    check_conditions(columns, "all", [nested(9)])
    with pytest.raises(ClientError, match="10 deep"):
        check_conditions(columns, "all", [nested(10)])
    check_conditions(columns, "all", [nested(0)] * 100)
    with pytest.raises(ClientError, match="at most 100"):
        check_conditions(columns, "all", [nested(0)] * 101)


@pytest.fixture
def stored(database):
    def make(name, *given):
        return Filter.objects.create(database=database, name=name, conditions=list(given))

    return make


@pytest.mark.sentence("3.5-09", "3.5-19")
def test_a_filter_uses_another_and_says_who_uses_it(database, people, stored):
    ids = people(*ROWS)
    inner = stored("inner", {"field": "attivo", "op": "equals", "value": True})
    outer = stored("outer", {"kind": "in_filter", "id": inner.pk, "op": "is_not"})
    assert filtering.sample(database, filtering.predicate_of(outer)) == ids[1:]
    assert filtering.used_by(inner) == ["filter “outer”"]


@pytest.mark.sentence("3.2-31", "3.5-26")
def test_a_filter_without_conditions_is_refused_and_not_everybody(database, stored):
    inner = stored("inner")
    for chosen in (inner, stored("outer", {"kind": "in_filter", "id": inner.pk})):
        with pytest.raises(ClientError, match="no condition is given"):
            filtering.predicate_of(chosen)


@pytest.mark.sentence("3.5-10")
def test_a_circle_of_filters_is_refused(database, stored):
    inner = stored("inner")
    outer = stored("outer", {"kind": "in_filter", "id": inner.pk})
    circle = [{"kind": "in_filter", "id": outer.pk}]
    with pytest.raises(ClientError, match="would use itself"):
        check_conditions(tables.columns(database), "all", circle, database=database, own=inner.pk)
    Filter.objects.filter(pk=inner.pk).update(conditions=circle)
    with pytest.raises(ClientError, match="would use itself"):
        filtering.predicate_of(outer)


@pytest.mark.sentence("3.5-24")
def test_another_databases_filter_reads_as_one_that_does_not_exist(database, account, stored):
    other = Database.objects.create(account=account, name="Other")
    foreign = Filter.objects.create(database=other, name="x", conditions=[])
    outer = stored("outer", {"kind": "in_filter", "id": foreign.pk})
    with pytest.raises(ClientError, match=f"filter {foreign.pk} is not in this database"):
        filtering.predicate_of(outer)


@pytest.mark.sentence("3.5-15")
def test_an_archived_filter_is_restored(stored):
    put_away = stored("old", nested(0))
    assert filtering.archive(put_away)
    assert not filtering.archive(put_away)
    assert filtering.restore(put_away)
