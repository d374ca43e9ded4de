"""Reference 2.4 and 2.5: labels and markers in the headers, the footer, the web version."""

import pytest

from deliveries.content import compile_source
from deliveries.models import Newsletter
from tests.content.writing import envelope
from tests.language.writing import BODY, TRANSACTIONAL, html, notes, plain

LABELLED = """<headers><subject>&lt;{Place}&gt; ${{nome}}$ <![CDATA[<% if nome == "Ida" %>!<% end %>]]></subject>
<mail_from><name>Shop &lt;{{place}}&gt;</name><address>{address}</address></mail_from>
<reply_to>{reply}</reply_to></headers>"""


def shown(plan, **values):
    return compile_source(plan.source).preview({"nome": "Ida", "email": "ida@mail.example", **values}, envelope())


def headers(address="&lt;{place}&gt;-${nome}$@demo.example", reply="help@demo.example"):
    return LABELLED.replace("{{", "{").replace("}}", "}").replace("{address}", address).replace("{reply}", reply)


@pytest.mark.sentence("2.4-11")
def test_labels_and_fields_fill_subject_name_and_the_senders_local_part(planned):
    mail = shown(planned(headers=headers(), notes=notes(("place", "brera"))))
    assert mail.subject == "brera Ida !"
    assert mail.from_ == "Shop brera <brera-Ida@demo.example>"


@pytest.mark.sentence("2.5-27", "2.5-29")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("help@demo.example", "help@demo.example"),
        ("Help &lt;help@demo.example&gt;", "Help <help@demo.example>"),
        ("<![CDATA[Aiuto, subito <help@other.example>]]>", "Aiuto, subito <help@other.example>"),
        ("&lt;{place}&gt; &lt;${email}$&gt;", "brera <ida@mail.example>"),
        ("${email}$", "ida@mail.example"),
        ("${nome}$@demo.example", "Ida@demo.example"),
        ("&lt;{place}&gt;@demo.example", "brera@demo.example"),
    ],
)
def test_reply_to_is_an_address_or_a_name_with_one(planned, written, expected):
    assert shown(planned(headers=headers(reply=written), notes=notes(("place", "brera")))).reply_to == expected


@pytest.mark.sentence("2.5-27")
@pytest.mark.parametrize("written", ["help", "a@b.example, c@d.example", "Name &lt;help&gt;", "&lt;{place}&gt;"])
def test_another_reply_to_is_refused(refusal, written):
    error = refusal(headers=headers(reply=written), notes=notes(("place", "brera")))
    assert (error.code, error.element) == ("REPLY_TO", "reply_to")


def test_a_label_is_a_value_in_html_and_text_and_an_unknown_one_is_refused(planned, refusal):
    body = BODY.replace("Ciao ${nome}$", "Ciao <{season}>")
    mail = shown(planned(body=body, notes=notes(("season", "winter &amp; &lt;{season}&gt; ${x}$"))))
    assert mail.html.startswith("<p>Ciao winter &amp; &lt;{season}&gt; ${x}$</p>")
    assert mail.text.startswith("Ciao winter & <{season}> ${x}$\n")
    assert refusal(body=body).code == "TPL_UNKNOWN_LABEL"


@pytest.mark.parametrize(("part", "text"), [(html, "<p>x</p>"), (plain, "x")])
def test_the_footer_is_for_marketing_mail_whose_newsletter_wants_it(planned, demo, part, text):
    assert planned(body=part(text)).source.footer is True
    Newsletter.objects.filter(pk=demo.offers.pk).update(unsubscribe=False)
    assert planned(body=part(text)).source.footer is False
    Newsletter.objects.filter(pk=demo.offers.pk).update(unsubscribe=True, kind="transactional")
    assert planned(body=part(text), delivery=TRANSACTIONAL).source.footer is False


def test_web_version_without_a_page_is_noted(planned):
    body = html('<p><a href="${web_version}$">x</a></p>')
    assert any("add <publish_on_web/>" in each or "publish_on_web" in each for each in planned(body=body).warnings)
    assert not any("publish_on_web" in each for each in planned(body="<publish_on_web/>" + body).warnings)
    assert planned(body="<publish_on_web ovveridetaf='x'/>" + body).publish_on_web
