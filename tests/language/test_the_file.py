"""Reference 2: the file as a whole: its example, its order, its blanks, its schema."""

import re
from itertools import pairwise

import pytest
from django.core.management import call_command
from lxml import etree

from deliveries.errors import BundleError
from deliveries.intake.parsing import parse
from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.models import Newsletter
from tests.language.writing import write

EXAMPLE = """<contactlab xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <auth><suid>demo-user</suid><key>demo-key</key></auth>
  <campaign>
    <email>
      <newsletter>12</newsletter>
      <recipients>
        <retry/>
        <new_recipients><csv_file>customers.csv</csv_file></new_recipients>
        <filter><test rendering="true">7</test></filter>
      </recipients>
      <delivery method="auto">
        <schedule>2035-12-01T09:30:00</schedule>
        <remove_duplicates/>
      </delivery>
      <notes><note><label>season</label><value>winter</value></note></notes>
      <message>
        <encoding>utf-8</encoding>
        <headers>
          <label>Winter offers, first wave</label>
          <subject>${nome}$, the winter offers are here</subject>
          <mail_from><name>Demo Shop</name><address>news@demo.example</address></mail_from>
          <reply_to>help@demo.example</reply_to>
        </headers>
        <publish_on_web/>
        <preferred_content>both</preferred_content>
        <body>
          <html><content><embed><![CDATA[<html><body>Ciao <{season}></body></html>]]></embed></content>
                <preferences><stats><links>parse</links></stats></preferences></html>
          <text><content><embed><![CDATA[Ciao]]></embed></content></text>
        </body>
      </message>
    </email>
  </campaign>
</contactlab>"""
QA = "<test_recipients><csv_file>qa.csv</csv_file></test_recipients>"
MORE = """<remove_duplicates/><transactional/><schedule_report>
<report_recipient>erp@demo.example</report_recipient><delay_hour>24</delay_hour></schedule_report>"""
WHOLE = EXAMPLE.replace("<filter>", f"{QA}<filter>").replace("<remove_duplicates/>", MORE)
FREE = {"preferences", "stats"}  # whose children come in any order


@pytest.mark.sentence("2-23")
def test_the_example_is_accepted(demo, tmp_path):
    demo.milan.use = "both"
    demo.milan.save()
    text = EXAMPLE.replace(">12<", f">{demo.offers.pk}<").replace(">7<", f">{demo.milan.pk}<")
    (tmp_path / "x.xml").write_text(text)
    (tmp_path / "customers.csv").write_text("email,nome,citta\nida@mail.example,Ida,Milano\n")
    answer = rehearse(tmp_path / "x.xml")
    assert answer.accepted, answer.errors
    assert (answer.normal, answer.preview[0].subject) == (1, "Ida, the winter offers are here")


@pytest.mark.sentence("2-05")
@pytest.mark.parametrize("head", ["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-8"?>\n'])
def test_no_namespace_is_needed(head):
    text = re.sub(r"<contactlab [^>]*>", "<contactlab>", EXAMPLE)
    assert parse(f"{head}{text}".encode(), "x.xml").newsletter == 12


def swaps():
    """Each parent and the pair of its neighbours, of different names, that change places."""
    for element in etree.fromstring(WHOLE).iter():
        for first, second in pairwise(element):
            if element.tag not in FREE:
                yield f"{element.tag}: {first.tag}, {second.tag}"


@pytest.mark.sentence("2-12", "2.5-02")
@pytest.mark.parametrize("places", list(swaps()))
def test_two_neighbours_that_change_places_are_refused(places):
    root = etree.fromstring(WHOLE)
    parent, pair = places.split(": ")
    first = next(each for each in root.iter(pair.split(", ")[0]) if each.getparent().tag == parent)
    first.getnext().addnext(first)
    with pytest.raises(BundleError) as caught:
        parse(etree.tostring(root), "x.xml")
    assert caught.value.sub_status == "XML_ERROR"
    assert parse(WHOLE.encode(), "x.xml")


@pytest.mark.sentence("2-13", "2-14")
def test_blanks_around_simple_values_and_attributes_are_trimmed():
    root = etree.fromstring(WHOLE)
    for element in root.iter():
        if element.text and len(element) == 0 and element.tag != "embed":
            element.text = f" \t{element.text}  "
        for name, value in element.attrib.items():
            element.set(name, f"  {value} ")
    assert b'method="  auto "' in etree.tostring(root)
    assert parse(etree.tostring(root), "x.xml") == parse(WHOLE.encode(), "x.xml")


BAD = [
    ("<suid>demo-user</suid>", ""), (">12<", ">twelve<"), ('method="auto"', 'method="now"'), ("<retry/>", "<x/>"),
    ("<label>season</label>", f"<label>{'x' * 101}</label>"), (">both<", ">all<"), (">24<", ">721<"),
    ("</message>", "</message><message/>"), ("<publish_on_web/>", "<publish_on_web>1</publish_on_web>"),
]  # fmt: skip


@pytest.mark.sentence("2-08")
@pytest.mark.parametrize(("good", "bad"), [("", ""), *BAD])
def test_the_schema_that_is_printed_is_the_one_that_judges(capsys, good, bad):
    call_command("schema")
    schema = etree.XMLSchema(etree.fromstring(capsys.readouterr().out.encode()))
    text = WHOLE.replace(good, bad) if good else WHOLE
    assert schema.validate(etree.fromstring(text)) is (good == "")
    if good == "":
        assert parse(text.encode(), "x.xml")
        return
    with pytest.raises(BundleError) as caught:
        parse(text.encode(), "x.xml")
    assert caught.value.sub_status == "XML_ERROR"


@pytest.mark.sentence("2-11")
def test_what_the_schema_takes_is_judged_by_the_account(refusal, demo):
    assert parse(write(newsletter=999_999), "x.xml").newsletter == 999_999
    assert refusal(newsletter=999_999).sub_status == "XMLD_CONFIGURATION_ERROR"
    Newsletter.objects.filter(pk=demo.offers.pk).update(account=demo.other)
    assert refusal().code == "REF_NEWSLETTER"


@pytest.mark.sentence("2-20", "2.5-09")
@pytest.mark.parametrize(
    ("written", "empty"), [('method="auto"', 'method=""'), ('rendering="true"', 'rendering=""'), (">12<", "><")]
)
def test_an_empty_attribute_or_newsletter_is_an_error(written, empty):
    with pytest.raises(BundleError) as caught:
        parse(EXAMPLE.replace(written, empty).encode(), "x.xml")
    assert (caught.value.sub_status, caught.value.code) == ("XML_ERROR", "XML_VALUE")
