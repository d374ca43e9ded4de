"""An account with one row of everything, ids far from another's, and people whose words are nowhere else."""

from email.message import EmailMessage

from django.apps import apps
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone
from psycopg import sql

from deliveries import audit
from deliveries.downloads.making import place_of
from deliveries.models import (
    Activity,
    Content,
    Delivery,
    Download,
    Event,
    Label,
    Link,
    Message,
    ProcessingRun,
    RunFile,
    RunTransition,
    SenderDns,
)
from recipients import api_tokens, invitations, tables
from recipients.models import BlacklistEntry, Filter, Membership
from tests.pages.conftest import furnish

WORD = "Zenith"
MARKUP = "\"'><svg onload=alert(1)>"
# What is in people's rows and nowhere else.
PEOPLE = ("persefone", "segreto77")
ADDRESS = "persefone@olimpo.example"
MINE, FIRST, LATER, NO_SUCH = 6_000_001, 7_000_001, 8_000_001, 9_876_543
_KEPT = {
    "key": "ADDR_SYNTAX",
    "params": {"address": "persefone(at)olimpo.example", "why": {"key": "address.no_at", "params": {}}},
}
NAMES_A_PERSON = _KEPT | {"params": _KEPT["params"] | {"address": ADDRESS}}


def number_from(first):
    """Let every id that is given from now on be at least this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences"
            " WHERE data_type <> 'smallint'::regtype"
        )
        for (name,) in cursor.fetchall():
            cursor.execute("SELECT setval(%s, %s, false)", [name, first])


def theirs():
    """Make the account that others must not see."""
    number_from(FIRST)
    house = furnish(WORD)
    number_from(FIRST + 500)  # of the table of the database too
    Membership.objects.filter(pk=house.membership.pk).update(name=f"{WORD} boss")
    user = house.membership.user
    with connection.cursor() as cursor:
        query = sql.SQL('INSERT INTO {} (email, nome, "XML_DELIVERY_CODE") VALUES (%s, %s, %s) RETURNING id')
        values = [ADDRESS, "Persefone", "segreto77"]
        cursor.execute(query.format(tables.identifier(house.database)), values)
        person = cursor.fetchone()[0]
    _person_everywhere(house, person)
    _markup_everywhere(house)
    _download(house, user)
    _ways_in(house, user)
    return house


def _person_everywhere(house, person):
    """Put the person's data wherever the product keeps any."""
    now = timezone.now()
    named = {"field": "nome", "op": "equals", "value": "Persefone"}
    Filter.objects.create(database=house.database, name=f"{WORD} one", conditions=[named])
    html = f'<p>Hi ${{nome}}$ of {WORD}</p><a href="https://zenith.example/${{XML_DELIVERY_CODE}}$">x</a>'
    for status in ("new", "ready", "scheduled", "sending", "failed", "sent"):
        delivery = Delivery.objects.create(
            account=house.account, newsletter=house.newsletter, database=house.database, filter=house.filter,
            title=f"{WORD} {status}", subject=f"{WORD} for ${{nome}}$", status=status, source="ui", size=1,
            started_at=now if status in {"sending", "sent"} else None, measured="cw" if status == "sent" else "",
            ended_at=now if status in {"failed", "sent"} else None,
        )  # fmt: skip
        Content.objects.create(
            delivery=delivery, from_address=house.newsletter.from_address, reply_to=house.newsletter.reply_to,
            html=html, text=f"Hi ${{nome}}$ of {WORD}",
        )  # fmt: skip
        Label.objects.create(delivery=delivery, name=f"{WORD} label", value=f"{WORD} value")
        message = Message.objects.create(
            delivery=delivery, recipient_id=person, address=ADDRESS, outcome_at=now, reply=f"550 no {ADDRESS}",
            status={"sent": "bounced", "sending": "pending"}.get(status, "pending"),
            category=10 if status == "sent" else None,
        )  # fmt: skip
        if status == "sent":
            _looked_at(delivery, message, now)
    Message.objects.filter(pk=house.message.pk).update(address=ADDRESS, recipient_id=person)
    BlacklistEntry.objects.filter(pk=house.entry.pk).update(address=ADDRESS, note="Persefone asked")
    audit.record(
        house.account.pk, None, audit.ListVerb.BLACKLIST_ADDED, BlacklistEntry.objects.get(pk=house.entry.pk)
    )
    Activity.objects.create(
        account=house.account, verb="failed", delivery=house.delivery, params={"reason": f"'{ADDRESS}' is bad"}
    )
    _run_of(house, now)


