"""Forms and addresses that only a program sends: refused or passed over, on the bare start (reference 9)."""

import re

import pytest

from tests.web.wire import ask, request

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product")]

MULTIPART = "Content-Type: multipart/form-data"
BOUNDARY = f"{MULTIPART}; boundary=x"


@pytest.fixture
def web(product):
    return product.run_json["web"]


@pytest.fixture
def form(web):
    """Return the log-in page's cookie as a header, and its token."""
    _, head, body = ask(web, request("GET", "/admin/login/"))
    cookie = re.search(rb"(?i)set-cookie:\s*(csrftoken=[^;]+)", head)[1].decode()
    return f"Cookie: {cookie}", re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', body)[1].decode()


def part(name, value, more=""):
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


def sent(web, form, kind, body, length=None):
    raw = request("POST", "/admin/login/", headers=[kind, form[0]], body=body.encode(), length=length)
    status, _, said = ask(web, raw)
    assert b"Traceback" not in said
    return status


def test_two_thousand_fields_are_refused(web, form):
    urlencoded = f"csrfmiddlewaretoken={form[1]}" + "".join(f"&f{number}=1" for number in range(2_000))
    assert sent(web, form, "Content-Type: application/x-www-form-urlencoded", urlencoded) == 400
    parts = part("csrfmiddlewaretoken", form[1]) + "".join(part("f", "") for _ in range(1_100)) + "--x--\r\n"
    assert len(parts) < 64 * 1024
    assert sent(web, form, BOUNDARY, parts) == 400


def test_more_files_than_a_page_takes_are_refused(web, form):
    parts = part("csrfmiddlewaretoken", form[1])
    parts += "".join(part(f"f{number}", "", f'; filename="{number}"') for number in range(150))
    assert sent(web, form, BOUNDARY, f"{parts}--x--\r\n") == 400


@pytest.mark.parametrize("kind", [MULTIPART, f"{MULTIPART}; boundary=", f"{MULTIPART}; boundary=" + "y" * 300])
def test_parts_without_a_usable_boundary_are_refused(web, form, kind):
    assert sent(web, form, kind, part("csrfmiddlewaretoken", form[1]) + "--x--\r\n") in {400, 403}


def test_of_a_name_that_is_sent_twice_one_counts(web, form):
    token = part("csrfmiddlewaretoken", form[1])
    parts = token + part("username", "a") + part("username", "b") + part("password", "c") + "--x--\r\n"
    assert sent(web, form, BOUNDARY, parts) == 200


def test_what_is_longer_than_it_says_is_cut_there(web, form):
    whole = part("csrfmiddlewaretoken", form[1]) + "--x--\r\n"
    assert sent(web, form, BOUNDARY, whole, length=30) in {400, 403}
    assert ask(web, request("GET", "/healthz"))[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../run.json", "/static/%2e%2e/run.json", "/static/..%2frun.json",
        "/static/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/static/..%5crun.json", "/static//etc/passwd", "/static/%00", "/static/deliveries/parts.css%00.html",
        "/static/deliveries/../../run.json", "/static/%252e%252e/run.json", "/static/", "/static/.git/config",
        "/run.json", "/../run.json", "/secrets/data_key", "/static/%ff",
    ],
)  # fmt: skip
def test_no_address_leads_out_of_the_static_files(web, path):
    status, _, body = ask(web, request("GET", path))
    assert status in {400, 404}
    assert not any(word in body for word in (b"root:", b'"pids"', b"sftp_host_key"))


def test_the_static_files_are_there(web):
    assert ask(web, request("GET", "/static/deliveries/parts.css"))[0] == 200
