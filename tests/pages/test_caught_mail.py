"""The catcher's pages: platform administrators alone, what anybody may mail, and nothing else of the disk."""

import time

import pytest
from django.test import Client

from xmld_project.caught import folder

PAGE = "/admin/caught/"
POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline' https:; font-src *"
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


def test_a_thousand_mails_are_listed_and_searched_in_time(boss, caught, demo):
    caught(MAIL)
    for number in range(2000):
        (demo / "mail" / f"20261124T100000.{number:06}Z-1.eml").write_text(MAIL)
    boss.get(PAGE)
    began = time.process_time()  # other processes of this machine do not count
    assert boss.get(PAGE, {"q": "no such word"}).status_code == 200
    assert time.process_time() - began < 2
