"""Fetching a large list from a space (reference 10)."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MeasurementError, program, run_through
from benchmarks.measuring.space_server import space, sshd, user
from benchmarks.measuring.stopwatch import seconds
from deliveries import conf
from deliveries.intake.leases import lease as leases
from deliveries.intake.runs import spool, transitions
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.listing import Bundle
from deliveries.intake.sftp.space_connection import SpaceConnection
from deliveries.models import SftpSpace
from recipients.models import Account
from tests.runs.sshd import Sshd

METHOD: Final = """\
fetching: a CSV of {megabytes} MB from OpenSSH's sshd on loopback to one disk: OpenSSH's `sftp get` against the
product's own download, which also hashes the file and waits for the disk (fsync); log-in included in both.
{rounds} pairs, alternating who goes first; the medians count."""
NAME: Final = "list.csv"
LONGEST: Final = 600
MEGABYTE: Final = 1_000_000


def write(path: Path, megabytes: int) -> None:
    """Write a CSV of this size."""
    line = "u%09d@mail.example,Anna,Bianchi,Milano,MI,20100,4711,120.50,1970-01-01,1,+39 02 5550100,al piano\n"
    block = "".join(line % number for number in range(10_000)).encode()
    with path.open("wb") as file:
        for _megabyte in range(megabytes):
            file.write(block[:MEGABYTE])


def by_sftp(server: Sshd, remote: SftpSpace, target: Path) -> float:
    """Return the seconds of OpenSSH's own client."""
    known = server.home / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {server.host_key}")
    login = ("-F", "none", "-i", str(server.home / "user"), "-o", f"UserKnownHostsFile={known}")
    place = f"{user()}@127.0.0.1:{remote.directory}/{NAME}"
    command = [program("sftp"), "-q", *login, "-P", str(server.port), place, str(target)]
    took = seconds(lambda: run_through(command, LONGEST, stdout=subprocess.DEVNULL))
    target.unlink()
    return took


def by_us(remote: SftpSpace, number: int) -> float:
    """Return the seconds of the product's download, as a run does it."""
    with leases.held(remote.pk) as lease:
        if lease is None:
            raise MeasurementError("the space is leased by somebody else")
        run = transitions.create(lease, remote, Bundle(f"list{number}", (b"list.ok",), 0), "list.xml")
        context = RunContext(run, remote, lease, SpaceConnection(remote))
        try:
            took = seconds(lambda: spool.fetch(context, NAME, "csv", NAME))
        finally:
            context.remote.close()
    (spool.folder(run.pk) / NAME).unlink()
    run.delete()
    return took


def measure(sizes: Sizes) -> Iterator[Row]:
    """Alternate both clients."""
    account = Account.objects.create(name="Bench of fetching")
    conf.spool().mkdir(exist_ok=True)
    with sshd() as server, tempfile.TemporaryDirectory(dir=conf.spool()) as folder:
        remote = space(account, server, "lists")
        write(server.drop / "lists" / NAME, sizes.megabytes)
        theirs: list[float] = []
        ours: list[float] = []
        for number in range(sizes.rounds):
            for our_turn in (False, True) if number % 2 == 0 else (True, False):
                os.sync()
                if our_turn:
                    ours.append(by_us(remote, number))
                else:
                    theirs.append(by_sftp(server, remote, Path(folder, NAME)))
    peer, took = median(theirs), median(ours)
    yield Row("OpenSSH's sftp get", sizes.megabytes / peer, "MB/s", 1.0)
    yield Row("the product's download", sizes.megabytes / took, "MB/s", peer / took, at_least=0.7)
