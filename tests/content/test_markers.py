from datetime import date, datetime
from decimal import Decimal

import pytest

from deliveries.content import compile_source
from tests.content.writing import envelope, html, mistake, parsed, source, text, written


@pytest.mark.sentence("2.6-01", "2.6-03")
def test_a_field_is_filled_in_any_case_in_subject_name_reply_and_both_parts():
    message = parsed(
        written(
            {"nome": "Ida", "email": "i@d.example"},
            subject="${NOME}$!",
            from_name="Shop of ${nome}$",
            reply_to="${Nome}$ <${email}$>",
            html="<p>${nome}$</p>",
            text="${nome}$",
        )
    )
    assert message["Subject"] == "Ida!"
    assert message["From"].addresses[0].display_name == "Shop of Ida"
    assert str(message["Reply-To"]) == "Ida <i@d.example>"
    assert message.get_body(("html",)).get_content().strip() == "<p>Ida</p>"
    assert message.get_body(("plain",)).get_content().strip() == "Ida"


@pytest.mark.sentence("2.6-02")
def test_our_own_markers_are_filled_and_a_field_of_the_name_wins():
    assert text(text="${title}$ ${delivery_id}$ ${web_version}$") == "The title 41 https://u.example/w/token"
    assert text({"title": "mine"}, text="${title}$", fields={"title": "string"}) == "mine"


@pytest.mark.sentence("2.6-04")
def test_a_note_is_escaped_like_a_field():
    assert html(html="<p><{place}> ${nome}$</p>", values={"nome": "<b>"}) == "<p>Via &lt;Brera&gt; 1 &lt;b&gt;</p>"
    assert text(text="<{place}>!") == "Via <Brera> 1!"


@pytest.mark.sentence("2.6-20")
def test_an_unknown_field_or_label_is_an_error_with_its_place():
    field, label = mistake(html="<p>\n ${nickname}$ <{where}></p>")
    assert (field.part, field.line, field.column, field.code) == ("html", 2, 2, "TPL_UNKNOWN_FIELD")
    assert (label.line, label.column, label.code) == (2, 15, "TPL_UNKNOWN_LABEL")
    assert "nickname" in field.message


@pytest.mark.sentence("2.6-23")
def test_a_value_is_never_read_again():
    assert text({"nome": "${5}$ <% if x %> <{place}>"}, text="a ${nome}$ b") == "a ${5}$ <% if x %> <{place}> b"
    assert html({"pagina": "${5}$<b>"}, html="${pagina}$") == "${5}$<b>"


@pytest.mark.sentence("2.6-21", "2.6-27", "2.6-28", "2.6-29")
@pytest.mark.parametrize(
    ("field", "value", "italian", "other"),
    [
        ("nome", "Ida", "Ida", "Ida"),
        ("ordine", 1234567, "1234567", "1234567"),
        ("prezzo", Decimal("10.50"), "10,50", "10.50"),
        ("prezzo", Decimal("1E+3"), "1000", "1000"),
        ("socio", True, "1", "1"),
        ("socio", False, "0", "0"),
        ("nato", date(1980, 2, 1), "01/02/1980", "1980-02-01"),
        ("visto", datetime(2026, 2, 1, 9, 5), "01/02/2026 09:05", "2026-02-01 09:05"),  # noqa: DTZ001  wall clock
        ("nome", None, "", ""),
    ],
)
def test_values_print_by_type_and_language(field, value, italian, other):
    assert text({field: value}, text=f"[${{{field}}}$]") == f"[{italian}]"
    assert text({field: value}, text=f"[${{{field}}}$]", language="en") == f"[{other}]"


def test_entities_in_and_around_markers_are_read_unless_unescape_is_off():
    page = "<p>&lt;{place}&gt;&lt;% if ordine &gt; 1 %&gt;yes&lt;% end %&gt;</p>"
    assert html({"ordine": 2}, html=page) == "<p>Via &lt;Brera&gt; 1yes</p>"
    assert html({"ordine": 2}, html=page, html_unescape=False) == page


@pytest.mark.sentence("2.6-22")
def test_an_unsubscribe_address_of_the_original_form_is_read_whole():
    old = "https://t.contactlab.it/unsubscribe/wfc/ab1/d/${encoded_user_data}$/k/${form_verification_code}$/"
    assert html(html=f'<a href="{old}">x</a>', footer=True) == '<a href="https://u.example/u/token">x</a>'
    assert text(text=f"out: {old} !", footer=True) == "out: https://u.example/u/token !"


