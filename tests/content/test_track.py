import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deliveries.content.markers.values import Scope
from deliveries.content.places.markup_reader import personal_page
from tests.content.writing import html

NOBODY = Scope({}, {}, italian=False)


def without_track(markup):
    return personal_page((), tracked=False)(markup, NOBODY)


CASES = [
    ('<a track="yes" href="x">', '<a href="x">'),
    ("<A\n  TRACK = 'Yes'\thref=x>", "<A\thref=x>"),
    ('<a href="x"track=yes>', '<a href="x">'),
    ('<a track="yes"href="x">', '<a href="x">'),
    ("<a class=big track='yes'title=\"Two\" href=x>", '<a class=big title="Two" href=x>'),
    ('<a href=https://x.example/three track="yes"title="T">', '<a href=https://x.example/three title="T">'),
    ('<a track="yes"/>', "<a/>"),
    ('<v:rect track="yes" href="x">', '<v:rect href="x">'),
    ("<a href=x track>", "<a href=x>"),
    ('<a title=" track=" href="x">', '<a title=" track=" href="x">'),
    ("<a data-track='yes' trackx=1>", "<a data-track='yes' trackx=1>"),
    ('<p track="yes">', '<p track="yes">'),
    ('<!-- <a track="yes"> -->', '<!-- <a track="yes"> -->'),
    ('<script>"<a track=yes>"</script><a track=yes>', '<script>"<a track=yes>"</script><a>'),
    ('<!--[if mso]><a track="yes" href="x"><![endif]-->', '<!--[if mso]><a href="x"><![endif]-->'),
    ('<!--[if !mso]><!--><a track="yes"><!--<![endif]-->', "<!--[if !mso]><!--><a><!--<![endif]-->"),
]


@pytest.mark.parametrize(("before", "after"), CASES)
def test_track_is_taken_out_and_all_else_stays(before, after):
    assert without_track(before) == after
    assert html(html=f"<p>{before}</p>") == f"<p>{after}</p>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a track="yes"<% if ordine %>class="v"<% end %>>', '<a class="v">'),
        ('<a track="yes"${nome}$ href="x">', "<a Ida href=x>"),
        ('<a <% if ordine %>track="yes"<% end %>href="x">', '<a href="x">'),
    ],
)
def test_before_a_marker_or_a_condition_a_blank_stays_where_track_was(before, after):
    page = html({"ordine": 1, "nome": "Ida"}, html=f"<p>{before}y</a></p>")
    shapes = [LexborHTMLParser(markup).css_first("p *").attributes for markup in (page, f"<p>{after}y</a></p>")]
    assert list(shapes[0]) == list(shapes[1])
    assert LexborHTMLParser(page).css_first("a") is not None


def test_track_is_taken_out_of_a_persons_own_page():
    assert html({"pagina": '<a TRACK="yes" href="x?a&amp;b">'}, html="${pagina}$") == '<a href="x?a&amp;b">'


def test_track_whose_value_holds_a_marker_is_taken_out_too():
    assert html({"nome": "yes"}, html='<p><a track="${nome}$" href="x">y</a></p>') == '<p><a href="x">y</a></p>'


PIECES = st.sampled_from(
    [
        '<a track="yes" href="x">',
        "</a>",
        "<p class='a'>",
        "text track ",
        '<a title="<a track=yes>">',
        "<!-- t -->",
        "&amp;",
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_an_html_parser_finds_the_same_page_without_track(page):
    found = LexborHTMLParser(without_track(page))
    expected = LexborHTMLParser(page)
    for node in expected.css("a[track]"):
        del node.attrs["track"]
    assert found.html == expected.html
    assert re.sub(' track="yes"', "", page) == without_track(page)
