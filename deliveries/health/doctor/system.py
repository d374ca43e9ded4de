"""The machine: room on its disk, who may read the secrets, as whom the product runs, versions."""

import os
import platform
import shutil
import stat
import tomllib
from collections.abc import Iterator
from importlib import metadata
from typing import Final

import django
from django.conf import settings

from deliveries import conf
from deliveries.health.doctor.findings import Finding, fine, look, mend

_FULL: Final = 0.02
_NEARLY_FULL: Final = 0.1
_GIGABYTE: Final = 1_000_000_000


def disk() -> Iterator[Finding]:
    """Check the room where bundles, mails and logs are kept."""
    folder = conf.state_dir()
    usage = shutil.disk_usage(folder if folder.exists() else folder.parent)
    left = f"{usage.free / _GIGABYTE:.1f} GB of {usage.total / _GIGABYTE:.0f} are free below {folder}"
    if usage.free < usage.total * _FULL:
        yield mend("disk", f"{left}: make room, or no bundle can be received")
    elif usage.free < usage.total * _NEARLY_FULL:
        yield look("disk", f"{left}: make room soon, `manage.py prune` deletes what is past its time")
    else:
        yield fine("disk", left)


def secrets() -> Iterator[Finding]:
    """Check whether only the product's user reads its keys."""
    folder = conf.state_dir() / "secrets"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield mend("secrets", f"{path} can be read by others: chmod 600 it, and make a new one if somebody did")


def users() -> Iterator[Finding]:
    """Check as whom the product runs: root opens every door to whoever takes over a part."""
    if os.geteuid() == 0:
        yield look("user", "the product runs as root: give it a user of its own (docs/install.md)")


def versions() -> Iterator[Finding]:
    """Return what runs."""
    try:
        own = metadata.version("xml-delivery")
    except metadata.PackageNotFoundError:
        own = f"{_version_of_the_clone()} from a clone"
    yield fine("versions", f"XML Delivery {own}, Python {platform.python_version()}, Django {django.__version__}")


def _version_of_the_clone() -> str:
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
