"""`bounces` (reference 7.1): new/ is read, cur/ gets what is committed, nothing is lost or deleted."""

import os
import threading

import pytest
from django.db import DataError, OperationalError

from deliveries.models import Message
from deliveries.tracking.bounces.maildir import MaildirReader
from deliveries.tracking.bounces.receive import receive
from tests.bounces.conftest import dsn, return_path
from tests.waiting import wait_for
from xmld_project import environment
from xmld_project.environment import EnvironmentFault


@pytest.fixture
def box(tmp_path):
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def reader(box):
    return MaildirReader(box, threading.Event(), lambda: None)


def arrive(box, name, message):
    (box / "new" / name).write_bytes(f"Delivered-To: {return_path(message)}\n".encode() + dsn())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.sentence("7.1-17")
def test_what_is_new_is_recorded_and_moved(sent, box, reader):
    message = sent()
    arrive(box, "1.a.host", message)
    assert [line.kind for line in reader.look()] == ["bounce"]
    assert Message.objects.get(pk=message.pk).status == "bounced"
    assert (names(box / "new"), names(box / "cur")) == ([], ["1.a.host:2,S"])
    assert reader.look() == []


def test_a_mail_that_was_recorded_and_not_moved_is_read_again_without_effect(sent, box, reader):
    message = sent()
    arrive(box, "1", message)
    reader.look()
    (box / "cur" / "1:2,S").rename(box / "new" / "1")
    assert [line.changed for line in reader.look()] == [False]
    assert names(box / "cur") == ["1:2,S"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.sentence("7.1-19")
def test_while_the_database_takes_nothing_all_stays_new(sent, box, reader):
    message, stop = sent(), threading.Event()
    arrive(box, "1", message)

    def away(_data):
        stop.set()
        raise OperationalError("the server closed the connection")

    MaildirReader(box, stop, lambda: None, away).run()
    assert names(box / "new") == ["1"]
    reader.look()
    assert names(box / "cur") == ["1:2,S"]


def test_a_mail_that_the_database_cannot_hold_does_not_stop_those_behind_it(sent, box, reader):
    message = sent()
    arrive(box, "1", message)
    arrive(box, "2", message)

    def take(data):
        if names(box / "cur") == []:
            (box / "cur" / "seen").touch()
            raise DataError("a text holds what no column takes")
        return receive(data)

    MaildirReader(box, threading.Event(), lambda: None, take).look()
    assert names(box / "new") == ["1"]
    assert "2:2,S" in names(box / "cur")


@pytest.mark.sentence("7.1-18")
def test_what_is_no_ordinary_file_is_left_and_the_rest_goes_on(sent, box, reader):
    message = sent()
    (box / "new" / "0.folder").mkdir()
    (box / "new" / "0.link").symlink_to("/etc/hostname")
    os.mkfifo(box / "new" / "0.pipe")
    arrive(box, "1", message)
    assert [line.kind for line in reader.look()] == ["bounce"]
    assert names(box / "new") == ["0.folder", "0.link", "0.pipe"]
    assert names(box / "cur") == ["1:2,S"]


def test_what_is_nothing_of_ours_is_moved_too(db, box, reader):
    (box / "new" / "1").write_bytes(b"")
    (box / "new" / "2").write_bytes(b"From: a@mail.example\n\nHello")
    assert [line.kind for line in reader.look()] == ["unknown", "unknown"]
    assert names(box / "cur") == ["1:2,S", "2:2,S"]


def test_it_stops_between_two_mails(sent, box):
    stop = threading.Event()
    stop.set()
    arrive(box, "1", sent())
    assert MaildirReader(box, stop, lambda: None).look() == []
    assert names(box / "new") == ["1"]


@pytest.mark.parametrize("wrong", ["relative/box", "/nonexistent/box"])
def test_a_folder_that_is_no_maildir_stops_the_start_in_one_line(wrong):
    with pytest.raises(EnvironmentFault, match=r"XMLD_BOUNCE_MAILDIR=.*full path of a Maildir"):
        environment.read({"XMLD_BOUNCE_MAILDIR": wrong})


def test_a_maildir_is_taken_as_it_is_given(box):
    assert environment.read({"XMLD_BOUNCE_MAILDIR": str(box)}).bounce_maildir == box


@pytest.mark.whole
@pytest.mark.xdist_group("product-deaths")
def test_runall_reads_the_maildir_and_starts_its_reader_again(box, another_product):
    product = another_product(XMLD_BOUNCE_MAILDIR=str(box), XMLD_DEMO="0").start()
    old = product.kill("bounces")
    assert product.wait_for_another("bounces", old) != old
    (box / "tmp" / "1").write_bytes(dsn())
    (box / "tmp" / "1").rename(box / "new" / "1")
    wait_for(lambda: names(box / "cur") == ["1:2,S"], "the mail in cur/")
