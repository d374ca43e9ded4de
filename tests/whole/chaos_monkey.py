"""What kills the processes of the chaos test: by chance, but the same chance for the same seed."""

import os
import signal
import threading
from collections import Counter
from random import Random

import psutil

from tests.product import Product

PARTS = ("clock", "cluster", "cluster", "a worker", "web", "senders", "senders", "sftp", "postgres")


class Monkey:
    """Kills or stops one process after the other; `kills` and `stops` count them by part."""

    def __init__(self, product: Product, chance: Random) -> None:
        self._product = product
        self._chance = chance
        self._pause = threading.Event()
        self.kills: Counter[str] = Counter()
        self.stops: Counter[str] = Counter()
        self.story: list[str] = []

    def rage(self, seconds: float) -> None:
        """Go on for so long, one process every 1 to 6 s."""
        left = seconds
        while left > 0:
            pause = self._chance.uniform(1, 6)
            self._pause.wait(pause)
            left -= pause
            part, freeze = self._chance.choice(PARTS), self._chance.random() < 0.2
            length = self._chance.uniform(1, 4)
            for pid in self._victims(part):
                if freeze:
                    self._freeze(pid, part, length)
                    left -= length
                else:
                    self._kill(pid, part)

    def kill(self, part: str) -> None:
        """Kill what is there of a part, now."""
        for pid in self._victims(part):
            self._kill(pid, part)

    def _victims(self, part: str) -> list[int]:
        """Return the processes to strike: one, or the whole group of a cluster half of the time."""
        pids = self._product.run_json["pids"]
        if part == "senders":
            alive = [pid for pid in pids["senders"] if pid]
            return [self._chance.choice(alive)] if alive else []
        pid = pids["cluster" if part == "a worker" else part]
        if pid is None or not psutil.pid_exists(pid):
            return []
        if part == "a worker":
            children = [child.pid for child in psutil.Process(pid).children(recursive=True)]
            return [self._chance.choice(sorted(children))] if children else []
        return [pid]

    def _kill(self, pid: int, part: str) -> None:
        try:
            if part == "cluster" and self._chance.random() < 0.5:
                os.killpg(pid, signal.SIGKILL)
            else:
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.kills[part] += 1
        self.story.append(f"killed {part} {pid}")

    def _freeze(self, pid: int, part: str, length: float) -> None:
        try:
            os.kill(pid, signal.SIGSTOP)
            self._pause.wait(length)
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return
        self.stops[part] += 1
        self.story.append(f"stopped {part} {pid} for {length:.1f} s")
