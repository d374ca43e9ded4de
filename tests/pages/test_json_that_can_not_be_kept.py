"""JSON that no column can hold is refused beside its field, and shown again as it was typed."""

import pytest

from recipients.models.storable import DEEPEST, unstorable
from tests.pages.test_names_that_are_taken import errors, shown

CONDITION = '[{"field": "nome", "op": "is_empty", "value": %s}]'


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (CONDITION % r'"\ud800"', "a character that no text can hold"),
        (CONDITION % r'"\u0000"', "a character that no text can hold"),
        (CONDITION % r'{"\udfff": 1}', "a character that no text can hold"),
        (CONDITION % "NaN", "a number of too many digits"),
        (CONDITION % "1e999", "a number of too many digits"),
        (CONDITION % ("1" * 400), "a number of too many digits"),
        (CONDITION % ("1" * 5000), "valid JSON"),
        ("[" * 5000 + "]" * 5000, "nested too deeply"),
        ("[" * 150 + "]" * 150, "nested too deeply"),
        ("[" * 5000, "nested too deeply"),
        ("[", "valid JSON"),
        ("null", "required"),
    ],
)
def test_conditions_are_refused_in_a_sentence(mine, signed_in, typed, sentence):
    client, page = signed_in(mine.account), f"/admin/recipients/filter/{mine.filter.pk}/change/"
    before = mine.filter.conditions
    answer = client.post(page, shown(client, page) | {"conditions": typed})
    assert answer.status_code == 200
    assert list(errors(answer)) == ["conditions"]
    assert sentence in errors(answer)["conditions"][0]
    if typed != "null":
        assert answer.context["adminform"].form["conditions"].value() == typed
    mine.filter.refresh_from_db()
    assert mine.filter.conditions == before


def test_what_can_be_kept_has_nothing_wrong_with_it():
    deep: object = "x"
    for _ in range(DEEPEST):
        deep = [deep]
    assert unstorable(deep) == ""
    assert unstorable([deep]) != ""
    assert unstorable({"a": [1, -2.5, True, None, "è \U0001f600"]}) == ""
