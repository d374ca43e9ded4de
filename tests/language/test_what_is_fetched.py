"""Reference 2.6: files of the account's hosts are fetched once at preparation, and nothing else ever is."""

import pytest

from deliveries.content import Fetch, compile_source
from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from deliveries.intake.remote_content import fetch as fetching
from deliveries.intake.remote_content.fetch import FetchError, fetch_all
from deliveries.intake.remote_content.types import MOST_BYTES
from recipients.models import Account
from tests.content.writing import body, envelope, parsed
from tests.language.conftest import NOW
from tests.language.https_server import HOST, PNG, Server
from tests.language.writing import HEADERS, html, plain, write

TEXT = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("https"))
    yield server
    server.stop()


@pytest.fixture
def server(served):
    served.pages = {
        "/a.png": (200, {"Content-Type": "text/plain"}, PNG),
        "/hi.html": (200, TEXT, "<b>è ${nome}$</b>".encode()),
        "/hi.txt": (200, {"Content-Type": "text/plain"}, b"Ciao ${nome}$"),
        "/moved": (302, {"Location": "/a.png"}, b""),
    }
    served.asked, served.called, served.addresses = [], [], {HOST: ["93.184.215.14"]}
    return served


def fetch(path, kind="content", host=HOST):
    return Fetch(kind, f"https://{host}{path}", "html", 1, 1)


def refusal(server, one, hosts=(HOST,)):
    with pytest.raises(FetchError) as caught:
        fetch_all([one], hosts, server.network)
    return caught.value.code


@pytest.mark.sentence("2.6-13", "2.6-14")
def test_each_address_is_asked_once_whatever_the_number_of_places(server):
    first, again = fetch("/a.png", "image"), Fetch("image", f"https://{HOST}/a.png", "html", 9, 9)
    found = fetch_all([first, again], [HOST], server.network)
    assert found[first] == found[again]
    assert (found[first].content_type, found[first].content) == ("image/png", PNG)
    assert server.asked == ["/a.png"]


@pytest.mark.sentence("2.6-15")
def test_only_hosts_of_the_accounts_list_are_asked_and_the_list_is_empty_by_default(server):
    assert Account._meta.get_field("fetch_hosts").default is list
    assert refusal(server, fetch("/a.png"), hosts=()) == "FETCH_HOST"
    assert refusal(server, fetch("/a.png", host="other.example")) == "FETCH_HOST"
    assert refusal(server, fetch("/a.png", host=f"{HOST}.evil.example")) == "FETCH_HOST"
    assert server.called == []


@pytest.mark.sentence("2.6-16")
@pytest.mark.parametrize(
    "url", [f"http://{HOST}/", f"https://u:p@{HOST}/", f"https://{HOST}:25/", f"https://{HOST}:x/"]
)
def test_only_plain_https_addresses_are_asked(server, url):
    assert refusal(server, Fetch("content", url, "html", 1, 1)) in {"FETCH_ADDRESS", "FETCH_FAILED"}
    assert server.called == []


@pytest.mark.sentence("2.6-17")
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.5", "172.16.1.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
     "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.5", "64:ff9b::a00:5", "2002:a00:5::1", "255.255.255.255"],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_never_asked(server, address):
    server.addresses[HOST] = ["93.184.215.14", address]
    assert refusal(server, fetch("/a.png")) == "FETCH_PRIVATE"
    assert server.called == []


def test_the_connection_goes_to_the_address_that_was_judged(server):
    fetch_all([fetch("/hi.html")], [HOST], server.network)
    assert server.called == [("93.184.215.14", HOST)]


@pytest.mark.sentence("2.6-17")
@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("https://other.example/a.png", "FETCH_HOST"),
        (f"http://{HOST}/a.png", "FETCH_ADDRESS"),
        ("https://inside.example/", "FETCH_PRIVATE"),
        ("file:///etc/passwd", "FETCH_ADDRESS"),
        ("/moved", "FETCH_FAILED"),
    ],
)
def test_a_redirect_is_judged_as_the_first_address_was(server, where, code):
    server.pages["/moved"] = (302, {"Location": where}, b"")
    server.addresses["inside.example"] = ["10.1.2.3"]
    assert refusal(server, fetch("/moved"), hosts=[HOST, "inside.example"]) == code


def test_a_good_redirect_is_followed(server):
    one = fetch("/moved", "image")
    assert fetch_all([one], [HOST], server.network)[one].content == PNG


