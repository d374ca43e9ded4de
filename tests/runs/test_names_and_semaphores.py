"""Reference 1: what a bundle is, by its names."""

import os
import unicodedata

import pytest

from deliveries.models import Delivery, ProcessingRun
from tests.runs.rows import rows

NFC = unicodedata.normalize("NFC", "città è (1)@x+y_z-2.0")
NFD = unicodedata.normalize("NFD", NFC)


def good(client_system):
    client_system.poll()
    client_system.poll()
    run = ProcessingRun.objects.get()
    assert (run.status, run.error, run.rows_good) == ("SUCCESS", "", 3)
    assert not [path for path in client_system.server.drop.iterdir() if path.name.lower().endswith(".ok")]
    return run


@pytest.mark.sentence("1.2-02", "1.2-07")
@pytest.mark.parametrize("semaphore", ["X.ok", "X.OK", "X.Ok", "X.xml.ok", "X.XML.OK", "X.Xml.Ok"])
def test_a_semaphore_is_x_ok_or_x_xml_ok_with_extensions_in_any_case(client_system, semaphore):
    client_system.bundle("X", semaphore=semaphore)
    assert good(client_system).file == "X.xml"


@pytest.mark.sentence("1.2-07")
def test_the_xml_and_the_csv_have_extensions_in_any_case(client_system):
    client_system.server.put("report.X.XML", "old")
    client_system.server.put("report.X.XML.done", "old")
    client_system.server.put("X.CSV", "email,nome,ordine\na@x.example,A,1\nb@x.example,B,2\nc@x.example,C,3\n")
    client_system.server.put("X.XML", client_system.xml(csv="X.csv"))
    client_system.server.put("X.ok")
    assert good(client_system).file == "X.XML"
    assert ">3</recipients>" in client_system.text("report.X.XML.done")


@pytest.mark.sentence("1.2-03", "1.2-07")
def test_both_semaphores_in_any_case_make_one_run_and_both_are_removed(client_system):
    client_system.bundle("X", semaphore="X.XML.OK")
    client_system.server.put("X.Ok")
    client_system.server.put("X.OK")
    good(client_system)


@pytest.mark.sentence("1.2-05", "1.2-06")
@pytest.mark.parametrize(("semaphore", "xml", "csv"), [(NFC, NFD, NFD), (NFD, NFC, NFC), (NFD, NFD, NFC)])
def test_names_are_compared_in_nfc(client_system, semaphore, xml, csv):
    client_system.bundle("seed")
    drop = client_system.server.drop
    drop.joinpath("seed.ok").unlink()
    (drop / "seed.csv").rename(drop / f"{csv}.csv")
    drop.joinpath("seed.xml").unlink()
    client_system.server.put(f"{xml}.xml", client_system.xml(csv=f"{NFC}.csv"))
    client_system.server.put(f"{semaphore}.ok")
    assert good(client_system).file == f"{xml}.xml"
    assert client_system.has(f"report.{xml}.xml.done")


@pytest.mark.sentence("1.2-06")
def test_a_name_of_200_bytes_is_good_and_one_of_201_is_not(client_system):
    client_system.bundle("è" * 98, semaphore="{}.ok")
    client_system.server.put("n" * 198 + ".ok")
    client_system.server.put("n" * 198 + ".xml", "never opened")
    client_system.poll()
    runs = {run.status: run for run in ProcessingRun.objects.all()}
    assert runs["SUCCESS"].file == "è" * 98 + ".xml"
    assert runs["ERROR"].code == "BAD_REMOTE_NAME"


@pytest.mark.sentence("1.2-08")
@pytest.mark.parametrize(
    ("semaphore", "file"),
    [("a;b.ok", "a;b.xml"), ("a;b.OK", "a;b.xml"), ("a;b.xml.ok", "a;b.xml"), ("tab\there.ok", "tab\\there.xml")],
)
def test_a_semaphore_with_another_name_is_a_run_in_error_once_and_its_file_is_never_opened(
    client_system, semaphore, file
):
    client_system.server.put(semaphore)
    client_system.server.put("a;b.xml", client_system.xml())
    client_system.server.put("a.csv", "email\na@x.example\n")
    for _ in range(3):
        client_system.poll()
    run = ProcessingRun.objects.get()
    assert (run.status, run.code, run.file) == ("ERROR", "BAD_REMOTE_NAME", file)
    assert not run.files.exists()
    assert not client_system.has(semaphore)


@pytest.mark.sentence("1.2-10")
def test_only_ordinary_files_are_semaphores(client_system):
    client_system.bundle("a")
    drop = client_system.server.drop
    (drop / "a.ok").unlink()
    (drop / "a.ok").mkdir()
    (drop / "a.xml.ok").symlink_to(drop / "a.xml")
    os.mkfifo(drop / "b.ok")
    client_system.poll()
    assert not ProcessingRun.objects.exists()


@pytest.mark.sentence("1.2-10")
@pytest.mark.parametrize("name", ["a.xml", "a.csv"])
@pytest.mark.parametrize("kind", ["folder", "link", "fifo"])
def test_a_folder_a_link_or_a_fifo_is_no_file_of_a_bundle(client_system, name, kind):
    client_system.bundle("a")
    path = client_system.server.drop / name
    path.rename(path.with_name("elsewhere"))
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(path.with_name("elsewhere"))
    else:
        os.mkfifo(path)
    client_system.poll()
    run = ProcessingRun.objects.get()
    assert (run.status, run.sub_status, run.code) == ("ERROR", "XMLD_CONFIGURATION_ERROR", "NOT_REGULAR_FILE")
    assert not client_system.has("a.ok")


@pytest.mark.sentence("1.2-04")
def test_what_lies_below_the_directory_is_not_looked_at(client_system):
    below = client_system.server.drop / "below"
    below.mkdir()
    client_system.bundle("a")
    for name in ("a.ok", "a.xml", "a.csv"):
        (client_system.server.drop / name).rename(below / name)
    client_system.poll()
    assert not ProcessingRun.objects.exists()


@pytest.mark.sentence("1.3-20")
def test_what_a_semaphore_holds_is_ignored(client_system):
    client_system.bundle("a")
    client_system.server.put("a.ok", "sha256 0000 not empty at all")
    good(client_system)


@pytest.mark.sentence("1.3-03")
def test_the_oldest_semaphore_goes_first(client_system):
    for number, stem in enumerate(("c", "a", "b")):
        client_system.bundle(stem, csv=f"email,nome\n{stem}@x.example,{stem}\n")
        os.utime(client_system.server.drop / f"{stem}.ok", (1_700_000_000 + number,) * 2)
    client_system.poll()
    assert list(ProcessingRun.objects.order_by("id").values_list("file", flat=True)) == ["c.xml", "a.xml", "b.xml"]


@pytest.mark.sentence("1.3-11", "1.3-15")
def test_names_may_be_used_again_after_the_semaphore_went(client_system):
    for number in range(3):
        client_system.bundle("a", csv=f"email,nome\nada{number}@x.example,Ada\n")
        os.utime(client_system.server.drop / "a.ok", (1_700_000_000,) * 2)  # the same time each time
        client_system.poll()
    assert list(ProcessingRun.objects.values_list("status", flat=True)) == ["SUCCESS"] * 3
    assert (rows(), Delivery.objects.count()) == (3, 3)
