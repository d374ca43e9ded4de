"""A part goes out in the shorter of quoted-printable and base64, to the letter (RFC 2045 6.7, 6.8)."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliveries.content import compile_source
from deliveries.content.mime.sixty_four import Program64
from deliveries.content.places.pieces import render
from tests.content.writing import body, envelope, parsed, source, written

RUSSIAN = "Привет, это новая рассылка для ${nome}$. " * 20
SENTENCE = "Città, perché: più offerte per ${nome}$, a presto. " * 20


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "base64"),
        ("こんにちは、${nome}$さん。" * 20, "base64"),
        ("Καλημέρα ${nome}$, νέες προσφορές. " * 20, "base64"),
        (SENTENCE, "quoted-printable"),
        ("x", "quoted-printable"),
        ("${nota}$", "quoted-printable"),
    ],
)
def test_a_part_goes_out_in_the_shorter_of_both(text, encoding):
    data = written({"nome": "Ида", "nota": "x"}, text=text, html="<p>x</p>")
    part = parsed(data).get_body(("plain",))
    assert part["Content-Transfer-Encoding"] == encoding
    assert body(data, "plain") == text.replace("${nome}$", "Ида").replace("${nota}$", "x")
    assert parsed(data).get_body(("html",))["Content-Transfer-Encoding"] == "quoted-printable"
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_it_is_decided_once_for_all_people():
    compiled = compile_source(source(text=RUSSIAN))
    for nome in ("", "Ida", "Ида" * 100):
        data = compiled.compose({"nome": nome}, envelope())
        assert parsed(data)["Content-Transfer-Encoding"] == "base64"
        assert body(data, "plain") == RUSSIAN.replace("${nome}$", nome)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["${nome}$", "${nota}$", "<% if ordine %>ж${nome}$я<% else %>ц<% end %>", "<{place}>"])
        | st.text(st.sampled_from("абв\n ab"), max_size=140),
        min_size=1,
        max_size=8,
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=130),
    st.text(st.sampled_from("абв\nxyz"), max_size=130),
    st.sampled_from([None, 1]),
)
def test_base64_says_what_is_written_whatever_the_lengths(pieces, nome, nota, ordine):
    compiled = compile_source(source(text="".join(pieces) + "."))
    scope = compiled._scope({"nome": nome, "nota": nota, "ordine": ordine}, envelope())
    encoded = Program64(compiled.text, "utf-8").run(scope)
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert encoded.endswith(b"\r\n")
    assert b"=" not in encoded.rstrip(b"\r\n=")
    assert base64.b64decode(encoded).decode() == render(compiled.text, scope).replace("\n", "\r\n")
