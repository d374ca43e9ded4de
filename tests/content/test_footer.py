"""The unsubscribe line: where it is added, and that its reader sees it (reference 8)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from tests.content.writing import html, text

URL = "https://u.example/u/token"
WAY_OUT = '<a href="${unsubscribe_url}$">out</a>'
HIDDEN = {
    "a comment": "<!-- {} -->",
    "a style sheet": "<style>{}</style>",
    "a script": "<script>{}</script>",
    "a title": "<title>{}</title>",
    "a text area": "<textarea>{}</textarea>",
    "what only Outlook reads": "<!--[if mso]>{}<![endif]-->",
    "what Outlook skips": "<!--[if !mso]><!-->{}<!--<![endif]-->",
    "what Outlook skips, revealed": "<![if !mso]>{}<![endif]>",
}


def before_line(page):
    """Return what stands before and behind the line."""
    before, _, rest = page.partition('<table role="presentation"')
    return before, rest.partition("</table>")[2]


@pytest.mark.sentence("2.5-67")
def test_the_line_is_added_to_each_part_that_shows_no_way_out():
    page = html(html="<body><p>x</p></body>", footer=True)
    assert before_line(page) == ("<body><p>x</p>", "</body>")
    assert page.count(URL) == 1
    assert f"To unsubscribe: {URL}" in text(text="x", footer=True, language="en")
    both = {"html": "<p>x</p>", "text": "${unsubscribe_url}$", "footer": True}
    assert URL in html(**both)
    assert text(**both) == URL
    assert URL in text(html=WAY_OUT, text="x", footer=True)


@pytest.mark.parametrize("place", HIDDEN.values(), ids=HIDDEN)
def test_a_marker_that_its_reader_does_not_see_is_no_way_out(place):
    page = html(html=f"<body><p>x</p>{place.format(WAY_OUT)}</body>", footer=True)
    assert before_line(page)[0].startswith("<body><p>x</p>")
    assert page.count(URL) == 2


@pytest.mark.parametrize(
    "page",
    [
        WAY_OUT,
        "<p>${unsubscribe_url}$</p>",
        f"<% if socio %>{WAY_OUT}<% end %>",
        "<a href='%{${unsubscribe_url}$}%'>out</a>",
        "".join(HIDDEN[name].format(WAY_OUT) for name in ("what only Outlook reads", "what Outlook skips")),
    ],
)
def test_a_marker_in_a_link_or_in_the_text_is_a_way_out(page):
    assert '<table role="presentation"' not in html({"socio": True}, html=page, footer=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "${unsubscribe_url}$"},
        {"html": "<p><% if unsubscribe_url.empty? %>a<% end %></p>"},
        {"html": "<p>${pagina}$</p>"},
        {"html": '<p title="${unsubscribe_url}$">x</p>'},
    ],
)
def test_what_is_no_way_out_leaves_the_line_to_be_added(changes):
    page = html({"pagina": "${unsubscribe_url}$"}, **{"html": "<p>x</p>", **changes}, footer=True)
    assert page.count('<table role="presentation"') == 1


NO_ENDS = [
    "<!-- old template: <body>x</body> -->",
    "<script>'</body>'</script>",
    "<style></body></style>",
    "<textarea></body></textarea>",
    '<img alt="</body>">',
    "<!--[if mso]></body></html><![endif]-->",
    "<!--[if !mso]><!--></body><!--<![endif]-->",
    "<!--[if !(gte mso 15)]--></body><!--<![endif]-->",
]


@pytest.mark.parametrize("tail", NO_ENDS)
def test_an_end_of_the_body_that_some_readers_do_not_have_is_none(tail):
    before, after = before_line(html(html=f"<body><p>x</p></body></html>\n{tail}", footer=True))
    assert (before, after) == ("<body><p>x</p>", f"</body></html>\n{tail}")
    assert before_line(html(html=f"<body><p>x</p>{tail}</html>", footer=True))[1] == ""
    own = html({"pagina": f"<body><p>x</p></body></html>\n{tail}"}, html="${pagina}$", footer=True)
    assert before_line(own) == (before, after)


@pytest.mark.parametrize(
    "unclosed",
    ["<!-- left open", "<style>p{}", "<script>x", "<textarea>x", "<a href='x", "<!--[if mso]><p>y</p>", "<p title"],
)
def test_the_line_goes_before_what_is_never_closed(unclosed):
    assert before_line(html(html=f"<p>x</p>{unclosed}", footer=True)) == ("<p>x</p>", unclosed)
    assert before_line(html({"pagina": f"<p>x</p>{unclosed}"}, html="${pagina}$", footer=True)) == (
        "<p>x</p>",
        unclosed,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*NO_ENDS, "<p>x</p>", "</body>", "<td>", "</table>", "<br>"]), max_size=7))
def test_an_html_parser_finds_the_line_on_the_page(pieces):
    page = "<html><body><p>Hi</p>" + "".join(pieces)
    shown = html(html=page, footer=True)
    links = [node.attributes["href"] for node in LexborHTMLParser(shown).css("body a")]
    assert links == [URL]
    before, after = before_line(shown)
    assert before + after == page


def test_the_line_stands_before_the_end_of_the_body_of_each_branch():
    page = "<% if socio %><body>a</body><% elsif ordine %><p>b</p><% end %>"
    for values, around in (
        ({"socio": True}, ("<body>a", "</body>")),
        ({"ordine": 1}, ("<p>b</p>", "")),
        ({}, ("", "")),
    ):
        shown = html(values, html=page, footer=True)
        assert before_line(shown) == around
        assert shown.count("/u/token") == 1


def test_the_line_goes_into_a_page_that_a_field_holds():
    values = {"pagina": "<html><body>${unsubscribe_url}$</BODY></html>"}
    assert before_line(html(values, html="${pagina}$", footer=True)) == (
        "<html><body>${unsubscribe_url}$",
        "</BODY></html>",
    )


def test_the_line_says_neither_tu_nor_lei():
    words = html(html="<p>x</p>", footer=True) + text(text="x", footer=True)
    assert "annullare l'iscrizione" in words
    assert not any(
        word in words for word in ("Annulli", "Annulla ", "Vuole", "Vuoi", "vuoi", "vuole", " tuo", " Suo")
    )


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_line_is_readable_on_its_own_background():
    line = LexborHTMLParser(html(html="<p>x</p>", footer=True))
    for node in (line.css_first("td"), line.css_first("a")):
        style = dict(each.split(":", 1) for each in node.attributes["style"].replace("!important", "").split(";"))
        pair = sorted((luminance(style["color"]), luminance(style["background"])))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5
    assert "underline" in line.css_first("a").attributes["style"]
