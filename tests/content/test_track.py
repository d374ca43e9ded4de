import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deliveries.content.places.markup import without_track
from tests.content.writing import html

CASES = [
    ('<a track="yes" href="x">', '<a href="x">'),
    ("<A\n  TRACK = 'Yes'\thref=x>", "<A\thref=x>"),
    ('<a href="x"track=yes>', '<a href="x">'),
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
