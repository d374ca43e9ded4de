"""A list as a shop writes it, and the database that takes it."""

import random
from pathlib import Path
from typing import Final

from recipients import tables
from recipients.domains import ownership
from recipients.models import Account, Database, Field

FIELDS: Final = (
    ("email", "email"),
    ("nome", "string"),
    ("cognome", "string"),
    ("citta", "string"),
    ("provincia", "string"),
    ("cap", "string"),
    ("ordine", "integer"),
    ("totale", "decimal"),
    ("nato", "date"),
    ("cliente", "boolean"),
    ("telefono", "phone"),
    ("nota", "text"),
)
TOWNS: Final = ("Milano", "Roma", "Torino", "Napoli", "Forlì", "Bari", "Genova")


def write(path: Path, rows: int) -> None:
    """Write so many rows; one in fifty has a quoted comma."""
    draw = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(name for name, _kind in FIELDS) + "\n")
        for number in range(rows):
            note = '"Rossi, figlio"' if number % 50 == 0 else "consegna al piano se possibile"
            file.write(
                f"u{draw.randrange(10**9)}.{number}@mail{number % 997}.example,"
                f"Anna{number % 700},Bianchi{number % 900},"
                f"{TOWNS[number % 7]},MI,{20000 + number % 999},{draw.randrange(10**6)},{draw.randrange(10**5)}.50,"
                f"19{50 + number % 50}-0{1 + number % 9}-1{number % 10},{number % 2},+39 02 {number:07},{note}\n"
            )


def database(account: str, name: str, fields: tuple[tuple[str, str], ...] = FIELDS) -> Database:
    """Make a database with these fields and the code's, its table with it."""
    owner, _made = Account.objects.get_or_create(name=account)
    ownership.vouch(owner, ["shop.example"])
    made = Database.objects.create(account=owner, name=name)
    for position, (field, kind) in enumerate((*fields, ("XML_DELIVERY_CODE", "string"))):
        Field.objects.create(database=made, name=field, type=kind, position=position)
    tables.create(made)
    return made
