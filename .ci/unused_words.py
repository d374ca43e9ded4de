"""Fail where the Italian catalogue holds a sentence that no source of ours and no page of a library says.

Every text of a source counts, marked or not: labels of libraries are put together from plain ones.
"""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parents[1]
CATALOGUE: Final = ROOT / "deliveries/locale/it/LC_MESSAGES/django.po"
LIBRARIES: Final = (
    "unfold",
    "django_otp",
    "django.forms",
    "django.template",
    "django.contrib.admin",
    "django.contrib.auth",
)
QUOTED: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
MESSAGE: Final = re.compile(r'^msgid ((?:".*"\n?)+)', re.MULTILINE)


def sources() -> Iterator[Path]:
    """Yield each file that may say something on a page."""
    folders = [ROOT / name for name in ("deliveries", "recipients", "xmld_project", "templates")]
    folders += [Path(importlib.util.find_spec(name).origin).parent for name in LIBRARIES]
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.suffix in {".py", ".html", ".txt"})


def texts(path: Path) -> set[str]:
    """Return every text of a source."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        nodes = ast.walk(ast.parse(source))
        return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {ast.literal_eval(text) for text in QUOTED.findall(templatize(source))}


def main() -> None:
    """Name what is said nowhere, and exit 1 where there is something."""
    settings.configure()
    said = set().union(*map(texts, sources()))
    catalogue = CATALOGUE.read_text(encoding="utf-8")
    words = ["".join(map(ast.literal_eval, found.splitlines())) for found in MESSAGE.findall(catalogue)]
    unused = [word for word in words if word not in said]
    for word in unused:
        print(f"{CATALOGUE.relative_to(ROOT)}: {word!r} is said nowhere: take its entry out")
    sys.exit(bool(unused))


if __name__ == "__main__":
    main()
