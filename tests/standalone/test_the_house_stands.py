"""Start, death and end of the embedded parts, on the real ones."""

import contextlib
import http.client
import os
import signal
import socket

import psutil
import pytest

from tests.runs.halting import gone
from tests.waiting import PATIENCE, wait_for

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product-deaths")]


def get(port, path):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
        client.request("GET", path)
        return client.getresponse().status


def all_of(product):
    """Return its processes; a number alone may be another's by the time that it is looked at."""
    pids = product.run_json["pids"]
    numbers = [*(pid for pid in pids.values() if isinstance(pid, int)), *pids["senders"]]
    return [psutil.Process(number) for number in numbers]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    from tests.product import Product

    product = Product(XMLD_DEMO="0")
    try:
        yield product.start()
    finally:
        product.clear()


def test_the_run_file_is_its_owners_only_and_names_everything(house):
    assert (house.state / "run.json").stat().st_mode & 0o777 == 0o600
    run = house.run_json
    assert set(run["pids"]) == {
        "supervisor", "web", "clock", "cluster", "senders", "sftp", "catcher", "postgres",
    }  # fmt: skip
    assert run["sftp_host_key"].startswith("ssh-ed25519 ")
    assert get(run["web"], "/admin/login/") == 200


def test_no_other_user_of_the_machine_reads_what_the_state_folder_holds(house):
    folders = [path for path in house.state.iterdir() if path.is_dir() and not path.is_symlink()]
    assert {path.name for path in folders} >= {"secrets", "log"}
    assert [path.name for path in folders if path.stat().st_mode & 0o077] == []
    secrets = [path for path in (house.state / "secrets").rglob("*") if path.is_file()]
    assert len(secrets) > 3
    assert [path.name for path in secrets if path.stat().st_mode & 0o777 != 0o600] == []


@pytest.mark.parametrize("name", ["web", "clock", "cluster", "senders", "sftp", "catcher", "postgres"])
def test_a_part_that_is_killed_is_started_again(house, name):
    old = house.kill(name)
    assert house.wait_for_another(name, old) != old


def test_commands_find_the_database_while_everything_runs(house):
    assert house.command("deliveries", "--json").json == []


def test_a_second_supervisor_of_the_same_folder_is_refused_in_one_line(house):
    answer = house.command("runall")
    assert answer.code == 1
    assert "it runs already" in answer.err
    assert answer.err.count("\n") == 1


def test_a_port_that_is_taken_is_one_line(another_product):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = another_product(XMLD_WEB_PORT=str(port)).command("runall")
    assert answer.code == 1
    assert answer.err.startswith(f"XMLD_WEB_PORT={port}: ")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("XMLD_WEB_PORT", "99999"),
        ("XMLD_DEMO", "yes"),
        ("XMLD_SMTP_URL", "relay"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "postgresql://x?nothing=1"),
        ("XMLD_SECRET_KEY_FILE", "/nowhere"),
        ("XMLD_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(another_product, variable, value):
    answer = another_product(**{variable: value}).command("runall")
    assert answer.code == 1
    assert variable in answer.err
    assert answer.err.count("\n") == 1


def test_it_starts_beside_what_a_killed_supervisor_left(another_product):
    product = another_product(XMLD_DEMO="0").start()
    left = all_of(product)
    os.kill(product.run_json["pids"]["supervisor"], signal.SIGKILL)
    product.process.wait()
    product.start()
    now = all_of(product)
    others = [process for process in left if process not in now]
    wait_for(lambda: all(map(gone, others)), "the orphans' end")


def test_two_copies_side_by_side_and_a_clean_stop(house, another_product):
    other = another_product(XMLD_DEMO="0").start()
    processes = all_of(other)
    assert not set(processes) & set(all_of(house))
    assert other.stop() == 0
    assert not (other.state / "run.json").exists()
    assert all(map(gone, processes))
    assert get(house.run_json["web"], "/admin/login/") == 200
