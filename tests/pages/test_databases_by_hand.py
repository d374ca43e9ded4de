"""Reference 3.1, 3.4: databases made and altered in the admin."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from openpyxl import load_workbook
from psycopg import sql

from deliveries.models import Delivery
from recipients import locks, tables
from recipients.models import Database, FieldType, Filter

ADD = "/admin/recipients/database/add/"


@pytest.fixture
def add(mine, signed_in):
    """Send the form of a new database; return the database, or the form's errors."""
    client = signed_in(mine.account)

    def send(structure="email email\nnome string", **fields):
        form = {"account": mine.account.pk, "name": "New", "key": "", "structure": structure, "with_code": "on"}
        response = client.post(ADD, {name: value for name, value in (form | fields).items() if value is not None})
        made = Database.objects.filter(name="New").first()
        return made or response.context["adminform"].form.errors

    return send


@pytest.fixture
def page(mine, signed_in):
    """Send a dialog or the form of a database there is."""
    client = signed_in(mine.account)

    def send(act, **fields):
        return client.post(f"/admin/recipients/database/{mine.database.pk}/{act}/", fields, follow=True)

    send.client = client
    return send


def names(database):
    return [column.name for column in tables.columns(Database.objects.get(pk=database.pk))]


def stored(database, **values):
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
                tables.identifier(database),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join([sql.SQL("%s")] * len(values)),
            ),
            list(values.values()),
        )
        return cursor.fetchone()[0]


@pytest.mark.sentence("3.1-01", "3.1-02", "3.1-03")
def test_a_database_is_made_with_fields_of_every_type_and_a_table(add):
    structure = "\n".join(f"f_{kind} {kind}" for kind in FieldType.values)
    made = add(structure)
    assert tables.columns(made)[:-1] == tuple(tables.Column(f"f_{kind}", kind) for kind in FieldType)
    row = stored(made, f_email="a@x.example", f_html="<p>", f_phone="+39", f_integer=7)
    assert tables.read_values(made, [row])[row]["f_integer"] == 7


@pytest.mark.sentence("3.1-10")
def test_the_code_is_made_with_the_database_unless_the_tick_is_taken_away(add, mine, signed_in):
    form = signed_in(mine.account).get(ADD).context["adminform"].form
    assert form["with_code"].initial is True
    assert tables.columns(add())[-1] == tables.Column("XML_DELIVERY_CODE", FieldType.STRING)
    Database.objects.filter(name="New").update(name="Old")
    assert names(add(with_code=None)) == ["email", "nome"]


def test_a_code_that_was_written_too_is_made_once(add):
    assert names(add("email email\nXML_DELIVERY_CODE string")) == ["email", "XML_DELIVERY_CODE"]


@pytest.mark.sentence("3.1-07")
@pytest.mark.parametrize("structure", ["nome string", "email email\nother email"])
def test_a_database_without_exactly_one_address_is_refused_beside_its_fields(add, structure):
    assert "exactly one" in str(add(structure)["structure"])
    assert not Database.objects.filter(name="New").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("EMAIL string", "is there already"),
        ("1st string", "no digit first"),
        ("città string", "write letters, digits and _"),
        (f"{'x' * 64} string", "63 at most"),
        ("id integer", "the table's own"),
    ],
)
def test_a_name_that_no_column_can_have_is_refused_beside_the_fields(add, line, said):
    assert said in add(f"email email\n{line}")["structure"][0]
    assert not Database.objects.filter(name="New").exists()


@pytest.mark.sentence("3.1-14")
@pytest.mark.parametrize(("key", "kept"), [("", ""), ("EMAIL", "email"), ("Nome", "nome")])
def test_the_key_is_the_automatic_id_the_address_or_a_chosen_field(add, key, kept):
    assert add(key=key).key == kept


@pytest.mark.sentence("3.1-14")
def test_a_key_that_is_no_field_is_refused(add, page, mine):
    assert "no field" in str(add(key="codice")["key"])
    page("change", name="x", key="codice")
    mine.database.refresh_from_db()
    assert mine.database.key == ""


@pytest.mark.sentence("3.1-02")
def test_fields_are_added_renamed_and_removed(page, mine):
    row = stored(mine.database, email="a@x.example", nome="Ada")
    page("add-field", name="punti", type="integer")
    page("rename-field", name="nome", new="first_name")
    assert names(mine.database) == ["email", "first_name", "XML_DELIVERY_CODE", "punti"]
    assert tables.read_values(Database.objects.get(pk=mine.database.pk), [row])[row]["first_name"] == "Ada"
    page("remove-field", name="punti")
    assert names(mine.database) == ["email", "first_name", "XML_DELIVERY_CODE"]