@pytest.mark.sentence("2.6-18")
def test_the_bounds_are_5_seconds_and_2_megabytes():
    assert (fetching.SECONDS, MOST_BYTES) == (5, 2 * 1024**2)


@pytest.mark.sentence("2.6-18")
def test_a_server_that_says_nothing_is_given_up(server, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    assert refusal(server, fetch("/slow")) == "FETCH_FAILED"


@pytest.mark.sentence("2.6-18")
@pytest.mark.parametrize(
    ("page", "kind", "code"),
    [
        ((200, TEXT, b"x" * (MOST_BYTES + 1)), "content", "FETCH_TOO_LARGE"),
        ((200, TEXT, b"<svg/>"), "image", "FETCH_TYPE"),
        ((200, {"Content-Type": "application/pdf"}, b"%PDF-"), "content", "FETCH_TYPE"),
        ((200, TEXT, b"\xff\xfe"), "content", "FETCH_TYPE"),
        ((200, {"Content-Type": "text/html; charset=rot13"}, b"x"), "content", "FETCH_TYPE"),
        ((200, {"Content-Type": "text/html; charset=Punycode"}, b"x"), "content", "FETCH_TYPE"),
        ((200, {**TEXT, "Content-Encoding": "gzip"}, b"x"), "content", "FETCH_TYPE"),
        ((500, {}, b""), "content", "FETCH_FAILED"),
    ],
)
def test_what_can_not_be_used_is_refused(server, page, kind, code):
    server.pages["/x"] = page
    assert refusal(server, fetch("/x", kind)) == code


def test_a_host_that_is_not_known_is_refused(server):
    assert refusal(server, fetch("/a", host="gone.example"), hosts=["gone.example"]) == "FETCH_FAILED"


def prepared(demo, server, message):
    instructions = parse(write(newsletter=demo.offers.pk, message=HEADERS + message), "orders.xml")
    return rules.check_meaning(instructions, rules.check_ids(instructions, demo.account), NOW, {}, server.network)


@pytest.fixture
def allowed(demo):
    demo.account.fetch_hosts = [HOST]
    demo.account.save()
    return demo


@pytest.mark.sentence("2.6-13", "2.6-14")
def test_images_are_embedded_and_contents_included_with_their_markers(allowed, server):
    plan = prepared(
        allowed,
        server,
        html(
            f'<p>&lt;@https://{HOST}/hi.html@&gt; <img src="@(https://{HOST}/a.png)@"><img src="^(https://{HOST}/a.png)^"></p>'
        ),
    )
    mail = compile_source(plan.source).compose({"nome": "A&B"}, envelope())
    page = body(mail, "html")
    assert "<b>è A&amp;B</b>" in page
    images = [part for part in parsed(mail).walk() if part.get_content_type() == "image/png"]
    assert [part.get_content() for part in images] == [PNG]
    assert page.count(f'src="cid:{images[0]["Content-ID"].strip("<>")}"') == 2
    assert [part.cid for part in plan.source.attachments] == [part.cid for part in plan.source.attachments] != []
    assert "@(" not in plan.source.html


@pytest.mark.sentence("2.6-14")
def test_a_content_may_be_included_in_the_text(allowed, server):
    plan = prepared(allowed, server, plain(f"@{{https://{HOST}/hi.txt}}@"))
    assert plan.source.text == "Ciao ${nome}$"


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        (html("<p>\n<@https://other.example/x@></p>"), "FETCH_HOST", "line 2 column 1 of its text"),
        (html(f"<@https://{HOST}/${{nome}}$@>"), "TPL_FETCH_FIELD", "fetched once for all"),
        (plain(f"@(https://{HOST}/a.png)@"), "TPL_PLACE", "in the HTML part"),
        (html(f"<@https://{HOST}/bad@>"), "TPL_UNKNOWN_FIELD", "in what is included, line 2, column 1"),
        (html(f"${{gone}}$ <@https://{HOST}/hi.html@>"), "TPL_UNKNOWN_FIELD", "column 1 of its text"),
    ],
)
def test_a_mistake_is_named_with_its_place_before_anything_is_sent(allowed, server, message, code, words):
    server.pages["/bad"] = (200, TEXT, b"\n${gone}$")
    with pytest.raises(BundleError) as caught:
        prepared(allowed, server, message)
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.element == "embed"


def test_nothing_is_fetched_for_a_bundle_that_is_refused_anyway(allowed, server):
    with pytest.raises(BundleError):
        prepared(allowed, server, html(f"${{gone}}$ <@https://{HOST}/hi.html@>"))
    assert server.asked == []
