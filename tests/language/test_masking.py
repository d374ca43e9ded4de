"""Reference 1.5: the copy that is kept has its keys masked, and is the same to the byte otherwise."""

import pytest

from deliveries.intake.parsing import mask_keys
from tests.language.writing import html, write

SECRET = "s3cret-päss"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_key_is_masked_and_nothing_else_changes(codec):
    kept = mask_keys(write(key=SECRET).decode().encode(codec))
    assert kept == write(key="********").decode().encode(codec)


@pytest.mark.parametrize(
    "spelling", ["<![CDATA[s3cret]]>", "s3&#99;ret", "<!-- a -->s3cret", "s3cret<b>s3cret</b>"]
)
def test_every_way_to_write_a_key_is_masked(spelling):
    assert mask_keys(write(key=spelling)) == write(key="********")


def test_a_key_elsewhere_is_left_alone():
    body = html("<key>not a key</key><auth><key>nor this</key></auth>")
    assert mask_keys(write(key="x", body=body)) == write(key="********", body=body)


def test_a_comment_before_it_hides_nothing():
    data = write(key=SECRET).replace(b"<auth>", b"<!-- <auth><key>x</key></auth> --><auth a='>'>")
    assert SECRET.encode() not in mask_keys(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<contactlab><auth><key>s3cret</kex></auth>",
        b"<contactlab><auth><key>s3cret",
        b"<contactlab><auth><key >s3cret</key ><key>s3cret</key></auth>",
    ],
)
def test_the_key_of_a_broken_file_is_masked_too(data):
    assert b"s3cret" not in mask_keys(data)


def test_what_is_no_xml_is_returned_as_it_is():
    assert mask_keys(b"\x00\xff<key>x") == b"\x00\xff<key>x"
