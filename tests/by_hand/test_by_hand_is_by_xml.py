"""The same delivery made by a bundle and by hand: rows, mails and figures differ in ids, tokens and times (5.4)."""

import re
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import default

import pytest
from django.forms.models import model_to_dict

from deliveries.models import Content, Delivery, Message
from deliveries.sending.ledger.ranges import Row
from deliveries.sending.lifecycle import control, drafts, editing, start
from deliveries.sending.worker import compose
from deliveries.statistics.report import report
from recipients import tables
from recipients.loading import Dialect, load_csv
from tests.language.conftest import demo, drop, ran, space, sshd  # noqa: F401  fixtures, asked for by their names
from tests.language.writing import FILTER, notes

pytestmark = pytest.mark.django_db(transaction=True)
HTML = '<p>Ciao ${nome}$ <a track="yes" href="https://shop.example/?c=${citta}$">shop</a> <{season}></p>'
TEXT = "Ciao ${nome}$ https://shop.example/"
MESSAGE = f"""<headers><label>Winter</label><subject>${{nome}}$, winter</subject>
  <mail_from><name>Demo Shop</name><address>news@demo.example</address></mail_from>
  <reply_to>help@demo.example</reply_to></headers>
  <preferred_content>both</preferred_content>
  <body><html><content><embed><![CDATA[{HTML}]]></embed></content>
    <preferences><stats><links>parse</links></stats></preferences></html>
  <text><content><embed><![CDATA[{TEXT}]]></embed></content></text></body>"""
OWN = {"id", "source", "run", "start_at", "started_at", "ended_at", "test_of"}
# What is made of the ids: tokens in addresses, the Message-ID, the boundary, the delivery's number.
TOKENS = re.compile(
    r"(?<=/[cuwo]/)[\w=-]+|(?<=<)[a-z0-9]{20,}(?=@)|(?<=mailto:)[a-z0-9]+(?=@)|=_[0-9a-f]+|^\d+(?=$|:)|\d+(?=\.gif)"
)


def without_ids(body):
    """Return header lines and decoded parts, in their order."""
    mail = BytesParser(policy=default).parsebytes(body)
    parts = [(part.get_content_type(), part.get_content()) for part in mail.walk() if not part.is_multipart()]
    headers = [(name, TOKENS.sub("#", str(value))) for name, value in mail.items()]
    return headers, [(kind, TOKENS.sub("#", content)) for kind, content in parts]


@pytest.fixture
def people(demo, tmp_path):  # noqa: F811  pytest's way
    (tmp_path / "people.csv").write_text(
        "email,nome,citta\nanna@mail.example,Anna,Milano\nbea@mail.example,Béa,Milano\nbea@mail.example,Bis,Milano\n"
    )
    load_csv(demo.customers, tmp_path / "people.csv", Dialect(), limit=0)
    return demo


@pytest.fixture
def by_xml(people, ran):  # noqa: F811  pytest's way
    run = ran(
        newsletter=people.offers.pk,
        recipients=FILTER.format(people.milan.pk),
        delivery='<delivery method="manual"><remove_duplicates/></delivery>',
        notes=notes(("season", "winter")),
        message=MESSAGE,
    )
    assert run.status == "SUCCESS", run.error
    return run.delivery


@pytest.fixture
def by_hand(people):
    draft = drafts.create_draft(people.offers)
    changes = {
        "title": "Winter", "subject": "${nome}$, winter", "filter": people.milan, "remove_duplicates": True,
        "from_name": "Demo Shop", "from_address": "news@demo.example", "reply_to": "help@demo.example",
        "html": HTML, "text": TEXT, "html_links": "parse",
    }  # fmt: skip
    version = editing.edit(draft.pk, changes, version=draft.version, labels=[("season", "winter")])
    editing.finish(draft.pk, version=version)
    return Delivery.objects.get(pk=draft.pk)


def rows(delivery):
    delivery.refresh_from_db()
    content = model_to_dict(Content.objects.get(delivery=delivery))
    own = {name: value for name, value in model_to_dict(delivery).items() if name not in OWN}
    return own, {**content, "delivery": 0}, list(delivery.labels.values_list("name", "value"))


def gone_out(delivery):
    """Start it; return its messages and their bytes, without what is made of ids and times."""
    control.start(delivery.pk)
    start.begin(delivery.pk)
    mailing = compose.mailing(
        Delivery.objects.select_related("newsletter__account", "database", "account").get(pk=delivery.pk)
    )
    date, mails = datetime(2026, 12, 1, 9, tzinfo=UTC), []
    for message in Message.objects.filter(delivery=delivery).order_by("id"):
        values = tables.read_values(delivery.database, [message.recipient_id])[message.recipient_id]
        row = Row(message.pk, message.recipient_id, message.address, 0, None, None)
        mails.append(without_ids(compose.write(mailing, row, values, date).body))
    return list(delivery.messages.order_by("id").values_list("recipient_id", "address", "status")), mails


def test_rows_mails_and_figures_are_the_same(by_xml, by_hand):
    assert rows(by_xml) == rows(by_hand)
    xml, hand = gone_out(by_xml), gone_out(by_hand)
    assert xml[0] == hand[0]
    assert len(xml[1]) == 2
    assert xml[1] == hand[1]
    assert rows(by_xml) == rows(by_hand)
    links = [list(one.tracked_links.values_list("number", "url", "part")) for one in (by_xml, by_hand)]
    assert links[0] == links[1] != []
    reports = [report(Delivery.objects.get(pk=one.pk)) for one in (by_xml, by_hand)]
    for part in ("figures", "rates", "bounces", "domains", "devices"):
        assert reports[0][part] == reports[1][part]
