"""Checks a list in a process of its own and prints what came of it, the seconds of CPU and the peak memory in MB.

python -m tests.loading.measured PATH [MOST_ROWS]
"""

import json
import os
import sys
import time
from pathlib import Path


def peak() -> float:
    """Return this program's highest resident memory in MB; what its parent had is not counted."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xmld_project.settings")
    sys.modules["rich"] = None  # a library of the tests alone, which structlog loads where it finds it
    import django

    django.setup()
    from recipients.errors import ClientError
    from recipients.loading import Dialect, check_csv
    from tests.loading.columns import COLUMNS, ROME

    more = {"most_rows": int(sys.argv[2])} if len(sys.argv) > 2 else {}
    began = time.process_time()
    try:
        result = check_csv(COLUMNS, Path(sys.argv[1]), Dialect(), 0.9, zone=ROME, **more)
        answer = {"good": result.good, "bad": result.bad}
    except ClientError as error:
        answer = {"code": error.code, "message": error.message}
    print(json.dumps(answer | {"seconds": time.process_time() - began, "memory": peak()}))  # noqa: T201  its answer


if __name__ == "__main__":
    main()
