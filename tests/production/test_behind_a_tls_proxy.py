"""The product behind docs/production/nginx.conf: two hosts, https only, and readers' own addresses."""

import csv
import io
import json
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.product import ROOT, Product
from tests.production.nginx import AREA, PUBLIC, Nginx, plainly
from tests.waiting import wait_for

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product-proxy")]

SAMPLE = ROOT / "tests" / "samples" / "01-send-now"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN = "t" * 32


@pytest.fixture(scope="module")
def product():
    """As environment.example has it, with a shop whose first bundle was sent."""
    product = Product(
        XMLD_DEMO="0",
        XMLD_ALLOWED_HOSTS=AREA,
        XMLD_ADMIN_URL=f"https://{AREA}/admin",
        XMLD_PUBLIC_URL=f"https://{PUBLIC}",
        XMLD_METRICS_TOKEN=TOKEN,
        XMLD_LOG_FORMAT="json",
    )
    try:
        product.start()
        provisioned = product.command("provision", str(ROOT / "tests" / "samples" / "demo.toml"))
        assert provisioned.code == 0, provisioned.err
        product.drop(SAMPLE)
        product.wait_for_run("orders.xml")
        yield product
    finally:
        product.clear()


@pytest.fixture(scope="module")
def nginx(product):
    folder = Path(tempfile.mkdtemp(prefix="xmld-nginx-"))
    folder.chmod(0o755)  # started by root, nginx's workers are somebody else
    server = Nginx(folder, product.run_json["web"]).start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def mail(product):
    """One of the mails that a reader got."""

    def caught():
        return [each for each in product.mails() if each["List-Unsubscribe"]]

    return wait_for(caught, "a mail of the sample")[0]


@pytest.fixture(scope="module")
def one_click(mail):
    """Where the mail has its reader unsubscribe."""
    return re.search(rf"<https://{re.escape(PUBLIC)}(/u/[^>]+)>", mail["List-Unsubscribe"])[1]


def connections_to(port):
    """How many lines are open to a port of this machine, as the kernel counts them."""
    local = f":{port:04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return sum(1 for each in lines if (found := each.split())[1].endswith(local) and found[3] == "01")


def test_who_comes_by_http_is_sent_to_https(nginx):
    status, headers, _ = plainly(nginx.plain, AREA, "/admin/?q=1")
    assert (status, headers["Location"]) == (301, f"https://{AREA}/admin/?q=1")


