"""Django's answer to one complete request, made whole in a thread: how fast it is read holds nobody up."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any, Final

_IN_MEMORY: Final = 1024**2
_PIECE: Final = 64 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers, and the body: bytes, or an open file where it is long."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | IO[bytes]


def answer(application: Application, environ: dict[str, Any]) -> Answer:
    """Return what the application says. Its connection to the database is a thread's: all of it is read here."""
    said: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
        said[:] = [(int(status[:3]), headers)]

    parts = application(environ, start_response)
    try:
        body = _gathered(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return Answer(*said[0], body)


def _gathered(parts: Iterable[bytes]) -> bytes | IO[bytes]:
    held: list[bytes] = []
    size = 0
    iterator = iter(parts)
    for part in iterator:
        held.append(part)
        size += len(part)
        if size > _IN_MEMORY:
            break
    else:
        return b"".join(held)
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed once it is sent
    try:
        file.writelines(held)
        file.writelines(iterator)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def pieces(file: IO[bytes]) -> Iterable[bytes]:
    """Yield a file in pieces as they are written to a connection."""
    while piece := file.read(_PIECE):
        yield piece
