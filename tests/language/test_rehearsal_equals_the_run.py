"""Reference 4.3: the rehearsal of a bundle and its run over a real SFTP server give one answer."""

import shutil
from pathlib import Path

import pytest
from django.utils import translation

from deliveries import audience, conf
from deliveries.composition import source_of
from deliveries.content import Envelope, compile_source
from deliveries.intake.polling import entry
from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.models import Attachment, Content, Delivery, Newsletter, ProcessingRun
from recipients import filtering, tables
from recipients.loading import Dialect, load_csv
from recipients.models import Filter
from tests.language.test_schedule import scheduled
from tests.language.writing import BODY, HEADERS, NEW, html, plain, write

pytestmark = pytest.mark.django_db(transaction=True)
SAMPLES = Path(__file__).parent.parent / "samples"
QA = "<test_recipients><test_recipient><email>qa@demo.example</email></test_recipient></test_recipients>"
CSV = "<new_recipients><csv_file>list.csv</csv_file></new_recipients>"
FILES = {
    "list.csv": b"email;nome\nanna@mail.example;Anna\nbruno@mail.example;Bruno & figli\n",
    "bad.csv": b"email;nome\nanna@mail.example;Anna\nnobody;X\n" + b"c@mail.example;C\n" * 20,
    "qa.csv": b"email\n" + b"".join(b"qa%d@demo.example\n" % n for n in range(31)),
    "none.csv": b"email\n",
    "wrong.csv": b"email\nnobody\n",
    "a.pdf": b"%PDF-1.7",
}
ATTACHED = "<attachments><attachment><file>a.pdf</file></attachment></attachments>"
TEMPLATE = "<template_from_campaign_id>{template}</template_from_campaign_id>"
PICKED = "<filter><normal>{milan}</normal></filter>"
VARIATIONS = {
    "people in the XML": {},
    "a list": {"recipients": CSV},
    "a list with a bad row": {"recipients": CSV.replace("list", "bad")},
    "a list under a name in another case": {"recipients": CSV.replace("list.csv", "list.CSV")},
    "31 test people": {"recipients": NEW + CSV.replace("list", "qa").replace("new_", "test_")},
    "a test list of nobody": {"recipients": NEW + CSV.replace("list", "none").replace("new_", "test_")},
    "a test list with bad rows only": {"recipients": NEW + CSV.replace("list", "wrong").replace("new_", "test_")},
    "a bad test recipient": {
        "recipients": NEW + "<test_recipients><test_recipient><email>bad</email></test_recipient></test_recipients>"
    },
    "a list of nobody": {"recipients": CSV.replace("list", "none")},
    "only test people": {"recipients": QA},
    "test people and a filter": {"recipients": QA + PICKED},
    "overridden filters": {"recipients": NEW + QA + "<filter><normal>9999</normal><test>9999</test></filter>"},
    "a filter": {"recipients": PICKED},
    "a filter, manual": {"recipients": PICKED, "delivery": '<delivery method="manual"/>'},
    "a filter without duplicates": {
        "recipients": PICKED, "delivery": '<delivery method="auto"><remove_duplicates/></delivery>'
    },
    "another account's filter": {"recipients": "<filter><normal>9999</normal></filter>"},
    "rendering": {"recipients": NEW + '<filter><test rendering="true">{milan}</test></filter>'},
    "a schedule to come": {"delivery": scheduled("2035-03-25T02:30:00")},
    "a schedule long past": {"delivery": scheduled("2020-01-01T00:00:00Z")},
    "a proposed time": {"delivery": scheduled("2020-01-01T00:00:00Z", "manual")},
    "transactional": {"delivery": '<delivery method="auto"><transactional/></delivery>'},
    "a report to a stranger": {
        "delivery": '<delivery method="auto"><schedule_report><report_recipient>x@y.example</report_recipient>'
        "<delay_hour>12</delay_hour></schedule_report></delivery>"
    },
    "labels": {
        "notes": "<notes><note><label>place</label><value>Brera &amp; co</value></note></notes>",
        "body": html("<p><{place}> <% if nome.empty? %>-<% else %>${nome}$<% end %></p>"),
    },
    "an unknown label": {"body": plain("<{place}>")},
    "conditions eleven deep": {"body": plain("<% if nome %>" * 11 + "<% end %>" * 11)},
    "an unknown encoding": {"message": "<encoding>koi8-r</encoding>" + HEADERS + BODY},
    "an attachment": {"body": BODY + ATTACHED},
    "a file that is not there": {"body": BODY + ATTACHED.replace("a.pdf", "b.pdf")},
    "a template": {"headers": "", "body": TEMPLATE},
    "a template beside a body": {"body": BODY + TEMPLATE},
    "a web page": {"body": "<publish_on_web/>" + html('<p><a href="${{web_version}}$">x</a></p>')},
    "a web page that is not there": {"body": html('<p><a href="${{web_version}}$">x</a></p>')},
    "a field that the database lacks": {"recipients": NEW.replace("nome>", "soprannome>")},
    "the same person twice": {
        "recipients": NEW.replace("</new_", "<recipient><EMAIL>ANNA@mail.example</EMAIL></recipient></new_"),
        "delivery": '<delivery method="auto"><remove_duplicates/></delivery>',
    },
    "sms": {"channel": "sms", "message": "<subject>x</subject>"},
    "a wrong key": {"key": "wrong"},
    "no text": {"body": "<preferred_content>both</preferred_content><body/>"},
    "many mistakes": {
        "headers": HEADERS.replace("demo.example", "evil.example"), "body": plain("${a}$ ${b}$ <% x %>")
    },
}  # fmt: skip