def test_the_area_is_served_on_its_host_with_cookies_that_only_https_carries(nginx):
    status, headers, page = nginx.answer("GET", AREA, "/admin/login/")
    assert (status, "csrfmiddlewaretoken" in page) == (200, True)
    cookies = headers.get_all("Set-Cookie")
    assert cookies
    assert all("; Secure" in each and "; SameSite=Lax" in each for each in cookies)
    assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_an_administrator_logs_in_through_it(nginx, product):
    _, headers, page = nginx.answer("GET", AREA, "/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    cookie = headers["Set-Cookie"].split(";")[0]
    admin = product.run_json["admin"]
    body = f"username={admin['username']}&password={admin['password']}&csrfmiddlewaretoken={token}"
    sent = {**FORM, "Cookie": cookie, "Origin": f"https://{AREA}", "Referer": f"https://{AREA}/admin/login/"}
    status, headers, _ = nginx.answer("POST", AREA, "/admin/login/", body=body, headers=sent)
    assert status == 302
    session = next(each for each in headers.get_all("Set-Cookie") if each.startswith("sessionid="))
    assert "; Secure" in session
    assert "; HttpOnly" in session


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/api/v1/openapi.json", "/healthz", "/readyz", "/"])
def test_the_public_host_knows_nothing_of_the_area(nginx, path):
    assert nginx.answer("GET", PUBLIC, path)[0] == 404


@pytest.mark.parametrize("path", ["/u/x", "/o/x", "/c/x", "/w/x", "/readyz", "/metrics"])
def test_the_areas_host_has_no_public_pages_and_shows_no_state(nginx, path):
    assert nginx.answer("GET", AREA, path, headers={"Authorization": f"Bearer {TOKEN}"})[0] == 404


def test_a_reader_sees_the_unsubscribe_page_and_no_cookie(nginx, one_click):
    status, headers, page = nginx.answer("GET", PUBLIC, one_click)
    assert (status, headers.get_all("Set-Cookie")) == (200, None)
    assert "Demo Shop" in page


def test_one_click_counts_for_the_address_that_the_proxy_saw(nginx, product, one_click):
    forged = {**FORM, "X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    body = "List-Unsubscribe=One-Click"
    status, _, _ = nginx.answer("POST", PUBLIC, one_click, body=body, headers=forged, source="127.0.0.2")
    assert status == 200
    delivery = product.command("deliveries", "--json").json[0]["id"]
    rows = csv.DictReader(io.StringIO(product.command("events", str(delivery), "--csv").out))
    assert {row["actionIP"] for row in rows if row["actionType"] == "l"} == {"127.0.0.2"}


def test_who_passes_the_proxy_by_is_believed_nothing(product, one_click):
    port, forged = product.run_json["web"], {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    assert plainly(port, PUBLIC, one_click, headers=forged)[0] == 200  # 127.0.0.1 is the proxy's address
    status, headers, _ = plainly(port, PUBLIC, one_click, headers=forged, source="127.0.0.2")
    assert (status, headers["Location"]) == (301, f"https://{PUBLIC}{one_click}")


def test_bodies_that_do_not_come_stop_at_the_proxy(nginx, product, one_click):
    web = product.run_json["web"]
    before = connections_to(web)
    half = f"POST {one_click} HTTP/1.1\r\nHost: {PUBLIC}\r\nContent-Length: 26\r\n\r\nList-Unsub".encode()
    lines = [nginx.line(PUBLIC) for _ in range(40)]
    try:
        for line in lines:
            line.sendall(half)
        assert nginx.answer("GET", PUBLIC, one_click)[0] == 200
        assert connections_to(web) <= before + 1
        assert [line.recv(64) for line in lines[:5]] == [b""] * 5  # nginx gives them up without a word
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize(("host", "path"), [(PUBLIC, "/u/x"), (AREA, "/i18n/setlang/")])
def test_bodies_that_are_too_large_stop_at_the_proxy(nginx, host, path):
    assert nginx.answer("POST", host, path, body=b"x" * 100_000, headers=FORM)[0] == 413


def test_monitoring_asks_the_product_itself_with_its_token(product):
    ask = {"Authorization": f"Bearer {TOKEN}"}
    web = product.run_json["web"]

    def ready():
        status, _, body = plainly(web, AREA, "/readyz", headers=ask)
        return status == 200 and '"failing": []' in body

    wait_for(ready, "a product that is ready")
    assert plainly(web, AREA, "/readyz")[0] == 404


def test_its_logs_are_json_with_numbers_and_without_people(nginx, product, one_click):
    nginx.answer("GET", PUBLIC, f"/u/{'x' * 32}")  # a wrong token is told of by the web's log
    delivery = product.command("deliveries", "--json").json[0]

    def logs():
        return "".join(path.read_text(encoding="utf-8") for path in (product.state / "log").glob("*.log"))

    def of_ours(written):
        return [json.loads(line) for line in written.splitlines() if line.startswith("{") and line.endswith("}")]

    def whole():
        written = logs()
        told = {line["event"] for line in of_ours(written) if line.get("delivery") == delivery["id"]}
        return written if {"a delivery is sent", "started", "a run ended"} <= told else None

    written = wait_for(whole, "the delivery's end in the logs")
    ended = next(line for line in of_ours(written) if line["event"] == "a run ended")
    assert (ended["run"], ended["status"], ended["delivery"]) == (delivery["run"], "SUCCESS", delivery["id"])
    secrets = ["demo-key", "anna", one_click.removeprefix("/u/"), product.run_json["admin"]["password"], "x" * 32]
    assert [secret for secret in secrets if secret in written] == []
    assert not re.search(r"[\w.]@mail\.example", written)
