"""What an installation copies from docs/production is judged by the programs that will read it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCTION = Path(__file__).resolve().parents[2] / "docs" / "production"
COMMANDS = Path(sys.executable).parent
INSTALLED = "/opt/xml-delivery/bin/xml-delivery"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def commands_in(text):
    return set(re.findall(r"manage (\w+)", text)) | set(re.findall(r'"manage", "(\w+)"', text))


@pytest.fixture
def units(tmp_path):
    """The units, with a program that is there in the place of the installed one."""
    copied = shutil.copytree(PRODUCTION / "systemd", tmp_path / "units")
    for unit in copied.iterdir():
        unit.write_text(unit.read_text(encoding="utf-8").replace(INSTALLED, "/bin/true"), encoding="utf-8")
    return sorted(copied.iterdir())


def test_systemd_takes_every_unit(units):
    done = run("systemd-analyze", "verify", *map(str, units))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_sender_is_given_the_time_that_it_asks_for():
    seconds = re.search(r"TimeoutStopSec=(\d+)", (PRODUCTION / "systemd/xml-delivery-sender@.service").read_text())
    assert seconds
    assert int(seconds[1]) > 620


def test_the_container_file_is_sound_and_runs_as_nobody_special():
    done = run(str(COMMANDS / "hadolint"), str(PRODUCTION / "Containerfile"))
    assert (done.returncode, done.stdout) == (0, "")
    assert re.search(r"^USER 10001$", (PRODUCTION / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_compose_file_is_one():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = run(*check, str(PRODUCTION / "compose.yaml"))
    assert done.returncode == 0, done.stdout


def test_the_trial_of_postfix_is_a_script_that_refuses_whom_it_would_not_work_for():
    trial = PRODUCTION / "postfix/try-on-loopback"
    assert run("bash", "-n", str(trial)).returncode == 0
    assert run("bash", "-c", f"id() {{ echo 1000; }}; . {trial}").stderr.startswith(
        "Postfix's master runs as root only"
    )


def test_every_command_that_they_name_is_one_of_the_product():
    from django.core.management import get_commands

    named = commands_in("".join(p.read_text(encoding="utf-8") for p in PRODUCTION.rglob("*") if p.is_file()))
    assert {"serve", "clock", "qcluster", "sender", "migrate"} <= named
    assert named <= {*get_commands(), "help"}


def test_every_variable_that_they_set_is_in_the_reference():
    reference = (PRODUCTION.parent / "reference.md").read_text(encoding="utf-8")
    texts = "".join(p.read_text(encoding="utf-8") for p in PRODUCTION.rglob("*") if p.is_file())
    variables = {name.removesuffix("_FILE") for name in re.findall(r"\b(?:XMLD_\w+|DATABASE_URL\w*)", texts)}
    assert not {name for name in variables if f"`{name}`" not in reference}


def test_a_bounce_that_can_not_be_taken_is_tried_again_by_postfix(tmp_path):
    """Any other code than 75 would have Postfix refuse the bounce, which is then lost."""
    script = tmp_path / "receive-bounce"
    text = (PRODUCTION / "postfix/receive-bounce").read_text(encoding="utf-8")
    (tmp_path / "environment").write_text("XMLD_MAIL_FROM=xml-delivery@mail.example\n")
    program = tmp_path / "xml-delivery"
    text = text.replace("/etc/xml-delivery/environment", f"{tmp_path}/environment")
    script.write_text(text.replace(INSTALLED, str(program)))
    for code, wanted in ((0, 0), (1, 75), (2, 75)):
        program.write_text(f'#!/bin/sh\necho "$@" "$XMLD_MAIL_FROM" >{tmp_path}/said\nexit {code}\n')
        program.chmod(0o755)
        assert run("sh", str(script), "token@bounces.mail.example").returncode == wanted
    said = (tmp_path / "said").read_text()
    assert said == "manage receive_bounce --recipient token@bounces.mail.example xml-delivery@mail.example\n"
