"""`/w/<token>`: only what is published, without anybody's values, inside a sandbox."""

import pytest
from django.test import Client

from deliveries import tokens
from deliveries.tokens import Purpose


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
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'")
    assert "script" not in policy
    assert not response.cookies


def test_what_is_not_published_is_as_unknown_as_a_wrong_token(mine, page):
    mine.delivery.publish_on_web = False
    mine.delivery.save()
    hidden, wrong = Client().get(page), Client().get("/w/x")
    assert (hidden.status_code, hidden.content) == (wrong.status_code, wrong.content)
    assert hidden.status_code == 404


def test_an_unsubscribe_token_opens_no_page(mine, page):
    assert Client().get(f"/w/{tokens.make(Purpose.UNSUBSCRIBE, mine.message.pk)}").status_code == 404
