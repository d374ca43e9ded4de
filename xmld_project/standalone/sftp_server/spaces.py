"""The folders of the embedded spaces: var/sftp, which is a link when root runs the product."""

from pathlib import Path

from deliveries import sftp_usernames
from deliveries.durable_files import written_aside
from xmld_project.standalone.places import Places
from xmld_project.standalone.service_user import ServiceUser


def prepare(places: Places, user: ServiceUser | None) -> Path:
    """Make the folder of all spaces and return its real path, which the server's user can reach."""
    real = _folder(places, user)
    marks = real / sftp_usernames.OWNERS
    marks.mkdir(mode=0o700, exist_ok=True)
    if user:
        user.own(marks)
    return real


def _folder(places: Places, user: ServiceUser | None) -> Path:
    if user is None:
        places.spaces.mkdir(mode=0o700, parents=True, exist_ok=True)
        return places.spaces
    real = places.home / "sftp"
    real.mkdir(mode=0o700, parents=True, exist_ok=True)
    user.own(real)
    if not places.spaces.is_symlink() or places.spaces.readlink() != real:
        if places.spaces.is_symlink():
            places.spaces.unlink()
        if places.spaces.is_dir():
            _move_in(places.spaces, real, user)
        places.spaces.symlink_to(real)
    return real


def _move_in(old: Path, real: Path, user: ServiceUser) -> None:
    """Take over the spaces of a state folder that an ordinary user began."""
    for folder in old.iterdir():
        folder.rename(real / folder.name)
        for path in (real / folder.name, *(real / folder.name).rglob("*")):
            user.own(path)
    old.rmdir()


def put(folder: Path, user: ServiceUser | None, files: dict[str, bytes]) -> None:
    """Put files into a space as its user would: each complete before it has its name, in the order given."""
    folder.mkdir(mode=0o750, exist_ok=True)
    if user:
        user.own(folder)
    for name, content in files.items():
        own = user.own if user else lambda _draft: None
        with written_aside(folder / name, mode=0o666, durable=False, before=own) as file:
            file.write(content)