@pytest.mark.sentence("3.4-08")
@pytest.mark.parametrize("status", ["sending", "paused"])
@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("add-field", {"name": "punti", "type": "integer"}),
        ("rename-field", {"name": "nome", "new": "first_name"}),
        ("remove-field", {"name": "nome"}),
    ],
)
def test_no_change_of_structure_under_a_delivery_that_goes_out(page, mine, status, act, fields):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status)
    response = page(act, **fields)
    assert f"locked by delivery {mine.delivery.pk}" in response.content.decode()
    assert names(mine.database) == ["email", "nome", "XML_DELIVERY_CODE"]


@pytest.mark.sentence("3.1-20")
def test_a_base_filter_is_one_of_the_databases_own_and_none_of_a_load(page, mine, add):
    other = Filter.objects.create(database=add(), name="theirs", conditions=[])
    load = Filter.objects.create(database=mine.database, name="a load", conditions=[], automatic=True)
    for chosen, kept in ((other, None), (load, None), (mine.filter, mine.filter.pk)):
        page("change", name="x", key="", base_filter=chosen.pk)
        mine.database.refresh_from_db()
        assert mine.database.base_filter_id == kept


@pytest.mark.sentence("3.1-21")
def test_a_database_is_made_read_only_and_opened_again(page, mine):
    page("change", name="x", key="", read_only="on")
    mine.database.refresh_from_db()
    assert mine.database.read_only
    page("change", name="x", key="")
    mine.database.refresh_from_db()
    assert not mine.database.read_only


@pytest.mark.sentence("3.1-22")
def test_the_pages_say_who_holds_the_lock_and_since_when(page, mine):
    locks.acquire(mine.database.pk, "run 4711", timedelta(minutes=5))
    mine.database.refresh_from_db()
    assert b"run 4711" in page.client.get("/admin/recipients/database/").content
    shown = page.client.get(f"/admin/recipients/database/{mine.database.pk}/change/").content.decode()
    assert "run 4711" in shown
    since = mine.database.locked_since.astimezone(mine.account.zone)
    assert f"{since:%H:%M}" in shown or f"{since.hour % 12 or 12}:{since:%M}" in shown


@pytest.mark.sentence("3.1-15")
@pytest.mark.parametrize(("key", "asked"), [("", "id"), ("nome", "Ad"), ("email", "A@x"), ("nome", "a@X")])
def test_people_are_looked_up_by_the_beginning_of_an_address_or_a_key(page, mine, key, asked):
    Database.objects.filter(pk=mine.database.pk).update(key=key)
    ada = stored(mine.database, email="a@x.example", nome="Ada")
    stored(mine.database, email="b@x.example", nome="Bob")
    wanted = str(ada) if asked == "id" else asked
    response = page.client.get(f"/admin/recipients/database/{mine.database.pk}/people/", {"q": wanted})
    assert [row for row, _values in response.context["lines"]] == [ada]


@pytest.mark.parametrize(("asked", "found"), [("", ["=sum", "b@x.example"]), ("B@", ["b@x.example"])])
def test_the_people_are_taken_away_as_they_were_searched_for(page, mine, asked, found):
    stored(mine.database, email="=sum", nome="Ada")
    stored(mine.database, email="b@x.example", nome="Bob")
    where = f"/admin/recipients/database/{mine.database.pk}/people"
    lines = (
        b"".join(page.client.get(f"{where}.csv", {"q": asked}).streaming_content).decode("utf-8-sig").splitlines()
    )
    book = load_workbook(io.BytesIO(b"".join(page.client.get(f"{where}.xlsx", {"q": asked}).streaming_content)))
    cells = list(book.active.iter_rows(values_only=True))
    assert lines[0].split(",") == list(cells[0]) == ["email", "nome", "XML_DELIVERY_CODE"]
    harmless = [address.replace("=", "'=") for address in found]
    assert [line.split(",")[0] for line in lines[1:]] == harmless
    assert [row[0] for row in cells[1:]] == harmless
    assert page.client.get(f"{where}.ods").status_code == 404
    assert page.client.get(f"{where}/", {"q": asked}).content.decode().count(".xlsx") == 1


def test_the_list_counts_people_and_names_the_delivery_that_keeps_them(page, mine):
    stored(mine.database, email="a@x.example")
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="paused")
    sentence = f"delivery {mine.delivery.pk}, until it has ended"
    response = page.client.get("/admin/recipients/database/")
    assert sentence in response.content.decode()
    [row] = response.context["cl"].result_list
    assert row.size == tables.Size(1, is_exact=True)
    shown = page.client.get(f"/admin/recipients/database/{mine.database.pk}/change/").content.decode()
    assert sentence in shown


def test_a_large_database_is_not_counted_to_the_end(mine):
    with connection.cursor() as cursor:
        table = tables.identifier(mine.database).as_string()
        cursor.execute(f"INSERT INTO {table} (email) SELECT n || '@x.example' FROM generate_series(1, 20500) AS n")
        assert tables.sizes([mine.database])[mine.database.pk] == tables.Size(20_001, is_exact=False)
        cursor.execute(f"ANALYZE {table}")
    assert tables.sizes([mine.database])[mine.database.pk] == tables.Size(20_500, is_exact=False)
