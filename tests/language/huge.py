"""Instructions files of up to 10 MB that mistaken or hostile clients write, and what checking one takes."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from tests.language.writing import write

MOST = 10 * 1024**2
GOOD = write()
_PERSON = b"<recipient><email>anna@mail.example</email><nome>Anna</nome></recipient>"


def at(place: bytes, more: bytes, data: bytes = GOOD) -> bytes:
    return data.replace(place, place + more, 1)


def people(more: bytes) -> bytes:
    return at(b"<new_recipients>", more)


def tested(more: bytes) -> bytes:
    return at(b"</new_recipients>", b"<test_recipients>" + more + b"</test_recipients>")


def notes(more: bytes) -> bytes:
    return GOOD.replace(b"<message>", b"<notes>" + more + b"</notes><message>")


def attachments(more: bytes) -> bytes:
    return GOOD.replace(b"</message>", b"<attachments>" + more + b"</attachments></message>")


def report(more: bytes) -> bytes:
    asked = b"<schedule_report>" + more + b"<delay_hour>12</delay_hour></schedule_report>"
    return GOOD.replace(b'<delivery method="auto"/>', b'<delivery method="auto">' + asked + b"</delivery>")


def filled(place: bytes, more: bytes, data: bytes = GOOD) -> bytes:
    """Return a file of 10 MB."""
    return at(place, more * ((MOST - len(data)) // len(more)), data)


def numbered(pattern: bytes, count: int) -> bytes:
    return b"".join(pattern.replace(b"#", b"%d" % n) for n in range(count))


ATTRIBUTES = b" ".join(b'a%d=""' % n for n in range(64))
TEN = b" ".join(b'a%d="1"' % n for n in range(10))
# One mistake often: what is told of it, and the file with so many.
MANY: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "ten attributes of a recipient": (
        "<recipient> knows no attribute “a0”",
        lambda n: people(b"<recipient %s/>" % TEN * (n // 20)),
    ),
    "an attribute of a recipient": (
        "<recipient> knows no attribute “id”",
        lambda n: people(b'<recipient id="12"/>\n' * (n // 2)),
    ),
    "an attribute of a test recipient": (
        "<test_recipient> knows no attribute “id”",
        lambda n: tested(b'<test_recipient id="1"/>' * (n // 2)),
    ),
    "text in recipients": ("<recipient> must hold no text", lambda n: people(b"<recipient>text</recipient>" * n)),
    "text between recipients": ("<new_recipients> must be empty", lambda n: people(b"<recipient/>text" * n)),
    "text between recipients, and what does not belong there": (
        "<new_recipients> must be empty",
        lambda n: at(b"</new_recipients>", b"<x/>" * (n // 2), people(b"<recipient/>text" * (n // 2))),
    ),
    "texts of one recipient, and what does not belong there": (
        "<recipient> must hold no text",
        lambda n: people(b"<recipient>" + b"text<a/>" * (n // 2) + b"</recipient>" + b"<x/>" * (n // 2)),
    ),
    "texts of some recipients": (
        "<recipient> must hold no text",
        lambda n: people((b"<recipient>" + b"text<a/>" * (n // 50) + b"</recipient>") * 50),
    ),
    "attributes of some recipients, and what does not belong there": (
        "<recipient> knows no attribute “a0”",
        lambda n: at(b"</new_recipients>", b"<x/>" * n, people(b"<recipient %s/>" % ATTRIBUTES * 150)),
    ),
    "a nil recipient": (
        "<recipient> has a value that is not",
        lambda n: people(b'<recipient xsi:nil="true"/>' * (n // 2)),
    ),
    "a type of a recipient": (
        "type of <recipient> has a value that is not",
        lambda n: people(b'<recipient xsi:type="x"/>' * (n // 2)),
    ),
    "empty notes": ("<note> lacks an element: add <label>", lambda n: notes(b"<note/>\n" * n)),
    "an attribute of a note": (
        "<note> knows no attribute “x”",
        lambda n: notes(b'<note x="1"><label>a</label><value>b</value></note>' * (n // 3)),
    ),
    "text in notes": ("<note> must hold no text", lambda n: notes(b"<note>text</note>" * n)),
    "notes with an empty label": (
        "<label> must have 1 to 100",
        lambda n: notes(b"<note><label/><value/></note>" * (n // 3)),
    ),
    "empty attachments": ("<attachment> lacks an element", lambda n: attachments(b"<attachment/>" * n)),
    "attachments of no name": (
        "<file> must name a file",
        lambda n: attachments(b"<attachment><file/></attachment>" * (n // 2)),
    ),
    "nobody to report to": ("<report_recipient> must be", lambda n: report(b"<report_recipient/>" * n)),
    "unknown elements": ("<x> is not an element of the language", lambda n: at(b"<message>", b"<x/>" * n)),
    "unknown recipients": ("<x> is not an element of the language", lambda n: people(b"<x/>" * n)),
    "a wrong order": (
        "<body> is given twice",
        lambda n: at(b"<message>", b"<body/><headers/>" * (n // 2)),
    ),
    "repeated csv_file": ("<csv_file> is given twice", lambda n: people(b"<csv_file>a.csv</csv_file>" * n)),
    "repeated newsletters": (
        "<newsletter> is given twice",
        lambda n: at(b"</newsletter>", b"<newsletter>1</newsletter>" * n),
    ),
    "repeated lists": (
        "<new_recipients> is given twice",
        lambda n: at(b"</new_recipients>", b"<new_recipients/>" * n),
    ),
    "deep nesting": ("elements are nested", lambda n: people(b"<recipient>" + b"<a>" * n)),
    "attributes of fields": (
        "the recipient's field “a”",
        lambda n: people(b'<recipient><a b="1"/></recipient>' * (n // 2)),
    ),
    "elements in fields": (
        "the recipient's field “a”",
        lambda n: people(b"<recipient><a><b/></a></recipient>" * (n // 3)),
    ),
    "one mistake, the last": (
        "<recipient> knows no attribute “id”",
        lambda n: people(b"<recipient/>" * n + b'<recipient id="1"/>'),
    ),
}

PLAIN = GOOD.partition(b"\n")[2]
ODD = b'<?xml version="1.0" encoding="%s"?>'
# What a tree of would take hundreds of MB, or what takes the most of all that is read; and its code.
HEAVY: dict[str, tuple[str, Callable[[], bytes]]] = {
    "2.4 million elements": ("XML_TOO_LARGE", lambda: filled(b"<recipient>", b"<a/>")),
    "elements with text around": ("XML_TOO_LARGE", lambda: filled(b"<recipient>", b"<a>x</a>x")),
    "elements in UTF-16": (
        "XML_TOO_LARGE",
        lambda: at(b"<recipient>", b"<a/>" * 1_300_000).decode().replace('"utf-8"', '"utf-16"').encode("utf-16"),
    ),
    "elements in UTF-16 without its mark": (
        "XML_TOO_LARGE",
        lambda: at(b"<recipient>", b"<a/>" * 1_300_000).decode().replace('"utf-8"', '"utf-16"').encode("utf-16-le"),
    ),
    "elements in UTF-32": (
        "XML_TOO_LARGE",
        lambda: at(b"<recipient>", b"<a/>" * 640_000).decode().replace('"utf-8"', '"utf-32"').encode("utf-32-le"),
    ),
    "elements hidden in UTF-7": (
        "XML_ENCODING",
        lambda: filled(b"<recipient>", b"+ADw-a/>", ODD % b"UTF-7" + PLAIN),
    ),
    "attributes hidden in UTF-7": (
        "XML_ENCODING",
        lambda: ODD % b"UTF-7" + b"<contactlab " + numbered(b" a#+AD0AIgAi-", 500_000) + b"/>",
    ),
    "elements hidden by ISO-2022-JP": (
        "XML_ENCODING",
        lambda: filled(
            b"<!--\x1b(B", b"<a/>", ODD % b"ISO-2022-JP" + at(b"<recipient>", b"\x1b$B<!--\x1b(B", PLAIN)
        ),
    ),
    "elements behind a DOCTYPE": (
        "XML_DTD_FORBIDDEN",
        lambda: filled(b"<recipient>", b"<a/>", b'<!DOCTYPE contactlab [<!ENTITY x "<!--">]>' + PLAIN),
    ),
    "64 attributes of each": ("XML_TOO_LARGE", lambda: filled(b"<recipient>", b"<a %s/>" % ATTRIBUTES)),
    "attributes of names beyond ASCII": (
        "XML_TOO_LARGE",
        lambda: filled(b"<recipient>", f"<a\u00e0b {ATTRIBUTES.decode()}/>".encode()),
    ),
    "attributes of the root": ("XML_TOO_LARGE", lambda: at(b"<contactlab", numbered(b' a#=""', 800_000))),
    "prefixes of the root": ("XML_TOO_LARGE", lambda: at(b"<contactlab", numbered(b' xmlns:a#="u"', 450_000))),
    "comments before a DOCTYPE": ("XML_DTD_FORBIDDEN", lambda: b"<!---->" * 1_490_000 + b"<!DOCTYPE x>"),
    "fields of other names": (
        "XML_TOO_LARGE",
        lambda: people(numbered(b"<recipient>\n<a#>%s</a#>\n</recipient>" % (b"x" * 50), 99_000)),
    ),
    "the most that is read": (
        "read",
        lambda: people(b"<recipient>\n<email>%s</email>\n</recipient>\n" % (b"x" * 64) * 99_000),
    ),
    "the most elements and attributes": (
        "XML_UNKNOWN_ATTRIBUTE",
        lambda: people(
            numbered(b'<recipient a#="%s">x<a#>%s</a#>x</recipient>\n' % (b"x" * 27, b"x" * 17), 49_900)
            + numbered(b"<recipient>x<a#>%s</a#>x</recipient>\n" % (b"x" * 30), 49_900)
        ),
    ),
    "66,000 notes": (
        "read",
        lambda: notes(b"<note><label>a</label><value>%s</value></note>\n" % (b"x" * 100) * 66_000),
    ),
    "one value of 9 MB": (
        "XML_VALUE",
        lambda: at(b"<preferred_content>", b"x" * 9_000_000 + "\U0001f600".encode()),
    ),
    "33,000 people": ("read", lambda: people(_PERSON * 33_000)),
    "60,000 people": ("read", lambda: people(_PERSON * 60_000)),
    "140,000 people": ("XML_TOO_LARGE", lambda: people(_PERSON * 140_000)),
    "a body of 4.5 MB": ("read", lambda: at(b"<p>Ciao", b"x${nome}$" * 500_000)),
}

_MEASURED = """
    import json, sys, time
    from pathlib import Path
    from deliveries.errors import BundleError
    from deliveries.intake.parsing import mask_keys, parse

    data = Path(sys.argv[1]).read_bytes()
    began = time.process_time()  # other processes of this machine do not count
    try:
        parse(data, "x.xml")
        outcome = "read"
    except BundleError as error:
        outcome = error.code
    took = time.process_time() - began
    mask_keys(data)
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]  # ru_maxrss would be our parent's
    print(json.dumps([outcome, took, int(status.split()[0]) // 1024]))
"""


def measured(data: bytes, place: Path) -> tuple[str, float, int]:
    """Return the outcome, the seconds and the MB that a process of its own needs for a file."""
    place.write_bytes(data)
    command = [sys.executable, "-c", textwrap.dedent(_MEASURED), str(place)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    outcome, took, peak = json.loads(done.stdout)
    return outcome, took, peak
