"""The same events on a delivery that a bundle made and on one by hand: every figure, file, answer and mail."""

import json

import lxml.html
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone
from psycopg import sql

from deliveries import tokens
from deliveries.management.commands.events import COLUMNS
from deliveries.models import Content, Delivery, Message
from deliveries.sending.lifecycle import start
from deliveries.statistics import people, report_mail
from deliveries.statistics.figures import EVENT_FIGURES, OUTCOME_FIGURES
from deliveries.statistics.keeping import keep_ended
from deliveries.statistics.reconcile import reconcile
from deliveries.statistics.report_file import report_csv
from deliveries.tokens import HIDDEN_LINK, Purpose
from deliveries.tracking.bounces.receive import receive
from deliveries.tracking.classifier.classify import classify
from deliveries.tracking.classifier.reclassify import reclassify
from recipients import api_tokens, tables
from recipients.models import Account, Database, Filter, Membership, User
from tests.bounces.conftest import complaint, dsn
from tests.tracking.conftest import BROWSER, PHONE

PEOPLE = 9
PARTS = (
    "cards", "links_told", "bounces_told", "devices_told", "domains_told", "every_figure", "every_rate", "apart",
)  # fmt: skip
HTML = (
    "<html><body>"
    + "".join(f'<a track="yes" href="https://shop.example/{n}">{n}</a>' for n in (1, 2, 3))
    + "</body></html>"
)
XML = f"""<contactlab><auth><suid>demo-user</suid><key>demo-key</key></auth><campaign><email>
<newsletter>%d</newsletter><recipients><new_recipients><csv_file>a.csv</csv_file></new_recipients></recipients>
<delivery method="auto"/><message><headers><label>Winter</label><subject>Winter</subject></headers><publish_on_web/>
<preferred_content>rich_text</preferred_content><body><html><content><embed><![CDATA[{HTML}]]></embed></content>
<preferences><stats><links>parse</links></stats></preferences></html></body></message></email></campaign></contactlab>"""


def by_xml(client_system):
    client_system.server.put("a.csv", "email\n" + "".join(f"a{n}@mail.example\n" for n in range(PEOPLE)))
    client_system.server.put("a.xml", XML % client_system.newsletter)
    client_system.server.put("a.ok")
    client_system.poll()
    return Delivery.objects.get(pk=client_system.run().delivery_id)


def by_hand(like):
    database = Database.objects.get()
    with_code = sql.SQL("INSERT INTO {} (email, nome) SELECT 'b' || n || '@mail.example', 'hand' FROM {}").format(
        tables.identifier(database), sql.SQL("generate_series(0, %s) AS n")
    )
    with connection.cursor() as cursor:
        cursor.execute(with_code, [PEOPLE - 1])
    chosen = Filter.objects.create(
        database=database, name="hand", conditions=[{"field": "nome", "op": "equals", "value": "hand"}]
    )
    row = Delivery.objects.create(
        account=like.account, newsletter=like.newsletter, database=database, filter=chosen, title="Winter",
        subject="Winter", publish_on_web=True, status="scheduled", start_at=timezone.now(),
    )  # fmt: skip
    written = {name: getattr(like.content, name) for name in ("from_name", "from_address", "reply_to", "footer")}
    Content.objects.create(delivery=row, html=HTML, html_links="parse", **written)
    return row


def play(row, written):
    """People on desktops and phones, scanners, a bounce, a complaint, unsubscriptions, a visit of the page."""
    assert "started" in start.begin(row.pk)
    now = timezone.now()
    Message.objects.filter(delivery=row).update(status="delivered", outcome_at=now, attempt=1)
    ids = list(Message.objects.filter(delivery=row).order_by("id").values_list("id", flat=True))
    Message.objects.filter(pk=ids[8]).update(status="bounced", category=3)
    Message.objects.filter(pk=ids[7]).update(status="in_doubt")
    browser = Browser()

    def opens(who, agent=BROWSER, **headers):
        browser.get(f"/o/{tokens.make(Purpose.OPEN, ids[who])}", headers={"User-Agent": agent, **headers})

    def clicks(who, link, agent=BROWSER):
        token = tokens.make_click(row.pk, ids[who], link, None)
        answer = browser.get(f"/c/{token}", headers={"User-Agent": agent})
        assert link == HIDDEN_LINK or answer["Location"] == f"https://shop.example/{link}"

    opens(0), opens(0, PHONE), clicks(0, 1), clicks(0, 1)
    clicks(1, 2, PHONE), browser.get(f"/w/{tokens.make(Purpose.WEB, ids[1])}", headers={"User-Agent": PHONE})
    opens(2, "Mimecast"), opens(2, Sec_Purpose="prefetch"), clicks(2, 3, "BarracudaCentral")
    clicks(3, 1), clicks(3, 2), clicks(3, 3)
    opens(4), clicks(4, HIDDEN_LINK), opens(7)
    unsubscribe = f"/u/{tokens.make(Purpose.UNSUBSCRIBE, ids[5])}"
    browser.get(unsubscribe), browser.post(unsubscribe)
    browser.post(f"/u/{tokens.make(Purpose.UNSUBSCRIBE, ids[6])}", {"List-Unsubscribe": "One-Click"})
    address = Message.objects.get(pk=ids[3]).address
    receive(dsn(address), f"{tokens.make_local_part(Purpose.RETURN_PATH, ids[3])}@bounces.demo.example")
    receive(complaint(Message.objects.get(pk=ids[2])), "fbl@demo.example")
    written()
    while classify():
        pass
    Delivery.objects.filter(pk=row.pk).update(status="sent", ended_at=now)
    keep_ended(), keep_ended()
    return ids


