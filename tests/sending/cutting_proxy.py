"""Between a sender and PostgreSQL: cuts a connection exactly at a COMMIT, before or after the server hears it."""

import contextlib
import socket
import threading
from pathlib import Path

from django.db import connection

from tests.forwarding import pump


class CuttingProxy:
    """`cuts` is how many COMMITs more are cut; `heard` says whether the server gets them first."""

    def __init__(self, *, heard: bool):
        given = connection.settings_dict
        self._server = str(Path(given["HOST"]) / f".s.PGSQL.{given['PORT'] or 5432}")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cuts = 0
        self.done = 0
        self._heard = heard
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self):
        self._listener.close()

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket):
        back = threading.Thread(target=pump, args=(server, client), daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.cuts and b"COMMIT\0" in data:
                    self.cuts -= 1
                    self._cut(client, server, data)
                    self.done += 1
                    break
                server.sendall(data)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        back.join()
        client.close()
        server.close()

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes):
        client.shutdown(socket.SHUT_RDWR)
        if self._heard:
            server.sendall(data)
            threading.Event().wait(0.2)  # the server commits; nobody is there to be told
