"""The Links tab: what is tracked, with its clicks; its categories are edited also after sending."""

import io

import pytest
from openpyxl import load_workbook

from deliveries.models import Activity, Content, Counter, Delivery, Event, Link, Newsletter, OwnTarget
from deliveries.statistics.log import event_rows
from deliveries.statistics.mend import mend
from deliveries.statistics.report import report
from deliveries.statistics.report_mail import render
from recipients.models import User
from tests.tracking.conftest import NOON


@pytest.fixture
def sent(mine):
    row = mine.delivery
    Delivery.objects.filter(pk=row.pk).update(status="sent", size=1, started_at=NOON, measured="cw")
    Newsletter.objects.filter(pk=mine.newsletter.pk).update(link_categories={"News": 4, "Shop": 7})
    mine.message.status, mine.message.outcome_at = "delivered", NOON
    mine.message.save()
    Link.objects.create(delivery=row, number=1, url="https://acme.example/<winter>", name="Winter", category=4)
    Link.objects.create(delivery=row, number=2, url="https://acme.example/help")
    Event.objects.create(
        account=mine.account,
        delivery=row,
        message=mine.message,
        at=NOON,
        action="c",
        origin="person",
        reference="1",
    )
    mend(row.pk)
    return row


def tab(row):
    return f"/admin/deliveries/delivery/{row.pk}/change/?tab=links"


def save(client, row, **chosen):
    data = {name.replace("_", "-"): value for name, value in chosen.items()}
    return client.post(f"/admin/deliveries/delivery/{row.pk}/links/", data, follow=True).content.decode()


def categories(row):
    return dict(Link.objects.filter(delivery=row).values_list("number", "category"))


def test_links_stand_with_name_address_category_and_clicks(mine, signed_in, sent):
    page = signed_in(mine.account).get(tab(sent)).content.decode()
    assert "Winter" in page
    assert "https://acme.example/&lt;winter&gt;" in page
    assert '<option value="4" selected>4 · News</option>' in page
    assert '<option value="0" selected>0</option>' in page
    assert f"/delivery/{sent.pk}/people/link:1/" in page


def test_a_category_edited_after_sending_shows_in_report_page_and_log_at_once(mine, signed_in, sent):
    client = signed_in(mine.account)
    said = save(client, sent, seen_1="4", category_1="7", seen_2="0", category_2="0")
    assert "The category of 1 link is saved." in said
    assert categories(sent) == {1: 7, 2: 0}
    [first, second] = report(sent)["links"]
    assert (first["category"], first["clicks"], second["category"]) == (7, 1, 0)
    assert "<td>7 · Shop</td>" in client.get(tab(sent).replace("links", "statistics")).content.decode()
    told = event_rows(Delivery.objects.filter(pk=sent.pk).select_related("database"))
    assert [row["actionClassification"] for row in told if row["actionType"] == "c"] == ["7"]
    line = Activity.objects.get(verb="link categories edited", delivery=sent)
    assert (line.actor, line.params) == (client.user, {"changes": {"1 https://acme.example/<winter>": ["4", "7"]}})
    history = client.get(tab(sent).replace("links", "activity")).content.decode()
    assert "1 https://acme.example/&lt;winter&gt;: 4 → 7" in history


def test_nobody_writes_over_anothers_edit_and_then_nothing_is_written(mine, signed_in, sent):
    client = signed_in(mine.account, "account_admin")
    Link.objects.filter(delivery=sent, number=2).update(category=4)
    said = save(client, sent, seen_1="4", category_1="7", seen_2="0", category_2="7")
    assert "Somebody changed the category of link 2 meanwhile" in said
    assert categories(sent) == {1: 4, 2: 4}
    assert not Activity.objects.filter(verb="link categories edited").exists()


@pytest.mark.parametrize("wanted", ["5", "-1", "10000", "", "News", "²"])
def test_a_category_that_the_newsletter_does_not_have_is_refused(mine, signed_in, sent, wanted):
    said = save(signed_in(mine.account), sent, seen_1="4", category_1=wanted)
    assert "The newsletter has no link category 5" in said or "Write a category as a number from 0 to 9999." in said
    assert categories(sent) == {1: 4, 2: 0}


