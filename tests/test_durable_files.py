import contextlib
import stat

from deliveries.durable_files import make_once, written_aside


def test_a_file_is_whole_or_as_it_was(tmp_path):
    place = tmp_path / "kept"
    with written_aside(place) as file:
        file.write(b"first")
    with contextlib.suppress(ZeroDivisionError), written_aside(place) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert place.read_bytes() == b"first"
    with written_aside(place, durable=False) as file:
        file.write(b"second")
        assert place.read_bytes() == b"first"
    assert place.read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_draft_has_its_mode_and_its_owner_before_it_has_its_name(tmp_path):
    place, seen = tmp_path / "kept", []

    def before(draft):
        seen.append((stat.S_IMODE(draft.stat().st_mode), draft.read_bytes(), place.exists()))

    with written_aside(place, before=before) as file:
        file.write(b"x")
    assert seen == [(0o600, b"x", False)]


def test_the_first_to_make_a_file_is_obeyed(tmp_path):
    for content in (b"first", b"second"):
        make_once(tmp_path / "mark", content, mode=0o644)
    assert (tmp_path / "mark").read_bytes() == b"first"
    assert stat.S_IMODE((tmp_path / "mark").stat().st_mode) == 0o644
    assert len(list(tmp_path.iterdir())) == 1
