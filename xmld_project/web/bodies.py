"""Bodies on their way: read with a deadline and a bound before any thread is taken."""

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import IO, Final

from xmld_project.web.admission import Refused

FIRST_SECONDS: Final = 10.0  # however short it is
SLOWEST: Final = 20 * 1024  # bytes a second of what is longer than a moment
MOST_OF_AN_ADDRESS: Final = 100  # an office, a proxy of a telephone network
MOST: Final = 1_000
_IN_MEMORY: Final = 256 * 1024  # bytes; longer ones go to disk


def patience(length: int) -> float:
    """Return the seconds that a body of this length may take."""
    return FIRST_SECONDS + length / SLOWEST


class Bodies:
    """The unfinished bodies of one process.

    Where there are too many the oldest is given up, not the newest refused: a browser's body comes with its
    headers, so an old one is slow or stuck.
    """

    def __init__(self, of_an_address: int = MOST_OF_AN_ADDRESS, most: int = MOST) -> None:
        self._of_an_address = of_an_address
        self._most = most
        self._unfinished: OrderedDict[asyncio.Timeout, str] = OrderedDict()

    async def receive(self, chunks: AsyncIterable[bytes], length: int, address: str) -> IO[bytes]:
        """Return the whole body as a file, at its beginning. Raises Refused."""
        body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  closed by who gets it
        try:
            async with asyncio.timeout(patience(length)) as deadline:
                with self._counted(deadline, address):
                    async for chunk in chunks:
                        body.write(chunk)
        except TimeoutError:
            body.close()
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time.") from None
        except BaseException:
            body.close()
            raise
        if body.tell() != length:  # a line that broke is not a short form
            body.close()
            raise Refused(HTTPStatus.BAD_REQUEST, "The body ended before its Content-Length.")
        body.seek(0)
        return body

    @contextmanager
    def _counted(self, deadline: asyncio.Timeout, address: str) -> Iterator[None]:
        self._unfinished[deadline] = address
        of_address = [each for each, other in self._unfinished.items() if other == address]
        for oldest in (of_address[: -self._of_an_address], list(self._unfinished)[: -self._most]):
            for each in oldest:
                self._unfinished.pop(each, None)
                if not each.expired():
                    # Its own time-out, moved to now: it ends as a slow one does.
                    each.reschedule(asyncio.get_running_loop().time())
        try:
            yield
        finally:
            self._unfinished.pop(deadline, None)
