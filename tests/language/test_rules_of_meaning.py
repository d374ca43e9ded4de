"""Every named rule (deliveries/intake/rules/sentences.py): each test names its code."""

from dataclasses import replace

import pytest
from django.utils import timezone

from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from deliveries.models import Content, Delivery, Newsletter
from recipients.models import Filter, Membership, User
from tests.language.conftest import make_database
from tests.language.writing import BODY, HEADERS, NEW, html, plain, write

FILTER = "<filter><normal>{}</normal></filter>"
TEST_FILTER = "<filter><test>{}</test></filter>"
MAIL_FROM = "<mail_from><name>X</name><address>{}</address></mail_from>"


def test_codes_are_those_of_the_list(refusal, demo):
    assert refusal(newsletter=999_999).code in rules.SENTENCES


# keys and account


@pytest.mark.parametrize(
    "parts",
    [{"key": "wrong"}, {"suid": "nobody"}, {"suid": "stranger", "key": "stranger-key"}, {"key": "********"}],
)
def test_auth_failed_gives_no_hint_of_what_is_wrong(demo, parts):
    stranger = User.objects.create(username="s", suid="stranger")
    Membership.objects.create(account=demo.other, user=stranger, name="s", key_hash=demo.member.key_hash)
    with pytest.raises(BundleError, match=r"^authentication failed$") as caught:
        rules.authenticate(parse(write(**parts), "x.xml"), demo.account)
    assert (caught.value.code, caught.value.sub_status) == ("AUTH_FAILED", "XMLD_CONFIGURATION_ERROR")
    assert (caught.value.file, caught.value.line) == ("x.xml", 3)


def test_the_key_of_the_spaces_account_opens_it(demo):
    assert rules.authenticate(parse(write(), "x.xml"), demo.space) == demo.member


def test_auth_failed_for_a_user_who_may_no_longer(demo):
    instructions = parse(write(), "x.xml")
    demo.user.is_active = False
    demo.user.save()
    with pytest.raises(BundleError):
        rules.authenticate(instructions, demo.account)
    demo.member.refresh_from_db()
    with pytest.raises(BundleError):
        rules.check_still(instructions, demo.member)
    with pytest.raises(BundleError):
        rules.check_still(instructions, None)


def test_account_inactive(demo):
    demo.account.xml_delivery = False
    with pytest.raises(BundleError, match=r"^XML Delivery is not active for this account$") as caught:
        rules.check_active(parse(write(), "x.xml"), demo.account)
    assert caught.value.code == "ACCOUNT_INACTIVE"


# ids and channel


@pytest.mark.sentence("2.7-02")
def test_channel_off(demo):
    for channel, message in (("sms", "<subject>x</subject>"), ("push", "<subject>x</subject><push_endpoints/>")):
        with pytest.raises(BundleError, match=f"channel {channel} is not enabled") as caught:
            rules.check_ids(parse(write(channel=channel, message=message), "x.xml"), demo.account)
        assert (caught.value.code, caught.value.line, caught.value.element) == ("CHANNEL_OFF", 5, channel)


def told_alike(refusal, code, field, mine, foreign):
    """Another account's id reads exactly as one that does not exist."""
    first, second = refusal(**field(foreign)), refusal(**field(999_999))
    assert first.code == second.code == code
    assert first.message.replace(f" {foreign} does", " N does") == second.message.replace(" 999999 does", " N does")


def test_ref_newsletter(refusal, demo):
    database = make_database(demo.other, "Theirs", [("email", "email")])
    theirs = Newsletter.objects.create(account=demo.other, name="N", database=database, from_address="a@b.example")
    told_alike(refusal, "REF_NEWSLETTER", lambda number: {"newsletter": number}, None, theirs.pk)


@pytest.mark.parametrize("place", [FILTER, TEST_FILTER])
def test_ref_filter(refusal, demo, place):
    database = make_database(demo.other, "Theirs", [("email", "email")])
    theirs = Filter.objects.create(database=database, name="F")
    mine_of_another_database = Filter.objects.create(database=demo.pages, name="F")
    for foreign in (theirs.pk, mine_of_another_database.pk):
        told_alike(refusal, "REF_FILTER", lambda number: {"recipients": place.format(number)}, None, foreign)


