"""Strangers who send half a request cost the others nothing, on the bare start."""

import re

import pytest

from tests.product import ROOT
from tests.waiting import wait_for
from tests.web.wire import ask, open_lines, request, timed

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product")]

FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.fixture
def web(product):
    return product.run_json["web"]


@pytest.fixture
def cookie(web):
    _, head, _ = ask(web, request("GET", "/admin/login/"))
    return "Cookie: " + re.search(rb"(?i)set-cookie:\s*(csrftoken=[^;]+)", head)[1].decode()


@pytest.fixture(scope="module")
def unsubscribe(product):
    """Where one person unsubscribes whom no other test writes to: afterwards she gets no mail any more."""
    text = (ROOT / "tests/samples/04-inline/two.xml").read_text(encoding="utf-8")
    text = text.replace("dario@", "reader@").replace("elena@", "other.reader@")
    product.drop({"reader.xml": text.encode(), "reader.ok": b""})
    mail = wait_for(
        lambda: [m for m in product.mails() if m["X-Original-To"] == "reader@mail.example"], "her mail"
    )[0]
    return re.search(r"https?://[^/]+(/u/[^>]+)>", mail["List-Unsubscribe"])[1]


def answers(web, unsubscribe):
    """What everybody needs: the probe, one-click, the area."""
    one_click = request("POST", unsubscribe, headers=[FORM], body=b"List-Unsubscribe=One-Click")
    asked = (request("GET", "/healthz"), one_click, request("GET", "/admin/login/"))
    return [timed(web, raw) for raw in asked]


def assert_all_answer_in_time(web, unsubscribe, lines):
    """Beside such lines each has its answer within a second; where others keep the machine busy, at a second look.

    The lines are opened anew for each look: whom they kept waiting, they keep waiting each time.
    """
    looks = []
    for _ in range(5):
        with open_lines(web, lines):
            found = answers(web, unsubscribe)
        assert [status for status, _ in found] == [200] * 3
        looks.append(max(seconds for _, seconds in found))
        if looks[-1] < 1:
            return
    pytest.fail(f"the slowest answers took {looks} s")


def test_three_hundred_unfinished_bodies_leave_probe_one_click_and_area_answering(web, unsubscribe, cookie):
    to_log_in = request("POST", "/admin/login/", headers=[FORM, cookie], body=b"usern", length=2000)
    to_one_click = request("POST", unsubscribe, headers=[FORM], body=b"List", length=2000)
    assert_all_answer_in_time(web, unsubscribe, [to_log_in, to_one_click] * 150)


def test_fifteen_hundred_lines_that_say_nothing_or_half_a_header_do_so_too(web, unsubscribe):
    lines = [b"", b"GET /healthz HTT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "] * 500
    assert_all_answer_in_time(web, unsubscribe, lines)


@pytest.mark.parametrize(
    ("path", "length"), [("/admin/login/", 100 * 1024**2), ("/i18n/setlang/", 65 * 1024), ("/u/x", 17 * 1024)]
)
def test_what_is_too_long_for_a_stranger_is_refused_by_its_length(web, path, length):
    multipart = "Content-Type: multipart/form-data; boundary=x"
    status, head, body = ask(web, request("POST", path, headers=[multipart], length=length))
    assert status == 413
    assert b"connection: close" in head.lower()
    assert b"kB can be sent to this page" in body


@pytest.mark.parametrize(
    "headers",
    [["Transfer-Encoding: chunked", "Content-Length: 3"], ["Content-Length: 3", "Transfer-Encoding: chunked"]],
)
def test_chunks_beside_a_length_are_refused(web, headers):
    assert ask(web, request("POST", "/admin/login/", headers=headers) + b"0\r\n\r\n")[0] == 400


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405),
        (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: +3\r\n\r\nabc", 400),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding : chunked\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
    ],
)
def test_requests_that_no_browser_makes_are_refused(web, raw, status):
    assert ask(web, raw)[0] == status


def test_a_form_in_an_odd_encoding_is_a_400_and_one_line_in_the_log(product, web, cookie):
    log = product.state / "log" / "web.log"
    before = log.stat().st_size
    kind = "Content-Type: application/x-www-form-urlencoded; charset=utf-7"
    status, _, body = ask(web, request("POST", "/admin/login/", headers=[kind, cookie], body=b"a=b"))
    assert status == 400
    assert b"can't be read" in body.replace(b"&#x27;", b"'") or b"leggibile" in body
    said = wait_for(lambda: log.read_bytes()[before:], "a line in the log").decode()
    assert "Bad Request" in said or "must be UTF-8" in said
    assert len(said.splitlines()) == 1, said
