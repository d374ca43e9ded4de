"""No value ends in a place that it was not meant for; an independent parser is the judge (reference 2.6)."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deliveries.content import compile_source
from tests.content.writing import envelope, source

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
NASTY = st.lists(
    st.sampled_from(
        ['"', "'", "<", ">", "/>", "&", "=", " ", "\t", "`", "-->", "--!>", "<!--", "</p>", "</a>", "</style>",
         "</title>", "</textarea>", "</iframe>", "<script>", " onclick=x", "javascript:", "https://x.example/", "%",
         "%3C", "&quot;", "&#34;", "${nome}$", "<% if x %>", "<{place}>", "x", "à", "\u2028", "\0", "]]>"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
PLACES = {
    "text": "<p>${nome}$</p>",
    "a cell among others": "<table><tr><td>${nome}$</td><td>b</td></tr></table>",
    "a quoted attribute": '<p title="${nome}$" lang="it">x</p>',
    "a single-quoted attribute": "<p title='${nome}$' lang='it'>x</p>",
    "an attribute without quotes": "<p title=a${nome}$ lang=it>x</p>",
    "all of an attribute without quotes": "<p title=${nome}$ lang=it>x</p>",
    "an address": '<a href="https://x.example/?q=${nome}$&amp;b=1" class="c">x</a>',
    "an address without quotes": "<a href=https://x.example/${nome}$ class=c>x</a>",
    "a whole address": '<a href="${nome}$" class="c">x</a>',
    "a whole address without quotes": "<a href=${nome}$ class=c>x</a>",
    "an image": "<img src='${nome}$' alt=a>",
    "a style": '<td style="color:${nome}$">x</td>',
    "a style without quotes": "<td style=color:${nome}$ class=c>x</td>",
    "all of a style without quotes": "<td style=${nome}$ class=c>x</td>",
    "a style sheet": "<style>p{color:${nome}$}</style><p>x</p>",
    "a script": '<script>var a="${nome}$"</script><p>x</p>',
    "a title": "<html><head><title>${nome}$</title></head><body>x</body></html>",
    "a text area": "<textarea>${nome}$</textarea><p>x</p>",
    "a frame": "<iframe>${nome}$</iframe><p>x</p>",
    "a comment": "<p>a</p><!-- ${nome}$ --><p>b</p>",
    "a comment for Outlook": "<p>a</p><!--[if mso]><p title='${nome}$'>${nome}$</p><![endif]--><p>b</p>",
    "what Outlook skips": "<!--[if !mso]><!--><p>${nome}$</p><!--<![endif]--><p>b</p>",
    "a tag": "<td ${nome}$>x</td>",
    "a branch": '<p class="<% if nome == "x" %>a<% else %>${nome}$<% end %>">x</p>',
    "a value after a blank that is none of HTML's": '<p title=\u00a0"${nome}$" lang=it>x</p>',
    "the same after a vertical tab": '<p title=\x0b"${nome}$" lang=it>x</p>',
    "the same after an em space": "<p title=\u2003'${nome}$' lang=it>x</p>",
    "an object's address": '<object data="${nome}$" type="text/html"></object><p>x</p>',
    "a printed value": '<p title="<%= nome.upcase %>"><%= nome %> <%= "${nome}$!" %></p>',
    "a link marker": '<a href="^{https://x.example/${nome}$}^">x</a> %{Shop[1]%%https://x.example/?${nome}$}%',
}
COMPILED = {place: compile_source(source(html=page, fields={"nome": "string"})) for place, page in PLACES.items()}


def shape(markup):
    """Return every element with the names of its attributes: what a value must never change."""
    return [(node.tag, sorted(node.attrs)) for node in LexborHTMLParser(markup).css("*")]


@pytest.mark.sentence("2.6-38")
@settings(max_examples=60, deadline=None)
@given(nome=ANY | NASTY)
@example(nome="")
@example(nome='"><script>alert(1)</script>')
@example(nome="--><script>alert(1)</script>")
@example(nome="https://x.example/' onclick='x")
@example(nome="</title></textarea></style></script></iframe><b>")
@pytest.mark.parametrize("place", [place for place in PLACES if place != "a tag"])
def test_no_value_changes_what_stands_around_it(place, nome):
    page = COMPILED[place].preview({"nome": nome}, envelope()).html
    assert shape(page) == shape(COMPILED[place].preview({"nome": "https://y.example/"}, envelope()).html)


@settings(max_examples=60, deadline=None)
@given(nome=ANY | NASTY)
def test_a_value_between_attributes_opens_and_closes_nothing(nome):
    page = COMPILED["a tag"].preview({"nome": nome}, envelope()).html
    assert [tag for tag, _ in shape(page)] == [tag for tag, _ in shape("<td x>x</td>")]
    assert not {"onclick", "href", "src", "style"} & {name for _, names in shape(page) for name in names}


def clean(text):
    """Return a text as an HTML parser gives it back: line ends made one, NUL replaced."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


