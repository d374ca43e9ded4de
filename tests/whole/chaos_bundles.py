"""What the clients of the chaos test drop: seeded bundles, each with the end that it must come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from django.utils import timezone

ACCOUNT = "Chaos"
ACCOUNT_FILE = """
[account]
name = "Chaos"
xml_delivery = true
[[users]]
name = "shop"
email = "shop@chaos.example"
suid = "chaos-user"
key = "chaos-key"
role = "operator"
"""
SPACE_FILE = """
[[databases]]
name = "People {space}"
fields = [{{name="email", type="email"}}, {{name="nome", type="string"}}, {{name="ordine", type="integer"}},
          {{name="XML_DELIVERY_CODE", type="string"}}]
[[newsletters]]
name = "Offers {space}"
database = "People {space}"
kind = "marketing"
mail_from = {{name="Chaos", address="news@chaos.example"}}
reply_to = "help@chaos.example"
consent = "declared"
[[spaces]]
name = "{space}"
embedded = true
username = "{space}"
password = "{space}"
poll_seconds = 5
reports = ["xml", "email"]
notify = ["ops@chaos.example"]
"""
XML = """<?xml version="1.0" encoding="utf-8"?>
<contactlab>
  <auth><suid>chaos-user</suid><key>{key}</key></auth>
  <campaign><email>
    <newsletter>{newsletter}</newsletter>
    <recipients><new_recipients>{recipients}</new_recipients></recipients>
    <delivery method="{method}">{schedule}</delivery>
    <message>
      <headers><label>{name}</label><subject>{name}: ${{nome}}$</subject>
        <mail_from><name>Chaos</name><address>news@chaos.example</address></mail_from>
        <reply_to>help@chaos.example</reply_to></headers>
      <preferred_content>both</preferred_content>
      <body>
        <html><content><embed><![CDATA[<p>${{nome}}$: ${{ordine}}$</p>]]></embed></content></html>
        <text><content><embed>${{nome}}$: ${{ordine}}$</embed></content></text>
      </body>
    </message>
  </email></campaign>
</contactlab>
"""
# Each bundle of a dozen; a mistake names the code in which its run must end.
MISTAKES = {
    "bad xml": "XML_ERROR",
    "missing csv": "XMLD_CONFIGURATION_ERROR",
    "bad rows": "XMLD_CONFIGURATION_ERROR",
    "wrong key": "XMLD_CONFIGURATION_ERROR",
}
KINDS = (
    "now", "now", "inline", "now", "scheduled", "again", "manual", "now", "mistake", "scheduled", "big", "inline",
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One bundle: `people` are the addresses that are written to, `held_as` the stem whose content it repeats."""

    space: str
    stem: str
    kind: str
    files: Mapping[str, bytes]
    people: tuple[str, ...] = ()
    sub_status: str = "DELIVERY_FINISHED"
    held_as: str = ""

    @property
    def xml(self) -> str:
        return f"{self.stem}.xml"

    @property
    def semaphore(self) -> str:
        return f"{self.stem}.ok"


def account_file(spaces: list[str]) -> str:
    return ACCOUNT_FILE + "".join(SPACE_FILE.format(space=space) for space in spaces)


class Writer:
    """Writes bundles; the same seed writes the same ones."""

    def __init__(self, chance: Random, newsletters: Mapping[str, int]) -> None:
        self._chance = chance
        self._newsletters = newsletters
        self._last: dict[str, Planned] = {}

    def write(self, count: int) -> list[Planned]:
        """Return `count` bundles, spread over the spaces in turns."""
        spaces = sorted(self._newsletters)
        mistakes = self._chance.sample(sorted(MISTAKES), len(MISTAKES))
        planned = []
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            if kind == "mistake":
                kind = mistakes[number // len(KINDS) % len(mistakes)]
            planned.append(self._one(spaces[number % len(spaces)], f"b{number:02}", kind))
        return planned

    def _one(self, space: str, stem: str, kind: str) -> Planned:
        first = self._last.get(space)
        if kind == "again" and first is not None:
            files = {f"{stem}.xml": first.files[first.xml], f"{stem}.ok": b""}
            return Planned(space, stem, kind, files, first.people, "DUPLICATE_HELD", held_as=first.stem)
        people = self._people(stem, kind)
        files = {f"{stem}.xml": self._xml(space, stem, kind, people), f"{stem}.ok": b""}
        if kind not in {"inline", "missing csv"}:
            files[f"{stem}.csv"] = self._csv(people, kind)
        planned = Planned(space, stem, kind, files, *(((), MISTAKES[kind]) if kind in MISTAKES else (people,)))
        if kind in {"now", "inline"}:
            self._last[space] = planned
        return planned

    def _people(self, stem: str, kind: str) -> tuple[str, ...]:
        sizes = {"inline": (2, 9), "big": (600, 900)}.get(kind, (20, 200))
        return tuple(f"{stem}.p{number}@mail.example" for number in range(self._chance.randint(*sizes)))

    def _csv(self, people: tuple[str, ...], kind: str) -> bytes:
        """Return the list; one row in twenty is bad, or one in four where that is the mistake."""
        share = 4 if kind == "bad rows" else 20
        lines = ["email,nome,ordine"]
        for number, address in enumerate(people, 1):
            lines.append(f'{address},"Name, {number}",{number}')
            if number % share == 0:
                lines.append(f"no address {number},x,1")
        return "\n".join([*lines, ""]).encode()

    def _xml(self, space: str, stem: str, kind: str, people: tuple[str, ...]) -> bytes:
        recipients = f"<csv_file>{stem}.csv</csv_file>"
        if kind == "inline":
            recipients = "".join(
                f"<recipient><email>{each}</email><nome>N {n}</nome><ordine>{n}</ordine></recipient>"
                for n, each in enumerate(people)
            )
        schedule = ""
        if kind == "scheduled":
            at = timezone.now() + timedelta(seconds=self._chance.randint(20, 60))
            schedule = f"<schedule>{at:%Y-%m-%dT%H:%M:%S}Z</schedule>"
        text = XML.format(
            key="wrong" if kind == "wrong key" else "chaos-key",
            newsletter=self._newsletters[space],
            recipients=recipients,
            method="manual" if kind == "manual" else "auto",
            schedule=schedule,
            name=stem,
        )
        return text.replace("</headers>", "" if kind == "bad xml" else "</headers>").encode()
