import json
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from deliveries import sftp_usernames, vault
from deliveries.models import Delivery, Newsletter, SftpSpace
from recipients import tables
from recipients.models import Account, Database, Field, FieldType, Filter, Membership, User

pytestmark = pytest.mark.django_db
DEMO = Path(__file__).parents[1] / "samples" / "demo.toml"
SMALL = """
[account]
name = "Small"
[[databases]]
name = "People"
fields = [{name="email", type="email"}, {name="nome", type="string"}]
"""
SPACE = SMALL + '[[spaces]]\nname="x"\nusername="u"\nembedded=true\n'
LETTER = (
    SMALL
    + '[[newsletters]]\nname="N"\ndatabase="People"\nkind="marketing"\n'
    + ('mail_from={name="A", address="a@b.example"}\n')
)
NOBODY = SMALL + '[[filters]]\nname="F"\ndatabase="People"\nconditions=[{field="nome", op="is_empty", value=OF}]\n'


def provision(path):
    out = StringIO()
    call_command("provision", path, stdout=out)
    return json.loads(out.getvalue())


def written(folder, text):
    path = folder / "file.toml"
    path.write_text(text)
    return path


def test_the_demo_account_is_made_with_ids_and_keys():
    made = provision(DEMO)
    assert made["users"] == {"erp": {"suid": "demo-user", "key": "demo-key"}}
    assert list(made["newsletters"]) == ["Offers", "Pages", "No defaults"]
    account = Account.objects.get(pk=made["account"])
    assert (account.name, account.xml_delivery, account.language) == ("Demo Shop", True, "it")
    space = SftpSpace.objects.get(pk=made["spaces"]["demo"])
    assert (space.embedded, space.poll_seconds, space.notify) == (True, 10, ["ops@demo.example"])
    assert vault.reveal(space.password) == "demo"
    assert b"demo" not in bytes(space.password)
    database = Database.objects.get(pk=made["databases"]["Customers"])
    assert [column.name for column in tables.columns(database)] == [
        "email", "nome", "cognome", "citta", "ordine", "XML_DELIVERY_CODE",
    ]  # fmt: skip


def test_a_second_time_changes_nothing_and_shows_no_secret():
    first = provision(DEMO)
    again = provision(DEMO)
    assert again["users"] == {"erp": {"suid": "demo-user", "key": None}}
    for kind in ("account", "databases", "filters", "newsletters", "spaces"):
        assert again[kind] == first[kind]


@pytest.mark.sentence("2.1-06", "2.1-08")
def test_a_key_that_is_not_given_is_made_once_and_kept_hashed(tmp_path):
    path = written(tmp_path, SMALL + '[[users]]\nname="erp"\nemail="erp@small.example"\n')
    made = provision(path)["users"]["erp"]
    assert check_password(made["key"], Membership.objects.get(user__suid=made["suid"]).key_hash)
    assert provision(path)["users"]["erp"] == {"suid": made["suid"], "key": None}


def test_the_same_name_in_two_accounts_is_two_people(tmp_path):
    user = '[[users]]\nname="erp"\nemail="erp@{0}.example"\nsuid="{0}"\npassword="a long password {0}"\n'
    provision(written(tmp_path, SMALL + user.format("small")))
    provision(written(tmp_path, SMALL.replace("Small", "Other") + user.format("other")))
    small, other = User.objects.get(suid="small"), User.objects.get(suid="other")
    assert small != other
    from django.contrib.auth import authenticate

    assert authenticate(username="erp", password="a long password small") == small
    assert authenticate(username="erp", password="a long password other") == other
    assert authenticate(username="erp@other.example", password="a long password other") == other
    assert authenticate(username="erp", password="a long password") is None


@pytest.mark.sentence("3.1-03", "3.1-04")
def test_a_database_has_fields_of_every_type(tmp_path):
    fields = ", ".join(f'{{name="f_{kind}", type="{kind}"}}' for kind in FieldType)
    text = f'[account]\nname = "Small"\n[[databases]]\nname = "People"\nfields = [{fields}]\n'
    database = Database.objects.get(pk=provision(written(tmp_path, text))["databases"]["People"])
    assert tables.columns(database) == tuple(tables.Column(f"f_{kind}", kind) for kind in FieldType)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO recipients_data.db_{database.pk} (f_email) VALUES ('a@b.example') RETURNING id"
        )
        [row] = tables.read_values(database, [cursor.fetchone()[0]]).values()
    assert set(row) == {f"f_{kind}" for kind in FieldType}


