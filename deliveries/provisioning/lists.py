"""Databases and filters of a provisioning file."""

from deliveries import audience
from deliveries.provisioning.plan import Table, fault
from recipients import tables
from recipients.errors import ClientError
from recipients.models import Account, Database, Field, FieldType, Filter


def provision_database(account: Account, table: Table) -> Database:
    """Create a database with its table, or add the fields that are new; a type never changes."""
    wanted = [_field(table["name"], entry) for entry in table["fields"]]
    database = Database.objects.filter(account=account, name=table["name"]).first()
    fresh = database is None
    if database is None:
        _check_shape(table["name"], wanted)
        database = Database.objects.create(account=account, name=table["name"])
    known = {field.name.lower(): field for field in database.fields.all()}
    added: list[Field] = []
    for position, (name, kind) in enumerate(wanted):
        there = known.get(name.lower())
        if there is None:
            added.append(Field(database=database, name=name, type=kind, position=position))
        elif there.type != kind:
            raise fault(f"field {name!r} of database {database.name!r} is {there.type}, the file says {kind}: "
                        "provisioning never changes a type; make a new field")  # fmt: skip
    if fresh:
        Field.objects.bulk_create(added)
        tables.create(database)
    elif added:
        fields = [(field.name, FieldType(field.type)) for field in added]
        tables.add_fields(database, fields, refuse=audience.refuse_while_sending)
    _options(database, table)
    return database


def _options(database: Database, table: Table) -> None:
    key = table.get("key", database.key)
    if key and not database.fields.filter(name__iexact=key).exists():
        raise fault(f"database {database.name!r}: key = {key!r} is none of its fields")
    database.key = key
    database.read_only = table.get("read_only", database.read_only)
    database.save(update_fields=["key", "read_only"])


def _field(database: str, entry: object) -> tuple[str, FieldType]:
    if not isinstance(entry, dict) or set(entry) != {"name", "type"}:
        raise fault(f'database {database!r}: write each field as {{name="nome", type="string"}}, not {entry!r:.60}')
    if entry["type"] not in FieldType.values:
        raise fault(f"database {database!r}: field {entry['name']!r} has type {entry['type']!r}; "
                    f"known are {', '.join(FieldType.values)}")  # fmt: skip
    return str(entry["name"]), FieldType(entry["type"])


def _check_shape(database: str, wanted: list[tuple[str, FieldType]]) -> None:
    addresses = [name for name, kind in wanted if kind == FieldType.EMAIL]
    if len(addresses) != 1:
        raise fault(f"database {database!r} has {len(addresses)} fields of type email; exactly one is the address")
    names = [name.lower() for name, _kind in wanted]
    for name in names:
        if names.count(name) > 1:
            raise fault(f"database {database!r} names the field {name!r} twice; letter case makes no difference")
        if not (name.isascii() and name.isidentifier() and len(name) <= 63):  # noqa: PLR2004  PostgreSQL's length
            raise fault(f"database {database!r}: field {name!r:.80} must be letters, digits and _ (63 at most), "
                        "and not begin with a digit")  # fmt: skip


def provision_filter(account: Account, table: Table) -> Filter:
    """Create or update a filter; its conditions must fit the database's fields."""
    database = find_database(account, table["database"])
    match = table.get("match", "all")
    there = Filter.objects.filter(database=database, name=table["name"], automatic=False).first()
    try:
        audience.check_filter(database, match, table["conditions"], own=there.pk if there else None)
    except ClientError as error:
        raise fault(f"filter {table['name']!r}: {error.message}") from error
    made, _ = Filter.objects.update_or_create(
        database=database,
        name=table["name"],
        automatic=False,
        defaults={"use": table.get("use", "both"), "match": match, "conditions": table["conditions"]},
    )
    return made


def find_database(account: Account, name: str) -> Database:
    """Return the account's database of that name; raises ClientError."""
    database = Database.objects.filter(account=account, name=name).first()
    if database is None:
        raise fault(f"database {name!r} is not in account {account.name!r}; add it to [[databases]]")
    return database


def find_filter(database: Database, name: str) -> Filter:
    """Return the database's filter of that name; raises ClientError."""
    found = Filter.objects.filter(database=database, name=name, automatic=False).first()
    if found is None:
        raise fault(f"filter {name!r} is not in database {database.name!r}; add it to [[filters]]")
    return found