@pytest.mark.parametrize(("place", "use"), [(FILTER, "test"), (TEST_FILTER, "real")])
def test_filter_use(refusal, demo, place, use):
    Filter.objects.filter(pk=demo.milan.pk).update(use=use)
    assert refusal(recipients=place.format(demo.milan.pk)).code == "FILTER_USE"


@pytest.mark.sentence("3.5-13")
def test_filter_archived(refusal, demo):
    Filter.objects.filter(pk=demo.milan.pk).update(archived_at=timezone.now())
    error = refusal(recipients=FILTER.format(demo.milan.pk))
    assert (error.code, error.element) == ("FILTER_ARCHIVED", "normal")


def template(demo, **values):
    made = Delivery.objects.create(
        account=values.pop("account", demo.account), newsletter=values.pop("newsletter", demo.offers),
        database=demo.customers, title="T", subject="From the template",
    )  # fmt: skip
    content = {"from_address": "old@demo.example", "from_name": "Old", "reply_to": "old@demo.example"}
    Content.objects.create(delivery=made, html="<p>${nome}$</p>", **(content | values))
    return made


def test_ref_template(refusal, demo):
    theirs = template(demo, account=demo.other)
    told_alike(
        refusal,
        "REF_TEMPLATE",
        lambda number: {"body": f"<template_from_campaign_id>{number}</template_from_campaign_id>"},
        None,
        theirs.pk,
    )


def test_database_read_only_is_refused_only_when_recipients_are_brought(refusal, planned, demo):
    demo.customers.read_only = True
    demo.customers.save()
    error = refusal()
    assert (error.code, error.element) == ("DATABASE_READ_ONLY", "new_recipients")
    assert planned(recipients=FILTER.format(demo.milan.pk)).normal.filter == demo.milan


@pytest.mark.sentence("3.1-09")
def test_database_no_code(refusal, demo):
    bare = make_database(demo.account, "Bare", [("email", "email"), ("nome", "string")])
    Newsletter.objects.filter(pk=demo.offers.pk).update(database=bare)
    assert refusal().code == "DATABASE_NO_CODE"


# files


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "..\\x", "a/b.csv", "..", "a\u202eb.csv", "x" * 201, "a;b"],
)
def test_ref_bad_name(name):
    found = parse(write(recipients=f"<new_recipients><csv_file>{name}</csv_file></new_recipients>"), "x.xml")
    with pytest.raises(BundleError) as caught:
        rules.wanted_files(found)
    assert (caught.value.code, caught.value.element, caught.value.line) == ("REF_BAD_NAME", "csv_file", 7)
    assert "\u202e" not in caught.value.message


def test_ref_missing_compares_in_nfc_and_with_case():
    found = parse(write(recipients="<new_recipients><csv_file>perché.csv</csv_file></new_recipients>"), "x.xml")
    rules.check_present(found, ["perche\u0301.csv"])
    with pytest.raises(BundleError, match=r"the file “perché\.csv” is not there") as caught:
        rules.check_present(found, ["PERCHÉ.csv"])
    assert caught.value.code == "REF_MISSING"


# recipients


def people(*fields):
    return "<new_recipients>" + "".join(f"<recipient>{each}</recipient>" for each in fields) + "</new_recipients>"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("<email>a@b.it</email><nickname>x</nickname>", "FIELD_UNKNOWN"),
        ("<email>a@b.it</email><xml_delivery_code>x</xml_delivery_code>", "FIELD_RESERVED"),
        ("<email>a@b.it</email><Nome>x</Nome><nome>y</nome>", "FIELD_TWICE"),
    ],
)
def test_field_unknown_field_reserved_and_field_twice(refusal, fields, code):
    error = refusal(recipients=people("<email>a@b.it</email>", fields))
    assert (error.code, error.file, error.line) == (code, "orders.xml", 7)


def test_new_recipients_override_the_filter_which_is_noted_and_not_looked_up(planned):
    plan = planned(recipients=NEW + "<filter><normal>999999</normal></filter>")
    assert plan.normal.source is not None
    assert plan.normal.filter is None
    assert "new_recipients overrides the filter 999999" in plan.warnings[0]


