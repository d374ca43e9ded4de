"""A wheel carries all that the product needs: built, installed beside nothing, started."""

import os
import subprocess
import sys

import pytest

from tests.product import ROOT

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product-wheel")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the packages of the wheel and its command; the libraries are those of the test environment."""
    made = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(made), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = made.glob("*.whl")
    target = made / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True, capture_output=True, timeout=300)
    return target


def test_it_runs_without_a_clone_and_sends_the_welcome_bundle(installed, another_product, tmp_path):
    product = another_product(PYTHONPATH=str(installed))
    product.started_by(str(installed / "bin" / "xml-delivery"), run=["run"], manage=["manage"])
    product.start()
    assert product.wait_for_run("welcome.xml")["status"] == "SUCCESS"
    assert product.command("deliveries", "--json").json[0]["status"] in {"sending", "sent"}
    where = subprocess.run(
        [sys.executable, "-c", "import deliveries; print(deliveries.__file__)"],
        env=product.environment, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert where.stdout.startswith(str(installed))
    assert product.stop() == 0


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), ([], 2), (["walk"], 2), (["run", "more"], 2)])
def test_it_says_how_it_is_used(installed, arguments, code, tmp_path):
    command = [str(installed / "bin" / "xml-delivery"), *arguments]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(installed), "XMLD_STATE_DIR": str(tmp_path)},
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == code
    assert "xml-delivery manage COMMAND" in done.stdout + done.stderr
