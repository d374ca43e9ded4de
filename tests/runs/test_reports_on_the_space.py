"""Reference 4.2: when the report is written, under which names, and what stands in it."""

import pytest
from django.utils import timezone
from lxml import etree

from deliveries.intake.runs import control, load, process, xml_report
from deliveries.intake.sftp import session
from deliveries.models import ProcessingRun, SftpSpace
from recipients import locks
from recipients.models import Account, Database, Filter
from tests.runs.conftest import CSV

BAD = CSV + "".join(f"p{n}@x.example,P,{n}\n" for n in range(20)) + "\"=cmd|' /c calc'!A1\",Formula,4\n"


def parsed(client_system, name="report.a.xml"):
    return etree.fromstring(client_system.text(name).encode())


def left_aside(client_system):
    return [path.name for path in client_system.server.drop.iterdir() if path.name.startswith(".xmld")]


def reports(client_system):
    return {path.name for path in client_system.server.drop.iterdir() if path.name.startswith(("report.", "rows."))}


@pytest.fixture
def seen(client_system, monkeypatch):
    """What lies on the space, by the step at which somebody looks."""
    found = {}

    def looking(module, name):
        real = getattr(module, name)

        def call(*given, **named):
            found[name] = reports(client_system)
            if "report.a.xml" in found[name]:
                found["text"] = client_system.text("report.a.xml")
            return real(*given, **named)

        monkeypatch.setattr(module, name, call)

    looking(load, "load_csv")
    looking(process, "create_deliveries")
    return found


@pytest.mark.sentence("3.2-39", "4.2-10", "4.2-12")
def test_it_is_first_written_when_the_recipients_are_loaded(client_system, seen):
    client_system.bundle()
    client_system.poll()
    assert seen["load_csv"] == set()
    assert seen["create_deliveries"] == {"report.a.xml"}
    first = etree.fromstring(seen["text"].encode())
    assert (first.findtext("recipients"), first.find("process").get("finish")) == ("3", "")
    assert reports(client_system) == {"report.a.xml", "report.a.xml.done"}
    assert client_system.text("report.a.xml") == client_system.text("report.a.xml.done")


@pytest.mark.sentence("4.2-11", "4.2-10")
def test_no_report_without_an_error_is_seen_while_the_bundle_can_still_fail(client_system, monkeypatch):
    written = []
    real = xml_report.write
    monkeypatch.setattr(
        xml_report, "write", lambda work, *, final: (written.append(final), real(work, final=final))
    )
    nobody = Filter.objects.create(
        database=Database.objects.get(),
        name="nobody",
        conditions=[{"field": "email", "op": "equals", "value": "no@x.example"}],
    )
    client_system.bundle()
    xml = client_system.xml().replace("new_recipients>", "test_recipients>")
    client_system.server.put(
        "a.xml", xml.replace("</recipients>", f"<filter><normal>{nobody.pk}</normal></filter></recipients>")
    )
    client_system.poll()
    assert client_system.run().code == "NOBODY"
    assert written == [True]
    assert parsed(client_system).findtext("error")


@pytest.mark.sentence("4.2-09")
def test_an_old_report_goes_when_a_new_run_of_the_name_is_accepted(client_system, seen):
    client_system.bundle(csv=BAD)
    client_system.poll()
    assert reports(client_system) == {"report.a.xml", "report.a.xml.done", "rows.a.xml.csv"}
    client_system.bundle()
    client_system.poll()
    assert seen["load_csv"] == set()
    assert reports(client_system) == {"report.a.xml", "report.a.xml.done"}


@pytest.mark.sentence("4.2-15")
def test_the_nodes_are_always_there_and_unknown_values_are_empty(client_system):
    client_system.bundle()
    (client_system.server.drop / "a.csv").unlink()
    client_system.poll()
    root = parsed(client_system)
    assert [node.tag for node in root] == ["process", "recipients", "delivery", "error"]
    paths = ("recipients", "delivery/content", "delivery/id/normal", "delivery/id/test",
             "delivery/qualifier/id/normal", "delivery/qualifier/id/test")  # fmt: skip
    assert [root.findtext(path) for path in paths] == [""] * 6
    assert set(root.find("recipients").attrib) == {"lastupdate", "start", "finish"}
    assert root.find("error").get("time") == root.find("process").get("finish") != ""


