"""A message needs no dot-stuffing (RFC 5321 4.5.2): the sender hands it over without a second look."""

import quopri

from hypothesis import example, given, settings
from hypothesis import strategies as st

from deliveries.content.mime.quoted import encode

DOTTY = st.text(st.sampled_from(". \n\r=aè-"), max_size=200)


@given(DOTTY)
@example("è" + "x" * 70)  # as long as a line may be, and then the = of a soft break
@example("=" * 25 + "x")
@example("x" * 73 + "=" * 30)
@example("x" * 74 + "." + "x" * 75)
@settings(max_examples=300, deadline=None)
def test_no_line_of_an_encoded_text_begins_with_a_dot_and_it_reads_as_before(text):
    lines = encode(text, "utf-8")
    assert not any(line.startswith(b".") for line in lines.split(b"\r\n"))
    assert all(len(line) <= 76 for line in lines.split(b"\r\n"))
    with_one_kind_of_break = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    assert quopri.decodestring(lines).decode() == with_one_kind_of_break
