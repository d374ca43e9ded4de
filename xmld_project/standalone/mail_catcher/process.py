"""The mail catcher: an SMTP server that keeps every message as a file and sends none.

Started by the supervisor as `python -m xmld_project.standalone.mail_catcher.process PORT FOLDER`.
"""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from xmld_project.standalone import parent
from xmld_project.standalone.mail_catcher.session import Session
from xmld_project.standalone.mail_catcher.store import MailStore


async def serve(port: int, folder: Path) -> None:
    """Serve on loopback until SIGTERM."""
    store = MailStore(folder)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    server = await loop.create_server(lambda: Session(store.keep), "127.0.0.1", port)
    async with server:
        await stop.wait()


def main(arguments: list[str]) -> int:
    """Take port and folder from the command line."""
    parent.end_with_supervisor()
    try:
        asyncio.run(serve(int(arguments[0]), Path(arguments[1])))
    except OSError as error:
        sys.stderr.write(f"mail catcher: {error.strerror or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