def test_a_report_in_full_has_ids_and_times_with_the_accounts_offset(client_system):
    client_system.bundle()
    client_system.poll()
    root, run = parsed(client_system), client_system.run()
    assert root.findtext("delivery/content") == "ok"
    assert root.findtext("delivery/id/normal") == str(run.delivery_id)
    assert root.findtext("delivery/qualifier/id/normal") == str(run.filter_id)
    times = [root.find("process").get("start"), root.find("delivery/content").get("time"),
             root.find("recipients").get("lastupdate"), root.find("delivery/id/normal").get("time")]  # fmt: skip
    offset = f"{timezone.now().astimezone(Account.objects.get().zone):%z}"
    assert {time[-6:] for time in times} == {f"{offset[:3]}:{offset[3:]}"}


@pytest.mark.sentence("3.2-39", "4.2-17")
def test_warnings_come_after_the_error_and_bad_rows_are_listed_beside(client_system):
    client_system.bundle(csv=BAD)
    client_system.poll()
    root = parsed(client_system)
    assert (client_system.run().status, root.findtext("error")) == ("SUCCESS", "")
    assert [node.tag for node in root][-2:] == ["error", "warning"]
    assert "1 of 24 rows is bad" in root.findtext("warning")
    assert root.find("warning").get("time")
    raw = (client_system.server.drop / "rows.a.xml.csv").read_bytes()
    header, row, end = raw.decode("utf-8-sig").split("\r\n")
    assert header == "file,line,column,code,reason,excerpt"
    assert row.startswith("a.csv,25,email,ADDR_")
    assert "'=cmd|" in row
    assert end == ""


@pytest.mark.sentence("4.2-17")
def test_a_filter_that_is_overridden_is_a_warning(client_system):
    client_system.bundle()
    wanted = client_system.xml().replace("</recipients>", "<filter><normal>7</normal></filter></recipients>")
    client_system.server.put("a.xml", wanted)
    client_system.poll()
    root = parsed(client_system)
    assert [node.text for node in root.findall("warning")] == [
        "a.xml: new_recipients overrides the filter 7 of <normal>"
    ]
    assert root.findtext("error") == ""


@pytest.mark.sentence("4.2-13", "4.2-16")
def test_userdb_is_locked_is_the_whole_text_of_the_error(client_system):
    database = Database.objects.get()
    locks.acquire(database.pk, "an import", timezone.timedelta(minutes=5))
    client_system.bundle()
    client_system.poll()
    assert parsed(client_system).findtext("error") == f"Userdb is locked {database.pk}"
    assert client_system.text("report.a.xml") == client_system.text("report.a.xml.done")


@pytest.mark.sentence("4.2-14")
def test_a_temporary_name_holds_no_report_in_it_and_none_is_left(client_system, monkeypatch):
    drafts = []
    real = session.Session.write
    monkeypatch.setattr(
        session.Session, "write", lambda self, name, data: (drafts.append(name), real(self, name, data))[1]
    )
    client_system.bundle(csv=BAD)
    client_system.poll()
    run = client_system.run()
    assert len(drafts) == 4
    assert all(name.startswith(f".xmld-{run.pk}-") and name.endswith(".tmp") for name in drafts)
    assert not left_aside(client_system)


@pytest.mark.sentence("4.2-14")
@pytest.mark.parametrize("name", ["report.a.xml", "report.a.xml.done", "rows.a.xml.csv"])
def test_a_folder_in_the_place_of_a_report_is_named_and_waited_for(client_system, name):
    in_the_way = client_system.server.drop / name
    in_the_way.mkdir()
    client_system.bundle(csv=BAD)
    for _again in range(2):
        client_system.poll()
        client_system.space.refresh_from_db()
        assert client_system.run().status == "SUCCESS"
        assert client_system.space.last_error_code == "REPORT_DENIED"
        assert f"a folder or a link is where {name} belongs" in client_system.space.last_error
        assert not left_aside(client_system)
        assert not client_system.has("report.a.xml.done") or in_the_way.name == "report.a.xml.done"
    in_the_way.rmdir()
    client_system.poll()
    client_system.space.refresh_from_db()
    assert client_system.space.last_error_code == ""
    assert reports(client_system) == {"report.a.xml", "report.a.xml.done", "rows.a.xml.csv"}
    assert parsed(client_system, "report.a.xml.done").findtext("error") == ""


