"""Reference 4.3: a file that is too large is answered by a rehearsal as by the run, before it is read."""

import os

import pytest

from deliveries import conf
from deliveries.intake.polling import entry
from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.models import ProcessingRun
from recipients.conf import MAX_CSV_BYTES
from tests.language.test_rehearsal_equals_the_run import agree
from tests.language.writing import padded, write

pytestmark = pytest.mark.django_db(transaction=True)


def both(where, folder):
    """Rehearse what lies on the space, then let it run there."""
    rehearsed = rehearse(folder / "x.xml", space=where)
    (folder / "x.ok").touch()
    entry.poll(where.pk)
    return rehearsed, ProcessingRun.objects.get()


@pytest.mark.sentence("4.3-03")
def test_an_xml_of_more_than_10_mb(demo, space, drop):
    data = write(newsletter=demo.offers.pk)
    (drop.drop / "x.xml").write_bytes(padded(data, conf.MAX_XML_BYTES + 1))
    rehearsed, run = both(space, drop.drop)
    agree(rehearsed, run)
    assert (run.code, run.error) == (
        "FILE_TOO_BIG",
        "x.xml has more than 10,485,760 bytes: send less in one file",
    )


def test_an_xml_of_10_mb_is_read(demo, space, drop):
    data = write(newsletter=demo.offers.pk)
    (drop.drop / "x.xml").write_bytes(padded(data, conf.MAX_XML_BYTES))
    rehearsed, run = both(space, drop.drop)
    assert rehearsed.accepted
    agree(rehearsed, run)


@pytest.mark.sentence("4.3-03")
@pytest.mark.parametrize("first", ["too large", "not there"])
def test_a_list_of_more_than_2_gb(demo, space, drop, first):
    source = "<new_recipients><csv_file>list.csv</csv_file></new_recipients>"
    tested = "<test_recipients><csv_file>qa.csv</csv_file></test_recipients>"
    recipients = source + (tested if first == "not there" else "")
    (drop.drop / "x.xml").write_bytes(write(newsletter=demo.offers.pk, recipients=recipients))
    (drop.drop / "list.csv").touch()
    os.truncate(drop.drop / "list.csv", MAX_CSV_BYTES + 1)
    rehearsed, run = both(space, drop.drop)
    agree(rehearsed, run)
    assert run.code == ("FILE_TOO_BIG" if first == "too large" else "REF_MISSING")
