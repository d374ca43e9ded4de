"""Reference 1, 10: runs of different spaces side by side, the heaviest within 150 MB."""

import contextlib
from pathlib import Path

import pytest
from django.db import connections

from deliveries.models import ProcessingRun, SftpSpace
from deliveries.provisioning.service import provision
from tests.runs.conftest import ACCOUNT, Client
from tests.runs.halting import gone
from tests.waiting import wait_for

MOST_MB = 150
PAGE = "una pagina lunga " * 60


def peak(process):
    with contextlib.suppress(OSError, IndexError):
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    return 0.0


@contextlib.contextmanager
def held(account):
    """Keep the row of an account's database, which a load writes last of all."""
    own = connections.create_connection("default")
    own.set_autocommit(False)
    with own.cursor() as cursor:
        cursor.execute("SELECT FROM recipients_database WHERE account_id = %s FOR UPDATE", [account])
    yield
    own.rollback()
    own.close()


@pytest.fixture
def light(client_system, drop, tmp_path):
    """A second space, of an account of its own, on the same server."""
    file = tmp_path / "light.toml"
    text = ACCOUNT.replace("Demo Shop", "Light").replace("demo-user", "light-user").replace('"erp"', '"light"')
    file.write_text(text)
    made = provision(file)
    folder = drop.drop / "light"
    folder.mkdir()
    space = SftpSpace.objects.get()
    space.pk, space.account_id, space.name, space.directory = None, made["account"], "light", str(folder)
    space.lease_until, space.lease_owner = None, ""
    space.save()
    return Client(made, drop, space)


@pytest.mark.sentence("3.3-10", "1.3-05")
@pytest.mark.parametrize(
    "rows", [pytest.param(60_000, id="60 MB"), pytest.param(2_000_000, id="2 GB", marks=pytest.mark.long)]
)
def test_a_light_bundle_passes_while_a_heavy_one_loads_within_its_memory(client_system, light, nursery, drop, rows):
    with (drop.drop / "a.csv").open("w") as file:
        file.write("email,nome,ordine\n")
        file.writelines(f"person{n}@x.example,{PAGE},{n}\n" for n in range(rows))
    drop.put("a.xml", client_system.xml())
    drop.put("a.ok")
    worker, most = nursery.poll(client_system.space), [0.0]

    def loading():
        most.append(peak(worker))
        return ProcessingRun.objects.filter(rows_so_far__gt=0).exists()

    wait_for(loading, "a load under way")
    drop.put("light/b.csv", "email\nb@x.example\n")
    drop.put("light/b.xml", light.xml(csv="b.csv").replace("demo-user", "light-user"))
    drop.put("light/b.ok")
    with held(client_system.space.account_id):  # the heavy one can't end meanwhile
        light.poll()
        small, large = ProcessingRun.objects.order_by("-id")
        assert (small.status, small.error, large.status) == ("SUCCESS", "", "LOADING")
    wait_for(lambda: most.append(peak(worker)) or gone(worker), "the end of the worker", 3_000)
    large.refresh_from_db()
    assert (large.status, large.rows_good) == ("SUCCESS", rows)
    assert 0 < max(most) <= MOST_MB
