import contextlib
import os
import threading
from dataclasses import dataclass

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import sync_playwright

from deliveries.admin.communicate import people
from deliveries.models import (
    Activity,
    Content,
    Delivery,
    Message,
    Newsletter,
    ProcessingRun,
    RowError,
    RunFile,
    RunTransition,
    SftpSpace,
)
from recipients import tables
from recipients.domains import ownership
from recipients.faults import Fault
from recipients.models import Account, BlacklistEntry, Database, Field, Filter, Membership, User
from tests.pages import demo_urls
from tests.pages.looker import ARGUMENTS, Looker
from tests.waiting import PATIENCE, wait_for_end
from xmld_project.caught import folder
from xmld_project.standalone.mail_catcher.store import MailStore


@dataclass
class OneOfEach:
    """One account with one row of everything, each name holding the account's word."""

    word: str
    account: Account
    database: Database
    filter: Filter
    newsletter: Newsletter
    space: SftpSpace
    run: ProcessingRun
    delivery: Delivery
    message: Message
    entry: BlacklistEntry
    membership: Membership
    run_file: RunFile

    def rows(self):
        return {
            "account": self.account,
            "senderdomain": self.account.sender_domains.get(),
            "database": self.database,
            "filter": self.filter,
            "newsletter": self.newsletter,
            "sftpspace": self.space,
            "processingrun": self.run,
            "delivery": self.delivery,
            "blacklistentry": self.entry,
            "membership": self.membership,
            "user": self.membership.user,
        }


def furnish(word: str) -> OneOfEach:
    account = Account.objects.create(name=f"{word} Ltd", xml_delivery=True, language="en")
    database = Database.objects.create(account=account, name=f"{word} people")
    for position, (name, kind) in enumerate(
        [("email", "email"), ("nome", "string"), ("XML_DELIVERY_CODE", "string")]
    ):
        Field.objects.create(database=database, name=name, type=kind, position=position)
    tables.create(database)
    chosen = Filter.objects.create(
        database=database, name=f"{word} filter", conditions=[{"field": "nome", "op": "equals", "value": word}]
    )
    newsletter = Newsletter.objects.create(
        account=account,
        name=f"{word} news",
        database=database,
        from_address=f"news@{word.lower()}.example",
        reply_to=f"help@{word.lower()}.example",
    )
    ownership.vouch(account, [f"{word.lower()}.example"])
    space = SftpSpace.objects.create(account=account, name=f"{word} space", username=word, host="127.0.0.1")
    run = ProcessingRun.objects.create(
        account=account,
        space=space,
        semaphore=f"{word}.ok",
        file=f"{word}.xml",
        fault=Fault.written(f"{word} went wrong").as_json(),
        status="ERROR",
    )
    RunTransition.objects.create(
        run=run, sub_status="SEMAPHORE_FOUND", started_at=timezone.now(), message=f"{word}.ok"
    )
    RowError.objects.create(
        run=run,
        file=f"{word}.csv",
        line=3,
        column="email",
        code="ADDR_SYNTAX",
        fault=Fault.written(f"{word} bad", "ADDR_SYNTAX").as_json(),
    )
    run_file = RunFile.objects.create(
        run=run, role="xml", name=f"{word}.xml", size=3, sha256=b"x" * 32, path=f"{run.pk}/{word}.xml"
    )
    delivery = Delivery.objects.create(
        account=account,
        newsletter=newsletter,
        database=database,
        filter=chosen,
        title=f"{word} offers",
        subject=f"{word} subject",
        status="ready",
        run=run,
        source="xml",
    )
    Content.objects.create(
        delivery=delivery,
        from_address=newsletter.from_address,
        reply_to=newsletter.reply_to,
        html="<p>Hi</p>",
        text="Hi",
    )
    message = Message.objects.create(delivery=delivery, recipient_id=1, address=f"anna@{word.lower()}.example")
    Activity.objects.create(account=account, verb="edited", delivery=delivery)
    entry = BlacklistEntry.objects.create(
        account=account,
        address=f"bad@{word.lower()}.example",
        fingerprint=word.encode().ljust(32, b"x"),
        permanent=True,
    )
    user = User.objects.create_user(f"{word}-admin", password="long-enough-1", is_staff=True)
    membership = Membership.objects.create(account=account, user=user, name=f"{word} admin", role="account_admin")
    return OneOfEach(
        word, account, database, chosen, newsletter, space, run, delivery, message, entry, membership, run_file
    )


@pytest.fixture
def mine(db):
    return furnish("Acme")


@pytest.fixture
def theirs(db):
    return furnish("Zenith")


@pytest.fixture(autouse=True)
def lists_count_as_long_as_it_takes(monkeypatch):
    """A list counts whom its rows would reach for a third of a second, then leaves the rest to its next look."""
    monkeypatch.setattr(people, "_BUDGET", 600.0)


@pytest.fixture
def signed_in(db):
    """Return a client of a fresh user with a role in an account (None: in no account)."""

    def make(account, role="operator", *, personal_data=False, superuser=False):
        name = f"user-{User.objects.count()}"
        user = User.objects.create_user(name, password="long-enough-1", is_staff=True, is_superuser=superuser)
        if account is not None:
            Membership.objects.create(account=account, user=user, name=name, role=role, personal_data=personal_data)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return make


@pytest.fixture(scope="module")
def chromium():
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=ARGUMENTS, timeout=PATIENCE * 1000
        )
        yield browser
        connections.close_all()  # Playwright's loop has its own, which nobody finds outside of it
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def look(chromium, live_server):
    """Return a maker of windows: a size, a scheme, a language."""
    with contextlib.ExitStack() as stack:

        def make(width=1280, scheme="light", locale="en-GB"):
            options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "locale": locale}
            looker = Looker(chromium, live_server.url.replace("localhost", "127.0.0.1"), **options)
            stack.callback(looker.context.close)
            return looker

        yield make
    # What the server still answers holds a connection to the database, which is emptied, in the end dropped, next.
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            wait_for_end(thread)


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.ROOT_URLCONF = demo_urls.__name__
    settings.STATE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def caught(demo):
    """Keep a mail as the catcher does; returns its name."""
    store = MailStore(demo / "mail")

    def keep(content, sender="bounce@acme.example", recipient="anna@acme.example"):
        before = set(folder.names())
        store.keep(sender, [recipient], content if isinstance(content, bytes) else content.encode())
        return (set(folder.names()) - before).pop()

    return keep


@pytest.fixture
def boss(db):
    client = Client()
    client.force_login(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    return client
