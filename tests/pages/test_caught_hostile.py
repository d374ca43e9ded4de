"""Whatever somebody mails, the catcher's pages show it and run none of it."""

import pytest

PAGE = "/admin/caught/"
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
