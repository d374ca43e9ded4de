"""Requests as bytes on a line, finished or not."""

import contextlib
import re
import socket
import time

from tests.waiting import PATIENCE


def request(method, path, *, headers=(), body=b"", length=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body or length is not None:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(port, raw, seconds=PATIENCE):
    """Return status, head and body of the first answer; the line is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        line.sendall(raw)
        got = b""
        while b"\r\n\r\n" not in got:
            piece = line.recv(65536)
            assert piece, got
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: (\d+)", head)
        while found and len(body) < int(found[1]):
            body += line.recv(65536)
    return int(head.split(b" ")[1]), head, body


def timed(port, raw):
    began = time.monotonic()
    status, _, _ = ask(port, raw)
    return status, time.monotonic() - began


@contextlib.contextmanager
def open_lines(port, raws):
    """Keep a line open for each of these beginnings of requests."""
    with contextlib.ExitStack() as stack:
        for raw in raws:
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            if raw:
                line.sendall(raw)
        yield
