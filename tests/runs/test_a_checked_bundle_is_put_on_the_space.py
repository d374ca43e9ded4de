"""A bundle that the check accepted is put on its space by the page, and its run opens by itself (reference 4.3)."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deliveries.errors import ServiceError
from deliveries.intake.polling.drop import drop
from deliveries.models import Activity, ProcessingRun, SftpSpace
from recipients.models import Account, Membership, User
from tests.runs.conftest import CSV

CHECK = "/admin/deliveries/processingrun/check/"
HOME = "/admin/deliveries/delivery/home/live/?after=0"
LIVE = {"HTTP_X_REQUESTED_WITH": "fetch"}


@pytest.fixture
def browser(client_system):
    user = User.objects.create_user("olga", password="x", language="en", is_staff=True)
    Membership.objects.create(account=client_system.space.account, user=user, name="olga", role="operator")
    browser = Client()
    browser.force_login(user)
    return browser


def check(browser, client_system):
    files = [SimpleUploadedFile("a.csv", CSV.encode()), SimpleUploadedFile("a.ok", b"")]
    xml = SimpleUploadedFile("a.xml", client_system.xml(method="manual").encode())
    return browser.post(CHECK, {"space": client_system.space.pk, "xml": xml, "beside": files})


def put(browser, answer):
    return browser.post(f"{CHECK}put/", {"token": answer.context["token"]}, follow=True)


def test_what_was_accepted_goes_to_the_space_and_the_page_leads_to_its_run(client_system, browser):
    shown = put(browser, check(browser, client_system))
    assert {"a.xml", "a.csv", "a.xml.ok"} <= {path.name for path in client_system.server.drop.iterdir()}
    assert "is on «demo»" in shown.content.decode()
    (arriving,) = [address for address, _code in shown.redirect_chain]
    assert "data-go" not in browser.get(arriving, **LIVE).content.decode()
    client_system.poll()
    run = ProcessingRun.objects.get()
    assert (run.status, run.rows_good) == ("SUCCESS", 3)
    page = f"/admin/deliveries/processingrun/{run.pk}/change/"
    for address in (arriving, HOME):
        assert f'data-go="{page}"' in browser.get(address, **LIVE).content.decode()
    assert browser.get(arriving)["Location"] == page
    done = Activity.objects.filter(verb="bundle put on the space").get()
    assert (done.actor.username, done.space, done.params) == ("olga", client_system.space, {"file": "a.xml"})


def test_a_name_that_lies_there_is_not_written_over(client_system, browser):
    client_system.server.put("a.csv", "theirs")
    answer = put(browser, check(browser, client_system))
    assert answer.redirect_chain[-1][0] == f"{CHECK}?space={client_system.space.pk}"
    shown = answer.content.decode()
    assert "“a.csv” is on the space already" in shown
    assert client_system.text("a.csv") == "theirs"
    assert not client_system.has("a.xml")


def refused_over(client_system, browser):
    """Whether the same bundle, checked and put again, is refused and nothing of what lies there changed."""
    before = {path.name: path.read_bytes() for path in client_system.server.drop.iterdir()}
    shown = put(browser, check(browser, client_system)).content.decode()
    after = {path.name: path.read_bytes() for path in client_system.server.drop.iterdir()}
    return "is on the space already" in shown and after == before


def test_what_an_ended_run_left_there_is_written_over_and_makes_a_run(client_system, browser):
    client_system.bundle(text="Dear ${nobody}$", csv=f"{CSV}dan@x.example,Dan,4\n")
    client_system.poll()
    assert (client_system.run().code, client_system.has("a.xml")) == ("TPL_UNKNOWN_FIELD", True)
    put(browser, check(browser, client_system))
    assert client_system.has("a.xml.ok")
    assert not [path.name for path in client_system.server.drop.iterdir() if path.name.startswith(".xmld-")]
    assert client_system.text("a.csv") == CSV
    client_system.poll()
    assert (ProcessingRun.objects.count(), client_system.run().status, client_system.run().rows_good) == (
        2,
        "SUCCESS",
        3,
    )


def test_a_list_that_a_run_never_came_to_goes_with_its_xml_alone(client_system, browser):
    client_system.server.put("a.csv", CSV)
    client_system.server.put("a.xml", "<contactlab>")
    client_system.server.put("a.ok")
    client_system.poll()
    assert client_system.run().code == "XML_SYNTAX"
    put(browser, check(browser, client_system))
    assert client_system.has("a.xml.ok")
    ProcessingRun.objects.update(file="b.xml")
    (client_system.server.drop / "a.xml.ok").unlink()
    (client_system.server.drop / "a.xml").unlink()
    assert refused_over(client_system, browser)


@pytest.mark.parametrize("semaphore", ["a.ok", "b.ok"])
def test_nothing_is_written_over_while_a_semaphore_lies_there(client_system, browser, semaphore):
    client_system.bundle()
    client_system.poll()
    client_system.server.put(semaphore)
    assert refused_over(client_system, browser)


def test_nothing_is_written_over_that_a_run_which_goes_on_may_ask_for(client_system, browser):
    client_system.bundle()
    client_system.poll()
    ProcessingRun.objects.update(status="LOADING", sub_status="SEMAPHORE_DELETED")
    assert refused_over(client_system, browser)


def test_a_held_run_keeps_its_own_files_and_no_others(client_system, browser):
    for _ in range(2):
        client_system.bundle()
        client_system.poll()
    held = client_system.run()
    assert held.sub_status == "DUPLICATE_HELD"
    assert refused_over(client_system, browser)
    held.files.update(name="other")
    put(browser, check(browser, client_system))
    assert client_system.has("a.xml.ok")


def test_a_folder_in_the_place_of_a_file_is_not_written_over(client_system, browser):
    client_system.bundle()
    client_system.poll()
    (client_system.server.drop / "a.csv").unlink()
    (client_system.server.drop / "a.csv").mkdir()
    assert "is on the space already" in put(browser, check(browser, client_system)).content.decode()
    assert not client_system.has("a.xml.ok")


@pytest.mark.parametrize("refused", [{"rename"}, {"write"}])
def test_where_the_server_lets_nothing_be_replaced_no_semaphore_and_nothing_aside_is_left(client, bad, refused):
    user = User.objects.create_user("olga", password="x", is_staff=True)
    client.bundle()
    client.poll()
    before = {path.name: path.read_bytes() for path in bad.drop.iterdir()}
    bad.knobs.refused = frozenset(refused | {"remove ok"})
    with pytest.raises(ServiceError):
        drop(client.space, "a.xml", {"a.xml": b"<new/>", "a.csv": b"new"}, actor=user)
    after = {path.name: path.read_bytes() for path in bad.drop.iterdir()}
    assert "a.xml.ok" not in after
    assert not [name for name in after if name.startswith(".xmld-")]
    assert after["a.xml"] == before["a.xml"]


def test_a_server_that_refuses_is_said_in_a_sentence(client_system, browser):
    answer = check(browser, client_system)
    SftpSpace.objects.update(directory="/nowhere")
    assert "xd" in (said := put(browser, answer).content.decode())
    assert "/nowhere" in said or "does not exist" in said or "not there" in said
    assert not Activity.objects.filter(verb="bundle put on the space").exists()


def test_a_token_counts_once_and_for_its_owner_alone(client_system, browser):
    answer = check(browser, client_system)
    stranger = User.objects.create_user("zoe", password="x", language="en", is_staff=True)
    Membership.objects.create(account=Account.objects.create(name="Z"), user=stranger, name="z", role="operator")
    theirs = Client()
    theirs.force_login(stranger)
    assert "no longer here" in put(theirs, answer).content.decode()
    put(browser, answer)
    assert "no longer here" in put(browser, answer).content.decode()


def test_the_sample_holds_the_user_key_of_whoever_downloads_it(client_system, browser):
    User.objects.filter(username="olga").update(suid="olga-7")
    sample = browser.get(f"/admin/deliveries/newsletter/{client_system.newsletter}/sample.zip").content
    with zipfile.ZipFile(io.BytesIO(sample)) as archive:
        assert b"<suid>olga-7</suid>" in archive.read("sample.xml")