def test_test_recipients_override_the_test_filter(planned):
    brought = (
        NEW.replace("new_", "test_")
        .replace("<recipient>", "<test_recipient>")
        .replace("</recipient>", "</test_recipient>")
    )
    plan = planned(recipients=brought + "<filter><test>999999</test></filter>")
    assert plan.normal is None
    assert (plan.test.most, plan.test.filter) == (30, None)
    assert "overrides the filter 999999" in plan.warnings[0]


def test_anything_for_test_makes_two_deliveries(planned, demo):
    plan = planned(recipients=NEW + f'<filter><test rendering="true">{demo.milan.pk}</test></filter>')
    assert plan.normal.source is not None
    assert plan.test.filter == demo.milan
    assert any("rendering is not enabled" in warning for warning in plan.warnings)


def test_nobody(planned, demo):
    recipients = FILTER.format(demo.milan.pk)
    instructions = parse(write(recipients=recipients), "x.xml")
    now, later = planned(recipients=recipients), '<delivery method="manual"/>'
    with pytest.raises(BundleError, match="selects nobody") as caught:
        rules.judge_nobody(instructions, now, 0, None)
    assert caught.value.code == "NOBODY"
    assert (
        "selects nobody"
        in rules.judge_nobody(instructions, planned(recipients=recipients, delivery=later), 0, None).warnings[-1]
    )
    both = replace(now, test=rules.Audience(None, demo.milan, 30))
    judged = rules.judge_nobody(instructions, both, 5, 0)
    assert judged.test is None
    assert "no test delivery is made" in judged.warnings[-1]
    with pytest.raises(BundleError):
        rules.judge_nobody(instructions, replace(both, normal=None), None, 0)


# delivery, notes, report

TRANSACTIONAL = '<delivery method="auto"><transactional/></delivery>'


def test_not_transactional_and_transactional_missing(refusal, planned, demo):
    assert refusal(delivery=TRANSACTIONAL).code == "NOT_TRANSACTIONAL"
    Newsletter.objects.filter(pk=demo.offers.pk).update(kind="transactional")
    assert refusal().code == "TRANSACTIONAL_MISSING"
    plan = planned(delivery=TRANSACTIONAL)
    assert plan.transactional
    assert plan.content["footer"] is False


def notes(*pairs):
    return "<notes>" + "".join(f"<note><label>{a}</label><value>{b}</value></note>" for a, b in pairs) + "</notes>"


def test_note_twice_and_too_many_notes(refusal, planned):
    assert refusal(notes=notes(("a", "1"), ("a", "2"))).code == "NOTE_TWICE"
    assert refusal(notes=notes(*((f"n{n}", "x") for n in range(51)))).code == "TOO_MANY_NOTES"
    assert planned(notes=notes(*((f"n{n}", "x") for n in range(50)))).labels[49] == ("n49", "x")


def test_a_report_goes_to_users_of_the_account_and_others_are_noted(planned, demo):
    wanted = (
        '<delivery method="auto"><schedule_report><report_recipient>ERP@demo.example</report_recipient>'
        "<report_recipient>who@else.example</report_recipient><delay_hour>24</delay_hour></schedule_report></delivery>"
    )
    plan = planned(delivery=wanted)
    assert plan.report == rules.Report(("ERP@demo.example",), 24)
    assert "“who@else.example” is no user of this account" in plan.warnings[0]
    User.objects.update(is_active=False)
    assert planned(delivery=wanted).report is None


# message


def test_encoding_unknown(refusal, planned):
    error = refusal(message="<encoding>koi8-r</encoding>" + HEADERS + BODY)
    assert (error.code, error.element) == ("ENCODING_UNKNOWN", "encoding")
    for written, kept in {"Cp1252": "windows-1252", "ISO_8859_15": "iso-8859-15", "UTF_8": "utf-8"}.items():
        assert planned(message=f"<encoding>{written}</encoding>" + HEADERS + BODY).content["encoding"] == kept


def test_subject_missing_reply_to_missing(refusal, demo):
    found = refusal(newsletter=demo.bare.pk, headers="")
    assert [problem.code for problem in found.problems] == ["SUBJECT_MISSING", "REPLY_TO_MISSING"]


