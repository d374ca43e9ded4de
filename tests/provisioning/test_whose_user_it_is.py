"""A file changes the people of its own account alone; another's are at most given a place in it."""

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management.base import CommandError
from django.test import Client

from recipients.models import Account, Membership, User
from tests.provisioning.test_provision import provision, written

pytestmark = pytest.mark.django_db
ACCOUNT = '[account]\nname = "Alpha"\n'
ALPHA = f"""{ACCOUNT}
[[users]]
name = "anna"
email = "anna@a.example"
suid = "a-adm"
key = "alpha-key"
role = "account_admin"
password = "a long password of Anna"
"""
BETA = '[account]\nname = "Beta"\n[[users]]\nname = "ann"\nemail = "{email}"\nsuid = "a-adm"\nkey = "beta-key"\n'


@pytest.fixture
def anna(tmp_path):
    provision(written(tmp_path, ALPHA))
    return User.objects.get(suid="a-adm")


def all_of(user):
    return User.objects.values().get(pk=user.pk)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BETA.format(email="evil@b.example"), "email is not that of a user who is not this account's alone"),
        (BETA.format(email="anna@a.example") + 'password="another long password"\n', "take password out"),
        (BETA.format(email="anna@a.example") + 'password="a long password of Anna"\n', "take password out"),
    ],
)
def test_a_user_of_another_account_is_not_taken_over(tmp_path, anna, text, sentence):
    before = all_of(anna)
    with pytest.raises(CommandError, match=sentence) as refused:
        provision(written(tmp_path, text))
    assert "\n" not in str(refused.value)
    assert "user 'ann'" in str(refused.value)
    assert all_of(anna) == before
    assert not Account.objects.filter(name="Beta").exists()


def test_a_user_of_another_account_is_given_a_place_and_stays_who_they_are(tmp_path, anna):
    before = all_of(anna)
    assert provision(written(tmp_path, BETA.format(email="ANNA@a.example")))["users"]["ann"]["suid"] == "a-adm"
    assert all_of(anna) == before
    alpha, beta = Membership.objects.filter(user=anna).order_by("id")
    assert (alpha.account.name, alpha.name, alpha.role) == ("Alpha", "anna", "account_admin")
    assert (beta.account.name, beta.name, beta.role) == ("Beta", "ann", "operator")
    assert check_password("alpha-key", alpha.key_hash)
    assert check_password("beta-key", beta.key_hash)


def test_who_belongs_to_two_accounts_is_changed_by_neither_and_both_files_may_be_repeated(tmp_path, anna):
    both = [ALPHA, BETA.format(email="anna@a.example")]
    for text in both * 2:
        provision(written(tmp_path, text))
    before = all_of(anna)
    changed = [
        ALPHA.replace("of Anna", "of Alpha"),
        ALPHA.replace("anna@a.example", "boss@a.example"),
        ALPHA.replace('"a-adm"', '"a-new"'),
        BETA.format(email="evil@b.example"),
        BETA.format(email="anna@a.example") + 'password="another long password"\n',
    ]
    for text in changed:
        with pytest.raises(CommandError, match="is not this account's alone"):
            provision(written(tmp_path, text))
    assert all_of(anna) == before


def test_an_accounts_own_user_is_changed_by_its_file(tmp_path, anna):
    text = ALPHA.replace("of Anna", "of Alpha").replace("anna@a.example", "boss@a.example")
    provision(written(tmp_path, text.replace('"a-adm"', '"a-new"')))
    anna.refresh_from_db()
    assert (anna.email, anna.suid, anna.check_password("a long password of Alpha")) == (
        "boss@a.example",
        "a-new",
        True,
    )


def test_the_platforms_people_are_nobodys_to_change(tmp_path):
    boss = User.objects.create_superuser("boss", "boss@x.example", "a long password", suid="boss")
    text = BETA.replace("a-adm", "boss")
    with pytest.raises(CommandError, match="take password out"):
        provision(written(tmp_path, text.format(email="boss@x.example") + 'password="another long one"\n'))
    provision(written(tmp_path, text.format(email="boss@x.example")))
    with pytest.raises(CommandError, match="email is not that"):
        provision(written(tmp_path, text.format(email="evil@x.example")))
    before = all_of(boss)
    by_name = text.replace('suid = "boss"\n', "").format(email="boss@x.example")
    with pytest.raises(CommandError, match="take password out"):
        provision(written(tmp_path, by_name + 'password="another long one"\n'))
    assert all_of(boss) == before


def test_a_name_of_another_member_is_refused_in_one_sentence(tmp_path, anna):
    more = '[[users]]\nname="bob"\nemail="bob@a.example"\nsuid="b"\n'
    provision(written(tmp_path, ALPHA + more))
    with pytest.raises(CommandError, match="another user of the account has this name") as refused:
        provision(written(tmp_path, ACCOUNT + more.replace('"b"', '"a-adm"')))
    assert "\n" not in str(refused.value)
    assert anna.memberships.get().name == "anna"


def test_a_log_in_name_that_is_taken_twice_is_refused_in_one_sentence(tmp_path, anna):
    account = Account.objects.create(name="Beta")
    User.objects.create_user("bob")
    User.objects.create_user(f"bob@{account.pk}")
    with pytest.raises(CommandError, match="logs in with this name"):
        provision(written(tmp_path, '[account]\nname="Beta"\n[[users]]\nname="bob"\nemail="bob@b.example"\n'))


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ('name="u"\nemail="evil"\n', "email: 'evil' is not a usable"),
        (f'name="{"u" * 151}"\nemail="u@b.example"\n', "username: Ensure this value has at most 150"),
        (f'name="u"\nemail="u@b.example"\nsuid="{"s" * 201}"\n', "suid: Ensure this value has at most 200"),
    ],
)
def test_a_user_who_can_not_be_kept_is_refused_in_one_sentence(tmp_path, user, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        provision(written(tmp_path, f"{ACCOUNT}[[users]]\n{user}"))
    assert "\n" not in str(refused.value)
    assert not User.objects.exists()


def test_a_key_that_was_made_in_the_area_stays_and_the_answer_says_so(tmp_path):
    file = tmp_path / "file.toml"
    file.write_text(
        '[account]\nname="K"\n[[users]]\nname="erp"\nemail="erp@k.example"\nsuid="k-user"\nkey="first-key"\n'
    )
    assert provision(file)["users"]["erp"]["key"] == "first-key"
    member = Membership.objects.get(user__suid="k-user")
    boss = User.objects.create_superuser("boss", password="long-enough-1")
    client = Client()
    client.force_login(boss)
    client.post(f"/admin/recipients/membership/{member.pk}/new-key/")
    made = Membership.objects.get(pk=member.pk).key_hash
    answer = provision(file)["users"]["erp"]
    assert (answer["key"], "made in the area" in answer["note"]) == (None, True)
    assert Membership.objects.get(pk=member.pk).key_hash == made


@pytest.mark.parametrize(("token", "noted"), [("8-letter", True), ("a-shorter-token-", True), ("a" * 32, False)])
def test_a_token_that_could_be_guessed_is_taken_and_said(tmp_path, token, noted):
    answer = provision(written(tmp_path, f'{ALPHA}api_token = "{token}"\n'))["users"]["anna"]
    assert ("enough to be guessed" in answer.get("note", "")) is noted


def test_a_token_of_fewer_than_8_characters_is_refused(tmp_path):
    with pytest.raises(CommandError, match="api_token needs 8 characters or more"):
        provision(written(tmp_path, f'{ALPHA}api_token = "letters"\n'))
