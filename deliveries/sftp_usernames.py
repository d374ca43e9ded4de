"""Whose a user name of the bundled SFTP server is: the account's that used it first, for good.

The files of a user name lie in var/sftp/<user name>/: were it given to another account, they would go along. So
each name has a mark, var/sftp/.owners/<user name>, with the id of its account. No user name begins with a dot, so
no client reaches the marks; they lie beside the files and last as long, whatever becomes of the database.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deliveries import conf
from deliveries.durable_files import make_once

OWNERS: Final = ".owners"
_NOBODY: Final = 0  # no account has this id
_LONGEST: Final = 255  # bytes: a user's name is a folder's name


def is_taken(username: str, account_id: int) -> bool:
    """Return whether another account has used this name, before it is given to a space; the server checks anew."""
    try:
        return is_possible(username) and not may_use(conf.state_dir() / "sftp", username, account_id)
    except OSError:  # another machine's folder, or another user's
        return False


def is_possible(username: str) -> bool:
    """Return whether a folder of this name would lie beside those of the other spaces and be none of ours."""
    named = username and not username.startswith(".") and not set(username) & set("/\0")
    return bool(named) and len(os.fsencode(username)) <= _LONGEST


def may_use(spaces: Path, username: str, account_id: int) -> bool:
    """Return whether a name is free or the account's already; `spaces` is the folder of all. Raises OSError."""
    return _owner(spaces, username) in {None, account_id}


def claim(spaces: Path, username: str, account_id: int) -> bool:
    """Take a name for an account; False when it is another's. Of two at once the first has it. Raises OSError."""
    if _owner(spaces, username) is None:
        _mark(spaces / OWNERS, username, account_id)
    return _owner(spaces, username) == account_id


def adopt(spaces: Path, owners: Mapping[str, int]) -> list[str]:
    """Mark the folders that have no mark yet with the account that has their name now (`owners`). Raises OSError.

    Returns those whose name no space has any more: they are kept for nobody.
    """
    aside = []
    for folder in sorted(spaces.iterdir()):
        if is_possible(folder.name) and folder.is_dir() and _owner(spaces, folder.name) is None:
            _mark(spaces / OWNERS, folder.name, owners.get(folder.name, _NOBODY))
            if folder.name not in owners:
                aside.append(folder.name)
    return aside


def _owner(spaces: Path, username: str) -> int | None:
    """Return the id of a name's account, None when the name is free; what can't be read belongs to nobody."""
    try:
        return int((spaces / OWNERS / username).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return _NOBODY


def _mark(marks: Path, username: str, account_id: int) -> None:
    """Make a mark whole or not at all, on the disk before the first file is; the first one stays."""
    marks.mkdir(mode=0o700, exist_ok=True)
    # Whoever starts the product writes it, and XMLD_RUN_AS must read it.
    make_once(marks / username, b"%d\n" % account_id, mode=0o644)
