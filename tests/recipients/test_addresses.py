import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipients import addresses
from recipients.addresses import normalise, parse
from recipients.errors import ClientError

ATOM = st.text("abcXYZ09!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=40)
LABEL = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?", fullmatch=True)
ORDINARY = st.builds(
    lambda local, domain: f"{'.'.join(local)}@{'.'.join(domain)}",
    st.lists(ATOM, min_size=1, max_size=3),
    st.lists(LABEL, min_size=1, max_size=5),
)


@settings(max_examples=200)
@given(ORDINARY)
def test_what_the_fast_pattern_takes_the_careful_way_takes_and_reads_alike(text):
    found = addresses._ORDINARY.fullmatch(text)
    if found is not None and len(text) <= addresses.MAX_PATH:
        assert addresses._parse_carefully(text) == parse(text)


@settings(max_examples=200)
@given(st.one_of(ORDINARY, st.text(max_size=30).map(lambda local: f"{local}@bücher.example"), st.text(max_size=60)))
def test_an_address_is_read_again_as_itself_and_lowering_ascii_gives_its_key(text):
    try:
        address = parse(text)
    except ClientError:
        return
    assert parse(address.text) == address
    assert parse(address.key).key == address.key
    assert "".join(sign.lower() if sign.isascii() else sign for sign in address.text) == address.key
    assert len(address.local.encode()) <= 64
    assert len(address.text.encode()) <= 254


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" Rossi@Shop.EXAMPLE\n", "Rossi@shop.example"),
        ("Büro@straße.de", "büro@xn--strae-oqa.de"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@b。example", "a@b.example"),
        ("a@intranet.local", "a@intranet.local"),
        ("a" * 64 + "@b.example", "a" * 64 + "@b.example"),
    ],
)
def test_a_good_address_is_stored_so(text, kept):
    assert parse(text).text == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("  ", "ADDR_EMPTY"),
        ("rossi", "ADDR_SYNTAX"),
        ("a..b@c.example", "ADDR_SYNTAX"),
        ('"a b"@c.example', "ADDR_SYNTAX"),
        ("a@b@c.example", "ADDR_SYNTAX"),
        ("a\u200bb@c.example", "ADDR_SYNTAX"),
        ("x\r\nBcc: y@c.example", "ADDR_SYNTAX"),
        ("a@[192.0.2.1]", "ADDR_DOMAIN"),
        ("a@192.0.2.1", "ADDR_DOMAIN"),
        ("a@localhost", "ADDR_DOMAIN"),
        ("a@b.example.", "ADDR_DOMAIN"),
        ("a@under_score.example", "ADDR_DOMAIN"),
        ("a@-b.example", "ADDR_DOMAIN"),
        ("a@" + "b" * 64 + ".example", "ADDR_DOMAIN"),
        ("a" * 65 + "@c.example", "ADDR_TOO_LONG"),
        ("é" * 33 + "@c.example", "ADDR_TOO_LONG"),
        ("a" * 60 + "@" + "b" * 60 + ("." + "c" * 60) * 3 + ".example", "ADDR_TOO_LONG"),
        ("a" * 2_000_000, "ADDR_TOO_LONG"),
    ],
)
def test_a_bad_address_is_refused_with_a_code_and_a_short_sentence(text, code):
    with pytest.raises(ClientError) as caught:
        parse(text)
    assert caught.value.code == code
    assert caught.value.message.replace("…", "").isascii()
    assert len(caught.value.message) < 250


def test_letter_case_makes_no_other_person():
    assert normalise("Rossi@Shop.Example") == normalise("rossi@SHOP.example") == "rossi@shop.example"
