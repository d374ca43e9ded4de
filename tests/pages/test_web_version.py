"""`/w/<token>`: only what is published, without anybody's values, inside a sandbox."""

import pytest
from django.test import Client

from deliveries import tokens
from deliveries.models import Attachment
from deliveries.tokens import Click, Purpose


@pytest.fixture
def page(mine):
    mine.delivery.publish_on_web = True
    mine.delivery.save()
    mine.delivery.content.html = "<html><body><p>Ciao ${nome}$!</p><script>alert(1)</script></body></html>"
    mine.delivery.content.save()
    return f"/w/{tokens.make(Purpose.WEB, mine.message.pk)}"


def test_it_shows_the_message_with_its_markers_empty(page):
    response = Client().get(page)
    assert response.status_code == 200
    assert "Ciao !" in response.content.decode()


def test_nothing_in_it_runs_and_no_cookie_is_set(page):
    response = Client().get(page)
    assert response["Content-Security-Policy"] == (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
        "style-src 'unsafe-inline' https:; font-src *"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_what_is_not_published_is_as_unknown_as_a_wrong_token(mine, page):
    mine.delivery.publish_on_web = False
    mine.delivery.save()
    hidden, wrong = Client().get(page), Client().get("/w/x")
    assert (hidden.status_code, hidden.content) == (wrong.status_code, wrong.content)
    assert hidden.status_code == 404


def test_nothing_of_the_person_is_in_it_wherever_a_marker_stands(mine, page):
    content = mine.delivery.content
    content.from_address = "${nome}$@demo.example"
    content.html = (
        "<p title='${email}$'>${nome}$<% if nome.empty? %>nobody<% end %></p><a href='${unsubscribe_url}$'>out</a>"
        "<a href='${web_version}$'>web</a>"
    )
    content.save()
    shown = Client().get(page).content.decode()
    assert "<p title=''>nobody</p><a href=''>out</a><a href=''>web</a>" in shown


def test_an_image_that_travels_with_the_mail_is_in_the_page(mine, page):
    Attachment.objects.create(
        delivery=mine.delivery, name="l.png", content_type="image/png", cid="l@inline", content=b"PNG"
    )
    mine.delivery.content.html = '<img src="cid:l@inline">'
    mine.delivery.content.save()
    assert '<img src="data:image/png;base64,UE5H">' in Client().get(page).content.decode()


def test_its_links_are_of_the_message_and_it_has_neither_pixel_nor_our_line(mine, page):
    content = mine.delivery.content
    content.html = '<body><a track="yes" href="https://a.example/?o=${nome}$&amp;b=1">x</a></body>'
    content.html_links, content.footer, content.tracking = "parse", True, "individual"
    content.save()
    shown = Client().get(page).content.decode()
    token = shown.removeprefix('<body><a href="http://127.0.0.1:8000/c/').removesuffix('">x</a></body>')
    assert tokens.read_click(token) == Click(mine.delivery.pk, mine.message.pk, 1, "https://a.example/?o=&b=1")
    content.consent_field = "nome"
    content.save()
    assert 'href="https://a.example/?o=&amp;b=1"' in Client().get(page).content.decode()


def test_a_text_is_shown_as_text(mine, page):
    mine.delivery.content.html, mine.delivery.content.text = "", "<b>Ciao</b> ${nome}$!"
    mine.delivery.content.save()
    response = Client().get(page)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content.decode().startswith("<b>Ciao</b> !")


def test_an_unsubscribe_token_opens_no_page(mine, page):
    assert Client().get(f"/w/{tokens.make(Purpose.UNSUBSCRIBE, mine.message.pk)}").status_code == 404
