"""What a deleted state folder leaves in /var/lib/xmld: it goes at the next start of anybody's product."""

import json
import os
import shutil
from pathlib import Path
from typing import Final

from xmld_project.standalone import locks
from xmld_project.standalone.places import SHARED, Places

NOTE: Final = "belongs.json"


def note(places: Places) -> None:
    """Note to which state folder the folder belongs, and on which disk that one lies. Raises OSError."""
    text = json.dumps({"state": os.fspath(places.state), "device": places.state.parent.stat().st_dev})
    kept = places.home / NOTE
    if not kept.exists() or kept.read_text(encoding="utf-8") != text:
        kept.write_text(text, encoding="utf-8")


def remove(shared: Path = SHARED) -> list[Path]:
    """Remove the folders whose state folder is gone and that nobody uses; return them.

    A state folder on a disk that is not mounted is not gone: what lies in its place is on another device.
    """
    return [home for home in sorted(shared.iterdir()) if _is_left(home) and _removed(home)]


def _is_left(home: Path) -> bool:
    try:
        said = json.loads((home / NOTE).read_text(encoding="utf-8"))
        state = Path(said["state"])
        return not os.path.lexists(state) and state.parent.stat().st_dev == said["device"]
    except (OSError, ValueError, KeyError, TypeError):  # no note, or its parent is gone too: it may come back
        return False


def _removed(home: Path) -> bool:
    lock = locks.try_exclusive(home / "users.lock")
    if lock is None:
        return False
    try:
        shutil.rmtree(home, ignore_errors=True)
    finally:
        os.close(lock)
    return True
