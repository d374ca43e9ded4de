import re
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deliveries.content import ComposeError, ContentError, Part, compile_source
from tests.content.writing import body, envelope, parsed, source, text, written

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
PAGE = (
    '<html><body class="${nome}$"><p id=a${nome}$ title=${nota}$ lang=it>Ciao ${nome}$</p>'
    "<a href=\"https://x.example/?q=${nota}$\">l</a><a href='${nota}$'>m</a><td ${nome}$>"
    "<!-- ${nota}$ --><style>p{color:${nome}$}</style><p><${nome}$ end</p></body></html>"
)
BOTH = source(
    subject="${nome}$ ${nota}$",
    from_name="${nome}$",
    reply_to="${nome}$ <r@d.example>",
    html=PAGE,
    text="[${nota}$]",
)
COMPILED = {
    charset: compile_source(
        BOTH.__class__(**{**{name: getattr(BOTH, name) for name in BOTH.__slots__}, "encoding": charset})
    )
    for charset in ("utf-8", "windows-1252", "shift_jis")
}
ONCE = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "List-Unsubscribe",
)


@pytest.mark.sentence("2.6-39")
@settings(max_examples=30, deadline=None)
@given(nome=ANY, nota=ANY, charset=st.sampled_from(sorted(COMPILED)))
@example(nome='"><script>alert(1)</script>', nota="javascript:alert(1)", charset="utf-8")
@example(nome="x\r\nBcc: evil@e.example\r\n\r\nbody", nota="--a=_x\r\n.\r\n", charset="windows-1252")
@example(nome="é" * 3000, nota="w" * 3000, charset="shift_jis")
@example(nome="=?utf-8?q?a?= \u2028\x85", nota="' onclick=x --> </style>", charset="utf-8")
def test_whatever_the_values_are_the_message_is_whole(nome, nota, charset):
    values = {"nome": nome, "nota": nota}
    data = COMPILED[charset].compose(values, envelope())
    assert data == COMPILED[charset].compose(dict(values), envelope())
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", data) is None
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    message = parsed(data)
    assert not message.defects
    names = [name.lower() for name in message]
    assert all(names.count(name.lower()) == 1 for name in ONCE)
    assert set(names) <= {name.lower() for name in ONCE} | {
        "list-id",
        "list-unsubscribe-post",
        "feedback-id",
        "x-xmld-delivery",
    }
    assert len(message["From"].addresses) == 1
    assert message["From"].addresses[0].addr_spec == "news@demo.example"
    assert re.sub(r"\r\n?", "\n", f"[{nota}]") == body(data, "plain")
    page = LexborHTMLParser(body(data, "html"))
    assert sorted(node.tag for node in page.css("*")) == TAGS
    assert {name for node in page.css("body, p, a") for name in node.attrs} <= {
        "class",
        "id",
        "title",
        "lang",
        "href",
    }


TAGS = sorted(
    node.tag
    for node in LexborHTMLParser(
        body(COMPILED["utf-8"].compose({"nome": "x", "nota": "x"}, envelope()), "html")
    ).css("*")
)


@settings(max_examples=30, deadline=None)
@given(
    st.text(
        st.characters(
            exclude_categories=["Cs", "Cc", "Zl", "Zp"],
            exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        ),
        max_size=400,
    )
)
def test_a_subject_survives_the_way(nome):
    data = written({"nome": nome}, subject="a${nome}$b")
    raw = re.search(rb"^Subject: (.*(?:\r\n[ \t].*)*)\r\n", data, re.MULTILINE)
    assert raw is not None
    assert all(len(line) <= 78 for line in raw[0].split(b"\r\n"))
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ ?]+\?B\?[^ ?]+\?=", raw[1]))
    unfolded = raw[1].replace(b"\r\n", b"").decode("ascii")
    assert str(make_header(decode_header(unfolded))) == f"a{nome}b"


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "C"]), min_size=1, max_size=60).map(str.strip).filter(bool))
def test_a_display_name_survives_the_way(nome):
    address = parsed(written({"nome": nome}, from_name="N ${nome}$"))["From"].addresses[0]
    # Python's own parser puts a blank between two encoded words of a name.
    assert "".join(address.display_name.split()) == "".join(f"N {nome}".split())


@pytest.mark.parametrize(("length", "most"), [(500, 500), (501, 500), (100_000, 500)])
def test_a_subject_that_a_value_makes_too_long_is_cut_and_never_refused(length, most):
    compiled = compile_source(source(subject="Hi ${nome}$"))
    values = {"nome": "x" * (length - 3)}
    sent = str(parsed(compiled.compose(values, envelope()))["Subject"])
    assert sent == compiled.preview(values, envelope()).subject
    assert len(sent) == most
    assert sent.endswith("…") is (length > most)


def test_names_that_a_value_makes_too_long_are_cut_too():
    message = parsed(
        written({"nome": "x y" * 100, "nota": "z" * 300}, from_name="${nome}$", reply_to="${nota}$ <r@d.example>")
    )
    sender = message["From"].addresses[0]
    assert sender.display_name.replace(" ", "") == ("xy" * 100)[:133] + "…"
    assert sender.addr_spec == "news@demo.example"
    assert str(message["Reply-To"]).replace(" ", "") == "z" * 199 + "…<r@d.example>"