def told(row, ids, capsys):
    """Everything that is said of a delivery, its ids, times and people's first letters taken out."""
    Delivery.objects.filter(pk=row.pk).update(ended_at=row.started_at)
    said = {}
    call_command("report", str(row.pk), json=True)
    said["report"] = json.loads(capsys.readouterr().out)
    secret = api_tokens.make(row.account, f"t{row.pk}", personal_data=True, expires_at=None, actor=None)[1]
    api = Browser(headers={"Authorization": f"Bearer {secret}"})
    for part in ("report", "events?limit=200"):
        said[f"api {part}"] = json.loads(api.get(f"/api/v1/deliveries/{row.pk}/{part}").content)
    said["api row"] = json.loads(api.get(f"/api/v1/deliveries/{row.pk}").content)["figures"]
    call_command("events", str(row.pk), json=True)
    said["events"] = json.loads(capsys.readouterr().out)
    for name in ("size", *OUTCOME_FIGURES, *EVENT_FIGURES, "link:1", "link:3"):
        said[f"people {name}"] = [person["recipient"][1:] for person in people.people_behind(row, name)]
    said |= shown(row)
    mail = report_mail.render(row, ["erp@demo.example"])
    said["mail"] = mail.body.splitlines()[1:-1]  # without the delivery's name and address
    said["file"] = [line for line in report_csv(said["report"]).splitlines() if not line.startswith("hour")]
    for part in ("report", "api report"):
        said[part].pop("delivery")
        hours = said[part].pop("timeline")
        said[f"{part} hours"] = [sum(hour[name] for hour in hours) for name in ("sent", "views", "clicks")]
    for part in (said["events"], said["api events?limit=200"]["items"]):
        for event in part:
            event["mailqID"] = ids.index(int(event["mailqID"]))
            event["recipient"] = event["recipient"][1:]
            assert event.keys() == set(COLUMNS)
            for name in ("deliveryID", "deliveryDate", "actionDate", "userID"):
                event.pop(name)
    return said


def shown(row):
    """What an operator sees of a delivery: each part of the Statistics tab, and its row of the Archive."""
    user, _made = User.objects.get_or_create(username="operator")
    Membership.objects.get_or_create(account=row.account, user=user, defaults={"name": "o", "personal_data": True})
    area = Browser()
    area.force_login(user)
    page = area.get(f"/admin/deliveries/delivery/{row.pk}/change/", {"tab": "statistics"})
    said = {f"page {part}": str(page.context[part]) for part in PARTS}
    listed = lxml.html.fromstring(area.get("/admin/deliveries/delivery/", {"tab": "finished"}).content.decode())
    [line] = listed.xpath(f'//tr[.//a[contains(@href, "/delivery/{row.pk}/change/")]]')
    for name in ("sent", "opens", "clicks", "left"):
        [cell] = line.xpath(f'.//*[contains(concat(" ", @class, " "), " field-{name} ")]')
        said[f"archive {name}"] = " ".join(cell.text_content().split())
    return said


@pytest.mark.sentence("6-05", "6-26")
@pytest.mark.django_db(transaction=True)
def test_every_figure_file_answer_and_mail_is_the_same(client_system, written, capsys, settings, tmp_path):
    settings.STATE_DIR, settings.PUBLIC_URL = tmp_path, "http://testserver"
    one = by_xml(client_system)
    other = by_hand(one)
    assert (one.source, other.source) == ("xml", "ui")
    # Neither may find the other's people on a list, so each is played on people of its own.
    said = {}
    for row in (one, other):
        ids = play(row, written)
        row.refresh_from_db()
        said[row.source] = told(row, ids, capsys)
    for part, words in said["xml"].items():
        assert words == said["ui"][part], part
    figures = said["xml"]["report"]["figures"]
    assert {name: figures[name] for name in EVENT_FIGURES} == {
        "blacklisted": 3, "temporary_blacklisted": 0, "views": 3, "hidden_views": 1, "unique_views": 3,
        "web_views": 1, "clicks": 3, "unique_clicks": 2, "machine_views": 3, "machine_clicks": 5, "unsubscribed": 1,
        "list_unsubscribed": 1, "complaints": 1,
    }  # fmt: skip
    assert (figures["delivered"], figures["bounced"], figures["in_doubt"]) == (7, 2, 0)
    assert reconcile(reclassify)["clean"]
    assert Account.objects.count() == 1
