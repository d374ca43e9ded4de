"""Reference 2.1 to 2.5: each element and attribute is read, and each wrong form is an XML_ERROR."""

import pytest

from deliveries.errors import BundleError
from deliveries.intake.parsing import parse
from tests.language.writing import BODY, HEADERS, NEW, html, plain, write


def read(**parts):
    return parse(write(**parts), "orders.xml")


def refused(**parts):
    with pytest.raises(BundleError) as caught:
        read(**parts)
    assert caught.value.sub_status == "XML_ERROR"
    assert caught.value.file == "orders.xml"
    assert caught.value.message.startswith("orders.xml line ")
    return caught.value


def test_auth_names_the_user_and_the_key_and_trims_both():
    found = read(suid=" demo-user ", key="\n demo-key\n")
    assert (found.suid, found.key) == ("demo-user", "demo-key")


def test_the_key_is_in_no_repr():
    assert "demo-key" not in repr(read())


@pytest.mark.sentence("2.1-10", "2.7-01")
@pytest.mark.parametrize("channel", ["email", "sms", "push"])
def test_a_campaign_has_one_channel(channel):
    messages = {
        "email": None,
        "sms": "<subject>Hello</subject><body>Text</body><from>Shop</from>",
        "push": "<subject>Hello</subject><push_endpoints><apn>{}</apn><gcm>{}</gcm></push_endpoints>",
    }
    assert read(channel=channel, message=messages[channel]).channel == channel


@pytest.mark.sentence("2.7-01")
@pytest.mark.parametrize("message", ["<body>Text</body>", "<push_endpoints/>"])
def test_the_subject_of_sms_and_push_is_mandatory(message):
    assert refused(channel="sms" if "body" in message else "push", message=message).element == "message"


@pytest.mark.sentence("2.1-10")
@pytest.mark.parametrize("channels", ["", "email email", "email sms", "sms push"])
def test_a_campaign_has_neither_no_channel_nor_two(channels):
    data = write().decode()
    start, end = data.index("<email>"), data.rindex("</email>") + len("</email>")
    inside = data[start:end]
    several = ""
    for name in channels.split():
        several += inside.replace("email>", f"{name}>", 1)[: -len("email>")] + f"{name}>"
    with pytest.raises(BundleError) as caught:
        parse((data[:start] + several + data[end:]).encode(), "orders.xml")
    assert caught.value.sub_status == "XML_ERROR"


@pytest.mark.sentence("2.1-11")
def test_newsletter_is_mandatory():
    with pytest.raises(BundleError) as caught:
        parse(write().replace(b"<newsletter>1</newsletter>", b""), "orders.xml")
    assert caught.value.sub_status == "XML_ERROR"
    assert "<newsletter> is missing" in caught.value.message


@pytest.mark.sentence("2.1-12")
@pytest.mark.parametrize("written", ["", " ", "twelve", "0", "-1", "1.5", "9" * 30])
def test_newsletter_is_a_whole_number(written):
    error = refused(newsletter=written)
    assert (error.code, error.element, error.line) == ("XML_VALUE", "newsletter", 6)


@pytest.mark.sentence("2.2-01")
def test_retry_is_an_empty_element():
    assert read(recipients="<retry/>" + NEW).recipients.retry
    assert not read().recipients.retry
    assert refused(recipients="<retry>yes</retry>" + NEW).element == "retry"


@pytest.mark.sentence("2.2-05")
def test_new_recipients_hold_people_whose_children_are_fields():
    person = read(
        recipients="<new_recipients><recipient><EMAIL> a@b.it </EMAIL><Nome/></recipient></new_recipients>"
    )
    assert person.recipients.new.people[0].names == ("EMAIL", "Nome")
    assert person.recipients.new.people[0].values == ("a@b.it", "")


