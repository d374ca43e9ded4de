"""Parsing and validating a 1 MB instructions file, beside `xmllint --schema` on the same file.

Goal (reference, speed): at most 1.5 times. Best of seven; xmllint's time includes the start of its process.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deliveries.intake.parsing import parse
from deliveries.intake.parsing.document import load
from deliveries.intake.parsing.schema import XSD, validate

PERSON = (
    "<recipient><email>person{n}@mail.example</email><nome>Anna Maria</nome><cognome>De Rossi</cognome>"
    "<citta>Milano</citta><ordine>{n}</ordine><nota>{filler}</nota></recipient>\n"
)
START = """<?xml version="1.0" encoding="utf-8"?>
<contactlab><auth><suid>u</suid><key>k</key></auth><campaign><email><newsletter>1</newsletter><recipients>
<new_recipients>
"""
END = """</new_recipients></recipients><delivery method="auto"/><message/></email></campaign></contactlab>
"""


def best(work: Callable[[], object], times: int = 7) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def main() -> None:
    if shutil.which("xmllint") is None:
        sys.exit("xmllint is missing: apt-get install libxml2-utils")
    people = "".join(PERSON.format(n=n, filler="x" * 20) for n in range(5458))
    data = (START + people + END).encode()
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(data)
        file.flush()
        command = ["xmllint", "--noout", "--schema", str(XSD), file.name]
        peer = best(lambda: subprocess.run(command, check=True, capture_output=True))
    checked = best(lambda: validate(load(data, "x.xml"), "x.xml"))
    whole = best(lambda: parse(data, "x.xml"))
    print(f"instructions file of {len(data) / 1e6:.2f} MB, 5,458 recipients of six fields")
    print(f"  xmllint --schema              {peer * 1000:7.1f} ms   1.00")
    print(f"  parse and validate            {checked * 1000:7.1f} ms   {checked / peer:.2f}   (goal 1.5)")
    print(f"  the same, read into values    {whole * 1000:7.1f} ms   {whole / peer:.2f}")


if __name__ == "__main__":
    main()
