"""The catcher's pages: platform administrators alone, what anybody may mail, and nothing else of the disk."""

import pytest
from django.test import Client

from recipients.models import User
from tests.pages import demo_urls
from xmld_project.caught import folder
from xmld_project.standalone.catcher_store import MailStore

PAGE = "/admin/caught/"
POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline'; font-src *"
)
MAIL = """\
Date: Tue, 24 Nov 2026 10:00:00 +0000
From: =?utf-8?q?Negozio_Citt=C3=A0?= <news@acme.example>
To: Anna <anna@acme.example>
Subject: =?utf-8?b?UGVyY2jDqSBubz8=?=
X-XMLD-Delivery: {delivery}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Ciao Anna, perché no?
--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p id=3Dit>Ciao perch=E9</p><script>parent.document.title =3D "owned"</script>
--b--
--a
Content-Type: application/pdf
Content-Disposition: attachment; filename="../../bolla \\"1\\".pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQ=
--a--
"""


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.ROOT_URLCONF = demo_urls.__name__
    settings.STATE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def caught(demo):
    """Keep a mail as the catcher does; returns its name."""
    store = MailStore(demo / "mail")

    def keep(content, sender="bounce@acme.example", recipient="anna@acme.example"):
        before = set(folder.names())
        store.keep(sender, [recipient], content if isinstance(content, bytes) else content.encode())
        return (set(folder.names()) - before).pop()

    return keep