@pytest.mark.sentence("3.1-14", "3.1-20", "3.1-21")
def test_key_base_filter_and_read_only_are_as_the_file_says(tmp_path):
    wanted = 'key = "NOME"\nread_only = true\nbase_filter = "F"\n'
    filters = '[[filters]]\nname="F"\ndatabase="People"\nconditions=[{field="nome",op="equals",value="A"}]\n'
    other = '[[databases]]\nname = "Other"\nfields = [{name="email", type="email"}]\nbase_filter = "F"\n'
    made = provision(written(tmp_path, SMALL + wanted + filters))
    database = Database.objects.get(pk=made["databases"]["People"])
    assert (database.key.lower(), database.read_only, database.base_filter_id) == (
        "nome",
        True,
        made["filters"]["F"],
    )
    with pytest.raises(CommandError, match="filter 'F' is not in database 'Other'"):
        provision(written(tmp_path, SMALL + wanted + filters + other))
    with pytest.raises(CommandError, match="key = 'codice' is none of its fields"):
        provision(written(tmp_path, SMALL + 'key = "codice"\n'))


@pytest.mark.sentence("3.1-04", "3.1-11")
def test_a_new_field_is_added_and_an_old_type_never_changes(tmp_path):
    provision(written(tmp_path, SMALL))
    more = SMALL.replace('"string"}]', '"string"}, {name="eta", type="integer"}]')
    database = Database.objects.get(pk=provision(written(tmp_path, more))["databases"]["People"])
    assert [column.name for column in tables.columns(database)] == ["email", "nome", "eta"]
    with pytest.raises(CommandError, match="field 'nome' of database 'People' is string, the file says text"):
        provision(written(tmp_path, more.replace('"string"', '"text"')))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SMALL + '[[spaces]]\nname="x"\nusername="u"\nembedded=true\ncolour="red"\n', "unknown key 'colour'"),
        (SMALL + '[[spaces]]\nname="x"\nusername="u"\n', "Write the server in host"),
        (SMALL.replace('"Small"', "3"), "name must be str"),
        (SMALL + "[extra]\n", "unknown section 'extra'"),
        (SMALL + '[[users]]\nname="u"\nemail="e"\nrole="king"\n', "is none of operator"),
        (SMALL.replace('type="email"', 'type="string"'), "0 fields of type email"),
        (SMALL + '[[filters]]\nname="f"\ndatabase="None"\nconditions=[]\n', "database 'None' is not in account"),
        ("[account\n", "is not TOML"),
        (
            SMALL.replace("[account]", '[account]\ntime_zone="Mars"'),
            "time_zone: Write a time zone",
        ),
        (SMALL.replace("[account]", "[[account]]"), r"write \[account\] as a table"),
        ("users = [1]\n" + SMALL, r"write \[\[users\]\] as a table"),
        (SMALL.replace("[account]", "[account]\ndomains=[1]"), "domains must be a list of str"),
        (SMALL.replace('"Small"', f'"{"x" * 201}"'), "name is longer than 200"),
        (SPACE + "port=70000\n", "port: Write a number from 1 to 65535"),
        (SPACE + "poll_seconds=4\n", "poll_seconds: Write 5 or more"),
        (SPACE + 'separator=";;"\n', "separator: Ensure this value has at most 1 character"),
        (SPACE + 'separator=";"\nquote=";"\n', "must differ"),
        (SPACE + 'csv_encoding="klingon"\n', "csv_encoding: .*klingon"),
        (SPACE + "notify=[1]\n", "notify must be a list of str"),
        (SPACE + 'reports=["fax"]\n', "reports: .*fax"),
        (SPACE + "bad_rows_limit=10\n", "bad_rows_limit: Write a share"),
        (SPACE + "duplicate_window_minutes=43201\n", "30 days"),
        (SMALL.replace('"nome"', '"id"'), "“id” is a name of the table's own"),
        (SMALL.replace('"nome"', '"1st"'), "must be letters, digits"),
        (SMALL.replace('type="string"', 'type="color"'), "known are string, text"),
        (LETTER + 'rates={"a.example"="fast"}\n', "rates: a.example: write messages an hour"),
        (LETTER.replace("a@b.example", "a@b"), "mail_from.address"),
        (LETTER.replace('address="a@b.example"', "address=7"), "mail_from: address must be str"),
        (LETTER.replace(', address="a@b.example"', ""), "mail_from lacks address"),
        (LETTER.replace('name="A"', r'name="A\r\nBcc: x@y.example"'), "mail_from.name: Take out line breaks"),
        (LETTER + r'bounce_domain="b.example>\r\nRCPT TO:<x@y.example"' + "\n", "bounce_domain: Write a domain"),
        (LETTER + 'encoding="utf-7"\n', "encoding: Write utf-8"),
        (LETTER + 'public_url="ftp://b.example"\n', "public_url: Write an address that begins with http"),
        (LETTER + 'rates={"a.example"=0}\n', "rates: a.example: write messages an hour"),
        (LETTER + 'rates={"no domain"=1}\n', "rates: “no domain” is not a domain"),
        (LETTER + "rate_per_hour=-1\n", "rate_per_hour: Write 0"),
        (LETTER + 'seeds=["x"]\n', "seeds: “x” is not a usable address"),
        (LETTER + f"seeds={[f'n{n}@b.example' for n in range(31)]}\n", "seeds: Write at most 30"),
        (LETTER + r'reply_to="a@b.example\nBcc: x@y.example"' + "\n", "reply_to: Take out line breaks"),
        (LETTER + 'reply_to="${agent}$"\n', "reply_to: .*agent"),
        (LETTER + 'consent_field="agreed"\n', "consent_field: The database has no field"),
        (LETTER + f'sector="{"x" * 101}"\n', "sector: Ensure this value has at most 100"),
        (SPACE.replace('"u"', '"../demo"'), "username: Write letters, digits"),
        (SPACE.replace('"u"', '".demo"'), "username: Write letters, digits"),
        (SPACE + 'notify=["Bcc: x@y.example"]\n', "notify: “Bcc: x@y.example” is not a usable address"),
        (SPACE + f'directory="/{"x" * 500}"\n', "directory: Ensure this value has at most 500"),
        (NOBODY.replace("OF", "inf"), "conditions: It holds a number"),
        (NOBODY.replace("OF", "0x" + "f" * 2000), "conditions: It holds a number"),
        (NOBODY.replace("OF", "2026-01-01"), "conditions: It holds a day"),
        (NOBODY.replace("OF", r'"\u0000"'), "conditions: It holds a character"),
        (SMALL + "x=" + "[" * 5000 + "]" * 5000 + "\n", "nested too deeply"),
        (SMALL + "x" + ".x" * 5000 + "=1\n", "nested too deeply"),
        (SMALL + "x=" + "1" * 5000 + "\n", "is not TOML"),
        (LETTER.replace('"A", ', '"A", colour="red", '), "unknown key 'colour'"),
    ],
)
def test_a_mistake_is_one_sentence_and_changes_nothing(tmp_path, text, sentence):
    with pytest.raises(CommandError, match=sentence) as caught:
        provision(written(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("domain", "selector", "sentence"),
    [
        ("no domain", "s", r"dkim\.domain: Write a domain"),
        ("b.example", "s; d=", r"dkim\.selector: Write a DKIM"),
    ],
)
def test_a_dkim_domain_and_a_selector_are_names_of_the_dns(tmp_path, domain, selector, sentence):
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    dkim = 'dkim={{domain="{}", selector="{}", private_key_file="key.pem"}}\n'
    provision(written(tmp_path, LETTER + dkim.format("b.example", "mail2026")))
    with pytest.raises(CommandError, match=sentence):
        provision(written(tmp_path, LETTER + dkim.format(domain, selector)))
    assert (Newsletter.objects.get().dkim_domain, Newsletter.objects.get().dkim_selector) == (
        "b.example",
        "mail2026",
    )


def test_a_key_file_that_is_no_text_is_one_sentence(tmp_path):
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="the key file 'key' is not text"):
        provision(written(tmp_path, SPACE + 'private_key_file="key"\n'))