def test_the_ladder_of_defaults_bundle_then_newsletter(planned, demo):
    Newsletter.objects.filter(pk=demo.offers.pk).update(subject="Default", html="<p>d</p>", encoding="iso-8859-15")
    plan = planned(message="")
    assert (plan.subject, plan.title) == ("Default", "Default")
    assert plan.content["from_address"] == "news@demo.example"
    assert (plan.content["html"], plan.content["text"], plan.content["encoding"]) == ("<p>d</p>", "", "iso-8859-15")
    plan = planned(message=HEADERS + BODY)
    assert (plan.title, plan.subject) == ("Orders", "${nome}$, your order")


def test_from_address_and_from_not_allowed(refusal, planned, demo):
    def headers(address):
        return HEADERS.replace("news@demo.example", address)

    for wrong in ("nobody", "a@${nome}$", "@demo.example", "a@b@demo .example"):
        assert refusal(headers=headers(wrong)).code == "FROM_ADDRESS"
    assert refusal(headers=headers("a@evil.example")).code == "FROM_NOT_ALLOWED"
    assert refusal(headers=headers("a@sub.demo.example")).code == "FROM_NOT_ALLOWED"
    assert planned(headers=headers("${nome}$@DEMO.example")).content["from_address"] == "${nome}$@DEMO.example"
    demo.account.domains = ["other.example"]
    demo.account.save()
    assert refusal().code == "FROM_NOT_ALLOWED"


def test_an_unreadable_reply_to_is_refused_at_its_element(refusal, planned):
    error = refusal(headers=HEADERS.replace("help@demo.example", "help at demo"))
    assert error.element == "reply_to"
    named = planned(headers=HEADERS.replace("help@demo.example", "Help ${nome}$ &lt;help@demo.example&gt;"))
    assert named.content["reply_to"] == "Help ${nome}$ <help@demo.example>"


def test_links_views_and_unescape_have_their_defaults(planned):
    content = planned().content
    assert (content["html_links"], content["text_links"], content["html_views"]) == ("off", "parse", "parse")
    assert content["html_unescape"]
    asked = '<links>parse</links><views>off</views><unescape enabled="false"/>'
    content = planned(body=html("x", f"<preferences><stats>{asked}</stats></preferences>")).content
    assert (content["html_links"], content["html_views"], content["html_unescape"]) == ("parse", "off", False)


# markers


def test_48_an_unknown_field_is_refused_at_its_line_of_the_file(refusal, demo):
    error = refusal(body=html("<p>\n\n  ${nickname}$</p>"))
    written = write(newsletter=demo.offers.pk, body=html("<p>\n\n  ${nickname}$</p>")).decode().splitlines()
    assert "nickname" in error.message
    assert error.element == "embed"
    assert "nickname" in written[error.line - 1]
    assert "line 3 column 3" in error.message


def test_a_mistake_in_a_default_names_the_newsletter(refusal, demo):
    Newsletter.objects.filter(pk=demo.offers.pk).update(text="${nickname}$")
    error = refusal(body="<preferred_content>simple_text</preferred_content><body/>")
    assert f"text of newsletter {demo.offers.pk}" in error.message


def test_markers_are_checked_in_every_place_at_once(refusal):
    headers = HEADERS.replace("Demo Shop", "${a}$").replace("help@", "${b}$@").replace("${nome}$", "${c}$")
    found = refusal(headers=headers, body=plain("<{d}>"))
    assert len(found.problems) == 4
    assert {problem.element for problem in found.problems} == {"name", "reply_to", "subject", "embed"}


def test_49_10000_markers_are_checked_in_bounded_time(planned):
    plan = planned(body=html("<b>${nome}$</b>" * 10_000))
    assert len(plan.content["html"]) == 150_000


def test_what_is_tracked_later_is_accepted_and_noted(planned):
    tracked = html(
        '<a track="yes" href="https://a.example/">x</a>',
        "<preferences><stats><links>parse</links></stats></preferences>",
    )
    assert any("track" in warning for warning in planned(body=tracked).warnings)


def test_problems_of_one_bundle_are_gathered(refusal):
    found = refusal(
        delivery=TRANSACTIONAL,
        headers=HEADERS.replace("news@demo.example", "x"),
        notes=notes(("a", "1"), ("a", "2")),
    )
    assert [problem.code for problem in found.problems] == ["NOT_TRANSACTIONAL", "NOTE_TWICE", "FROM_ADDRESS"]
