"""Parts are forked from one loaded process, are the supervisor's own children, and end as executed ones do."""

import ctypes
import os
import signal
import subprocess
import sys

import pytest

from tests.product import wait_for
from xmld_project.standalone.supervisor.processes import apart, forking


def kind():
    """Return how a part is started here: the kernel hands it over on Linux only."""
    return forking.Forked if sys.platform.startswith("linux") else subprocess.Popen


@pytest.fixture
def starter():
    it = forking.Starter(os.environ | {"XMLD_SUPERVISOR_PID": str(os.getpid())})
    yield it
    it.close()
    # It has made this process the parent of what is orphaned below it, as a supervisor is: the next test is none.
    ctypes.CDLL(None).prctl(forking._PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def test_a_part_is_our_own_child_in_a_session_of_its_own_and_writes_its_log(starter, tmp_path):
    with (tmp_path / "log").open("ab") as log:
        part = starter.start(["xmld_project", "help"], log)
        assert isinstance(part, kind())
        assert wait_for(lambda: part.poll() is not None, "its end")
    assert part.poll() == 0
    assert b"Available subcommands" in (tmp_path / "log").read_bytes()


def test_a_part_that_fails_or_is_ended_says_so_by_its_code(starter, tmp_path):
    with (tmp_path / "log").open("ab") as log:
        wrong = starter.start(["xmld_project", "no-such-command"], log)
        wait_for(lambda: wrong.poll() is not None, "its end")
        assert wrong.poll() == 2
        long = starter.start(["xmld_project.standalone.mail_catcher.process", "0", str(tmp_path / "mail")], log)
        assert os.getsid(long.pid) == long.pid or wait_for(lambda: os.getsid(long.pid) == long.pid, "its session")
        wait_for((tmp_path / "mail").exists, "its folder")
        long.send_signal(signal.SIGKILL)
        wait_for(lambda: long.poll() is not None, "its end")
        assert long.poll() == -signal.SIGKILL


def test_a_fork_server_that_was_killed_is_replaced(starter, tmp_path):
    with (tmp_path / "log").open("ab") as log:
        first = starter.start(["xmld_project", "version"], log)
        wait_for(lambda: first.poll() is not None, "its end")
        if starter._server is not None:
            starter._server.kill()
            starter._server.wait()
        between = starter.start(["xmld_project", "version"], log)
        wait_for(lambda: between.poll() is not None, "its end")
        assert isinstance(between, subprocess.Popen)
        last = starter.start(["xmld_project", "version"], log)
        wait_for(lambda: last.poll() is not None, "its end")
        assert isinstance(last, kind())


def test_work_apart_returns_its_result_or_its_fault_and_leaves_nothing():
    assert apart.call(lambda: {"pid": os.getpid()}, ValueError)["pid"] != os.getpid()
    with pytest.raises(ValueError, match="not so"):
        apart.call(lambda: (_ for _ in ()).throw(ValueError("not so")), ValueError)
    with pytest.raises(ValueError, match="cut short"):
        apart.call(lambda: os._exit(3), ValueError)