@pytest.fixture
def milanese(demo, tmp_path_factory):
    """Some people whom the filter picks, one of them twice."""
    path = tmp_path_factory.mktemp("people") / "people.csv"
    path.write_text("email,nome,citta\n" + "ida@mail.example,Ida,Milano\n" * 2 + "gino@mail.example,Gino,Milano\n")
    load_csv(demo.customers, path, Dialect(), limit=0)


def template_of(demo):
    made = Delivery.objects.create(
        account=demo.account, newsletter=demo.offers, database=demo.customers, title="T", subject="Old ${nome}$"
    )
    common = {"from_address": "old@demo.example", "from_name": "Old", "reply_to": "old@demo.example"}
    Content.objects.create(delivery=made, html="<p>${nome}$</p>", **common)
    Attachment.objects.create(delivery=made, name="a.pdf", content_type="application/pdf", content=b"%PDF-")
    return made.pk


def answered(space, folder, stem, request):
    """Rehearse a folder's bundle, then drop and poll it; return both answers."""
    server = request.getfixturevalue("drop")
    rehearsed = rehearse(folder / f"{stem}.xml", space=space)
    for path in folder.iterdir():
        if path.suffix != ".ok":
            shutil.copy(path, server.drop)
    (server.drop / f"{stem}.ok").touch()
    line = entry.poll(space.pk)
    run = ProcessingRun.objects.order_by("-pk").first()
    assert run is not None, line
    return rehearsed, run


def first_mails(run):
    """Return the first mails of the run's delivery, as the rehearsal shows them."""
    delivery = run.delivery or run.test_delivery
    compiled = compile_source(source_of(delivery))
    ids = filtering.sample(delivery.database, filtering.predicate_of(delivery.filter), 3)
    values = tables.read_values(delivery.database, ids)
    mails = []
    for each in ids:
        to = str(values[each]["email"])
        base = conf.public_url()
        envelope = Envelope(
            to=to, message_id="preview", date=run.started_at, delivery_id=0,
            unsubscribe_url=f"{base}/u/preview", web_url=f"{base}/w/preview",
        )  # fmt: skip
        seen = compiled.preview(values[each], envelope)
        mails.append((to, seen.subject, seen.html, seen.text))
    return mails