@pytest.mark.sentence("2.6-06", "2.6-07", "2.6-03", "2.6-08")
def test_link_markers_print_the_bare_address_where_nothing_is_tracked():
    page = "<p>%{Shop[news]%%https://a.example/?a=1&amp;b=2}%</p>"
    for links in ("off", "parse"):
        compiled = compile_source(source(html=page, html_links=links))
        assert compiled.preview({}, envelope()).html == "<p>https://a.example/?a=1&amp;b=2</p>"
        assert any("news" in str(note) for note in compiled.warnings) is (links == "parse")
    assert text({"nome": "a b/c"}, text="^{https://a.example/${nome}$}^") == "https://a.example/a%20b%2Fc"


@pytest.mark.sentence("2.6-06", "2.6-08")
@pytest.mark.parametrize(
    ("marker", "address"),
    [
        ("%{https://a.example/?x=100%25}%", "https://a.example/?x=100%25"),
        ("%{https://a.example/?x=100%%25}%", "https://a.example/?x=100%%25"),
        ("%{50% off[1]%%https://a.example/}%", "https://a.example/"),
        ("%{Shop%%https://a.example/}%", "https://a.example/"),
        ("%{Shop[1]%%${nome}$}%", "https://b.example/?c"),
        ("^{${nome}$&d=${ordine}$}^", "https://b.example/?c&d=5"),
    ],
)
def test_a_link_marker_has_an_address_and_may_have_a_name_and_a_category(marker, address):
    assert text({"nome": "https://b.example/?c", "ordine": 5}, text=f"see {marker}") == f"see {address}"


def test_a_condition_in_a_link_marker_is_an_error():
    assert mistake(text="%{https://a.example/<% if nome == 1 %>x<% end %>}%")[0].code == "TPL_PLACE"


@pytest.mark.sentence("2.6-33")
def test_an_address_takes_values_encoded_and_keeps_what_is_encoded():
    assert html({"nome": "a b&c%20"}, html='<a href="https://x.example/?q=${nome}$">y</a>') == (
        '<a href="https://x.example/?q=a%20b%26c%20">y</a>'
    )


@pytest.mark.sentence("2.6-31")
@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "shop.example",
        "https://a@b.example/",
        "https:a@b.example",
        "HTTP:/a@b.example",
        "http:///a@b.example",
    ],
)
def test_a_marker_that_begins_an_address_must_be_one(value):
    compiled = compile_source(source(html='<a href="${nome}$">y</a>'))
    assert compiled.preview({"nome": value}, envelope()).html == '<a href="">y</a>'
    assert compiled.emptied_values({"nome": value}, envelope()) == (value,)
    assert compiled.emptied_values({"nome": "https://b.example/"}, envelope()) == ()


@pytest.mark.parametrize(
    "page",
    [
        '<a href="javascript:alert(1)">x</a>',
        '<a href="java&#10;script:alert(1)">x</a>',
        "<a href=data:text/html,x>x</a>",
        '<a href="https://user:word@host.example/">x</a>',
        "<p>%{javascript:x}%</p>",
    ],
)
def test_a_link_of_another_scheme_or_with_a_user_is_an_error(page):
    assert [problem.code for problem in mistake(html=page)] == ["LINK_SCHEME"]


def test_a_mistake_in_an_attribute_is_named_where_it_stands():
    (problem,) = mistake(html='<p>\u2028\n<a class="x"\n href="javascript:x">y</a></p>')
    assert (problem.line, problem.column) == (3, 2)


def test_an_image_written_into_the_page_is_good():
    assert "data:image/gif" in html(html='<img src="data:image/gif;base64,R0">')


@pytest.mark.sentence("2.6-24", "2.6-25")
def test_a_part_that_is_one_marker_takes_the_field_as_it_is_whatever_its_type():
    assert html({"nome": "<h1>A &amp; B</h1>"}, html=" ${nome}$\n") == "<h1>A &amp; B</h1>"
    assert html({"pagina": "<i>x</i>"}, html="<p>${pagina}$</p>") == "<p><i>x</i></p>"


def test_ten_thousand_markers_are_prepared_and_too_many_are_refused():
    compile_source(source(text="${nome}$ " * 10_000))
    assert mistake(text="${nome}$" * 60_000)[0].code == "TPL_TOO_BIG"
    assert mistake(text="x" * (5 * 1024**2 + 1))[0].code == "TPL_TOO_BIG"
