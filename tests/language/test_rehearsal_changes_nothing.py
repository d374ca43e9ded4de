"""Reference 4.3: the command looks at a bundle and leaves no trace, in no table and in no folder."""

import contextlib
import io
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from deliveries import conf
from deliveries.intake.rehearsal.sample_bundle import KEY, SUID, sample_bundle
from tests.language.test_deliveries_of_a_run import CSV, QA
from tests.language.test_schedule import scheduled
from tests.language.writing import BODY, write

ATTACHED = "<attachments><attachment><file>a.pdf</file></attachment></attachments>"
BUNDLES = {
    "accepted": {"recipients": CSV + QA, "body": BODY + ATTACHED, "delivery": '<delivery method="auto"/>'},
    "scheduled": {"recipients": CSV, "delivery": scheduled("2035-01-01T00:00:00Z")},
    "a wrong key": {"recipients": CSV, "key": "wrong"},
    "a wrong id": {"recipients": CSV, "newsletter": 999_999},
    "a file that is not there": {"recipients": CSV.replace("list", "none")},
    "bad rows": {"recipients": CSV.replace("list", "bad")},
}


def state():
    """Everything that the database holds, and the files of the spool and beside the bundle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, relname FROM pg_stat_user_tables ORDER BY 1, 2")
        tables = cursor.fetchall()
        held = {}
        for schema, name in tables:
            cursor.execute(f'SELECT t::text FROM "{schema}"."{name}" AS t ORDER BY 1')
            held[schema, name] = cursor.fetchall()
        cursor.execute("SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2")
        held["sequences"] = cursor.fetchall()
    return held


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.sentence("4.3-05")
@pytest.mark.parametrize("what", BUNDLES)
def test_check_bundle_changes_nothing(demo, tmp_path, what):
    for name, content in (("list.csv", "email\na@x.example\n"), ("bad.csv", "email\nx\n"), ("a.pdf", "%PDF-1.7")):
        (tmp_path / name).write_text(content)
    (tmp_path / "x.xml").write_bytes(write(**{"newsletter": demo.offers.pk, **BUNDLES[what]}))
    (tmp_path / "x.ok").touch()
    before = state(), files(tmp_path), files(conf.state_dir())
    answered = contextlib.nullcontext() if what in {"accepted", "scheduled"} else pytest.raises(CommandError)
    with answered:
        call_command("check_bundle", str(tmp_path / "x.xml"), "--space", "demo", stdout=io.StringIO())
    assert (state(), files(tmp_path), files(conf.state_dir())) == before


@pytest.mark.sentence("4.3-07")
@pytest.mark.django_db(transaction=True)
def test_the_sample_bundle_is_ready_to_drop_but_for_the_two_keys(demo, ran):
    with zipfile.ZipFile(io.BytesIO(sample_bundle(demo.offers))) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held["sample.ok"] == b""
    data = held["sample.xml"].replace(SUID.encode(), b"demo-user").replace(KEY.encode(), b"demo-key")
    run = ran({"sample.csv": held["sample.csv"]}, data)
    assert (run.status, run.delivery.status, run.rows_good) == ("SUCCESS", "ready", 1)
    assert ran({"sample.csv": held["sample.csv"]}, held["sample.xml"]).code == "AUTH_FAILED"
