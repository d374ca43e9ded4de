import os

import pytest

from xmld_project.standalone import locks
from xmld_project.standalone.places import Places
from xmld_project.standalone.postgres import leftovers


@pytest.fixture
def kept(tmp_path):
    places = Places(tmp_path / "disk" / "var", tmp_path / "shared" / "0123", tmp_path / "run")
    for folder in (places.state, places.home):
        folder.mkdir(parents=True)
    (places.home / "data").mkdir()
    leftovers.note(places)
    return places


def left(kept):
    return leftovers.remove(kept.home.parent)


def test_it_stays_while_the_state_folder_is_there_and_goes_with_it(kept):
    assert left(kept) == []
    kept.state.rmdir()
    assert left(kept) == [kept.home]
    assert not kept.home.exists()


def test_it_stays_while_somebody_uses_it(kept):
    kept.state.rmdir()
    share = locks.share(kept.home / "users.lock")
    assert left(kept) == []
    os.close(share)
    assert left(kept) == [kept.home]


def test_a_state_folder_on_a_disk_that_is_not_mounted_is_not_gone(kept):
    kept.state.rmdir()
    note = kept.home / leftovers.NOTE
    note.write_text(note.read_text().replace(str(kept.state.parent.stat().st_dev), "123456789"))
    assert left(kept) == []
    leftovers.note(kept)
    kept.state.parent.rmdir()
    assert left(kept) == []


def test_a_folder_of_an_earlier_version_that_has_no_note_stays(kept):
    kept.state.rmdir()
    (kept.home / leftovers.NOTE).unlink()
    assert left(kept) == []
