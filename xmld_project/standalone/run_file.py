"""var/run.json: what runs and where, for operators, tests and other commands (reference, State folder)."""

import json
from pathlib import Path
from typing import Any

from deliveries.durable_files import written_aside


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file, 0600 from its first byte on. Raises OSError."""
    with written_aside(path, durable=False) as file:
        file.write(json.dumps(content, indent=1, ensure_ascii=False).encode())


def read(path: Path) -> dict[str, Any] | None:
    """Return what is written there, or None when nothing readable is."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
