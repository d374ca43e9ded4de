"""A real OpenSSH server on loopback, key log-in only, its folder ours."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.ending import ending_with_us
from tests.ports import free_ports
from tests.waiting import PATIENCE, wait_for


def _answers(process, port):
    assert process.poll() is None, "sshd has ended"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Sshd:
    def __init__(self, folder: Path):
        self.home = folder
        self.drop = folder / "drop"
        self.drop.mkdir()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", folder / name], check=True)
        shutil.copy(folder / "user.pub", folder / "authorized")
        (self.port,) = free_ports(1)
        (folder / "config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nStrictModes no\n"
            f"AuthorizedKeysFile {folder}/authorized\nPasswordAuthentication no\nUsePAM no\n"
            "Subsystem sftp internal-sftp\nPermitRootLogin yes\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        self.process = None
        self.start()

    @property
    def host_key(self):
        return (self.home / "host.pub").read_text()

    @property
    def private_key(self):
        return (self.home / "user").read_text()

    def start(self):
        self.process = subprocess.Popen(
            ending_with_us([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", self.home / "config"]),
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: _answers(self.process, self.port), "sshd")

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def put(self, name, data=b""):
        path = self.drop / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path


def user():
    return os.environ.get("USER") or __import__("pwd").getpwuid(os.getuid()).pw_name


def temporary():
    return Path(tempfile.mkdtemp(prefix="xmld-sshd-"))
