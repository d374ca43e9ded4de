"""Secrets that the product makes for itself once and keeps in the state folder, readable by its owner only."""

import secrets
from pathlib import Path

from deliveries.durable_files import make_once


def made_once(path: Path, length: int = 50) -> str:
    """Return the secret kept at `path`; the first caller makes it, and callers at the same time agree on it."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_once(path, secrets.token_urlsafe(length).encode("ascii"))
    return path.read_text(encoding="ascii").strip()