def test_a_newsletter_keeps_what_the_file_leaves_out(tmp_path):
    sender = 'mail_from={name="A", address="a@b.example"}\n'
    letter = '[[newsletters]]\nname="N"\ndatabase="People"\nkind="marketing"\n' + sender
    made = provision(written(tmp_path, SMALL + letter + 'subject="Hi"\n'))
    provision(written(tmp_path, SMALL + letter))
    assert Newsletter.objects.get(pk=made["newsletters"]["N"]).subject == "Hi"


def everything():
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Account, Database, Field, Filter, Newsletter, SftpSpace, User, Membership)
    }


def test_repeating_it_changes_no_row():
    provision(DEMO)
    before = everything()
    provision(DEMO)
    after = everything()
    for name, rows in before.items():
        changes = {key for one, two in zip(rows, after[name], strict=True) for key in one if one[key] != two[key]}
        assert changes <= {"password"}, name  # sealed anew, of the same words


def test_two_accounts_may_have_equal_names_of_everything(tmp_path):
    filters = '[[filters]]\nname="F"\ndatabase="People"\nconditions=[{field="nome",op="equals",value="A"}]\n'
    text = LETTER + filters + '[[spaces]]\nname="x"\nusername="u"\nhost="sftp.example"\n'
    first = provision(written(tmp_path, text))
    second = provision(written(tmp_path, text.replace('"Small"', '"Other"')))
    for kind in ("databases", "filters", "newsletters", "spaces"):
        assert first[kind].keys() == second[kind].keys()
        assert not set(first[kind].values()) & set(second[kind].values())