@pytest.fixture
def boss(db):
    client = Client()
    client.force_login(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    return client


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_without_the_demo_the_pages_do_not_exist(mine, boss):
    assert boss.get(PAGE).status_code == 404
    assert b"Caught mail" not in boss.get("/admin/").content


def test_a_list_says_when_from_whom_to_whom_about_what_and_for_which_delivery(mine, boss, caught):
    name = caught(MAIL.format(delivery=mine.delivery.pk))
    page = boss.get(PAGE).content.decode()
    for word in ("Negozio Città &lt;news@acme.example&gt;", "anna@acme.example", "Perché no?", name):
        assert word in page
    assert f'href="/admin/deliveries/delivery/{mine.delivery.pk}/change/"' in page
    assert "Acme offers" in page


def test_an_empty_list_says_what_would_be_there(demo, boss):
    assert b"Nothing was caught yet: mails that deliveries send come here" in boss.get(PAGE).content


def test_fifty_a_page_newest_first(boss, caught):
    for number in range(51):
        caught(f"Subject: number {number}.\n\n")
    page = boss.get(PAGE)
    assert [line.subject for line, _ in page.context["lines"]] == [f"number {n}." for n in range(50, 0, -1)]
    older = boss.get(PAGE, {"before": page.context["more"]})
    assert [line.subject for line, _ in older.context["lines"]] == ["number 0."]
    assert not older.context["more"]


@pytest.mark.parametrize("asked", ["ANNA@acme", "perché NO", "negozio", "bounce@"])
def test_a_search_looks_into_addresses_and_subject(boss, caught, asked):
    caught("From: x@y.example\nSubject: other\n\n", sender="", recipient="z@y.example")
    name = caught(MAIL.format(delivery=0))
    assert [line.name for line, _ in boss.get(PAGE, {"q": asked}).context["lines"]] == [name]


def test_a_search_reads_no_further_than_the_newest_two_thousand(boss, caught, monkeypatch):
    monkeypatch.setattr(folder, "SEARCHED", 2)
    for word in ("far", "near", "near"):
        caught(f"Subject: {word}\n\n")
    assert len(boss.get(PAGE, {"q": "near"}).context["lines"]) == 2
    assert b"among the newest 2 " in boss.get(PAGE, {"q": "far"}).content


def test_one_mail_shows_headers_text_frame_and_attachments(mine, boss, caught):
    name = caught(MAIL.format(delivery=mine.delivery.pk))
    page = boss.get(f"{PAGE}{name}/").content.decode()
    for word in ("Perché no?", "Ciao Anna, perché no?", "bolla &quot;1&quot;.pdf", "X-Original-To", "Acme offers"):
        assert word in page
    assert f'src="{PAGE}{name}/html/"' in page
    assert "<script>parent" not in page


def test_the_html_part_has_exactly_its_policy_and_no_cookie(boss, caught):
    response = boss.get(f"{PAGE}{caught(MAIL)}/html/")
    assert response["Content-Security-Policy"] == POLICY
    assert "Ciao perché" in response.content.decode()
    assert not response.cookies


def test_an_attachment_is_a_download_under_a_safe_name(boss, caught):
    response = boss.get(f"{PAGE}{caught(MAIL)}/part/1/")
    assert body(response) == b"%PDF-1.4"
    assert response["Content-Disposition"] == 'attachment; filename="bolla \\"1\\".pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/octet-stream"


def test_the_source_is_the_file_as_it_is(boss, caught, demo):
    name = caught(MAIL)
    response = boss.get(f"{PAGE}{name}/source/")
    assert body(response) == (demo / "mail" / name).read_bytes()
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("role", ["operator", "account_admin", "reviewer", None])
def test_everybody_else_sees_that_nothing_is_there(mine, signed_in, caught, role):
    name = caught(MAIL)
    client = signed_in(mine.account if role else None, role or "operator", personal_data=True)
    nothing = client.get("/admin/no-such-page/")
    assert b"Caught mail" not in client.get("/admin/").content
    for below in ("", f"{name}/", f"{name}/html/", f"{name}/source/", f"{name}/part/1/"):
        response = client.get(PAGE + below)
        assert (response.status_code, response.content) == (404, nothing.content)
        assert Client().get(PAGE + below).status_code == 302


ELSEWHERE = [
    "../run.json",
    "..%2frun.json",
    "..%252frun.json",
    "%2e%2e/run.json",
    "20261124T100000.000000Z-1.eml",
    "20261124T100000.000000Z-1.eml%0a",
    "20261124T100000.000000Z-1.eml/..%2f..%2frun.json",
    "\N{ARABIC-INDIC DIGIT TWO}0261124T100000.000000Z-1.eml",
    ".20261124T100000.000000Z-1.eml.part",
    "99999999T999999.999999Z-1.eml",
]


def test_no_address_reaches_another_file(boss, demo):
    (demo / "mail").mkdir()
    (demo / "run.json").write_text("secret of the house")
    (demo / "mail" / ".20261124T100000.000000Z-1.eml.part").write_text("secret of the house")
    for name in ELSEWHERE:
        for what in ("", "html/", "source/", "part/1/"):
            response = boss.get(f"{PAGE}{name}/{what}")
            assert response.status_code == 404, name
            assert b"secret of the house" not in body(response)


def test_a_link_among_the_mails_is_no_mail(boss, demo):
    (demo / "mail").mkdir()
    (demo / "run.json").write_text("secret of the house")
    (demo / "mail" / "20261124T100000.000000Z-1.eml").symlink_to(demo / "run.json")
    assert boss.get(f"{PAGE}20261124T100000.000000Z-1.eml/source/").status_code == 404
    assert b"secret" not in boss.get(PAGE).content


DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
HOSTILE = {
    "nothing": b"",
    "no headers": b"\r\n\r\nhello",
    "no parts": b"Content-Type: multipart/mixed; boundary=a\n\nno boundary follows",
    "no boundary": b"Content-Type: multipart/mixed\n\n--a\n\nx",
    "no such charset": b"Subject: =?x-no?q?=E9?=\nContent-Type: text/html; charset=x-no\n\n\xe9\xff",
    "a charset of bytes": b"Content-Type: text/plain; charset=base64\n\n\xe9\xff",
    "a zero in the charset": b'Content-Type: text/plain; charset="a\x00b"\n\n\xe9\xff',
    "an idna charset": b"Subject: =?idna?q?=E9..?=\nContent-Type: text/plain; charset=idna\n\n\xe9..\xff",
    "raw bytes in headers": b"From: \xff\xfe\nSubject: caff\xe8\nContent-Type: \xff/\xff; name=\xff\n\n\xff",
    "broken base64 words": b"Subject: =?utf-8?b?a?=\n\nx",
    "a codec's trap": b"Subject: =?utf-8?q?a?= \\uZZZZ \\U00110000\n\nx",
    "broken base64": b"Content-Transfer-Encoding: base64\n\n!!!A=B",
    "broken uuencode": b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 x\nM\xff\xff\nend",
    "three thousand deep": DEEP,
    "many headers": b"".join(b"X-%d: y\n" % n for n in range(5000)) + b"\nx",
    "one long header": b"Subject: " + b"=?a?q?" * 100_000 + b"\n\nx",
    "a header of cr": b"Subject: a\rb\rc\n\nx",
    "names of names": b"Content-Disposition: attachment\nContent-Type: a/x; name*0*=x-no'a'%ff; name*1='\n b'\n\nx",
    "a name of lines": b"Content-Disposition: attachment; filename*=utf-8''a%0d%0aSet-Cookie:%20x%3dy\n\nx",
    "a mail within": b"Content-Type: message/rfc822\n\nSubject: \xff\nContent-Type: text/plain\n\n\xff inside",
    "a report": b"Content-Type: message/delivery-status\n\nAction: failed\n\nStatus: 5.1.1\n\n",
    "markup in headers": b"Subject: <script>alert(1)</script>\nFrom: <img src=x onerror=alert(1)>\n\nx",
    "a delivery of nobody": b"X-XMLD-Delivery: 999999999999999999\n\nx",
    "a delivery of garbage": "X-XMLD-Delivery: ٣'; drop\n\nx".encode(),
    "ten million bytes": b"Subject: big\nContent-Type: text/plain\n\n" + b"lorem ipsum\n" * 850_000,
    "ten million bytes in a line": b"Content-Type: text/html\n\n" + b"x" * 10_000_000,
    "twenty thousand parts": b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * 20_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_was_mailed_has_a_page(boss, caught, kind):
    name = caught(HOSTILE[kind], sender="", recipient="<script>@x.example")
    listed, one = boss.get(PAGE), boss.get(f"{PAGE}{name}/")
    assert (listed.status_code, one.status_code) == (200, 200)
    assert b"<script>alert" not in listed.content + one.content
    assert b"<script>@x" not in listed.content + one.content
    assert len(one.content) < 2_000_000
    for number, _ in enumerate(one.context["mail"].attachments[:3], 1):
        response = boss.get(f"{PAGE}{name}/part/{number}/")
        assert response.status_code == 200
        assert "Set-Cookie" not in response
    assert boss.get(f"{PAGE}{name}/part/999/").status_code == 404
    assert boss.get(f"{PAGE}{name}/html/").status_code in {200, 404}


def test_a_thousand_mails_are_listed_and_searched_in_time(boss, caught, demo):
    import time

    caught(MAIL)
    for number in range(2000):
        (demo / "mail" / f"20261124T100000.{number:06}Z-1.eml").write_text(MAIL)
    boss.get(PAGE)
    began = time.perf_counter()
    assert boss.get(PAGE, {"q": "no such word"}).status_code == 200
    assert time.perf_counter() - began < 2