@pytest.mark.sentence("2.2-05", "2.2-08")
def test_new_recipients_or_test_recipients_name_one_csv_file():
    found = read(
        recipients="<new_recipients><csv_file> a.csv </csv_file></new_recipients>"
        "<test_recipients><csv_file>b.csv</csv_file></test_recipients>"
    )
    assert [name for _path, name in found.files()] == ["a.csv", "b.csv"]


@pytest.mark.sentence("2-22", "2.2-05", "2.2-08", "2.2-17")
@pytest.mark.parametrize(
    "source",
    [
        "<new_recipients/>",
        "<new_recipients><csv_file/></new_recipients>",
        "<new_recipients><csv_file>a</csv_file><csv_file>b</csv_file></new_recipients>",
        "<new_recipients><csv_file>a</csv_file><recipient/></new_recipients>",
        "<test_recipients/>",
        "<filter/>",
        "<filter><normal/></filter>",
        "<filter><test/></filter>",
        '<filter><test rendering="">1</test></filter>',
        "",
        "<retry/>",
    ],
)
def test_something_missing_never_means_everybody(source):
    refused(recipients=source)


@pytest.mark.sentence("2.2-07")
@pytest.mark.parametrize(
    "field", ["<nome><b>x</b></nome>", '<nome lang="it">x</nome>', '<x:nome xmlns:x="urn:x">x</x:nome>']
)
def test_rule_recipient_field_refuses_elements_attributes_and_prefixes_in_a_field(field):
    error = refused(recipients=f"<new_recipients><recipient>{field}</recipient></new_recipients>")
    assert (error.code, error.element) == ("RECIPIENT_FIELD", "nome")


@pytest.mark.sentence("2.2-11")
def test_filters_are_named_by_id_for_normal_and_test_with_rendering():
    found = read(recipients='<filter><normal>7</normal><test rendering="true">8</test></filter>').recipients
    assert (found.filter_normal, found.filter_test, found.rendering) == (7, 8, "true")


@pytest.mark.sentence("2.3-01")
@pytest.mark.parametrize("method", ["auto", "manual"])
def test_method_is_auto_or_manual(method):
    assert read(delivery=f'<delivery method="{method}"/>').options.method == method


@pytest.mark.sentence("2-21", "2.3-01", "2.3-02")
@pytest.mark.parametrize("attribute", ["", 'method=""', 'method="later"', 'method="auto" now="1"'])
def test_method_is_mandatory_and_nothing_else_stands_beside_it(attribute):
    assert refused(delivery=f"<delivery {attribute}/>").element == "delivery"


@pytest.mark.sentence("2.3-08")
@pytest.mark.parametrize(
    "written", ["2026-12-01T09:30:00", "2026-12-01T09:30:00Z", "2026-12-01T09:30:00+02:00", " 2026-12-01T09:30:00 "]
)
def test_schedule_is_a_time_with_or_without_an_offset(written):
    found = read(delivery=f'<delivery method="auto"><schedule>{written}</schedule></delivery>')
    assert found.options.schedule == written.strip()


@pytest.mark.sentence("2-21", "2.3-08")
@pytest.mark.parametrize(
    "written", ["", "now", "2026-12-01", "2026-12-01 09:30:00", "2026-02-30T00:00:00", "2026-12-01T24:00:00"]
)
def test_a_schedule_that_is_no_time_is_refused_and_never_means_now(written):
    error = refused(delivery=f'<delivery method="auto"><schedule>{written}</schedule></delivery>')
    assert (error.element, error.line) == ("schedule", 10)


@pytest.mark.sentence("2.3-16", "2.3-20")
def test_remove_duplicates_and_transactional_are_empty_elements():
    found = read(delivery='<delivery method="auto"><remove_duplicates/><transactional> </transactional></delivery>')
    assert found.options.remove_duplicates
    assert found.options.transactional
    refused(delivery='<delivery method="auto"><remove_duplicates>false</remove_duplicates></delivery>')
    refused(delivery='<delivery method="auto"><transactional>1</transactional></delivery>')


