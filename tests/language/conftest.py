import os
import pwd
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password

from deliveries import vault
from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from deliveries.intake.polling import entry
from deliveries.models import Content, Delivery, Newsletter, ProcessingRun, SftpSpace
from recipients import tables
from recipients.domains import ownership
from recipients.models import Account, Database, Field, Filter, Membership, User
from tests.language.writing import write
from tests.runs.conftest import drop, sshd  # noqa: F401  fixtures, asked for by their names

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CUSTOMERS = [
    ("email", "email"), ("nome", "string"), ("cognome", "string"), ("citta", "string"), ("ordine", "integer"),
    ("XML_DELIVERY_CODE", "string"),
]  # fmt: skip
PAGES = [
    ("email", "email"), ("oggetto", "string"), ("pagina", "html"), ("testo", "text"),
    ("XML_DELIVERY_CODE", "string"),
]  # fmt: skip


def make_database(account, name, fields):
    database = Database.objects.create(account=account, name=name)
    for position, (field, kind) in enumerate(fields):
        Field.objects.create(database=database, name=field, type=kind, position=position)
    tables.create(database)
    return database


def template(demo, **values):
    made = Delivery.objects.create(
        account=values.pop("account", demo.account), newsletter=values.pop("newsletter", demo.offers),
        database=demo.customers, title="T", subject="From the template",
    )  # fmt: skip
    content = {"from_address": "old@demo.example", "from_name": "Old", "reply_to": "old@demo.example"}
    Content.objects.create(delivery=made, html="<p>${nome}$</p>", **(content | values))
    return made


@pytest.fixture
def demo(db):
    """The account of samples/demo.toml, and another one; newsletters are told by their place in the samples."""
    account = Account.objects.create(name="Demo Shop", xml_delivery=True)
    user = User.objects.create(username="erp", email="erp@demo.example", suid="demo-user")
    member = Membership.objects.create(account=account, user=user, name="erp", key_hash=make_password("demo-key"))
    customers = make_database(account, "Customers", CUSTOMERS)
    pages = make_database(account, "Pages", PAGES)
    milan = Filter.objects.create(
        database=customers, name="Milan", conditions=[{"field": "citta", "op": "equals", "value": "Milano"}]
    )
    common = {"account": account, "from_name": "Demo Shop", "from_address": "news@demo.example"}
    ownership.vouch(common["account"], ["demo.example"])
    offers = Newsletter.objects.create(name="Offers", database=customers, reply_to="help@demo.example", **common)
    paged = Newsletter.objects.create(name="Pages", database=pages, reply_to="help@demo.example", **common)
    bare = Newsletter.objects.create(name="No defaults", database=customers, **common)
    space = SftpSpace.objects.create(account=account, name="demo", embedded=True, username="demo")
    other = Account.objects.create(name="Other", xml_delivery=True)
    return SimpleNamespace(
        account=account, user=user, member=member, customers=customers, pages=pages, milan=milan, offers=offers,
        paged=paged, bare=bare, space=space, other=other, newsletters={1: offers, 2: paged, 3: bare},
    )  # fmt: skip


@pytest.fixture
def planned(demo):
    """Return a function that takes a bundle up to its plan: `planned(files={}, now=…, delivery=…)`."""

    def plan(files=None, now=NOW, account=None, **parts):
        parts.setdefault("newsletter", demo.offers.pk)
        instructions = parse(write(**parts), "orders.xml")
        references = rules.check_ids(instructions, account or demo.account)
        return rules.check_meaning(instructions, references, now, files or {})

    return plan


@pytest.fixture
def refusal(planned):
    """Return a function that gives the BundleError of a bundle that is refused."""

    def refused(**parts):
        with pytest.raises(BundleError) as caught:
            planned(**parts)
        return caught.value

    return refused


@pytest.fixture
def space(demo, request):
    """The demo's space on a real server, its folder empty."""
    server = request.getfixturevalue("drop")
    place = {"host": "127.0.0.1", "port": server.port, "directory": str(server.drop), "embedded": False}
    login = {"username": pwd.getpwuid(os.getuid()).pw_name, "private_key": vault.seal(server.private_key)}
    for name, value in {**place, **login, "host_key": server.host_key, "duplicate_window_minutes": 0}.items():
        setattr(demo.space, name, value)
    demo.space.save()
    return demo.space


@pytest.fixture
def ran(demo, space, request):
    """Return a function that drops a bundle on the space and works it: `ran(files={}, data=b"", **parts)`."""
    folder = request.getfixturevalue("drop").drop

    def work(files=None, data=b"", **parts):
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content)
        (folder / "x.xml").write_bytes(data or write(**{"newsletter": demo.offers.pk, **parts}))
        (folder / "x.ok").touch()
        entry.poll(space.pk)
        return ProcessingRun.objects.latest("pk")

    return work