def agree(rehearsed, run):
    assert rehearsed.accepted == (run.status == "SUCCESS"), (rehearsed.errors, run.error)
    if not rehearsed.accepted:
        error = rehearsed.errors[0]
        assert (error.code, error.message, error.sub_status) == (run.code, run.error, run.sub_status)
        keys = ("code", "file", "line", "element", "message")
        said = [{key: getattr(each, key) for key in keys} for each in (error.problems or rehearsed.errors)]
        assert said == run.problems
        assert (run.delivery, run.test_delivery) == (None, None)
        return
    assert sorted(rehearsed.warnings) == sorted(run.warnings)
    assert [(mail.to, mail.subject, mail.html, mail.text) for mail in rehearsed.preview] == first_mails(run)
    made = [(rehearsed.normal, run.delivery), (rehearsed.test, run.test_delivery)]
    brought = sum(number for number, delivery in made if delivery and delivery.filter.automatic)
    assert (brought, rehearsed.bad) == (run.rows_good or 0, run.rows_bad or 0)
    for number, delivery in made:
        assert number == (min(audience.count(delivery), delivery.most_recipients or 10**9) if delivery else 0)


@pytest.mark.sentence("4.3-03", "4.3-04")
@pytest.mark.parametrize("what", VARIATIONS)
def test_a_variation_is_answered_alike(demo, space, milanese, tmp_path, request, what):
    space.separator = ";"
    space.save()
    known = {"milan": demo.milan.pk, "template": template_of(demo)}
    parts = {"newsletter": demo.offers.pk}
    for name, text in VARIATIONS[what].items():
        for key, number in known.items():
            text = text.replace(f"{{{key}}}", str(number))  # noqa: PLW2901  filled in step by step
        parts[name] = text.replace("{{", "{").replace("}}", "}")
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "x.xml").write_bytes(write(**parts))
    agree(*answered(space, tmp_path, "x", request))


BUNDLES = [(path.parent.name, path.stem) for path in sorted(SAMPLES.glob("*/*.xml"))]


@pytest.mark.sentence("4.3-03", "4.3-04")
@pytest.mark.parametrize(("folder", "stem"), BUNDLES)
def test_a_sample_is_answered_alike(demo, space, milanese, tmp_path, request, folder, stem):
    Newsletter.objects.filter(pk=demo.bare.pk).update(reply_to="")
    shutil.copytree(SAMPLES / folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / f"{stem}.xml"
    text = path.read_text()
    for number, newsletter in demo.newsletters.items():
        text = text.replace(f"<newsletter>{number}<", f"<newsletter>#{newsletter.pk}<")
    path.write_text(text.replace("r>#", "r>").replace("<normal>1<", f"<normal>{demo.milan.pk}<"))
    agree(*answered(space, tmp_path, stem, request))


@pytest.mark.sentence("4.3-03")
@pytest.mark.parametrize("place", ["the bundle", "the base of the newsletter"])
def test_a_filter_that_can_not_be_used_is_answered_alike_also_on_an_italian_page(
    demo, space, tmp_path, request, place
):
    demo.milan.conditions = [{"field": "gone", "op": "equals", "value": "x"}]
    demo.milan.save()
    picked = f"<filter><normal>{demo.milan.pk}</normal></filter>"
    if place != "the bundle":
        Newsletter.objects.filter(pk=demo.offers.pk).update(base_filter=demo.milan)
        good = Filter.objects.create(
            database=demo.customers, name="All", conditions=[{"field": "email", "op": "is_not_empty"}]
        )
        picked = f"<filter><normal>{good.pk}</normal></filter>"
    (tmp_path / "x.xml").write_bytes(write(newsletter=demo.offers.pk, recipients=picked))
    rehearsed, run = answered(space, tmp_path, "x", request)
    agree(rehearsed, run)
    assert run.error.startswith("x.xml")
    assert "condition 1: field 'gone' is not in the database" in run.error
    with translation.override("it"):
        on_a_page = rehearse(tmp_path / "x.xml", demo.account, space)
        assert [error.message for error in on_a_page.errors] == [run.error]
        assert "nel db utenti; i suoi campi sono" in run.error
