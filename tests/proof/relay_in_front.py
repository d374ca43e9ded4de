"""A proxy between the senders and another relay: it passes each byte on, cuts lines, and counts copies."""

import contextlib
import random
import socket
import threading
from collections import Counter, deque


class RelayInFront:
    """A transparent proxy before a relay; which counts and misbehaves as the scripted server does.

    A copy counts when the relay has said 2xx after the final dot, whether the sender hears it or not.
    """

    def __init__(self, relay: tuple[str, int], chance: random.Random) -> None:
        self._relay = relay
        self._chance = chance
        self._lock = threading.Lock()
        self._accepted: list[str] = []
        self.did: Counter[str] = Counter()
        self.calm = False
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"smtp://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def copies(self) -> Counter[str]:
        with self._lock:
            return Counter(self._accepted)

    def accept(self, to: str) -> None:
        with self._lock:
            self._accepted.append(to)

    def strikes(self, kind: str, share: float) -> bool:
        """Return whether it misbehaves so now, and count it."""
        with self._lock:
            if self.calm or self._chance.random() >= share:
                return False
            self.did[kind] += 1
            return True

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                relay = socket.create_connection(self._relay, timeout=30)
            except OSError:
                client.close()
                continue
            _Line(self, client, relay).begin()


class _Line:
    """One session, a thread each way; commands are remembered in order, as replies come in that order."""

    def __init__(self, front: RelayInFront, client: socket.socket, relay: socket.socket) -> None:
        self._front = front
        self._client, self._relay = client, relay
        self._asked: deque[tuple[str, str]] = deque([("BANNER", "")])
        self._body = threading.Event()
        self._to = ""

    def begin(self) -> None:
        threading.Thread(target=self._live, daemon=True).start()

    def _live(self) -> None:
        """Pass on both ways until either ends, then close both lines."""
        with self._client, self._relay:
            replies = threading.Thread(target=self._pass, args=(self._replies,), daemon=True)
            replies.start()
            self._pass(self._commands)
            replies.join()

    def _pass(self, way) -> None:
        try:
            way()
        except OSError:
            pass
        finally:
            for line in (self._client, self._relay):
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _commands(self) -> None:
        with self._client.makefile("rb") as said:
            for line in said:
                if self._body.is_set():
                    if line == b".\r\n":
                        self._body.clear()
                        self._asked.append(("DOT", self._to))
                    elif self._front.strikes("drop before the dot", 0.00002):
                        return
                else:
                    verb = line[:4].upper().decode("ascii", "replace").strip()
                    if verb == "RCPT":
                        self._to = line.split(b"<")[1].split(b">")[0].decode()
                    self._asked.append((verb, self._to))
                self._relay.sendall(line)

    def _replies(self) -> None:
        with self._relay.makefile("rb") as said:
            for line in said:
                if line[3:4] == b"-":
                    self._client.sendall(line)
                    continue
                verb, to = self._asked.popleft()
                if verb == "DATA" and line.startswith(b"354"):
                    self._body.set()
                if verb == "DOT" and line.startswith(b"2"):
                    self._front.accept(to)
                    if self._front.strikes("drop after the dot, accepted", 0.004):
                        return
                self._client.sendall(line)
