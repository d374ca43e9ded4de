"""The clients of the chaos test: each drops its bundles by SFTP and tries again as a real one does."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Sequence
from random import Random

import paramiko

from tests.product import Product
from tests.whole.chaos_bundles import Planned

_FAILED = (OSError, EOFError, paramiko.SSHException, ValueError)


class Client(threading.Thread):
    """Drops the bundles of one space in their order, within `seconds`.

    `doubtful` counts by stem the tries after which the client can't know whether its semaphore was made: it
    tries again, so one such bundle may honestly come twice.
    """

    def __init__(self, product: Product, bundles: Sequence[Planned], chance: Random, seconds: float) -> None:
        super().__init__(name=f"client-{bundles[0].space}", daemon=True)
        self.doubtful: Counter[str] = Counter()
        self.dropped: set[str] = set()
        self.give_up = threading.Event()
        self._product = product
        self._bundles = bundles
        self._chance = chance
        self._pause = 2 * seconds / len(bundles)

    def run(self) -> None:
        for bundle in self._bundles:
            self.give_up.wait(self._chance.uniform(0, self._pause))
            while not self.give_up.is_set() and not self._drops(bundle):
                self.give_up.wait(1.0)
            self.dropped.add(bundle.stem)

    def _drops(self, bundle: Planned) -> bool:
        began = False
        try:
            with self._session(bundle.space) as client:
                if self.doubtful[bundle.stem] and bundle.semaphore in client.listdir("/"):
                    return True
                for name in sorted(bundle.files, key=lambda name: (name.endswith(".ok"), name)):
                    began = name == bundle.semaphore
                    with client.open(f"/{name}", "wb") as file:
                        file.write(bundle.files[name])
        except _FAILED:
            self.doubtful[bundle.stem] += began
            return False
        return True

    @contextlib.contextmanager
    def _session(self, user: str):
        line = socket.create_connection(("127.0.0.1", self._product.run_json["sftp"]), timeout=15)
        with line, paramiko.Transport(line) as transport:
            transport.banner_timeout = transport.auth_timeout = 15
            transport.start_client(timeout=15)
            transport.auth_password(user, user)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            client.get_channel().settimeout(15)
            with client:
                yield client
