import pytest

from deliveries.content import ContentError, Fetched, compile_source, fetches, with_fetched
from tests.content.writing import envelope, source


@pytest.mark.sentence("2.6-13", "2.6-14", "2.6-19")
def test_what_is_fetched_is_found_with_its_place_and_put_in():
    written = source(
        html='<p>\n<img src="@(https://c.example/a.png)@"> <@https://c.example/<{place}>@></p>',
        text="@{https://c.example/t.txt}@",
        labels={"place": "a b"},
    )
    found = fetches(written)
    assert [(fetch.kind, fetch.url, fetch.part, fetch.line, fetch.column) for fetch in found] == [
        ("image", "https://c.example/a.png", "html", 2, 11),
        ("content", "https://c.example/a%20b", "html", 2, 41),
        ("content", "https://c.example/t.txt", "text", 1, 1),
    ]
    answers = (Fetched("image/png", b"PNG"), Fetched(text="<b>${nome}$</b>"), Fetched(text="Ciao ${nome}$"))
    filled = with_fetched(written, dict(zip(found, answers, strict=True)))
    seen = compile_source(filled).preview({"nome": "Ida"}, envelope())
    assert "<b>Ida</b>" in seen.html
    assert f'src="cid:{filled.attachments[0].cid}"' in seen.html
    assert seen.text == "Ciao Ida"


@pytest.mark.sentence("2.6-19")
@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("<@https://c.example/${nome}$@>", "TPL_FETCH_FIELD"),
        ("^(https://c.example/${nome}$)^", "TPL_FETCH_FIELD"),
        ("@{https://c.example/${nome}$}@", "TPL_FETCH_FIELD"),
        ("@(https://c.example/${nome}$)@", "TPL_FETCH_FIELD"),
        ("@(http://c.example/a.png)@", "TPL_FETCH_ADDRESS"),
        ("@(img/a.png)@", "TPL_FETCH_ADDRESS"),
        ("^(//c.example/a.png)^", "TPL_FETCH_ADDRESS"),
        ("@{file:///etc/passwd}@", "TPL_FETCH_ADDRESS"),
        ("&lt;@ ftp://c.example/ @&gt;", "TPL_FETCH_ADDRESS"),
    ],
)
def test_a_field_or_another_scheme_in_a_fetched_address_is_an_error(page, code):
    with pytest.raises(ContentError) as caught:
        fetches(source(html=page))
    assert caught.value.code == code


@pytest.mark.parametrize("page", ["2^(n)^2", "a@(b)@c", "@{x}@", "<@ nothing @>"])
def test_signs_without_an_address_between_them_are_text(page):
    assert fetches(source(html=page)) == ()
    assert compile_source(source(html=f"<p>{page}</p>")).preview({}, envelope()).html == f"<p>{page}</p>"


def test_what_was_not_fetched_is_an_error():
    with pytest.raises(ContentError) as caught:
        compile_source(source(html="@(https://c.example/a.png)@"))
    assert caught.value.code == "TPL_NOT_FETCHED"