@pytest.mark.sentence("2.6-26")
@settings(max_examples=60, deadline=None)
@given(nome=ANY | NASTY)
def test_a_reader_sees_the_value_as_it_is(nome):
    seen = LexborHTMLParser(COMPILED["text"].preview({"nome": nome}, envelope()).html).css_first("p").text()
    assert seen.replace("\ufffd", "").replace("\0", "") == clean(nome).replace("\ufffd", "")
    quoted = LexborHTMLParser(COMPILED["a quoted attribute"].preview({"nome": nome}, envelope()).html).css_first(
        "p"
    )
    assert (quoted.attrs["title"] or "").replace("\ufffd", "") == clean(nome).replace("\ufffd", "")


@settings(max_examples=60, deadline=None)
@given(nome=ANY | NASTY)
def test_an_address_leads_to_the_host_that_was_written(nome):
    page = LexborHTMLParser(COMPILED["an address"].preview({"nome": nome}, envelope()).html)
    address = page.css_first("a").attrs["href"]
    assert address.startswith("https://x.example/?q=")
    assert address.endswith("&b=1")
    assert not set(address.removeprefix("https://x.example/?q=").removesuffix("&b=1")) & set("&=?#/<>\"' ")


@pytest.mark.sentence("2.6-31")
@settings(max_examples=60, deadline=None)
@given(nome=ANY | NASTY)
def test_a_value_that_is_a_whole_address_is_one_or_nothing(nome):
    page = LexborHTMLParser(COMPILED["a whole address"].preview({"nome": nome}, envelope()).html)
    address = page.css_first("a").attrs["href"] or ""
    assert address == "" or address.lower().startswith(("http:", "https:", "mailto:", "tel:"))


def html_of(page, nome="", **changes):
    return compile_source(source(html=page, **changes)).preview({"nome": nome}, envelope()).html


def test_an_empty_value_does_not_give_its_place_to_the_next_attribute():
    assert html_of("<a href=${nome}$ class=c>x</a>") == '<a href="" class=c>x</a>'
    assert html_of("<p title=${nome}$>x</p>") == '<p title="">x</p>'
    assert html_of("<p title=${nome}$${nota}$ class=c>x</p>", "a") == "<p title=a class=c>x</p>"


def test_a_blank_written_as_a_reference_does_not_hide_the_beginning_of_an_address():
    assert html_of('<a href="&#32;${nome}$">x</a>', "javascript:x") == '<a href="&#32;">x</a>'


@pytest.mark.sentence("2.6-02")
def test_fields_named_like_our_own_markers_win_also_where_they_are_empty():
    fields = {"title": "string", "web_version": "string", "delivery_id": "integer", "unsubscribe_url": "string"}
    page = "<p>${title}$|${web_version}$|${delivery_id}$|${unsubscribe_url}$</p>"
    assert html_of(page, fields=fields) == "<p>|||</p>"
    assert html_of(page) == "<p>The title|https://u.example/w/token|41|https://u.example/u/token</p>"


@pytest.mark.sentence("2.6-38")
@pytest.mark.parametrize(
    ("page", "value", "expected"),
    [
        ('<p style="color:${nome}$">', "#a1b2c3", '<p style="color:#a1b2c3">'),
        ('<p style="color:${nome}$">', "red;width:1px", '<p style="color:red\\3b width:1px">'),
        ('<p style="color:${nome}$">', "url(x)", '<p style="color:url\\28 x\\29 ">'),
        ('<p style="color:${nome}$">', "/*", '<p style="color:/\\2a ">'),
        ("<p style='color:${nome}$'>", "a' \"", "<p style='color:a\\27  \\22 '>"),
        ('<p style="background:url(${nome}$)">', "https://x.example/a.png?b=1&c",
         '<p style="background:url(https://x.example/a.png?b=1&amp;c)">'),
        ("<p style=color:${nome}$>", "red;x", "<p style=color:red&#92;3b&#32;x>"),
        ("<style>p{color:${nome}$}</style>", "red}</style>", "<style>p{color:red\\7d \\3c /style\\3e }</style>"),
        ("<style>p{color:${nome}$}</style>", "a&b\\", "<style>p{color:a&b\\5c }</style>"),
    ],
)  # fmt: skip
def test_a_value_in_css_ends_no_declaration_no_string_and_no_sheet(page, value, expected):
    assert html_of(page + "x", value) == expected + "x"
