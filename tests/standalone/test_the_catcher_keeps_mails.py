import asyncio

from xmld_project.standalone.mail_catcher.session import Session
from xmld_project.standalone.mail_catcher.store import MailStore


class Line(asyncio.Transport):
    """What a session writes to, kept."""

    def __init__(self):
        super().__init__()
        self.said = b""
        self.closed = False

    def write(self, data):
        self.said += bytes(data)

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed


def talk(keep, *pieces):
    line, session = Line(), Session(keep)
    session.connection_made(line)
    for piece in pieces:
        session.data_received(piece)
    return line.said


MAIL = (
    b"EHLO x\r\nMAIL FROM:<a@x.example> SIZE=10\r\nRCPT TO:<b@y.example>\r\nRCPT TO:<c@y.example>\r\nDATA\r\n"
    b"Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n"
)


def test_a_mail_is_kept_byte_for_byte_with_its_envelope_first(tmp_path):
    said = talk(MailStore(tmp_path).keep, MAIL)
    kept = [path.read_bytes() for path in sorted(tmp_path.glob("*.eml"))]
    assert kept == [
        b"Return-Path: <a@x.example>\r\nX-Original-To: %s@y.example\r\nSubject: x\r\n\r\n.dot\r\n" % name
        for name in (b"b", b"c")
    ]
    assert said.endswith(b"250 2.0.0 kept\r\n221 2.0.0 bye\r\n")


def test_a_mail_in_single_bytes_is_the_same_mail(tmp_path):
    talk(MailStore(tmp_path).keep, *(MAIL[i : i + 1] for i in range(len(MAIL))))
    assert len(list(tmp_path.glob("*.eml"))) == 2


def test_only_the_newest_are_kept(tmp_path):
    store = MailStore(tmp_path, kept=3)
    for number in range(5):
        store.keep("a@x.example", ["b@y.example"], b"%d" % number)
    assert [path.read_bytes()[-1:] for path in sorted(tmp_path.glob("*.eml"))] == [b"2", b"3", b"4"]


def test_a_full_disk_is_a_temporary_failure():
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    assert b"\r\n452 4.3.1 No space left on device\r\n" in talk(full, MAIL)


def test_nonsense_is_refused(tmp_path):
    said = talk(MailStore(tmp_path).keep, b"DATA\r\nMAIL FROM:x\r\nHELP\r\nRCPT TO:<x@y.example>\r\n" + b"x" * 5000)
    assert [line[:3] for line in said.splitlines()] == [b"220", b"503", b"501", b"500", b"503", b"500"]
