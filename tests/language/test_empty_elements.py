"""Reference 2: "empty means not given" inside message only; elsewhere something empty is an XML_ERROR."""

import pytest

from deliveries.errors import BundleError
from deliveries.intake.parsing import parse
from deliveries.models import Newsletter
from tests.language.writing import BODY, HEADERS, NEW, html, write

REPORT = (
    '<delivery method="auto"><schedule_report><report_recipient>{}</report_recipient>'
    "<delay_hour>{}</delay_hour></schedule_report></delivery>"
)
OUTSIDE = {
    "suid": lambda text: {"suid": text},
    "key": lambda text: {"key": text},
    "newsletter": lambda text: {"newsletter": text},
    "csv_file": lambda text: {"recipients": f"<new_recipients><csv_file>{text}</csv_file></new_recipients>"},
    "normal": lambda text: {"recipients": f"<filter><normal>{text}</normal></filter>"},
    "test": lambda text: {"recipients": f"<filter><test>{text}</test></filter>"},
    "schedule": lambda text: {"delivery": f'<delivery method="auto"><schedule>{text}</schedule></delivery>'},
    "report_recipient": lambda text: {"delivery": REPORT.format(text, 24)},
    "delay_hour": lambda text: {"delivery": REPORT.format("a@b.it", text)},
    "delivery": lambda text: {"delivery": f'<delivery method="{text}"/>'},
    "label": lambda text: {"notes": f"<notes><note><label>{text}</label><value>x</value></note></notes>"},
    "unescape": lambda text: {"body": html("x", f'<preferences><unescape enabled="{text}"/></preferences>')},
    "file": lambda text: {"body": f"{BODY}<attachments><attachment><file>{text}</file></attachment></attachments>"},
}


@pytest.mark.sentence("2-19")
@pytest.mark.parametrize("element", OUTSIDE)
@pytest.mark.parametrize("empty", ["", "  \n\t ", "<!-- none -->"])
def test_something_empty_outside_the_message_is_an_error_at_its_place(element, empty):
    if "enabled" in str(OUTSIDE[element]("x")) or element == "delivery":
        empty = empty.partition("<!--")[0]  # an attribute holds no comment
    with pytest.raises(BundleError) as caught:
        parse(write(**OUTSIDE[element](empty)), "x.xml")
    assert caught.value.sub_status == "XML_ERROR"
    assert (caught.value.code, caught.value.element) == ("XML_VALUE", element)
    assert caught.value.line > 2


@pytest.mark.parametrize("blank", ["", " ", "\n        "])
def test_flags_may_hold_blanks(blank):
    found = parse(
        write(
            recipients=f"<retry>{blank}</retry>{NEW}",
            delivery=f'<delivery method="auto"><remove_duplicates>{blank}</remove_duplicates>'
            f"<transactional>{blank}</transactional></delivery>",
            message=f'{HEADERS}<publish_on_web a="">{blank}</publish_on_web><preferred_content>{blank}'
            f"</preferred_content><body><html><preferences><prettyprint enabled='true'>{blank}</prettyprint>"
            "</preferences></html></body>",
        ),
        "x.xml",
    )
    assert found.recipients.retry
    assert found.options.remove_duplicates
    assert found.options.transactional
    assert found.message.publish_on_web
    assert found.message.html.prettyprint


EMPTY = {
    "<encoding/>", "<headers/>", "<headers><label/></headers>", "<headers><subject/></headers>",
    "<headers><mail_from/></headers>", "<headers><mail_from><name/></mail_from></headers>",
    "<headers><mail_from><address/></mail_from></headers>", "<headers><reply_to/></headers>",
    "<preferred_content/>", "<preferred_content/><body/>", "<preferred_content/><body><html/></body>",
    "<preferred_content/><body><html><content/><preferences/></html></body>",
    "<preferred_content/><body><text><content><embed/></content></text></body>",
    "<preferred_content/><body><html><preferences><stats><links/><views/></stats></preferences></html></body>",
    "<template_from_campaign_id/>", "<attachments/>",
}  # fmt: skip


@pytest.mark.sentence("2-18", "2.5-08")
@pytest.mark.parametrize("empty", [*sorted(EMPTY), ""])
def test_something_empty_in_the_message_is_the_default(planned, demo, empty):
    Newsletter.objects.filter(pk=demo.offers.pk).update(subject="S", html="H", text="T", encoding="iso-8859-15")
    plan = planned(message=empty)
    content = {
        name: getattr(plan.source, name)
        for name in ("html", "text", "encoding", "from_name", "from_address", "reply_to")
    }
    assert (plan.source.subject, plan.source.title, content) == (
        "S",
        "S",
        {
            "html": "H", "text": "T", "encoding": "iso-8859-15", "from_name": "Demo Shop",
            "from_address": "news@demo.example", "reply_to": "help@demo.example",
        },
    )  # fmt: skip


def test_a_message_that_holds_nothing_and_a_newsletter_without_a_subject_take_the_newsletters_name(refusal, demo):
    assert {problem.code for problem in refusal(message="").problems} == {"SUBJECT_MISSING", "CONTENT_NONE"}
