"""What was uploaded and waits for a yes: a file of ours each, named by a token."""

import secrets
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone

from deliveries import conf
from deliveries.privacy.retention import forget_uploads

# Uploads that wait for a yes in one session; of more the oldest is forgotten.
KEPT: Final = 5
_SLOT: Final = "imports"


def keep(upload: Any) -> str:
    """Write an upload to a file of ours until it is confirmed; returns the token that names it."""
    token = _new()
    with place_of(token).open("xb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    return token


def keep_together(uploads: Iterable[Any]) -> str:
    """Write several uploads to one file of ours, under their own names; returns the token that names it."""
    token = _new()
    with zipfile.ZipFile(place_of(token), "x") as target:
        for upload in uploads:
            upload.seek(0)
            target.writestr(Path(upload.name).name, upload.read())
    return token


def kept_together(token: str) -> dict[str, bytes]:
    """Return by their names the files that were kept together."""
    with zipfile.ZipFile(place_of(token)) as source:
        return {name: source.read(name) for name in source.namelist()}


def _new() -> str:
    """Return a token for a file to come, and delete what is past its time: the clock may run on another machine."""
    forget_uploads(timezone.now() - conf.KEEP_UPLOADS)
    conf.uploads().mkdir(mode=0o700, parents=True, exist_ok=True)
    return secrets.token_hex(16)


def place_of(token: str) -> Path:
    """Return where an upload is kept; tokens are ours alone, from the session."""
    return conf.uploads() / token


def remember(request: HttpRequest, token: str, chosen: dict[str, Any]) -> None:
    """Note in the session what was chosen with an upload; each tab has its own."""
    kept = {**request.session.get(_SLOT, {}), token: chosen}
    for old in list(kept)[:-KEPT]:
        del kept[old]
        place_of(old).unlink(missing_ok=True)
    request.session[_SLOT] = kept


def take(request: HttpRequest, token: str, **known: Any) -> dict[str, Any] | None:
    """Return once what was chosen with this upload; None for one that is unknown, gone, or was not for `known`."""
    kept = request.session.get(_SLOT, {})
    chosen: dict[str, Any] | None = kept.get(token)
    if chosen is None or not known.items() <= chosen.items():
        return None
    request.session[_SLOT] = {name: each for name, each in kept.items() if name != token}
    return chosen if place_of(token).is_file() else None
