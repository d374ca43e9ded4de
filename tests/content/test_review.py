"""What a person should know of a message before it goes out, and the text made from its HTML (reference 5.3)."""

import pytest

from deliveries.content import compile_source
from deliveries.content.plain_text import text_from_html
from deliveries.content.review import MOST_HTML, review
from tests.content.writing import envelope, source

OUT = '<a href="${unsubscribe_url}$">out</a>'


def looked(values=None, **changes):
    return review(compile_source(source(**changes)), values or {}, envelope())


def remarks(values=None, **changes):
    return {remark.code.value: dict(remark.params) for remark in looked(values, **changes).remarks}


def test_a_message_with_all_it_needs_is_nothing_to_remark():
    page = f'<p>${{nome}}$</p><img src="x" alt=""><a href="https://a.example/">x</a>{OUT}'
    assert remarks({"nome": "Ida"}, html=page, text="${unsubscribe_url}$ ${nome}$") == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"html": OUT}, {"NO_TEXT": {}}),
        ({"text": "${unsubscribe_url}$"}, {"NO_HTML": {}}),
        ({"html": "<p>x</p>", "text": "${unsubscribe_url}$"}, {"NO_WAY_OUT": {"part": "html"}}),
        ({"html": OUT, "text": "x"}, {"NO_WAY_OUT": {"part": "text"}}),
        ({"html": "<p>x</p>", "text": "x", "footer": True}, {}),
        (
            {"html": f'{OUT}<img src="a.png"><!-- <img> --><img src="b.png">', "text": "x", "footer": True},
            {"IMAGE_WITHOUT_ALT": {"count": 2, "first": "a.png"}},
        ),
        (
            {"html": f'{OUT}<a href="http://a.example/x">x</a>', "text": "x", "footer": True},
            {"HTTP_LINK": {"count": 1, "first": "http://a.example/x"}},
        ),
        (
            {"html": OUT + "${nome}$<% if ordine %>x<% end %>", "text": "x", "footer": True},
            {"EMPTY_FIELDS": {"count": 2, "names": "nome, ordine"}},
        ),
    ],
)
def test_what_is_to_be_known_is_said(changes, expected):
    assert remarks(**changes) == expected


def test_an_html_part_that_gmail_would_cut_is_remarked():
    long = OUT + "x" * MOST_HTML
    found = remarks(html=long, text="x", footer=True)["LONG_HTML"]
    assert found["bytes"] > MOST_HTML


def test_images_of_a_persons_own_page_are_looked_at_too():
    assert remarks({"pagina": "<img src=x>"}, html="${pagina}$", text="x", footer=True)["IMAGE_WITHOUT_ALT"]


def test_the_size_is_that_of_the_message_on_its_way():
    compiled = compile_source(source(html=OUT, text="x", footer=True))
    assert looked(html=OUT, text="x", footer=True).size == len(compiled.compose({}, envelope()))


PAGE = """<html><head><style>p{color:red}</style><title>t</title></head><body><h1>Ciao ${nome}$</h1>
<p>See <a href="https://a.example/?a=1&amp;b=2">the <b>shop</b></a> &amp; <a href="${unsubscribe_url}$">out</a>.</p>
<a href="https://b.example/"><img src="l.png" alt="Logo"></a> <a href="mailto:x@a.example">write</a>
<a href="#top">up</a><!-- <p>old</p> --><% if ordine > 1 %>yes<% end %> <{place}> <a href="https://c.example">https://c.example</a></body></html>"""


def test_the_text_made_from_html_has_markers_and_addresses_to_the_letter():
    text = text_from_html(PAGE)
    assert text.startswith(
        "Ciao ${nome}$\n\nSee the shop (https://a.example/?a=1&b=2) & out (${unsubscribe_url}$).\n"
    )
    assert "Logo (https://b.example/) write (x@a.example) up" in text
    assert "<% if ordine > 1 %>yes<% end %> <{place}> https://c.example\n" in text
    assert "old" not in text
    assert "color" not in text
    compile_source(source(text=text))


@pytest.mark.parametrize("nothing", ["", "  ", "<!-- x -->", "<style>p{}</style>", "\x00\x01"])
def test_where_nothing_is_shown_no_text_is_made(nothing):
    assert text_from_html(nothing).strip() == ""


def test_deeply_nested_markup_is_read_as_far_as_the_parser_goes():
    assert text_from_html("<div>" * 200 + "x" + "</div>" * 200) == "x\n"
    assert text_from_html("y" + "<div>" * 30_000 + "x").startswith("y")
