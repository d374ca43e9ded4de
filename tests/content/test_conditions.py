from datetime import date
from decimal import Decimal

import pytest

from deliveries.content import ContentError, compile_source
from tests.content.writing import html, parsed, source, text, written


def holds(condition, **values):
    return text(values, text=f"<% if {condition} %>yes<% else %>no<% end %>") == "yes"


@pytest.mark.sentence("2.6-10", "2.6-34", "2.6-35")
@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ("ordine == 0", {"ordine": 0}, True),
        ("ordine == 0", {"ordine": None}, False),
        ('ordine == ""', {"ordine": None}, True),
        ('nome != ""', {"nome": None}, False),
        ('"${ordine}$" == "5"', {"ordine": 5}, True),
        ('nome > "9"', {"nome": "10"}, False),
        ("nome > 9", {"nome": "10"}, True),
        ("nome > 9", {"nome": "ten"}, False),
        ("prezzo >= 10.5", {"prezzo": Decimal("10.50")}, True),
        ("${prezzo}$ < 10,5", {"prezzo": 1}, None),
        ('nato < "2000-01-01"', {"nato": date(1980, 1, 1)}, True),
        ('nato == "01/01/1980"', {"nato": date(1980, 1, 1)}, True),
        ("socio && !(ordine > 3 || nome.empty?)", {"socio": True, "ordine": 1, "nome": "x"}, True),
        ("nome.strip.downcase == 'ida'", {"nome": " IDA "}, True),
        ("socio", {"socio": False}, False),
        ("!!nome", {"nome": "x"}, True),
    ],
)
def test_a_condition_holds_as_reference_2_6_says(condition, values, expected):
    if expected is None:
        with pytest.raises(ContentError):
            holds(condition, **values)
    else:
        assert holds(condition, **values) is expected


@pytest.mark.sentence("2.6-09")
def test_a_condition_chooses_in_the_subject_and_prints_values():
    subject = "<% if ordine == 0 %>[test] <% elsif ordine > 5 %>[big] <% end %>Hi <%= nome.upcase %>"
    for number, start in ((0, "[test] Hi IDA"), (9, "[big] Hi IDA"), (1, "Hi IDA")):
        assert parsed(written({"ordine": number, "nome": "Ida"}, subject=subject))["Subject"] == start


@pytest.mark.sentence("2.6-09")
def test_what_a_condition_prints_is_escaped_by_its_place():
    page = '<p title="<%= nome %>"><%= nome %></p>'
    assert html({"nome": '"<'}, html=page) == '<p title="&quot;&lt;">&quot;&lt;</p>'


@pytest.mark.sentence("2.6-12", "2.6-37")
@pytest.mark.parametrize(
    "wrong",
    [
        "<% if nome %>x",
        "x<% end %>",
        "<% else %>",
        "<% if nome %><% else %><% elsif nome %><% end %>",
        "<% system('x') %>",
        "<%= `ls` %>",
        "<%= nome.eval %>",
        "<%= nome.empty?(1) %>",
        "<% if nome = 1 %><% end %>",
        "<% if %><% end %>",
        "<% if (nome %><% end %>",
        "<% if nome == 1 == 2 %><% end %>",
        "<% for x in y %>",
        "<% if nome",
        "<%= " + "(" * 30 + "nome" + ")" * 30 + " %>",
        "<% if nome %>" * 11 + "<% end %>" * 11,
    ],
)
def test_anything_else_is_an_error_with_its_place(wrong):
    with pytest.raises(ContentError) as caught:
        compile_source(source(text="\n" + wrong))
    assert caught.value.problems[0].line == 2
    assert caught.value.code in {"TPL_SYNTAX", "TPL_NESTING"}


@pytest.mark.sentence("2.6-12")
def test_ten_conditions_may_stand_in_one_another():
    assert text({"nome": "x"}, text="<% if nome %>" * 10 + "in" + "<% end %>" * 10) == "in"


def test_branches_that_end_in_different_places_are_an_error():
    with pytest.raises(ContentError) as caught:
        compile_source(source(html='<% if nome %><a href="<% end %>${nome}$'))
    assert caught.value.code == "TPL_PLACE"


def test_a_condition_inside_a_tag_is_good():
    page = '<a <% if socio %>class="x"<% end %> href="https://a.example/?n=${nome}$">y</a>'
    assert html({"nome": "a b"}, html=page) == '<a  href="https://a.example/?n=a%20b">y</a>'


def test_a_condition_may_not_stand_in_the_senders_name():
    with pytest.raises(ContentError) as caught:
        compile_source(source(from_name="<% if nome %>x<% end %>"))
    assert caught.value.code == "TPL_PLACE"


@pytest.mark.parametrize("condition", ["!nome == 'x'", "!ordine > 3", "!(nome) == 'x'", "!!nome != 'x'"])
def test_a_negation_before_a_comparison_is_refused_as_ruby_negates_the_left_side_alone(condition):
    with pytest.raises(ContentError, match="write !=, or ") as caught:
        compile_source(source(text=f"<% if {condition} %>yes<% end %>"))
    assert caught.value.code == "TPL_SYNTAX"


@pytest.mark.sentence("2.6-10")
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("!(nome == 'x')", True),
        ("!socio && nome == 'y'", True),
        ("!!nome", True),
        ("!nome.empty?", True),
        ("!nome", False),
    ],
)
def test_a_negation_stands_before_a_value_or_a_parenthesis(condition, expected):
    assert holds(condition, nome="y", socio=False) is expected
