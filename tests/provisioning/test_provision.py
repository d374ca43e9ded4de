import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.core.management.base import CommandError

from deliveries import vault
from deliveries.models import Newsletter, SftpSpace
from recipients import tables
from recipients.models import Account, Database, Membership, User

pytestmark = pytest.mark.django_db
DEMO = Path(__file__).parents[1] / "samples" / "demo.toml"
SMALL = """
[account]
name = "Small"
[[databases]]
name = "People"
fields = [{name="email", type="email"}, {name="nome", type="string"}]
"""


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
        (SMALL + '[[spaces]]\nname="x"\nusername="u"\n', "needs host"),
        (SMALL.replace('"Small"', "3"), "name must be str"),
        (SMALL + "[extra]\n", "unknown section 'extra'"),
        (SMALL + '[[users]]\nname="u"\nemail="e"\nrole="king"\n', "is none of operator"),
        (SMALL.replace('type="email"', 'type="string"'), "0 fields of type email"),
        (SMALL + '[[filters]]\nname="f"\ndatabase="None"\nconditions=[]\n', "database 'None' is not in account"),
        ("[account\n", "is no TOML"),
        (SMALL.replace("[account]", '[account]\ntime_zone="Mars"'), "time_zone = 'Mars' is no zone"),
    ],
)
def test_a_mistake_is_one_sentence_and_changes_nothing(tmp_path, text, sentence):
    with pytest.raises(CommandError, match=sentence) as caught:
        provision(written(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert not Account.objects.exists()


def test_a_newsletter_keeps_what_the_file_leaves_out(tmp_path):
    sender = 'mail_from={name="A", address="a@b.example"}\n'
    letter = '[[newsletters]]\nname="N"\ndatabase="People"\nkind="marketing"\n' + sender
    made = provision(written(tmp_path, SMALL + letter + 'subject="Hi"\n'))
    provision(written(tmp_path, SMALL + letter))
    assert Newsletter.objects.get(pk=made["newsletters"]["N"]).subject == "Hi"
