"""Composing on one core: messages a second of a personalised 20 KB message, and seconds to prepare large parts.

    python benchmarks/composing.py [--seconds 1]

Six values and ten addresses with a value in each; both parts. Nothing is sent, nothing is signed.
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deliveries.content import CompiledMessage, Envelope, Source, compile_source

FIELDS = {
    "nome": "string",
    "cognome": "string",
    "citta": "string",
    "ordine": "integer",
    "email": "email",
    "nota": "text",
}
LINK = (
    '<p><a track="yes" href="https://shop.example/p?o=${ordine}$&amp;n=%d">Offer %d</a> for the whole season.</p>\n'
)
FILLER = (
    '<td style="font-family:Arial,sans-serif;color:#333333">A line of a newsletter, as designers write it</td>\n'
)


def source(encoding: str = "utf-8", *, conditions: bool = False) -> Source:
    links = "".join(LINK % (number, number) for number in range(10))
    page = "<html><body><p>Ciao ${nome}$ ${cognome}$ di ${citta}$</p>" + links + FILLER * 145
    page += "<p>${nota}$ ${email}$</p>" + (
        "<% if ordine > 10 %><p>${nome}$</p><% end %>" * 10 if conditions else ""
    )
    return Source(
        subject="${nome}$, your order ${ordine}$",
        from_name="Demo Shop",
        from_address="news@demo.example",
        reply_to="help@demo.example",
        html=page + '<a href="${unsubscribe_url}$">Unsubscribe</a></body></html>',
        text="Ciao ${nome}$ ${cognome}$,\n"
        + "A line of a newsletter, as designers write it.\n" * 40
        + "${nota}$\n",
        encoding=encoding,
        fields=FIELDS,
        labels={},
    )


def rate(compiled: CompiledMessage, seconds: float) -> tuple[float, int]:
    moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    done, size, began = 0, 0, time.process_time()
    while time.process_time() - began < seconds:
        for number in range(done, done + 500):
            values = {
                "nome": "Ida",
                "cognome": f"Rossi {number}",
                "citta": "Forlì",
                "ordine": number,
                "email": f"ida{number}@mail.example",
                "nota": "Grazie & a presto, è stato un piacere",
            }
            envelope = Envelope(
                to=f"ida{number}@mail.example",
                message_id=f"{number}@demo.example",
                date=moment,
                delivery_id=1,
                list_id="1.demo.example",
                feedback_id="1:1:marketing:xmld",
                unsubscribe_url=f"https://u.example/u/{number:024}",
                unsubscribe_mailto=f"u+{number}@u.example",
            )
            size = len(compiled.compose(values, envelope))
        done += 500
    return done / (time.process_time() - began), size


def prepared(name: str, html: str) -> None:
    written = Source(
        subject="x", from_address="a@demo.example", reply_to="a@demo.example", html=html, fields=FIELDS, labels={}
    )
    began = time.process_time()
    compile_source(written)
    print(f"{name:44} {time.process_time() - began:8.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each figure is measured")
    seconds = parser.parse_args().seconds
    for name, written in (
        ("composing, utf-8", source()),
        ("composing, utf-8, ten conditions", source(conditions=True)),
        ("composing, windows-1252", source("windows-1252")),
    ):
        found, size = rate(compile_source(written), seconds)
        print(f"{name:44} {found:8.0f} messages/s a core, {size} bytes each")
    prepared("preparing 10,000 markers", '<p title="${nome}$">${cognome}$</p>\n' * 5_000)
    prepared("preparing a 5 MB part", FILLER * (4_900_000 // len(FILLER)))
    prepared("preparing 5 MB of <", "<" * 4_900_000)


if __name__ == "__main__":
    main()