def test_a_character_that_the_charset_lacks_sends_that_message_in_utf_8():
    for value, expected in (("é", "windows-1252"), ("日", "utf-8")):
        data = written({"nome": value}, text="${nome}$", encoding="Cp1252")
        assert parsed(data).get_content_charset() == expected
        assert body(data, "plain") == value


@pytest.mark.parametrize(
    "name",
    [
        "utf-8",
        "UTF_8",
        "UTF8",
        "Cp1252",
        "CP-1252",
        "windows-1252",
        "ISO_8859_15",
        "ISO8859-15",
        "iso-8859-1",
        "latin1",
        "8859_1",
        "Shift_JIS",
        "shift-jis",
        " utf-8 ",
    ],
)
def test_charsets_are_known_under_the_names_that_clients_write(name):
    assert text({"nome": "a"}, text="${nome}$", encoding=name) == "a"


@pytest.mark.parametrize("encoding", ["iso-8859-15", "iso-8859-1", "windows-1252", "shift_jis"])
@pytest.mark.parametrize("value", ["€", "è", "日本", "¥ ‾", "\\ ~", "š", "\x81"])
def test_whatever_the_charset_every_character_arrives(encoding, value):
    data = written(
        {"nome": value}, subject="a ${nome}$", from_name="n ${nome}$", text="[${nome}$]", encoding=encoding
    )
    message = parsed(data)
    assert message.get_content_charset() in {encoding, "utf-8"}
    assert body(data, "plain") == f"[{value}]"
    shown = value.replace("\x81", "").strip()
    assert (str(message["Subject"]), message["From"].addresses[0].display_name) == (
        f"a {shown}".strip(),
        f"n {shown}".strip(),
    )


def test_a_character_lacked_by_one_message_leaves_the_others_in_their_charset():
    compiled = compile_source(source(text="${nome}$", encoding="ISO_8859_15"))
    charsets = [parsed(compiled.compose({"nome": each}, envelope())).get_content_charset() for each in "€日é"]
    assert charsets == ["iso-8859-15", "utf-8", "iso-8859-15"]


def test_another_charset_is_an_error():
    with pytest.raises(ContentError, match="koi8-r"):
        compile_source(source(encoding="koi8-r"))


def test_unsubscribe_headers_are_exact_and_only_on_marketing_mail():
    data = written()
    assert b"\r\nList-Unsubscribe: <https://u.example/u/token>, <mailto:u+token@u.example>\r\n" in data
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in data
    assert b"\r\nList-Id: <1.demo.example>\r\n" in data
    assert b"\r\nDate: Tue, 24 Nov 2026 09:30:00 +0000\r\n" in data
    assert b"List-Unsubscribe" not in compile_source(source()).compose({}, envelope(marketing=False))


@pytest.mark.parametrize("to", ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "a", ""])
def test_more_or_less_than_one_recipient_is_refused(to):
    with pytest.raises(ComposeError):
        compile_source(source()).compose({}, envelope(to=to))


def test_a_senders_local_part_takes_only_what_an_atom_knows():
    assert (
        parsed(written({"nome": "a, b@evil.example>"}, from_address="x-${nome}$@demo.example"))["From"]
        .addresses[0]
        .addr_spec
        == "x-abevil.example@demo.example"
    )
    with pytest.raises(ComposeError):
        written({"nome": None}, from_address="${nome}$@demo.example")


def test_a_reply_address_that_a_value_spoils_is_left_out():
    assert parsed(written({"nome": "a@b.example, c@d.example"}, reply_to="${nome}$"))["Reply-To"] is None


def test_a_domain_goes_out_in_a_labels():
    assert b"<news@xn--mnchen-3ya.de>" in written(from_address="news@münchen.de")


def test_attachments_and_inline_images_stand_in_their_trees():
    files = (
        Part("offerta più lunga di tutte le altre offerte che mai furono.pdf", "application/pdf", b"%PDF"),
        Part("logo.png", "image/png", b"\x89PNG", "logo"),
    )
    message = parsed(written(html='<img src="cid:logo">', text="x", attachments=files))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == files[0].name
    assert attached.get_payload(decode=True) == b"%PDF"


def test_ten_megabytes_of_files_go_with_a_message_and_more_are_refused_before_anything_is_sent():
    ten = Part("a.pdf", "application/pdf", b"x" * (10 * 1024**2))
    assert len(written(attachments=(ten,))) > 14_000_000
    with pytest.raises(ContentError) as caught:
        compile_source(source(attachments=(ten, Part("b.txt", "text/plain", b"x"))))
    assert caught.value.code == "MSG_TOO_BIG"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": " "}, "SUBJECT_MISSING"),
        ({"subject": "x" * 501}, "SUBJECT_TOO_LONG"),
        ({"from_name": "x" * 201}, "NAME_TOO_LONG"),
        ({"from_address": "a b@d.example"}, "FROM_ADDRESS"),
        ({"from_address": "josé@d.example"}, "FROM_ADDRESS"),
        ({"reply_to": ""}, "REPLY_TO"),
        ({"reply_to": "a@b.example, c@d.example"}, "REPLY_TO"),
        ({"text": ""}, "BODY_MISSING"),
    ],
)
def test_what_can_not_be_sent_is_an_error_before_anything_is(changes, code):
    with pytest.raises(ContentError) as caught:
        compile_source(source(**changes))
    assert caught.value.code == code