def test_a_link_in_the_place_of_a_report_or_of_its_draft_is_not_followed(client_system, tmp_path):
    outside = [tmp_path / "outside", tmp_path / "further"]
    for path in outside:
        path.write_text("somebody else's")
    client_system.bundle()
    (client_system.server.drop / "report.a.xml").symlink_to(outside[0])
    client_system.poll()
    run = client_system.run()
    assert parsed(client_system).findtext("error") == ""
    ProcessingRun.objects.filter(pk=run.pk).update(reported_at=None)
    for name in xml_report.names("a.xml"):
        (client_system.server.drop / f".xmld-{run.pk}-{len(name)}.tmp").symlink_to(outside[1])
    client_system.poll()
    assert ProcessingRun.objects.get().reported_at
    assert not any((client_system.server.drop / name).is_symlink() for name in reports(client_system))
    assert [path.read_text() for path in outside] == ["somebody else's"] * 2


@pytest.mark.parametrize("name", ["report.a.xml", "report.a.xml.done"])
def test_a_server_that_refuses_the_rename_keeps_no_draft(client, bad, name):
    bad.knobs.refused = frozenset({"rename"})
    client.bundle()
    (bad.drop / name).mkdir()
    client.poll()
    client.space.refresh_from_db()
    assert client.run().status == "SUCCESS"
    assert client.space.last_error_code == "REPORT_DENIED"
    assert not left_aside(client)


def test_a_retry_takes_the_done_away_until_it_is_final_again(client_system, seen):
    client_system.bundle()
    SftpSpace.objects.update(csv_encoding="klingon")
    client_system.poll()
    assert reports(client_system) == {"report.a.xml", "report.a.xml.done"}
    SftpSpace.objects.update(csv_encoding="")
    control.retry(client_system.run().pk)
    client_system.poll()
    assert seen["create_deliveries"] == {"report.a.xml"}
    assert client_system.run().status == "RECOVERED"
    assert parsed(client_system, "report.a.xml.done").findtext("error") == ""


@pytest.mark.sentence("4.2-19")
@pytest.mark.parametrize("wanted", [[], ["email"]])
def test_a_space_that_asks_for_no_report_gets_none(client_system, wanted):
    SftpSpace.objects.update(reports=wanted)
    client_system.bundle(csv=BAD)
    client_system.poll()
    assert ProcessingRun.objects.get().status == "SUCCESS"
    assert reports(client_system) == set()


def test_a_space_that_asks_for_reports_later_gets_none_of_what_ended_before(client_system):
    SftpSpace.objects.update(reports=[])
    client_system.bundle()
    client_system.poll()
    SftpSpace.objects.update(reports=["xml"])
    client_system.poll()
    assert reports(client_system) == set()


@pytest.mark.sentence("4.2-09")
@pytest.mark.parametrize("newer", ["ends well", "fails"])
def test_an_older_run_that_goes_on_leaves_the_report_of_a_newer_one_of_its_name(client_system, newer):
    Account.objects.update(xml_delivery=False)
    client_system.bundle()
    client_system.poll()
    older = client_system.run()
    Account.objects.update(xml_delivery=True)
    client_system.bundle(csv="email\ndan@x.example\n" if newer == "ends well" else "email\nnobody\n")
    client_system.poll()
    before = {name: client_system.text(name) for name in reports(client_system)}
    control.retry(older.pk)
    client_system.poll()
    older.refresh_from_db()
    assert older.status == "RECOVERED"
    assert {name: client_system.text(name) for name in reports(client_system)} == before
    assert xml_report.as_the_client_sees_it(older) == ""
    assert older.reported_at
