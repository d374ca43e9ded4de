"""The whole product under test: `manage.py runall` with a folder and ports of its own, driven from outside."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import paramiko
import psycopg

from tests.ending import ending_with_us
from tests.waiting import PATIENCE, wait_for

ROOT = Path(__file__).resolve().parent.parent
DEMO = "demo"
_NEWEST_RUN = "SELECT id, ended_at FROM deliveries_processingrun WHERE file = %s ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


def _addressee(path: Path) -> str:
    with path.open("rb") as file:
        file.readline()
        return file.readline().decode().removeprefix("X-Original-To: ").strip()


class Product:
    """Started by `start()`; its console is kept in `console`. Everything on free ports of loopback."""

    def __init__(self, *, state: Path | None = None, root: Path = ROOT, **variables: str):
        self._made = state is None
        self.state = state or Path(tempfile.mkdtemp(prefix="xmld-product-"))
        self.root = root
        self.started_by(sys.executable, str(root / "manage.py"), run=["runall"])
        outside = {"DATABASE_URL", "PYTEST_XDIST_WORKER", "PYTHONUNBUFFERED"}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("XMLD_", "COV_")) and k not in outside}
        self.environment = kept | {
            "XMLD_STATE_DIR": str(self.state),
            "XMLD_WEB_PORT": "0",
            "XMLD_SFTP_PORT": "0",
            "XMLD_CATCHER_PORT": "0",
            "XMLD_SENDERS": "1",
            "XMLD_WORKERS": "2",
            "XMLD_STOP_SECONDS": "8",
            "XMLD_DEMO": "1",
            **variables,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._console = Path(tempfile.mkstemp(prefix="xmld-console-")[1])
        self.identity: Mapping[str, Any] = {}

    def started_by(self, *program: str, run: list[str], manage: Sequence[str] = ()) -> None:
        """Take another interpreter or program: `run` starts everything, `manage` goes before each command."""
        self.run = [*program, *run]
        self.manage = [*program, *manage]

    @property
    def console(self) -> str:
        return self._console.read_text(encoding="utf-8", errors="replace")

    @property
    def run_json(self) -> dict[str, Any]:
        return json.loads((self.state / "run.json").read_text(encoding="utf-8"))

    def start(self, *, ready: bool = True) -> "Product":
        with self._console.open("wb") as console:
            self.process = subprocess.Popen(
                ending_with_us(self.run),
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                **self.identity,
            )
        if ready:
            try:
                self.wait_until_ready()
            except BaseException:  # a fixture that fails to start it has not got it yet to clear it
                self.stop()
                raise
        return self

    def wait_until_ready(self, seconds: float = PATIENCE) -> None:
        def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"it ended: {self.console}"
            return "ready" in self.console.splitlines()

        wait_for(answers, f"ready; the console says:\n{self.console}", seconds)

    def command(self, *arguments: str, stdin: str = "") -> Answer:
        """Run one management command on this state folder."""
        done = subprocess.run(
            [*self.manage, *arguments],
            env=self.environment, cwd="/", input=stdin, capture_output=True, text=True, check=False, timeout=300,
            **self.identity,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    @contextlib.contextmanager
    def sftp(self, username: str = DEMO, password: str = DEMO):
        with paramiko.Transport(("127.0.0.1", self.run_json["sftp"])) as transport:
            transport.connect(username=username, password=password)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            with client:
                yield client

    def drop(self, bundle: Path | Mapping[str, bytes], username: str = DEMO, password: str = DEMO) -> None:
        """Put a folder's or mapping's files on a space, semaphores last."""
        files = {p.name: p.read_bytes() for p in bundle.iterdir()} if isinstance(bundle, Path) else dict(bundle)
        with self.sftp(username, password) as client:
            for name in sorted(files, key=lambda name: (name.endswith(".ok"), name)):
                with client.open(f"/{name}", "wb") as file:
                    file.write(files[name])

    def mails(self) -> list[EmailMessage]:
        """What the catcher has kept, oldest first, the envelope as X-Original-To and Return-Path."""
        parser = BytesParser(policy=default)
        return [parser.parsebytes(p.read_bytes()) for p in sorted((self.state / "mail").glob("*.eml"))]

    def addressees(self) -> list[str]:
        """Return to whom the catcher's mails went, one for each mail, without reading them further."""
        return [_addressee(path) for path in sorted((self.state / "mail").glob("*.eml"))]

    def space_files(self, username: str = "demo") -> dict[str, bytes]:
        folder = self.state / "sftp" / username
        return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} if folder.exists() else {}

    def wait_for_run(self, file: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """Return the newest run of an XML file once it has ended."""

        def ended() -> int | None:  # of the database: to ask a command again and again would take a whole core
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.run_json["database_url"]) as database:
                newest = database.execute(_NEWEST_RUN, [file]).fetchone()
                return newest[0] if newest and newest[1] else None
            return None

        number = wait_for(ended, f"the run of {file}", seconds)
        return next(run for run in self.command("runs", "--json").json if run["id"] == number)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Signal a process by its name in run.json ("senders": the first of them); returns its pid."""
        pid = wait_for(lambda: self._pid(name), f"a {name} that answers")
        os.kill(pid, number)
        return pid

    def _pid(self, name: str) -> int | None:
        pid = self.run_json["pids"][name]
        return pid[0] if isinstance(pid, list) else pid

    def wait_for_another(self, name: str, old: int, seconds: float = PATIENCE) -> int:
        """Return the process id of what was started in the place of `old`."""

        def another() -> int | None:
            pid = self._pid(name)
            return pid if pid and pid != old else None

        return wait_for(another, f"another {name}", seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop it as an operator would and return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def clear(self) -> None:
        """Stop it and take its folders away."""
        self.stop()
        self._console.unlink(missing_ok=True)
        home = (self.state / "sftp").resolve().parent
        if home.parent == Path("/var/lib/xmld"):
            shutil.rmtree(home, ignore_errors=True)
        if self._made:
            shutil.rmtree(self.state, ignore_errors=True)
