"""Files that are whole or not there: written aside, brought to the disk, then given their name (no Django)."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def written_aside(
    path: Path, *, mode: int = 0o600, durable: bool = True, before: Callable[[Path], object] = lambda _draft: None
) -> Iterator[BinaryIO]:
    """Open a draft beside `path`; it takes the place of what is there once the block ends well, else it goes.

    The draft has `mode` from its first byte on; `before` is called with it before it gets its name. With `durable`
    the file and its name survive a power cut once this returns. Raises OSError.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        before(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    if durable:
        sync_folder(path.parent)


def make_once(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Make a file durably unless it is there: of many at once the first is obeyed by all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask takes away
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # refuses to replace
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
