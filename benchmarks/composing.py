"""Composing on one core; nothing is sent, nothing is signed."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from benchmarks.figures import Row, Sizes
from deliveries.content import CompiledMessage, Envelope, Source, compile_source

METHOD: Final = """\
composing: a personalised 20 KB message of two parts, six values and ten addresses with a value in each; CPU seconds
of one core, a second for each figure. Then what it costs to prepare large parts, once for a whole delivery."""
SECONDS: Final = 1.0
STEP: Final = 500
FIELDS: Final = {
    "nome": "string",
    "cognome": "string",
    "citta": "string",
    "ordine": "integer",
    "email": "email",
    "nota": "text",
}
LINK: Final = (
    '<p><a track="yes" href="https://shop.example/p?o=${ordine}$&amp;n=%d">Offer %d</a> for the whole season.</p>\n'
)
FILLER: Final = (
    '<td style="font-family:Arial,sans-serif;color:#333333">A line of a newsletter, as designers write it</td>\n'
)
CONDITION: Final = "<% if ordine > 10 %><p>${nome}$</p><% end %>"
LARGE: Final = 4_900_000


def page(further: str = "") -> str:
    """Return the HTML part."""
    links = "".join(LINK % (number, number) for number in range(10))
    start = "<html><body><p>Ciao ${nome}$ ${cognome}$ di ${citta}$</p>"
    end = '<a href="${unsubscribe_url}$">Unsubscribe</a></body></html>'
    return start + links + FILLER * 145 + "<p>${nota}$ ${email}$</p>" + further + end


def text() -> str:
    """Return the text part."""
    return "Ciao ${nome}$ ${cognome}$,\n" + "A line of a newsletter, as designers write it.\n" * 40 + "${nota}$\n"


def source(encoding: str = "utf-8", further: str = "") -> Source:
    """Return the message as a delivery has it."""
    return Source(
        subject="${nome}$, your order ${ordine}$",
        from_name="Demo Shop",
        from_address="news@demo.example",
        reply_to="help@demo.example",
        html=page(further),
        text=text(),
        encoding=encoding,
        fields=FIELDS,
        labels={},
    )


def _values(number: int) -> Mapping[str, object]:
    return {
        "nome": "Ida",
        "cognome": f"Rossi {number}",
        "citta": "Forlì",
        "ordine": number,
        "email": f"ida{number}@mail.example",
        "nota": "Grazie & a presto, è stato un piacere",
    }


def _envelope(number: int) -> Envelope:
    return Envelope(
        to=f"ida{number}@mail.example",
        message_id=f"{number}@demo.example",
        date=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        delivery_id=1,
        list_id="1.demo.example",
        feedback_id="1:1:marketing:xmld",
        unsubscribe_url=f"https://u.example/u/{number:024}",
        unsubscribe_mailto=f"u+{number}@u.example",
    )


def rate(compiled: CompiledMessage) -> float:
    """Return messages a second of CPU time."""
    done, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for number in range(done, done + STEP):
            compiled.compose(_values(number), _envelope(number))
        done += STEP
    return done / (time.process_time() - began)


def prepared(html: str) -> float:
    """Return the CPU seconds that it takes to compile this part."""
    written = Source(
        subject="x", from_address="a@demo.example", reply_to="a@demo.example", html=html, fields=FIELDS, labels={}
    )
    began = time.process_time()
    compile_source(written)
    return time.process_time() - began


def measure(_sizes: Sizes) -> Iterator[Row]:
    """Compose in three ways, then prepare three large parts."""
    plain = compile_source(source())
    size = len(plain.compose(_values(1), _envelope(1)))
    yield Row(f"composing {size:,} bytes, utf-8", rate(plain), "messages/s")
    yield Row("the same with ten conditions", rate(compile_source(source(further=CONDITION * 10))), "messages/s")
    yield Row("the same in windows-1252", rate(compile_source(source("windows-1252"))), "messages/s")
    yield Row("preparing 10,000 markers", prepared('<p title="${nome}$">${cognome}$</p>\n' * 5_000), "s")
    yield Row("preparing a 5 MB part", prepared(FILLER * (LARGE // len(FILLER))), "s")
    yield Row("preparing 5 MB of <", prepared("<" * LARGE), "s")
