from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from deliveries import tokens
from deliveries.message_tokens import IdTokens, LinkTokens
from deliveries.short_siv import ShortSiv
from deliveries.tokens import Click, Purpose

ids = st.integers(min_value=0, max_value=2**63 - 1)
targets = st.none() | st.text(max_size=400) | st.just("https://shop.example/?" + "o=1&" * 100)


@given(ids, st.sampled_from(Purpose))
def test_a_token_leads_back_to_its_message(message_id, purpose):
    assert tokens.read(purpose, tokens.make(purpose, message_id)) == message_id
    assert tokens.read_local_part(purpose, tokens.make_local_part(purpose, message_id)) == message_id
    both = tokens.make(purpose, message_id), tokens.make_local_part(purpose, message_id)
    assert (IdTokens(purpose).written(message_id), IdTokens(purpose).local_part(message_id)) == both
    assert IdTokens(purpose).both(message_id) == both


@given(ids)
def test_a_token_of_one_purpose_opens_no_other(message_id):
    token = tokens.make(Purpose.OPEN, message_id)
    assert [p for p in Purpose if tokens.read(p, token) is not None] == [Purpose.OPEN]
    assert tokens.read_click(token) is None


@given(st.text(max_size=60))
def test_anything_else_is_nobodys(text):
    assert tokens.read(Purpose.UNSUBSCRIBE, text) is None
    assert tokens.read_local_part(Purpose.RETURN_PATH, text) is None
    assert tokens.read_click(text) is None


def test_a_local_part_survives_letter_case_and_has_room_in_an_address():
    part = tokens.make_local_part(Purpose.RETURN_PATH, 2**40)
    assert len(part) == 48
    assert tokens.read_local_part(Purpose.RETURN_PATH, part.upper()) == 2**40


@given(ids, st.none() | ids, st.integers(0, 1000), targets)
def test_a_link_leads_back_to_its_message_number_and_target(delivery, message, number, target):
    token = tokens.make_click(delivery, message, number, target)
    assert tokens.read_click(token) == Click(delivery, message, number, target)
    assert tokens.read(Purpose.CLICK, token) is None or len(token) == 32
    links = LinkTokens(delivery, "https://t.example/c/").of(message)
    assert links(number, target) == f"https://t.example/c/{token}"
    row = tokens.make_click(delivery, message, number, None)
    assert links.many((number, 2)) == (row.encode(), tokens.make_click(delivery, message, 2, None).encode())


@given(ids, st.integers(0, 200), st.integers(1, 255))
def test_a_link_with_one_byte_changed_is_nobodys(message, place, change):
    token = tokens.make_click(7, message, 3, "https://shop.example/?o=1")
    place %= len(token)
    letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[change % 64]
    changed = token[:place] + letter + token[place + 1 :]
    assert (tokens.read_click(changed) is None) == (changed != token)


def test_a_token_is_read_only_as_it_was_written():
    token = tokens.make_click(7, 9, 3, None)
    assert [tokens.read_click(other) for other in (f"{token}=", f"{token}==", f" {token}", f"{token}A")] == [
        None
    ] * 4


def test_a_long_target_of_a_person_is_made_short():
    target = "https://shop.example/p?" + "utm_source=newsletter&utm_campaign=winter&" * 5
    assert len(tokens.make_click(7, 9, 3, target)) < len(target)


@given(st.binary(min_size=64, max_size=64), st.lists(st.binary(min_size=1, max_size=15), min_size=1, max_size=20))
def test_what_is_sealed_together_is_what_aes_siv_makes_of_each(key, plains):
    padded = b"".join((plain + b"\x80").ljust(16, b"\0") for plain in plains)
    ones = b"".join((b"\xff" * len(plain)).ljust(16, b"\0") for plain in plains)
    tags, sealed = ShortSiv(key).seal(len(plains), int.from_bytes(ones, "big"), int.from_bytes(padded, "big"))
    made = [tags[at : at + 16] + sealed[at : at + 16] for at in range(0, len(tags), 16)]
    assert made == [AESSIV(key).encrypt(plain, None).ljust(32, b"\0") for plain in plains]


@given(ids, st.sampled_from([0, 1, 100, 16_300, 2**21 - 20, 2**31, 2**62]), st.lists(st.integers(1, 65_535)))
def test_messages_in_a_row_have_the_tokens_that_each_has_alone(delivery, first, numbers):
    links, opens = LinkTokens(delivery, "https://t.example/c/"), IdTokens(Purpose.OPEN)
    for message in range(first, first + 40):
        assert opens.both(message) == (
            tokens.make(Purpose.OPEN, message),
            tokens.make_local_part(Purpose.OPEN, message),
        )
        assert links.of(message).many((*numbers, 1)) == tuple(
            tokens.make_click(delivery, message, number, None).encode() for number in (*numbers, 1)
        )
