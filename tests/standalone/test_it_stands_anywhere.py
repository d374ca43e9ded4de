"""The product runs where it is put: as anybody, in any folder, also in one that only its owner may enter."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.product import DEMO, ROOT, Product

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product-places")]
LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "tests", "docs", "benchmarks")
NOBODY = pwd.getpwnam("nobody")


def may(user, word, path):
    """Whether a user may read (-r) or run (-x) a path."""
    asked = subprocess.run(["test", word, path], check=False, user=user.pw_uid, group=user.pw_gid, extra_groups=[])
    return asked.returncode == 0


def interpreter(user, folder):
    """Return a Python of this version that the user may run, and where our packages lie for it."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    known = [sys.executable, *(found for at in os.defpath.split(":") if (found := shutil.which(version, path=at)))]
    runs = next((python for python in known if may(user, "-x", python)), None)
    if runs is None:
        shutil.copytree(sys.base_prefix, folder / "python", symlinks=True)
        runs = str(folder / "python" / "bin" / version)
    subprocess.run([runs, "-m", "venv", "--without-pip", folder / "venv"], check=True)  # without what Debian adds
    packages = sysconfig.get_path("purelib")
    if not may(user, "-r", f"{packages}/django/__init__.py"):
        packages = shutil.copytree(packages, folder / "packages")
    return str(folder / "venv" / "bin" / "python"), str(packages)


@pytest.fixture
def anywhere():
    """Copy the project into a folder, and make a product of it."""
    place = Path(tempfile.mkdtemp(prefix="xmld-place-"))  # pytest keeps its own folders to itself
    place.chmod(0o755)
    made = []

    def copied(name):
        root = place / name / "xml delivery"
        shutil.copytree(ROOT, root, ignore=LEFT_OUT)
        made.append(Product(state=root / "var", root=root))
        return made[-1]

    yield copied
    for product in made:
        product.clear()
    shutil.rmtree(place)


def welcomed(product):
    product.start()
    run = product.wait_for_run("welcome.xml")
    assert (run["status"], run["rows"]) == ("SUCCESS", {"good": 3, "bad": 0})
    assert "welcome.csv" in product.space_files(DEMO)
    assert product.command("deliveries", "--json").json
    return {name: psutil.Process(product.run_json["pids"][name]) for name in ("postgres", "sftp", "web")}


def test_an_ordinary_user_runs_it_in_a_folder_with_blanks_and_accents(anywhere):
    product = anywhere("Città, «nuova»")
    if os.geteuid() == 0:
        python, packages = interpreter(NOBODY, product.root.parent.parent)
        product.started_by(python, str(product.root / "manage.py"), run=["runall"])
        product.environment |= {"PYTHONPATH": packages, "HOME": str(product.root)}
        product.identity = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}
        for path in (product.root, *product.root.rglob("*")):
            os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    processes = welcomed(product)
    assert len({process.username() for process in processes.values()}) == 1
    assert not (product.state / "sftp").is_symlink()
    assert product.stop() == 0


def test_it_runs_below_a_folder_that_only_its_owner_may_enter(anywhere):
    product = anywhere("mine")
    product.root.parent.chmod(0o700)
    processes = welcomed(product)
    owner = pwd.getpwuid(os.geteuid()).pw_name
    service = NOBODY.pw_name if os.geteuid() == 0 else owner
    assert {name: process.username() for name, process in processes.items()} == {
        "postgres": service, "sftp": service, "web": owner,
    }  # fmt: skip
    assert Path(product.root.parent).stat().st_mode & 0o777 == 0o700
    assert product.stop() == 0