def test_a_space_asks_for_the_xml_report_unless_the_file_says_otherwise(tmp_path):
    provision(written(tmp_path, SPACE))
    assert SftpSpace.objects.get().reports == ["xml"]
    provision(written(tmp_path, SPACE + "reports=[]\n"))
    provision(written(tmp_path, SPACE))
    assert SftpSpace.objects.get().reports == []


def test_a_user_name_of_the_bundled_server_is_one_spaces(tmp_path, settings):
    settings.STATE_DIR, spaces = tmp_path, tmp_path / "sftp"
    spaces.mkdir()
    provision(written(tmp_path, SPACE))
    provision(written(tmp_path, SPACE))
    other = SPACE.replace('"Small"', '"Other"')
    for name in ("u", "U"):
        with pytest.raises(CommandError, match="has this user name: choose another") as refused:
            provision(written(tmp_path, other.replace('"u"', f'"{name}"')))
        assert "Small" not in str(refused.value)
    provision(written(tmp_path, other.replace('"u"', '"o"')))
    with pytest.raises(CommandError, match="has this user name"):  # what the file leaves out stays: embedded
        provision(written(tmp_path, other.replace("embedded=true", 'host="sftp.example"')))
    SftpSpace.objects.all().delete()
    assert sftp_usernames.claim(spaces, "u", Account.objects.get(name="Small").pk)
    with pytest.raises(CommandError, match="has this user name"):
        provision(written(tmp_path, other))
    provision(written(tmp_path, SPACE))


@pytest.mark.sentence("3.5-21")
def test_a_filter_is_made_and_changed_and_its_conditions_are_checked(tmp_path):
    text = SMALL + '[[filters]]\nname="F"\ndatabase="People"\nuse="test"\nmatch="any"\nconditions=[WANTED]\n'
    first = '{field="nome", op="equals", value="A"}'
    made = provision(written(tmp_path, text.replace("WANTED", first)))["filters"]["F"]
    chosen = Filter.objects.get(pk=made)
    assert (chosen.use, chosen.match, chosen.automatic) == ("test", "any", False)
    assert chosen.conditions == [{"field": "nome", "op": "equals", "value": "A"}]
    assert (
        provision(written(tmp_path, text.replace("WANTED", '{field="nome", op="is_empty"}')))["filters"]["F"]
        == made
    )
    with pytest.raises(CommandError, match="filter 'F': condition 1: field 'citta' is not in the database"):
        provision(written(tmp_path, text.replace("WANTED", '{field="citta", op="is_empty"}')))
    chosen.refresh_from_db()
    assert chosen.conditions == [{"field": "nome", "op": "is_empty"}]


@pytest.mark.sentence("3.5-10")
def test_a_filter_may_not_come_to_use_itself(tmp_path):
    one = '[[filters]]\nname="F"\ndatabase="People"\nconditions=[{field="nome", op="equals", value="A"}]\n'
    made = provision(written(tmp_path, SMALL + one))
    itself = (
        f'[[filters]]\nname="F"\ndatabase="People"\nconditions=[{{kind="in_filter", id={made["filters"]["F"]}}}]\n'
    )
    with pytest.raises(CommandError, match="would use itself"):
        provision(written(tmp_path, SMALL + itself))


@pytest.mark.sentence("3.4-08")
def test_a_structure_stays_while_a_delivery_goes_out_but_a_repetition_is_no_change(tmp_path):
    made = provision(written(tmp_path, LETTER))
    newsletter = Newsletter.objects.get()
    busy = Delivery.objects.create(
        account_id=made["account"], newsletter=newsletter, database=newsletter.database, title="t", status="sending"
    )
    provision(written(tmp_path, LETTER))
    with pytest.raises(CommandError, match=f"locked by delivery {busy.pk}"):
        provision(written(tmp_path, LETTER.replace('"string"}]', '"string"}, {name="eta", type="integer"}]')))
