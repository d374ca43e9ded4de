"""What sending refuses is refused where it is written, beside its field, with what to write instead."""

import pytest

from deliveries import sftp_usernames
from deliveries.models import Newsletter, SftpSpace
from tests.pages.test_names_that_are_taken import errors, shown

CRLF = "bounces.acme.example>\r\nRCPT TO:<victim@x.example"
NEWSLETTER = [
    ("bounce_domain", CRLF, "Write a domain"),
    ("bounce_domain", "1.2.3.4", "Write a domain"),
    ("bounce_domain", "x" * 60 + "." + "y" * 60 + "." + "z" * 60 + ".example", "Write a domain"),
    ("encoding", "utf-7", "Write utf-8, iso-8859-1"),
    ("public_url", "javascript:alert(1)", "begins with http"),
    ("public_url", "https://user:pass@mail.acme.example", "begins with http"),
    ("public_url", "https://mail.acme.example/\r\nX: y", "begins with http"),
    ("public_url", "https:///path", "begins with http"),
    ("public_url", "https://mail.acme.example/?x", "begins with http"),
    ("public_url", "https://mail.acme.example:99999", "begins with http"),
    ("rates", "null", ""),
    ("rates", "[1]", "Write an object of domains"),
    ("rates", '{"gmail.example": -1}', "gmail.example: write messages an hour"),
    ("rates", '{"gmail.example": "fast"}', "gmail.example: write messages an hour"),
    ("rates", '{"gmail.example": true}', "gmail.example: write messages an hour"),
    ("rates", "gmail.example = fast", "gmail.example: write messages an hour"),
    ("rates", "gmail.example 5", "Write each line as name = number."),
    ("link_categories", "News = 10000", "names and numbers from 1 to 9999"),
    ("rates", '{"no domain": 5}', "“no domain” is not a domain"),
    ("rates", "[" * 5000 + "]" * 5000, "nested too deeply"),
    ("rate_per_hour", "-1", "greater than or equal to 0"),
    ("seeds", "anna@acme.example\r\nbcc: x", "“bcc: x” is not a usable address"),
    ("seeds", "\r\n".join(f"n{n}@acme.example" for n in range(31)), "at most 30"),
    ("from_address", "nobody", "“nobody” is not a usable address"),
    ("from_address", "a@acme.example>\r\nBcc: x@y.example", "Take out line breaks"),
    ("from_address", "è@acme.example", "is not a usable address"),
    ("from_address", "${agent}$@acme.example", "agent"),
    ("from_name", "Acme\r\nBcc: x@y.example", "Take out line breaks"),
    ("reply_to", "help@acme.example\r\nBcc: x@y.example", "Take out line breaks"),
    ("reply_to", "help", "a name and an <address>"),
    ("reply_to", "${agent}$", "agent"),
    ("consent_field", "agreed", "no field of that name"),
    ("tracking", "always", "not one of the available choices"),
    ("consent", "given", "not one of the available choices"),
    ("preferred_content", "html", "not one of the available choices"),
]
SPACE = [
    ("notify", "Bcc: x@y.example", "“Bcc: x@y.example” is not a usable address"),
    ("notify", "ops@acme.example, x@y.example", "is not a usable address"),
    ("duplicate_window_minutes", "43201", "from 0 (off) to 43200"),
    ("poll_seconds", "86401", "Write 5 or more"),
    ("username", "../demo", "letters, digits"),
    ("username", ".demo", "letters, digits"),
    ("username", "a/b", "letters, digits"),
    ("username", "Zenith", "choose another"),
    ("username", "zenith", "choose another"),
]


@pytest.fixture
def send(mine, theirs, signed_in):
    SftpSpace.objects.filter(pk__in=[mine.space.pk, theirs.space.pk]).update(embedded=True)
    client = signed_in(mine.account, "account_admin")

    def post(kind, **fields):
        row = {"newsletter": mine.newsletter, "sftpspace": mine.space}[kind]
        page = f"/admin/deliveries/{kind}/{row.pk}/change/"
        response = client.post(page, shown(client, page) | fields)
        row.refresh_from_db()
        return errors(response)

    return post


@pytest.mark.parametrize(("field", "value", "sentence"), NEWSLETTER)
def test_a_newsletter_is_refused_beside_its_field(send, mine, field, value, sentence):
    before = Newsletter.objects.values().get(pk=mine.newsletter.pk)
    found = send("newsletter", **{field: value})
    if not sentence:  # nothing given is nothing limited
        assert (found, mine.newsletter.rates) == ({}, {})
        return
    assert list(found) == [field]
    assert sentence in found[field][0]
    assert Newsletter.objects.values().get(pk=mine.newsletter.pk) == before


@pytest.mark.parametrize(("field", "value", "sentence"), SPACE)
def test_a_space_is_refused_beside_its_field(send, mine, field, value, sentence):
    before = SftpSpace.objects.values().get(pk=mine.space.pk)
    found = send("sftpspace", **{field: value})
    assert list(found) == [field]
    assert sentence in found[field][0]
    assert "Zenith" not in found[field][0]
    assert SftpSpace.objects.values().get(pk=mine.space.pk) == before


def test_a_user_name_whose_files_are_another_accounts_is_refused(send, mine, theirs, settings, tmp_path):
    settings.STATE_DIR, spaces = tmp_path, tmp_path / "sftp"
    spaces.mkdir()
    assert sftp_usernames.claim(spaces, "gone", theirs.account.pk)
    assert sftp_usernames.claim(spaces, "ours", mine.account.pk)
    assert "choose another" in send("sftpspace", username="gone")["username"][0]
    assert send("sftpspace", username="ours") == {}


def test_a_port_is_refused_beside_its_field(mine, signed_in):
    client, page = signed_in(None, superuser=True), f"/admin/deliveries/sftpspace/{mine.space.pk}/change/"
    found = errors(client.post(page, shown(client, page) | {"port": "70000"}))
    assert found == {"port": ["Write a number from 1 to 65535."]}


def test_what_is_right_is_kept_as_sending_takes_it(send, mine):
    fields = {
        "bounce_domain": "bounces.münchen.example",
        "encoding": "Cp1252",
        "public_url": "https://Mail.Acme.example:8443/post/",
        "rates": "GMAIL.example = 3600",
        "link_categories": "News = 4\nShop = 7",
        "seeds": "Anna@ACME.example\r\nbob@acme.example",
        "reply_to": "${nome}$ <help-${nome}$@acme.example>",
        "from_name": "Acme, for <{season}>",
        "consent": "field",
        "consent_field": "NOME",
    }
    assert send("newsletter", **fields) == {}
    kept = {name: getattr(mine.newsletter, name) for name in fields}
    assert kept == {
        "bounce_domain": "bounces.xn--mnchen-3ya.example",
        "encoding": "windows-1252",
        "public_url": "https://mail.acme.example:8443/post",
        "rates": {"gmail.example": 3600},
        "link_categories": {"News": 4, "Shop": 7},
        "seeds": ["Anna@acme.example", "bob@acme.example"],
        "reply_to": "${nome}$ <help-${nome}$@acme.example>",
        "from_name": "Acme, for <{season}>",
        "consent": "field",
        "consent_field": "nome",
    }
    assert send("sftpspace", notify="ops@acme.example\r\nboss@acme.example", username="acme-2.x_y") == {}
    assert (mine.space.notify, mine.space.username) == (["ops@acme.example", "boss@acme.example"], "acme-2.x_y")
