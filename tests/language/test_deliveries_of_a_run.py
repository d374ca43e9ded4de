"""Reference 2.2, 2.3: what a run makes of the sources and the method, dropped on a real SFTP server."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from deliveries.models import Delivery
from deliveries.sending.lifecycle import start
from recipients import tables
from recipients.loading import Dialect, load_csv
from tests.language.test_schedule import scheduled
from tests.language.writing import FILTER, NEW, TEST_FILTER

pytestmark = pytest.mark.django_db(transaction=True)
QA = "<test_recipients><test_recipient><email>qa@demo.example</email></test_recipient></test_recipients>"
CSV = "<new_recipients><csv_file>list.csv</csv_file></new_recipients>"
MANUAL = '<delivery method="manual"/>'


@pytest.fixture
def milanese(demo, tmp_path):
    """Forty people whom the filter picks, their addresses in the reverse order of their rows."""
    rows = "".join(f"m{n:02}@mail.example,Milano\n" for n in range(40, 0, -1))
    (tmp_path / "people.csv").write_text(f"email,citta\n{rows}")
    load_csv(demo.customers, tmp_path / "people.csv", Dialect(), limit=0)
    return demo


def rows(database, wanted='email, nome, "XML_DELIVERY_CODE"'):
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM {} ORDER BY id").format(sql.SQL(wanted), tables.identifier(database))
        )
        return cursor.fetchall()


def started(delivery):
    start.begin(delivery.pk)
    delivery.refresh_from_db()
    return [message.address for message in delivery.messages.order_by("recipient_id")]


ASKED = [
    ('<delivery method="auto"/>', "scheduled", None),
    (MANUAL, "ready", None),
    (scheduled("2035-01-01T00:00:00Z"), "scheduled", datetime(2035, 1, 1, tzinfo=UTC)),
]


@pytest.mark.sentence("2.2-21", "2.2-22", "2.2-24")
@pytest.mark.parametrize(("delivery", "status", "at"), ASKED)
def test_a_test_delivery_goes_at_once_and_then_the_normal_one_as_asked(ran, delivery, status, at):
    before = timezone.now()
    run = ran(recipients=NEW + QA, delivery=delivery)
    test, normal = Delivery.objects.order_by("pk")
    assert (run.test_delivery, run.delivery) == (test, normal)
    assert (test.type, test.status, normal.type, normal.status) == ("test", "scheduled", "normal", status)
    assert before <= test.start_at == test.start_queued_at <= timezone.now()
    assert started(test) == ["qa@demo.example"]
    if at is None and status == "scheduled":
        assert before <= normal.start_at == normal.start_queued_at <= timezone.now()
    else:
        assert (normal.start_at, normal.start_queued_at) == (at, None)


@pytest.mark.sentence("2.2-22", "2.2-25")
def test_only_test_sources_make_only_the_test_delivery(ran):
    run = ran(recipients=QA, delivery=MANUAL)
    assert [(each.type, each.status) for each in Delivery.objects.all()] == [("test", "scheduled")]
    assert (run.delivery, run.status) == (None, "SUCCESS")


@pytest.mark.sentence("2.2-23")
def test_a_test_by_filter_goes_to_its_first_30_by_id(milanese, ran):
    run = ran(recipients=NEW + TEST_FILTER.format(milanese.milan.pk))
    assert started(run.test_delivery) == [f"m{n:02}@mail.example" for n in range(40, 10, -1)]


@pytest.mark.sentence("2.2-08", "2.2-09", "2.2-10")
def test_of_31_test_people_30_are_loaded_and_the_run_counts_the_excess(ran, demo):
    people = "".join(f"<test_recipient><email>q{n}@x.example</email></test_recipient>" for n in range(31))
    run = ran(recipients=f"{NEW}<test_recipients>{people}</test_recipients>")
    assert "x.xml: 1 test recipients beyond 30 are ignored" in run.warnings
    assert len(started(run.test_delivery)) == 30
    assert len(rows(demo.customers)) == 31


@pytest.mark.sentence("2.2-26")
def test_a_test_delivery_that_failed_does_not_stop_the_normal_one(ran, demo):
    run = ran(recipients=NEW + QA)
    with connection.cursor() as cursor:
        gone = sql.SQL("DELETE FROM {} WHERE email = 'qa@demo.example'").format(tables.identifier(demo.customers))
        cursor.execute(gone)
    assert started(run.test_delivery) == []
    assert (run.test_delivery.status, run.test_delivery.note) == ("failed", "nobody to write to")
    assert started(run.delivery) == ["anna@mail.example"]
    assert run.delivery.status == "sending"


@pytest.mark.sentence("2.2-27")
def test_a_test_list_of_nobody_is_noted_and_only_the_normal_delivery_is_made(ran):
    run = ran({"qa.csv": b"email\n"}, recipients=NEW + CSV.replace("new_", "test_").replace("list", "qa"))
    assert run.warnings == ["x.xml: the test recipients are nobody, no test delivery is made"]
    assert [each.type for each in Delivery.objects.all()] == ["normal"]


@pytest.mark.sentence("2.2-27", "3.2-37")
def test_bad_rows_of_a_test_list_of_nobody_are_counted_and_kept_all_the_same(ran):
    wanted = NEW + CSV.replace("new_", "test_").replace("list", "qa")
    wrong = "'nobody' is not a usable e-mail address: it has no @; correct it"
    run = ran({"qa.csv": b"email\nnobody\n\nno one\n"}, recipients=wanted)
    assert run.warnings == [
        "x.xml: the test recipients are nobody, no test delivery is made",
        f"qa.csv: 2 of 2 rows are bad and left out; the first, line 2, column email: {wrong}",
    ]
    assert (run.status, run.rows_good, run.rows_bad) == ("SUCCESS", 1, 2)
    assert list(run.row_errors.values_list("file", "line")) == [("qa.csv", 2), ("qa.csv", 4)]


@pytest.mark.sentence("2.2-28")
def test_people_of_the_xml_and_of_a_csv_go_the_same_road_into_the_newsletters_database(ran, demo):
    inline = "".join(
        f"<recipient><EMAIL> {email} </EMAIL><Nome>{name}</Nome></recipient>"
        for email, name in (("ida@x.example", "Ida"), ("nobody", "X"), ("Ugo@X.example", "Ugo"))
    )
    demo.space.bad_rows_limit = 0.5
    demo.space.save()
    first = ran(recipients=f"<new_recipients>{inline}</new_recipients>")
    second = ran({"list.csv": b"EMAIL,Nome\n ida@x.example ,Ida\nnobody,X\nUgo@X.example,Ugo\n"}, recipients=CSV)
    found = rows(demo.customers)
    assert [row[:2] for row in found[:2]] == [row[:2] for row in found[2:]]
    assert {row[2] for row in found} == {f"XMLD-{first.pk}-N", f"XMLD-{second.pk}-N"}
    for run in (first, second):
        assert (run.rows_good, run.rows_bad, run.status) == (2, 1, "SUCCESS")
        assert run.row_errors.get().column == "email"
        assert started(run.delivery) == [row[0] for row in found[:2]]
    assert rows(demo.pages, "email") == []


@pytest.mark.sentence("2.2-29", "2.2-30")
@pytest.mark.parametrize(
    ("delivery", "accepted"),
    [('<delivery method="auto"/>', False), (MANUAL, True), (scheduled("2035-01-01T00:00:00Z"), True),
     (scheduled("2020-01-01T00:00:00Z", "manual"), True)],
)  # fmt: skip
def test_a_filter_of_nobody_is_an_error_where_it_would_go_out_now_and_else_a_warning(demo, ran, delivery, accepted):
    run = ran(recipients=FILTER.format(demo.milan.pk), delivery=delivery)
    sentence = f"the filter {demo.milan.pk} selects nobody: write another filter's id, or bring recipients"
    if accepted:
        assert run.status == "SUCCESS"
        assert run.warnings[0].endswith(sentence)
    else:
        assert (run.status, run.sub_status, run.code) == ("ERROR", "XMLD_CONFIGURATION_ERROR", "NOBODY")
        assert run.error.endswith(sentence)


@pytest.mark.sentence("2.2-29")
def test_a_schedule_just_past_counts_as_now_for_a_filter_of_nobody(demo, ran):
    past = f"{timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert ran(recipients=FILTER.format(demo.milan.pk), delivery=scheduled(past)).code == "NOBODY"


@pytest.mark.sentence("2.2-31")
def test_nobody_at_the_start_fails_the_delivery(demo, ran):
    run = ran(recipients=FILTER.format(demo.milan.pk), delivery=scheduled("2035-01-01T00:00:00Z"))
    Delivery.objects.update(start_at=timezone.now())
    assert started(run.delivery) == []
    assert (run.delivery.status, run.delivery.note) == ("failed", "nobody to write to")
