"""Create: five steps, each saved, none of them losing what was typed (reference 5.4)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from django.utils.html import escape

from deliveries.admin.create.link_marks import links_in, with_marks
from deliveries.models import Content, Delivery, Link, Newsletter
from deliveries.sending.lifecycle import control, drafts, start
from recipients import tables
from recipients.models import Filter

PAGE = "/admin/deliveries/delivery/"
IN_X = {"field": "email", "op": "contains", "value": "@x.example"}


@pytest.fixture
def house(mine):
    with connection.cursor() as cursor:
        into = tables.identifier(mine.database).as_string()
        cursor.execute(
            f"INSERT INTO {into} (email, nome) VALUES ('anna@x.example', 'Acme'), ('b@x.example', 'Bea')"
        )
    mine.newsletter.subject, mine.newsletter.html = "Hello", "<p>Hi ${nome}$</p>"
    mine.newsletter.save()
    return mine


@pytest.fixture
def client(house, signed_in):
    return signed_in(house.account)


@pytest.fixture
def draft(house, client):
    answer = client.post(f"{PAGE}create/", {"newsletter": house.newsletter.pk})
    made = Delivery.objects.filter(status="new").get()
    assert answer["Location"] == f"{PAGE}{made.pk}/edit/recipients/"
    return made


def post(client, draft, step, quiet=False, **data):
    draft.refresh_from_db()
    headers = {"X-Autosave": "1"} if quiet else {}
    return client.post(f"{PAGE}{draft.pk}/edit/{step}/", {"version": draft.version, **data}, headers=headers)


def message(**changes):
    given = {
        "title": "Mine", "subject": "Hello ${nome}$", "from_name": "Acme", "from_address": "news@acme.example",
        "reply_to": "help@acme.example", "html": "<p>Hi ${nome}$</p>", "text": "Hi", "labels": "season = winter",
    }  # fmt: skip
    return given | changes


def test_a_delivery_is_made_in_five_steps(house, client, draft):
    assert client.get(f"{PAGE}{draft.pk}/edit/recipients/").context["expected"].reached == 2
    answer = post(client, draft, "recipients", who="filter", filter=house.filter.pk)
    assert answer["Location"].endswith("/edit/message/")
    answer = post(client, draft, "message", **message(html='<a href="https://x.example/a">A</a> ${nome}$'))
    assert answer["Location"].endswith("/edit/links/")
    answer = post(client, draft, "links", on="1", tracked="1")
    assert answer["Location"].endswith("/edit/summary/")
    summary = client.get(answer["Location"])
    assert "It goes to 1 person." in summary.content.decode()
    answer = post(client, draft, "summary", do="start")
    assert answer["Location"] == f"{PAGE}{draft.pk}/start/"
    draft.refresh_from_db()
    assert (draft.status, draft.filter, draft.title) == ("ready", house.filter, "Mine")
    content = Content.objects.get(delivery=draft)
    assert content.html == '<a track="yes" href="https://x.example/a">A</a> ${nome}$'
    assert content.html_links == "parse"
    assert dict(draft.labels.values_list("name", "value")) == {"season": "winter"}


def test_rows_and_people_are_told_apart(house, client, draft):
    with connection.cursor() as cursor:
        into = tables.identifier(house.database).as_string()
        cursor.execute(f"INSERT INTO {into} (email, nome) VALUES ('ANNA@x.example', 'Acme')")
    asked = {"database": house.database.pk, "match": "all", "conditions": json.dumps([IN_X])}
    assert client.post("/admin/recipients/filter/count/", asked).json()["people"] == "3 rows"
    shown = client.get(f"{PAGE}{draft.pk}/edit/recipients/").content.decode()
    assert '<span class="xd-big">2</span><p>people are written to' in shown
    assert "<dt>Rows selected</dt><dd>3</dd>" in shown
    assert "<dt>Repetitions of an address</dt><dd>1</dd>" in shown
    assert "It goes to 2 people." in client.get(f"{PAGE}{draft.pk}/edit/summary/").content.decode()


def test_djangos_own_address_for_adding_leads_here(client):
    assert client.get(f"{PAGE}add/")["Location"] == f"{PAGE}create/"


def test_a_summary_that_stops_is_not_made_ready(client, draft):
    post(client, draft, "message", **message(subject="", html="${nosuch}$"))
    shown = client.get(f"{PAGE}{draft.pk}/edit/summary/")
    assert shown.context["stops"]
    answer = post(client, draft, "summary", do="ready")
    assert answer.status_code == 200
    assert answer.context["problem"]
    draft.refresh_from_db()
    assert draft.status == "new"


def test_two_windows_do_not_mix_and_what_was_typed_stays(client, draft):
    old = draft.version
    post(client, draft, "message", **message(title="first"))
    answer = client.post(f"{PAGE}{draft.pk}/edit/message/", {"version": old, **message(title="second")})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "Somebody changed it meanwhile" in shown
    assert 'value="second"' in shown
    draft.refresh_from_db()
    assert draft.title == "first"
    assert f'name="version" value="{draft.version}"' in shown  # saved again, it is meant


def test_it_is_saved_while_one_types(client, draft):
    answer = post(client, draft, "message", quiet=True, **message(title="typed"))
    draft.refresh_from_db()
    assert (answer.json()["version"], draft.title) == (draft.version, "typed")
    stale = client.post(
        f"{PAGE}{draft.pk}/edit/message/", {"version": 1, **message(title="late")}, headers={"X-Autosave": "1"}
    )
    assert stale.status_code == 409
    assert "Somebody changed it" in stale.json()["said"]
    wrong = post(client, draft, "message", quiet=True, **message(title=""))
    assert wrong.status_code == 422


def test_two_filters_are_joined(house, client, draft):
    everybody = Filter.objects.create(database=house.database, name="in x", conditions=[IN_X])
    post(client, draft, "recipients", who="both", filter=house.filter.pk, second=everybody.pk, match="any")
    draft.refresh_from_db()
    assert draft.filter.automatic
    assert draft.filter.name.startswith("Acme filter or in x")
    assert client.get(f"{PAGE}{draft.pk}/edit/recipients/").context["expected"].reached == 2
    made = Delivery.objects.get(pk=draft.pk).filter
    post(client, draft, "recipients", who="both", filter=house.filter.pk, second=everybody.pk, match="any")
    assert Delivery.objects.get(pk=draft.pk).filter == made  # saved again, it is the same
    post(client, draft, "recipients", who="both", filter=house.filter.pk, second=everybody.pk, match="all")
    assert not Filter.objects.filter(pk=made.pk).exists()  # which nothing uses any more
    answer = post(client, draft, "recipients", who="both", filter=house.filter.pk, second=house.filter.pk)
    assert "Choose another filter" in answer.content.decode()


def test_a_list_is_loaded_for_one_delivery(client, draft):
    file = SimpleUploadedFile("friends.csv", b"nome,email\nCarla,carla@x.example\nDino,dino@x.example\n")
    answer = post(client, draft, "recipients", who="upload", file=file, do="stay")
    assert answer["Location"].endswith("/edit/recipients/")
    shown = client.get(answer["Location"])
    assert "2 people were loaded." in shown.content.decode()
    assert shown.context["expected"].reached == 2
    draft.refresh_from_db()
    assert draft.filter.name.startswith("friends.csv ")


def test_a_list_that_is_bad_is_refused_with_its_reason(client, draft):
    file = SimpleUploadedFile("friends.csv", b"nome,email\nCarla,no address\nDino,dino@x.example\n")
    answer = post(client, draft, "recipients", who="upload", file=file)
    assert answer.status_code == 200
    assert "rows" in answer.context["problem"]
    draft.refresh_from_db()
    assert draft.filter is None


def test_html_comes_from_a_file_and_the_text_from_the_html(client, draft):
    file = SimpleUploadedFile("mail.html", "<h1>Città</h1><p>Two</p>".encode("cp1252"))
    post(client, draft, "message", do="upload", html_file=file, **message())
    assert Content.objects.get(delivery=draft).html == "<h1>Città</h1><p>Two</p>"
    post(client, draft, "message", do="text", **message(html="<h1>One</h1><p>Two</p>"))
    assert Content.objects.get(delivery=draft).text.split() == ["One", "Two"]


def test_a_message_is_copied_from_an_earlier_delivery_of_the_account_only(house, theirs, client, draft):
    Content.objects.filter(delivery=house.delivery).update(html="<p>Old one</p>")
    post(client, draft, "message", do="copy", earlier=house.delivery.pk, **message())
    assert Content.objects.get(delivery=draft).html == "<p>Old one</p>"
    answer = post(client, draft, "message", do="copy", earlier=theirs.delivery.pk, **message())
    assert "Choose the delivery" in answer.context["problem"]


def test_line_ends_of_a_form_change_no_byte_of_what_was_left_alone(client, draft):
    Content.objects.filter(delivery=draft).update(html="<p>a</p>\n<p>b</p>")
    post(client, draft, "message", **message(html="<p>a</p>\r\n<p>b</p>"))
    assert Content.objects.get(delivery=draft).html == "<p>a</p>\n<p>b</p>"


@pytest.mark.parametrize("role", ["reviewer", None])
def test_only_operators_make_deliveries(house, draft, signed_in, role):
    other = signed_in(house.account if role else None, role or "operator")
    assert other.get(f"{PAGE}create/").status_code == 403
    assert other.get(f"{PAGE}{draft.pk}/edit/message/").status_code in {403, 404}


def test_another_accounts_draft_is_as_unknown_as_none(draft, theirs, signed_in):
    other = signed_in(theirs.account)
    assert other.get(f"{PAGE}{draft.pk}/edit/message/").status_code == 404
    assert other.get(f"{PAGE}999999/edit/message/").status_code == 404
    offered = other.get(f"{PAGE}create/").context["form"].fields["newsletter"].queryset
    assert [row.name for row in offered] == ["Zenith news"]


def test_what_has_started_is_not_edited(client, draft):
    Delivery.objects.filter(pk=draft.pk).update(status="sent")
    assert client.get(f"{PAGE}{draft.pk}/edit/message/")["Location"] == f"{PAGE}{draft.pk}/change/"


HTML = """<!-- <a href="https://c.example">c</a> --><script>"<a href='https://s.example'>"</script>
<A HREF='https://one.example/?a=1&amp;b=2' track="yes">One <b>two</b></A> <a name=x>anchor</a>
<a title="a > b" href=mailto:x@x.example>Mail</a><area href="https://map.example">"""


def test_links_are_read_as_a_reader_sees_them():
    found = [(link.number, link.address, link.words, link.tracked, link.followable) for link in links_in(HTML)]
    assert found == [
        (1, "https://one.example/?a=1&b=2", "One two", True, True),
        (2, "mailto:x@x.example", "Mail", False, False),
        (3, "https://map.example", "", False, True),
    ]


def test_marks_change_no_other_byte():
    assert with_marks(HTML, {1}) == HTML.replace("<A HREF", '<A track="yes" HREF').replace(' track="yes">', ">")
    assert with_marks(HTML, set()) == HTML.replace(' track="yes"', "")
    assert [link.number for link in links_in(with_marks(HTML, {3})) if link.tracked] == [3]


@pytest.mark.parametrize("names", [{"News": 4}, {}])
def test_a_category_is_chosen_for_an_address_before_the_start_and_kept_by_it(house, client, draft, names):
    Newsletter.objects.filter(pk=house.newsletter.pk).update(link_categories=names)
    markup = '<a href="https://x.example/a?b=1&amp;o=${nome}$">A</a><a href="https://x.example/b">B</a>${unsubscribe_url}$'
    post(client, draft, "message", **message(html=markup, text="B https://x.example/b"))
    ticked = {"on": "1", "tracked": ["1", "2"]}
    answer = post(client, draft, "links", **ticked, **{"category-1": "4", "category-2": "5" if names else "0"})
    if names:
        page = answer.content.decode()
        assert "no link category 5" in page
        assert 'value="1" id="link-1" checked' in page
        assert '<option value="4" selected>4 · News</option>' in page
    post(client, draft, "links", **ticked, **{"category-1": "4", "category-2": "0"})
    post(client, draft, "summary")
    tab = client.get(f"{PAGE}{draft.pk}/change/?tab=links").context
    assert [line["category"] for line in tab["lines"]] == ["4 · News" if names else "4", "0", "0"]
    control.start(draft.pk)
    Delivery.objects.filter(pk=draft.pk).update(start_at=timezone.now())
    start.begin(draft.pk)
    assert list(draft.tracked_links.values_list("url", "category")) == [
        ("https://x.example/a?b=1&o=${nome}$", 4), ("https://x.example/b", 0), ("https://x.example/b", 0),
    ]  # fmt: skip


def test_an_edited_retry_and_a_copy_keep_a_category_by_its_address(house, client, draft):
    link = '<a track="yes" href="https://x.example/{}">x</a>'
    post(client, draft, "message", **message(html=link.format("a") + link.format("b"), text=""))
    post(client, draft, "links", on="1", tracked=["1", "2"])
    post(client, draft, "summary")
    Link.objects.create(delivery=draft, number=2, url="https://x.example/b", category=7)
    Content.objects.filter(delivery=draft).update(html=link.format("b"))
    assert drafts.duplicate(draft.pk).content.link_categories == {"https://x.example/b": 7}
    control.start(draft.pk)
    Delivery.objects.filter(pk=draft.pk).update(start_at=timezone.now())
    start.begin(draft.pk)
    assert list(draft.tracked_links.values_list("number", "url", "category")) == [(1, "https://x.example/b", 7)]


def test_a_filter_is_written_in_the_step_and_saved_among_the_others_if_it_gets_a_name(house, client, draft):
    here = f"{PAGE}{draft.pk}/edit/recipients/"
    assert f'data-database="{house.database.pk}"' in client.get(here).content.decode()
    written = {"who": "new", "new_match": "all", "conditions": json.dumps([IN_X])}
    post(client, draft, "recipients", **written)
    draft.refresh_from_db()
    assert (draft.filter.conditions, draft.filter.automatic) == ([IN_X], True)
    assert draft.filter.name == f"Written for «{draft.title}»"
    assert client.get(here).context["expected"].reached == 2
    post(client, draft, "recipients", **written, save_as="All of x")
    draft.refresh_from_db()
    assert (draft.filter.name, draft.filter.automatic) == ("All of x", False)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"conditions": "[]"}, "Write a condition."),
        ({"conditions": '[{"field": "nosuch", "op": "equals", "value": "1"}]'}, "nosuch"),
        ({"save_as": "Acme filter"}, "has a filter of this name already"),
    ],
)
def test_a_filter_that_can_not_be_is_said_and_what_was_written_stays(house, client, draft, wrong, said):
    written = {"who": "new", "new_match": "any", "conditions": json.dumps([IN_X]), "save_as": "Mine"} | wrong
    page = post(client, draft, "recipients", **written).content.decode()
    assert said in page
    assert escape(written["conditions"]) in page
    assert f'value="{written["save_as"]}"' in page
    assert Filter.objects.filter(database=house.database).count() == 1


def test_a_large_html_that_is_refused_stays_on_the_page(house, client, draft):
    html = "<p>" + "x" * 3 * 1024**2 + "</p>"
    page = post(client, draft, "message", **message(title="", html=html))
    assert page.status_code == 200
    assert escape(html) in page.content.decode()