def _markup_everywhere(house):
    """Let every name that a client or an operator writes hold markup behind it."""
    for rows, names in (
        (Delivery.objects.filter(account=house.account), ("title", "subject")),
        (Label.objects.filter(delivery__account=house.account), ("name", "value")),
        (Link.objects.filter(delivery__account=house.account), ("url",)),
        (Filter.objects.filter(database__account=house.account), ("name",)),
        (ProcessingRun.objects.filter(account=house.account), ("file", "semaphore")),
        (RunFile.objects.filter(run__account=house.account), ("name",)),
        (type(house.newsletter).objects.filter(account=house.account), ("name", "from_name")),
        (type(house.space).objects.filter(account=house.account), ("name",)),
        (type(house.database).objects.filter(account=house.account), ("name",)),
        (Membership.objects.filter(account=house.account), ("name",)),
    ):
        rows.update(**{name: Concat(name, Value(MARKUP)) for name in names})


def _looked_at(delivery, message, now):
    Link.objects.create(delivery=delivery, number=1, url=f"https://zenith.example/{WORD}")
    for action in "cv":
        Event.objects.create(
            account_id=delivery.account_id, delivery=delivery, message=message, at=now, action=action,
            origin="person", reference="1" if action == "c" else "", ip="192.0.2.7",
        )  # fmt: skip


def _run_of(house, now):
    """Let the run's every sentence name the person, and its files hold them."""
    ProcessingRun.objects.filter(pk=house.run.pk).update(
        fault=NAMES_A_PERSON, first_fault=NAMES_A_PERSON, warning_faults=[NAMES_A_PERSON],
        ended_at=now, code="ADDR_SYNTAX",
        faults=[{"file": "people.csv", "line": 2, "element": "", "fault": NAMES_A_PERSON}] * 2,
    )  # fmt: skip
    house.run.row_errors.update(fault=NAMES_A_PERSON, excerpt=f"{ADDRESS},Persefone")
    RunTransition.objects.create(
        run=house.run, sub_status="XMLD_CONFIGURATION_ERROR", started_at=now, fault=NAMES_A_PERSON
    )
    for file in RunFile.objects.filter(run=house.run):
        file.place.parent.mkdir(parents=True, exist_ok=True)
        file.place.write_text(f"<recipient><email>{ADDRESS}</email></recipient> {WORD}", encoding="utf-8")
    ProcessingRun.objects.create(
        account=house.account, space=house.space, semaphore=f"{WORD}2.ok", file=f"{WORD}2.xml", status="ERROR",
        sub_status="DUPLICATE_HELD", duplicate_of=house.run,
    )  # fmt: skip


def _download(house, user):
    """Let an export lie there with a file that names the person."""
    row = Download.objects.create(
        account=house.account, asked_by=user, kind="people", name=f"{WORD}.csv", about=WORD, status="ready", size=1,
        queued_at=timezone.now(), ready_at=timezone.now(),
    )  # fmt: skip
    place = place_of(row)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{ADDRESS} {WORD}", encoding="utf-8")


def _ways_in(house, user):
    invitations.invite(
        house.account, "new@zenith.example", f"{WORD} guest", "operator", personal_data=False, actor=user
    )
    api_tokens.make(house.account, f"{WORD} monitor", personal_data=True, expires_at=None, actor=user)


def mail():
    """Return a mail with every part that the catcher has a page for."""
    made = EmailMessage()
    made["Subject"], made["To"] = f"{WORD} mail", ADDRESS
    made.set_content("Hello Persefone")
    made.add_alternative("<p>Hello Persefone</p>", subtype="html")
    made.add_attachment(b"x", maintype="text", subtype="plain", filename="persefone.txt")
    return made.as_bytes()


def kept_rows():
    """Return every row of theirs, and each later row that points at one of them: {model: {id: values}}."""
    found = {}
    for model in [*apps.get_app_config("deliveries").get_models(), *apps.get_app_config("recipients").get_models()]:
        if model is SenderDns:  # what the DNS last answered: kept by whoever looks, and nobody's doing
            continue
        key = model._meta.pk
        names = {key.attname, *(each.attname for each in model._meta.concrete_fields if each.remote_field)}
        found[model._meta.label] = {
            row[key.attname]: _plain(row)
            for row in model._default_manager.values()
            if any(isinstance(row[name], int) and FIRST <= row[name] < LATER for name in names)
        }
    return found


def _plain(row):
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}


def people_of(house):
    """Return the rows of their database's table."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {} ORDER BY id").format(tables.identifier(house.database)))
        return cursor.fetchall()
