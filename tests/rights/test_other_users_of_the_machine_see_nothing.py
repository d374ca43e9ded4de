"""What lies in the state folder is for who runs the product alone, whatever the umask (reference, State folder)."""

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deliveries.admin.shell import uploads
from deliveries.intake.runs import spool
from recipients.admin.logging_in import attempts
from xmld_project import secret_files


@pytest.fixture
def state(settings, tmp_path):
    settings.STATE_DIR = tmp_path / "state"
    settings.STATE_DIR.mkdir()
    before = os.umask(0o000)
    yield settings.STATE_DIR
    os.umask(before)


def test_folders_of_bundles_log_ins_uploads_and_secrets_are_closed(state):
    spool.folder(4711)
    attempts.count("anna", 1_000_000.0)
    uploads.keep(SimpleUploadedFile("a.csv", b"email"))
    secret = state / "secrets" / "data_key"
    secret_files.made_once(secret)
    folders = [path for path in state.rglob("*") if path.is_dir()]
    assert {path.name for path in folders} >= {"spool", "4711", "login", "uploads", "secrets"}
    assert [path.name for path in folders if path.stat().st_mode & 0o077] == []
    assert secret.stat().st_mode & 0o777 == 0o600
