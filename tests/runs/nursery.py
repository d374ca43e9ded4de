"""Worker processes to be killed: forked off one process that has loaded the product, as a cluster's are."""

import os
import signal
import subprocess
import sys
from urllib.parse import quote

import psutil
from django.conf import settings
from django.db import connection

from tests.ending import ending_with_us
from tests.waiting import PATIENCE

_NURSERY = """
import os, signal, sys
import django
django.setup()
from deliveries.intake.polling import entry
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        os.close(0)
        entry.poll(int(line))
        os._exit(0)
    print(pid, flush=True)
"""


def database_url():
    given = connection.settings_dict
    who = f"{given['USER']}:{quote(given['PASSWORD'])}"
    address = f"postgresql://{who}@/{given['NAME']}?host={quote(given['HOST'])}"
    return address + (f"&port={given['PORT']}" if given["PORT"] else "")


class Nursery:
    def __init__(self):
        self._parent = subprocess.Popen(
            ending_with_us([sys.executable, "-c", _NURSERY], "KILL"),
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "xmld_project.settings",
                "DATABASE_URL": database_url(),
                "XMLD_STATE_DIR": str(settings.STATE_DIR),
                "XMLD_DATA_KEY": settings.DATA_KEY,
                "XMLD_SECRET_KEY": settings.SECRET_KEY,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._parent.stdout.readline() == "ready\n"

    def poll(self, space):
        """Have a new worker poll the space; returns its process."""
        self._parent.stdin.write(f"{space.pk}\n")
        self._parent.stdin.flush()
        return psutil.Process(int(self._parent.stdout.readline()))

    def stop(self):
        os.killpg(self._parent.pid, signal.SIGKILL)
        self._parent.wait(PATIENCE)
        self._parent.stdin.close()
        self._parent.stdout.close()
