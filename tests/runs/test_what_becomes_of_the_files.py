"""Reference 1: what is left, moved or deleted after a run."""

import pytest

from deliveries.models import ProcessingRun, SftpSpace
from tests.runs.conftest import CSV


def names(client_system):
    drop = client_system.server.drop
    return {str(path.relative_to(drop)) for path in drop.rglob("*") if path.is_file()}


@pytest.mark.sentence("1.5-02")
def test_the_files_are_left_where_they_are_unless_the_space_says_otherwise(client_system):
    client_system.bundle()
    client_system.poll()
    assert names(client_system) == {"a.xml", "a.csv", "report.a.xml", "report.a.xml.done"}


@pytest.mark.sentence("1.5-01", "1.5-04")
def test_delete_deletes_the_xml_and_the_files_that_it_names_and_nothing_else(client_system):
    SftpSpace.objects.update(after_run="delete")
    client_system.bundle()
    client_system.server.put("probe.txt", "another's")
    client_system.poll()
    assert names(client_system) == {"probe.txt", "report.a.xml", "report.a.xml.done"}
    assert client_system.text("probe.txt") == "another's"


@pytest.mark.parametrize("after_run", ["archive", "delete"])
def test_a_file_that_is_named_in_another_form_goes_too(client_system, after_run):
    SftpSpace.objects.update(after_run=after_run)
    client_system.server.put("a.CSV", CSV)
    client_system.server.put("a.XML", client_system.xml(csv="a.csv"))
    client_system.server.put("a.ok")
    client_system.poll()
    run = client_system.run()
    moved = {
        name.partition("/")[2].partition("/")[2] for name in names(client_system) if name.startswith("archive/")
    }
    assert run.status == "SUCCESS"
    assert moved == ({f"{run.pk}-a.XML", f"{run.pk}-a.CSV"} if after_run == "archive" else set())
    assert not {"a.CSV", "a.XML"} & names(client_system)


@pytest.mark.parametrize("after_run", ["archive", "delete"])
def test_the_files_of_a_run_in_error_go_the_same_way(client_system, after_run):
    SftpSpace.objects.update(after_run=after_run)
    client_system.bundle(csv="email,nome\nnobody,N\n")
    client_system.poll()
    assert client_system.run().status == "ERROR"
    assert not {"a.csv", "a.xml"} & names(client_system)
    assert "rows.a.xml.csv" in names(client_system)


def test_archived_names_of_two_runs_do_not_meet(client_system):
    SftpSpace.objects.update(after_run="archive", duplicate_window_minutes=0)
    for _ in range(2):
        client_system.bundle()
        client_system.poll()
    assert ProcessingRun.objects.filter(status="SUCCESS").count() == 2
    assert len([name for name in names(client_system) if name.startswith("archive/")]) == 4
