"""Reference, Commands: poll, runs, run_log, run: what they print, and 0, 1 or 2 with one line."""

import json
import threading

import pytest

from deliveries.intake.leases import lease as leases
from deliveries.management.commands import poll
from deliveries.models import ProcessingRun, SftpSpace
from xmld_project import command_line


@pytest.fixture
def command(capfd):
    def run(*arguments):
        try:
            code = command_line.main(["manage.py", *map(str, arguments)])
        except SystemExit as end:
            code = end.code
        said = capfd.readouterr()
        return code, said.out, said.err

    return run


def one_line(answer):
    code, out, err = answer
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err.strip()


def test_poll_works_runs_to_their_end_and_runs_shows_them_newest_first(client_system, command):
    client_system.bundle("a")
    client_system.server.put("gone.ok")
    assert command("poll", "--space", "demo")[0] == 0
    code, out, err = command("runs", "--json")
    assert (code, err) == (0, "")
    shown = {run["file"]: run for run in json.loads(out)}
    assert [run["id"] for run in json.loads(out)] == sorted((run["id"] for run in shown.values()), reverse=True)
    good, bad = shown["a.xml"], shown["gone.xml"]
    assert {"space": "demo", "status": "SUCCESS", "code": "", "error": "", "warnings": [],
            "test_delivery": None, "rows": {"good": 3, "bad": 0}}.items() <= good.items()  # fmt: skip
    assert isinstance(good["delivery"], int)
    assert good["started"][-6:] == good["ended"][-6:] == "+00:00"
    assert (bad["status"], bad["code"], bad["rows"], bad["delivery"]) == ("ERROR", "BND_NO_XML", None, None)
    assert len(json.loads(command("runs", "--json", "--limit", 1)[1])) == 1


@pytest.mark.sentence("4.1-05")
def test_run_log_shows_each_transition(client_system, command):
    client_system.bundle()
    client_system.poll()
    steps = json.loads(command("run_log", client_system.run().pk, "--json")[1])
    assert [steps[0]["sub_status"], steps[-1]["sub_status"]] == ["SEMAPHORE_FOUND", "DELIVERY_FINISHED"]
    assert all(set(step) >= {"started", "ended", "sub_status", "message"} for step in steps)
    assert all(step["started"] <= step["ended"] for step in steps)


def test_people_read_a_table_with_a_header(client_system, command):
    client_system.bundle("a")
    client_system.server.put("much-longer-name.ok")
    client_system.poll()
    run = ProcessingRun.objects.get(file="a.xml")
    header, *lines = command("runs")[1].splitlines()
    assert header.split() == [
        "RUN", "BEGAN", "TOOK", "SPACE", "FILE", "STATUS", "STEP", "PEOPLE", "BAD", "DELIVERY", "ERROR",
    ]  # fmt: skip
    mine = next(line for line in lines if "  a.xml  " in line)
    assert f"{run.started_at.astimezone():%Y-%m-%d %H:%M:%S}" in mine
    assert mine[header.index("STATUS") :].split()[:5] == [
        "SUCCESS",
        "DELIVERY_FINISHED",
        "3",
        "0",
        str(run.delivery_id),
    ]
    assert {line.index("demo") for line in lines} == {header.index("SPACE")}
    header, *steps = command("run_log", run.pk)[1].splitlines()
    assert header.split() == ["BEGAN", "TOOK", "STEP", "MESSAGE"]
    assert steps[-1][header.index("STEP") :].startswith("DELIVERY_FINISHED")


def test_an_operator_loads_the_good_rows_by_command(client_system, command):
    client_system.bundle(csv="email,nome,ordine\nada@x.example,Ada,1\nbad,B,2\n")
    client_system.poll()
    assert command("run", "load_good_rows", client_system.run().pk)[0] == 0
    client_system.poll()
    assert client_system.run().status == "RECOVERED"


def test_an_operator_releases_discards_and_retries_by_command(client_system, command):
    for _ in range(3):
        client_system.bundle()
        client_system.poll()
    first, second, third = ProcessingRun.objects.order_by("id")
    assert command("run", "release", second.pk)[0] == 0
    assert command("run", "discard", third.pk)[0] == 0
    assert "can't be retried" in one_line(command("run", "retry", first.pk))
    assert "can't be released" in one_line(command("run", "release", third.pk))
    assert "can't be discarded" in one_line(command("run", "discard", first.pk))
    command("poll")
    assert list(ProcessingRun.objects.order_by("id").values_list("status", flat=True)) == [
        "SUCCESS", "SUCCESS", "ERROR",
    ]  # fmt: skip


def test_what_is_not_there_is_one_line(client_system, command):
    for number in (999_999, 10**30):
        assert str(number) in one_line(command("run", "retry", number))
        assert str(number) in one_line(command("run_log", number))
    assert "no such" in one_line(command("poll", "--space", "no such"))


@pytest.mark.parametrize(
    "arguments",
    [("run", "retry"), ("run", "forget", 1), ("run", "retry", "x"), ("run_log",), ("runs", "--limit", "x")],
)
def test_wrong_usage_is_2(client_system, command, arguments):
    assert command(*arguments)[0] == 2


def test_poll_says_in_one_line_why_a_space_fails(client_system, command):
    SftpSpace.objects.update(port=1)
    code, _out, err = command("poll")
    assert code == 1
    assert err.count("\n") == 1
    assert err.startswith("demo: ")


def test_poll_waits_for_who_polls_now(client_system, command, monkeypatch):
    client_system.bundle()
    leaving = threading.Event()
    with leases.held(client_system.space.pk) as lease:
        threading.Timer(0.5, lambda: (leases._give_back(lease), leases.connection.close(), leaving.set())).start()
        assert command("poll")[0] == 0
        assert leaving.is_set()
    assert client_system.run().status == "SUCCESS"
    monkeypatch.setattr(poll, "_PATIENCE", 0.1)
    with leases.held(client_system.space.pk):
        assert "leased by" in one_line(command("poll"))
