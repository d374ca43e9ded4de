"""The buffer between paramiko's thread and ours."""

from paramiko.buffered_pipe import BufferedPipe


class Pipe(BufferedPipe):  # type: ignore[type-arg]  # generic in its stubs only
    """As paramiko's own, but what is read goes off its front without a move of the rest.

    paramiko keeps an array, from which each read of a reply's 4 bytes moves all that waits behind them: up to 8 MB
    with IN_FLIGHT requests under way, three quarters of the time of a download on loopback.
    """

    def __init__(self) -> None:
        super().__init__()
        self._buffer = bytearray()

    def _buffer_frombytes(self, data: bytes) -> None:
        self._buffer += data

    def _buffer_tobytes(self, limit: int | None = None) -> bytes:
        with memoryview(self._buffer) as waiting:
            return bytes(waiting[:limit])
