"""A scripted SMTP server that misbehaves on order, and remembers each copy that it accepted.

`script(phase, number, context)` returns what to do at a phase of the session's `number`-th message:
None goes well; a text is the reply; Drop closes; Hang stays silent; Accept(text) takes the message first.
Phases: banner, ehlo, auth, mail, rcpt, data, body (mid-way), dot, quit.
"""

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes

from django.db import connection as database

from tests.waiting import PATIENCE, wait_for


@dataclass(frozen=True)
class Drop:
    """Close the connection after `saying` this; at the dot `accepted` says whether the message was taken before."""

    accepted: bool = False
    saying: bytes = b""


@dataclass(frozen=True)
class Hang:
    """Say nothing until the event is set, then `then`."""

    event: threading.Event
    accepted: bool = False
    then: str = "250 2.0.0 late but good"


@dataclass
class Gate:
    """A script that takes so many messages; the others wait with their dot until `open`, or until more may pass."""

    most: int
    passed: int = 0

    def __post_init__(self):
        self._moved = threading.Condition()

    def __call__(self, phase: str, _context: dict) -> None:
        if phase == "dot":
            with self._moved:
                self._moved.wait_for(lambda: self.passed < self.most, PATIENCE)
                self.passed += 1

    def let(self, most: int):
        """Let so many pass in all."""
        with self._moved:
            self.most = most
            self._moved.notify_all()

    def open(self):
        self.let(1_000_000)


Answer = str | bytes | Drop | Hang | None
Script = Callable[[str, dict], Answer]


def goes_well(_phase: str, _context: dict) -> Answer:
    return None


@dataclass
class SmtpServer:
    script: Script = goes_well
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 33554432", "8BITMIME", "SMTPUTF8")
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    accepted: list[tuple[str, str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    sessions: int = 0

    def __post_init__(self):
        self._lock = threading.Lock()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                _Talk(outer, self.request).run()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # a client that goes away is what these tests are about

        self._kind = lambda port: Server(("127.0.0.1", port), Handler)
        self._open: set[socket.socket] = set()
        self.port = 0
        self.start()

    def start(self):
        """Listen, at the same port as before if it was killed: somebody who connects may have it for a moment."""
        self._server = wait_for(self._listening, "the port")
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _listening(self):
        try:
            return self._kind(self.port)
        except OSError:
            return None

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def kill(self):
        """Be gone at once, as by SIGKILL: every line is reset."""
        self.stop()
        self.hang_up(reset=True)

    def hang_up(self, *, reset: bool = False):
        """Close every line."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    if reset:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def accept(self, sender: str, to: str, body: bytes):
        with self._lock:
            self.accepted.append((sender, to, body))

    def copies(self) -> Counter:
        """How many copies each recipient got."""
        with self._lock:
            return Counter(to for _, to, _ in self.accepted)

    def message_ids(self) -> Counter:
        with self._lock:
            return Counter(message_from_bytes(body)["Message-ID"] for _, _, body in self.accepted)


class _Gone(Exception):
    pass


class _Talk:
    """One session."""

    def __init__(self, server: SmtpServer, connection: socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server = server
        self.connection = connection
        if server.tls is not None and server.tls_at_once:
            self.connection = server.tls.wrap_socket(connection, server_side=True)
        self.file = self.connection.makefile("rb")
        self.sender = self.to = ""
        self.messages = 0

    def run(self):
        with self.server._lock:
            self.server.sessions += 1
            self.server._open.add(self.connection)
        try:
            self.say("banner", "220 test ESMTP")
            while True:
                line = self.file.readline()
                if not line:
                    return
                self.command(line.decode("utf-8").rstrip("\r\n"))
        except (_Gone, OSError):
            pass
        finally:
            with self.server._lock:
                self.server._open.discard(self.connection)
            self.file.close()
            self.connection.close()
            database.close()  # a script may have asked it: a connection belongs to its thread

    def say(self, phase: str, usual: str, accept: bytes | None = None):
        answer = self.server.script(phase, {"to": self.to, "sender": self.sender, "number": self.messages})
        if isinstance(answer, Drop):
            if answer.accepted and accept is not None:
                self.server.accept(self.sender, self.to, accept)
            self.connection.sendall(answer.saying)
            raise _Gone
        if isinstance(answer, Hang):
            if answer.accepted and accept is not None:
                self.server.accept(self.sender, self.to, accept)
            answer.event.wait(PATIENCE)
            answer = answer.then
        elif accept is not None and (answer is None or str(answer).startswith("2")):
            self.server.accept(self.sender, self.to, accept)
        reply = usual if answer is None else answer
        self.connection.sendall(reply if isinstance(reply, bytes) else reply.encode() + b"\r\n")
        return str(reply)

    def command(self, line: str):
        self.server.commands.append(line)
        verb = line.split(" ", maxsplit=1)[0].split(":", maxsplit=1)[0].upper()
        if verb == "EHLO":
            lines = ["test", *self.server.offers]
            marks = ["-"] * (len(lines) - 1) + [" "]
            self.say("ehlo", "\r\n".join(f"250{mark}{text}" for mark, text in zip(marks, lines, strict=True)))
        elif verb == "STARTTLS" and self.server.tls is not None:
            self.connection.sendall(b"220 2.0.0 go ahead\r\n")
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
            self.file = self.connection.makefile("rb")
        elif verb == "AUTH":
            self.say("auth", "235 2.7.0 welcome")
        elif verb == "MAIL":
            self.sender = line.split("<")[1].split(">", maxsplit=1)[0]
            self.say("mail", "250 2.1.0 ok")
        elif verb == "RCPT":
            self.to = line.split("<")[1].split(">", maxsplit=1)[0]
            self.say("rcpt", "250 2.1.5 ok")
        elif verb == "DATA":
            if self.say("data", "354 go on").startswith("354"):
                self.body()
        elif verb == "QUIT":
            self.say("quit", "221 2.0.0 bye")
            raise _Gone
        else:
            self.connection.sendall(b"250 2.0.0 ok\r\n")

    def body(self):
        if isinstance(self.server.script("body", {"to": self.to, "sender": self.sender, "number": 0}), Drop):
            self.file.readline()
            raise _Gone
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise _Gone
            lines.append(line[1:] if line.startswith(b".") else line)
        self.messages += 1
        self.say("dot", "250 2.0.0 queued", accept=b"".join(lines))