def test_without_categories_of_its_own_any_number_is_written(mine, signed_in, sent):
    Newsletter.objects.filter(pk=mine.newsletter.pk).update(link_categories={})
    client = signed_in(mine.account)
    assert '<input type="number" name="category-1" value="4"' in client.get(tab(sent)).content.decode()
    save(client, sent, seen_1="4", category_1="31")
    assert categories(sent)[1] == 31


def test_a_reviewer_reads_the_categories_and_changes_none(mine, signed_in, sent):
    client = signed_in(mine.account, "reviewer")
    page = client.get(tab(sent)).content.decode()
    assert "<td>4 · News</td>" in page
    assert 'name="category-1"' not in page
    assert f"/delivery/{sent.pk}/people/link:1/" not in page
    answer = client.post(f"/admin/deliveries/delivery/{sent.pk}/links/", {"seen-1": "4", "category-1": "7"})
    assert answer.status_code == 403
    assert categories(sent)[1] == 4


def test_before_the_start_the_links_of_the_message_stand_there(mine, signed_in):
    Newsletter.objects.filter(pk=mine.newsletter.pk).update(link_categories={"News": 4})
    content = Content.objects.filter(delivery=mine.delivery)
    content.update(html_links="parse", html="<p>%{Winter[News]%%https://acme.example/w}%</p>", text="")
    client = signed_in(mine.account)
    page = client.get(tab(mine.delivery)).content.decode()
    for words in ("These would be tracked.", ">Winter<", "https://acme.example/w", "<td>4 · News</td>"):
        assert words in page
    content.update(html="<p>${nobody}$</p>")
    assert "the field “nobody” is unknown" in client.get(tab(mine.delivery)).content.decode()
    content.update(html="<p>Hi</p>")
    assert "No link of this message is tracked" in client.get(tab(mine.delivery)).content.decode()


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_tab_is_in_order_and_a_chosen_category_is_kept(look, mine, signed_in, sent):
    window = look()
    window.sign_in(signed_in(mine.account).user)
    window.look(tab(sent), "links")
    window.page.get_by_label("Category of link 2").select_option("7")
    window.page.get_by_role("button", name="Save the categories").click()
    window.page.get_by_text("The category of 1 link is saved.").wait_for()
    assert categories(sent) == {1: 4, 2: 7}


@pytest.mark.parametrize("personal_data", [False, True])
def test_an_address_in_a_persons_own_page_is_told_by_its_host_to_who_may_not_see_people(
    sent, mine, signed_in, personal_data
):
    OwnTarget.objects.create(delivery=sent, key="~1", url="https://shop.example/of/anna-rossi?code=42")
    Counter.objects.create(delivery=sent, dimension="link", figure="clicks", key="~1", value=3)
    reviewer = signed_in(mine.account, "reviewer", personal_data=personal_data)
    page = f"/admin/deliveries/delivery/{sent.pk}"
    book = load_workbook(io.BytesIO(reviewer.get(f"{page}/report.xlsx").getvalue()))
    shown = [
        *(reviewer.get(f"{page}/change/?tab={each}").content.decode() for each in ("links", "statistics")),
        reviewer.get(f"{page}/statistics/report.csv").content.decode(),
        " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row),
    ]
    for text in shown:
        assert ("anna-rossi" in text) is personal_data
        assert ("shop.example/…" in text) is not personal_data


def test_a_mail_of_statistics_goes_by_who_may_see_least_of_those_who_get_it(sent, mine, signed_in):
    OwnTarget.objects.create(delivery=sent, key="~1", url="https://shop.example/of/anna-rossi?code=42")
    Counter.objects.create(delivery=sent, dimension="link", figure="clicks", key="~1", value=3)
    blind, operator = (signed_in(mine.account, role).user for role in ("reviewer", "operator"))
    for user in (blind, operator):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@acme.example")
    for to, seen in (([operator], True), ([operator, blind], False)):
        mail = render(sent, [f"{user.username}@acme.example".upper() for user in to])
        assert ("anna-rossi" in str(mail.message().as_bytes())) is seen
