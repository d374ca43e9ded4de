"""Reference 2.6: the same marker in every place that knows it, every sign and method, every pair of types."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from tests.content.writing import parsed, text, written

VALUES = {
    "nome": ["", "x", "10", None],
    "ordine": [0, 10, None],
    "prezzo": [Decimal("10.0"), None],
    "nato": [date(2026, 1, 2), None],
    "socio": [True, False, None],
}
SIGNS = ("==", "!=", "<", "<=", ">", ">=")


@pytest.mark.sentence("2.6-05")
def test_a_note_is_filled_in_subject_names_reply_and_both_parts():
    message = parsed(
        written(
            {},
            labels={"place": "Roma"},
            subject="<{place}>!",
            from_name="Shop of <{place}>",
            reply_to="<{place}> <help@d.example>",
            html="<p><{place}></p>",
            text="<{place}>",
        )
    )
    assert message["Subject"] == "Roma!"
    assert message["From"].addresses[0].display_name == "Shop of Roma"
    assert str(message["Reply-To"]) == "Roma <help@d.example>"
    assert message.get_body(("html",)).get_content().strip() == "<p>Roma</p>"
    assert message.get_body(("plain",)).get_content().strip() == "Roma"


@pytest.mark.sentence("2.6-30")
def test_a_line_break_of_a_value_is_one_blank_in_every_header():
    message = parsed(
        written(
            {"nome": "Ida\r\nBcc: x@evil.example\x1b!"},
            subject="Hi ${nome}$",
            from_name="${nome}$",
            reply_to="${nome}$ <help@d.example>",
        )
    )
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Ida Bcc: x@evil.example !"
    assert message["From"].addresses[0].display_name == "Ida Bcc: x@evil.example !"
    assert message["Reply-To"].addresses[0].display_name == "Ida Bcc: x@evil.example !"


@pytest.mark.sentence("2.6-10")
@pytest.mark.parametrize(
    ("sign", "holding"), list(zip(SIGNS, ({5}, {4, 6}, {4}, {4, 5}, {6}, {5, 6}), strict=True))
)
def test_each_sign_compares(sign, holding):
    for left in ("ordine", "${ordine}$"):
        condition = f"<% if {left} {sign} 5 %>yes<% end %>"
        assert {
            number for number in (4, 5, 6) if text({"ordine": number}, text=f"-{condition}") == "-yes"
        } == holding


@pytest.mark.sentence("2.6-11")
@pytest.mark.parametrize(
    ("method", "printed"),
    [("upcase", "PERCHÉ ida"), ("downcase", "perché ida"), ("capitalize", "Perché ida"), ("strip", "perChé Ida")],
)
def test_each_method_prints(method, printed):
    name = " perChé Ida " if method == "strip" else "perChé Ida"
    wanted = printed.upper() if method == "upcase" else printed
    assert text({"nome": name}, text=f"[<%= nome.{method} %>]") == f"[{wanted}]"


@pytest.mark.sentence("2.6-11")
@pytest.mark.parametrize(("name", "empty"), [("", True), (None, True), (" ", False), ("x", False)])
def test_empty_asks_for_a_value(name, empty):
    assert (text({"nome": name}, text="-<% if nome.empty? %>empty<% end %>") == "-empty") is empty


@pytest.mark.sentence("2.6-36")
@pytest.mark.parametrize(("left", "right"), list(product(VALUES, VALUES)))
def test_no_pair_of_values_makes_an_error(left, right):
    page = "-" + "".join(f"<% if {left} {sign} {right} %>x<% end %>" for sign in SIGNS)
    for one, other in product(VALUES[left], VALUES[right]):
        assert set(text({right: other, left: one}, text=page)) <= set("-x")


@pytest.mark.sentence("2.6-34")
@pytest.mark.parametrize(
    ("field", "value"), [("ordine", 0), ("nome", "x"), ("socio", False), ("prezzo", Decimal(0)), ("nato", date.max)]
)
def test_null_equals_null_and_empty_text_and_nothing_else(field, value):
    equal = '-<% if cognome == "" %>a<% end %><% if cognome == altro %>b<% end %>'
    kinds = {"cognome": "string", "altro": "string", "nome": "string", "ordine": "integer", "socio": "boolean",
             "prezzo": "decimal", "nato": "date"}  # fmt: skip
    page = f"{equal}<% if cognome == {field} %>c<% end %>"
    assert text({"cognome": None, "altro": None, field: value}, text=page, fields=kinds) == "-ab"