def report(recipients, hours):
    return (
        f'<delivery method="auto"><schedule_report>{recipients}<delay_hour>{hours}</delay_hour>'
        "</schedule_report></delivery>"
    )


@pytest.mark.sentence("2.3-23")
@pytest.mark.parametrize("hours", [12, 24, 720])
def test_schedule_report_has_recipients_and_a_delay(hours):
    found = read(delivery=report("<report_recipient>a@b.it</report_recipient>" * 2, hours)).options.report
    assert found.recipients == ("a@b.it", "a@b.it")
    assert found.delay_hours == hours


@pytest.mark.sentence("2.3-25")
@pytest.mark.parametrize("hours", ["", "11", "721", "a day"])
def test_delay_hour_is_12_to_720(hours):
    assert refused(delivery=report("<report_recipient>a@b.it</report_recipient>", hours)).element == "delay_hour"


@pytest.mark.sentence("2.3-23")
@pytest.mark.parametrize("recipients", ["", "<report_recipient/>"])
def test_schedule_report_needs_a_recipient(recipients):
    refused(delivery=report(recipients, 24))


def test_notes_are_labels_with_values():
    found = read(notes="<notes><note><label> season </label><value>winter &amp; snow</value></note></notes>").notes
    assert [(note.label, note.value) for note in found] == [("season", "winter & snow")]


@pytest.mark.sentence("2.4-04", "2.4-05")
@pytest.mark.parametrize(("label", "value"), [("", "x"), ("x" * 101, "x"), ("x", "x" * 10_001)])
def test_a_label_has_1_to_100_characters_and_a_value_at_most_10000(label, value):
    refused(notes=f"<notes><note><label>{label}</label><value>{value}</value></note></notes>")


@pytest.mark.sentence("2.5-03", "2.5-04")
def test_message_is_mandatory_and_may_be_empty():
    assert not read(message="").message.has_body
    assert b"<message></message>" in write(message="")
    with pytest.raises(BundleError, match="<email> lacks an element: add one of <notes>, <message>"):
        parse(write(message="").replace(b"<message></message>", b""), "orders.xml")


EMPTY = """<encoding/><headers><label/><subject/><mail_from><name/><address/></mail_from><reply_to/></headers>
<preferred_content/><body><html/><text><content><embed/></content></text></body><template_from_campaign_id/>
<attachments/>"""


@pytest.mark.sentence("2.5-08")
def test_an_empty_element_of_the_message_means_not_given():
    found = read(message=EMPTY).message
    assert (found.encoding, found.label, found.subject, found.from_name, found.from_address, found.reply_to) == (
        "",
    ) * 6
    assert (found.preferred_content, found.template, found.attachments) == ("", None, ())
    assert (found.html.embed, found.text.embed) == ("", "")


def test_headers_are_one_line_each():
    found = read(headers="<headers><subject>one\n two&#9;three&#x85;four</subject></headers>").message
    assert found.subject == "one  two three four"


@pytest.mark.sentence("2.5-20")
@pytest.mark.parametrize(("name", "most"), [("label", 500), ("subject", 500), ("reply_to", 500)])
def test_headers_have_their_longest_lengths(name, most):
    assert read(headers=f"<headers><{name}>{'x' * most}</{name}></headers>")
    assert refused(headers=f"<headers><{name}>{'x' * (most + 1)}</{name}></headers>").element == name


@pytest.mark.sentence("2.5-21")
def test_a_name_has_at_most_200_characters():
    long = "<headers><mail_from><name>{}</name></mail_from></headers>"
    assert read(headers=long.format("x" * 200))
    assert refused(headers=long.format("x" * 201)).element == "name"


@pytest.mark.sentence("2.5-33")
def test_publish_on_web_takes_any_attribute_and_ignores_it():
    found = read(message=f'{HEADERS}<publish_on_web ovveridetaf="true" x=""/>{BODY}').message
    assert found.publish_on_web


