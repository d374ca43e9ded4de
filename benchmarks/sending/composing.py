"""Composing on one core; nothing is sent."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from benchmarks.measuring.figures import Row, Sizes
from deliveries.content import CompiledMessage, Source, compile_source
from deliveries.content.mime.dkim import Key, Signer, new_key
from deliveries.message_tracking import Measuring
from deliveries.sending.worker.compose import Mailing, envelope

METHOD: Final = """\
composing: a personalised 20 KB message of two parts, six values and ten links, with every token as a sender makes
them (unsubscription twice, web version, Message-ID; with tracking a pixel and eleven addresses more); CPU seconds
of one core, a second for each figure. Then what it costs to prepare large parts, once for a whole delivery."""
SECONDS: Final = 1.0
STEP: Final = 500
LINKS: Final = 10
FIELDS: Final = {
    "nome": "string",
    "cognome": "string",
    "citta": "string",
    "ordine": "integer",
    "email": "email",
    "nota": "text",
}
LINK: Final = (
    '<p><a track="yes" href="https://shop.example/p?n=%d&amp;b=1">Offer %d</a> for the whole season.</p>\n'
)
OWN_LINK: Final = (
    '<p><a track="yes" href="https://shop.example/p?o=${ordine}$&amp;n=%d">Offer %d</a> for the whole season.</p>\n'
)
FILLER: Final = (
    '<td style="font-family:Arial,sans-serif;color:#333333">A line of a newsletter, as designers write it</td>\n'
)
CONDITION: Final = "<% if ordine > 10 %><p>${nome}$</p><% end %>"
LARGE: Final = 4_900_000


def page(further: str = "", own_links: int = 0) -> str:
    """Return the HTML part; the last `own_links` of its ten links carry a value of the person."""
    links = "".join(
        (LINK if number < LINKS - own_links else OWN_LINK) % (number, number) for number in range(LINKS)
    )
    start = "<html><body><p>Ciao ${nome}$ ${cognome}$ di ${citta}$</p>"
    end = '<a href="${unsubscribe_url}$">Unsubscribe</a></body></html>'
    return start + links + FILLER * 145 + "<p>${nota}$ ${email}$</p>" + further + end


def text() -> str:
    """Return the text part."""
    return "Ciao ${nome}$ ${cognome}$,\n" + "A line of a newsletter, as designers write it.\n" * 40 + "${nota}$\n"


def source(encoding: str = "utf-8", further: str = "", own_links: int = 0) -> Source:
    """Return the message as a delivery has it."""
    return Source(
        subject="${nome}$, your order ${ordine}$",
        from_name="Demo Shop",
        from_address="news@demo.example",
        reply_to="help@demo.example",
        html=page(further, own_links),
        text=text(),
        encoding=encoding,
        fields=FIELDS,
        labels={},
        html_links="parse",
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


MAILING: Final[dict[str, Any]] = {
    "account_id": 1,
    "delivery_id": 1,
    "newsletter_id": 1,
    "database_id": 1,
    "sender_domain": "demo.example",
    "bounce_domain": "bounces.demo.example",
    "public_url": "https://t.demo.example",
    "list_id": "newsletter-1.demo.example",
    "feedback_id": "1:1:marketing:xmldelivery",
    "marketing": True,
    "expires_at": datetime(2026, 12, 1, tzinfo=UTC),
    "keep_copies": False,
}
DATE: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def mailing(compiled: CompiledMessage, mode: str) -> Mailing:
    """Return the delivery as a sender has it."""
    return Mailing(**MAILING, compiled=compiled, measuring=Measuring(1, mode, "", "https://t.demo.example"))


def rate(compiled: CompiledMessage, mode: str = "none") -> float:
    """Return messages a second of CPU time."""
    sent = mailing(compiled, mode)
    done, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for number in range(done, done + STEP):
            values = _values(number)
            measured = sent.measuring.of(number + 1, values)
            compiled.compose(values, envelope(sent, number + 1, f"ida{number}@mail.example", DATE, measured))
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


def _signing(message: bytes) -> Iterator[Row]:
    """Compare what signing adds to a message with the bare signature of a few hundred bytes."""
    pem = new_key()
    signer = Signer("demo.example", [Key("mail", pem)])
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError
    bare = _seconds(lambda: key.sign(message[:600], PKCS1v15(), SHA256()))
    added = _seconds(lambda: signer.sign(message))
    yield Row("DKIM rsa-2048 of it, in bare signatures", added / bare, "signatures", at_most=1.3)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(STEP):
        work()
    return (time.process_time() - began) / STEP


def measure(_sizes: Sizes) -> Iterator[Row]:
    """Compose in several ways, then prepare three large parts."""
    plain = compile_source(source())
    sent = mailing(plain, "individual")
    around = envelope(sent, 1, "ida1@mail.example", DATE, sent.measuring.of(1, {}))
    size = len(plain.compose(_values(1), around))
    yield Row(
        f"composing {size:,} bytes, utf-8, links and pixel of each person", rate(plain, "individual"), "messages/s"
    )
    own = compile_source(source(own_links=LINKS))
    yield Row("the same with a value in each link", rate(own, "individual"), "messages/s")
    yield Row("the same with links and pixel for all together", rate(plain, "aggregate"), "messages/s")
    yield Row("the same without links and pixel", rate(plain), "messages/s")
    yield Row("the same with ten conditions", rate(compile_source(source(further=CONDITION * 10))), "messages/s")
    yield Row("the same in windows-1252", rate(compile_source(source("windows-1252"))), "messages/s")
    yield from _signing(plain.compose(_values(1), around))
    yield Row("preparing 10,000 markers", prepared('<p title="${nome}$">${cognome}$</p>\n' * 5_000), "s")
    yield Row("preparing a 5 MB part", prepared(FILLER * (LARGE // len(FILLER))), "s")
    yield Row("preparing 5 MB of <", prepared("<" * LARGE), "s")
