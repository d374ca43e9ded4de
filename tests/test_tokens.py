from hypothesis import given
from hypothesis import strategies as st

from deliveries import tokens
from deliveries.tokens import Purpose

ids = st.integers(min_value=0, max_value=2**63 - 1)


@given(ids, st.sampled_from(Purpose))
def test_a_token_leads_back_to_its_message(message_id, purpose):
    assert tokens.read(purpose, tokens.make(purpose, message_id)) == message_id
    assert tokens.read_local_part(purpose, tokens.make_local_part(purpose, message_id)) == message_id


@given(ids)
def test_a_token_of_one_purpose_opens_no_other(message_id):
    token = tokens.make(Purpose.OPEN, message_id)
    assert [p for p in Purpose if tokens.read(p, token) is not None] == [Purpose.OPEN]


@given(st.text(max_size=60))
def test_anything_else_is_nobodys(text):
    assert tokens.read(Purpose.UNSUBSCRIBE, text) is None
    assert tokens.read_local_part(Purpose.RETURN_PATH, text) is None


def test_a_local_part_survives_letter_case_and_has_room_in_an_address():
    part = tokens.make_local_part(Purpose.RETURN_PATH, 2**40)
    assert len(part) == 29
    assert tokens.read_local_part(Purpose.RETURN_PATH, part.upper()) == 2**40