@pytest.mark.sentence("2.5-34")
@pytest.mark.parametrize("written", ["rich_text", "simple_text", "both", ""])
def test_preferred_content_is_one_of_three_or_empty(written):
    found = read(body=f"<preferred_content>{written}</preferred_content><body/>").message
    assert found.preferred_content == written
    assert found.has_body


@pytest.mark.sentence("2.5-35")
def test_preferred_content_is_mandatory_with_body():
    error = refused(body="<body/>")
    assert error.code == "XML_MISSING_ELEMENT"
    assert "<body> needs <preferred_content> before it" in error.message


@pytest.mark.sentence("2.5-34")
def test_preferred_content_is_nothing_else():
    assert refused(body="<preferred_content>html</preferred_content><body/>").element == "preferred_content"


@pytest.mark.sentence("2.5-43", "2.5-47")
def test_html_takes_links_and_views_and_text_takes_links():
    found = read(body=html("x", "<preferences><stats><views>off</views><links>parse</links></stats></preferences>"))
    assert (found.message.html.links, found.message.html.views) == ("parse", "off")
    found = read(body=plain("x", "<preferences><stats><links>off</links></stats></preferences>"))
    assert found.message.text.links == "off"
    refused(body=plain("x", "<preferences><stats><views>off</views></stats></preferences>"))


@pytest.mark.sentence("2.5-48", "2.5-50")
@pytest.mark.parametrize("place", ["<preferences>{}</preferences>", "<preferences><stats>{}</stats></preferences>"])
@pytest.mark.parametrize("part", [html, plain])
def test_prettyprint_and_unescape_stand_in_both_places_in_any_order(place, part):
    switches = '<unescape enabled="false"/><prettyprint enabled="true"/>'
    message = read(body=part("x", place.format(switches))).message
    found = message.html if part is html else message.text
    assert (found.unescape, found.prettyprint) == (False, True)


@pytest.mark.sentence("2.5-48")
@pytest.mark.parametrize("attribute", ["", 'enabled=""', 'enabled="1"'])
def test_a_switch_is_true_or_false(attribute):
    assert refused(body=html("x", f"<preferences><unescape {attribute}/></preferences>")).element == "unescape"


def test_an_embed_is_kept_to_the_letter():
    text = "\n  <p>\n ${x}$ &amp; </p>\n"
    assert read(body=html(text)).message.html.embed == text


def test_a_template_is_the_id_of_a_delivery():
    assert read(body="<template_from_campaign_id> 41 </template_from_campaign_id>").message.template == 41
    refused(body="<template_from_campaign_id>x</template_from_campaign_id>")


@pytest.mark.sentence("2.5-56", "2.5-57")
def test_attachments_name_files_and_come_last():
    found = read(body=BODY + "<attachments><attachment><file>a.pdf</file></attachment></attachments>")
    assert found.files() == (("message/attachments/attachment[1]/file", "a.pdf"),)
    refused(body=BODY + "<attachments><attachment><file/></attachment></attachments>")
    refused(body="<attachments/>" + BODY)


@pytest.mark.sentence("2-06")
def test_the_root_takes_schema_locations_and_never_fetches_them():
    written = write().replace(
        b'instance">', b'instance" xsi:schemaLocation="http://127.0.0.1:9/x.xsd" xsi:noNamespaceSchemaLocation="y">'
    )
    assert parse(written, "orders.xml").newsletter == 1


def test_lines_of_elements_are_those_of_the_file():
    found = read()
    lines = write().decode().splitlines()
    assert "<subject>" in lines[found.line("message/headers/subject") - 1]
    assert "<name>" in lines[found.line("message/headers/mail_from/name") - 1]
    assert "<recipients>" in lines[found.line("recipients/filter") - 1]


def test_comments_and_instructions_are_not_part_of_values():
    written = write().replace(b"<newsletter>1", b"<newsletter><!-- the first -->1<?x y?>")
    assert parse(written, "orders.xml").newsletter == 1
