"""Parsing and validating an instructions file."""

import subprocess
import tempfile
from collections.abc import Iterator
from typing import Final

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import program
from benchmarks.measuring.stopwatch import best
from deliveries.intake.parsing import parse
from deliveries.intake.parsing.document import load
from deliveries.intake.parsing.order import XSD
from deliveries.intake.parsing.schema import validate

METHOD: Final = """\
parsing: an instructions file of 1 MB with 5,458 recipients of six fields, against `xmllint --schema` on it, by the
same schema, the start of its process included. The best of 15 counts on either side."""
ROUNDS: Final = 15
PEOPLE: Final = 5_458
PERSON: Final = (
    "<recipient><email>person{n}@mail.example</email><nome>Anna Maria</nome><cognome>De Rossi</cognome>"
    "<citta>Milano</citta><ordine>{n}</ordine><nota>xxxxxxxxxxxxxxxxxxxx</nota></recipient>\n"
)
START: Final = """<?xml version="1.0" encoding="utf-8"?>
<contactlab><auth><suid>u</suid><key>k</key></auth><campaign><email><newsletter>1</newsletter><recipients>
<new_recipients>
"""
END: Final = """</new_recipients></recipients><delivery method="auto"/><message/></email></campaign></contactlab>
"""


def measure(_sizes: Sizes) -> Iterator[Row]:
    """Compare with xmllint; what it does is our first figure, what a run needs is the second."""
    data = (START + "".join(PERSON.format(n=n) for n in range(PEOPLE)) + END).encode()
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(data)
        file.flush()
        command = [program("xmllint"), "--noout", "--schema", str(XSD), file.name]
        peer = best(lambda: subprocess.run(command, check=True, capture_output=True, timeout=60), ROUNDS)
    checked = best(lambda: validate(load(data, "x.xml"), "x.xml"), ROUNDS)
    whole = best(lambda: parse(data, "x.xml"), ROUNDS)
    yield Row("xmllint --schema", peer * 1000, "ms", 1.0)
    yield Row("parse and validate", checked * 1000, "ms", checked / peer, at_most=1.5)
    yield Row("the same, read into values", whole * 1000, "ms", whole / peer)
