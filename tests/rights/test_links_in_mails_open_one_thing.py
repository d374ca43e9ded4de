"""What a link in a mail holds is all that it opens: cut, mended or put elsewhere it leads nowhere (reference 9)."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from deliveries import tokens
from deliveries.models import Event, Subscription
from deliveries.tokens import Purpose
from deliveries.tracking.hits.recorder import RECORDER
from recipients import invitations
from recipients.models import BlacklistEntry, Membership, User

PASSWORD = "a-good-long-sentence"
NEW = {"new_password1": PASSWORD, "new_password2": PASSWORD}


def invited(house, name="nora"):
    return invitations.invite(
        house.account, f"{name}@x.example", name, "reviewer", personal_data=False, actor=house.membership.user
    )


def of_a_mail(house):
    """Return the token of each public place, all of one message."""
    message = house.message.pk
    return {
        "o": tokens.make(Purpose.OPEN, message),
        "u": tokens.make(Purpose.UNSUBSCRIBE, message),
        "w": tokens.make(Purpose.WEB, message),
        "c": tokens.make_click(house.delivery.pk, message, 1, "https://acme.example/?own=1"),
    }


def cut(token):
    return [token[:length] for length in range(1, len(token))] + [f"{token}A", f"A{token}", token.swapcase()]


@pytest.mark.parametrize("place", "oucw")
def test_a_token_that_is_cut_or_of_another_place_is_nobodys(mine, theirs, monkeypatch, place):
    recorded = []
    monkeypatch.setattr(RECORDER, "record", recorded.append)
    own = of_a_mail(mine)
    others = [token for other, token in own.items() if other != place]
    wrong = [*cut(own[place]), *others, invitations.token_of(invited(theirs)), *map(str, (mine.message.pk, 1))]
    before, client = BlacklistEntry.objects.count(), Client()
    answers = [client.get(f"/{place}/{token}") for token in wrong]
    if place == "u":
        answers += [client.post(f"/u/{token}", {"List-Unsubscribe": "One-Click"}) for token in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    counted = (BlacklistEntry.objects.count(), Subscription.objects.count(), Event.objects.count(), recorded)
    assert counted == (before, 0, 0, [])


def test_a_whole_token_shows_the_same_to_whoever_is_logged_in(mine, theirs, signed_in):
    address = f"/u/{of_a_mail(theirs)['u']}"
    pages = {client.get(address).content for client in (Client(), signed_in(mine.account, "account_admin"))}
    assert len(pages) == 1


def test_a_link_to_a_new_password_is_of_one_person(mine, theirs):
    def link(user, token):
        return f"/admin/password-reset/{urlsafe_base64_encode(force_bytes(user.pk))}/{token}/"

    me, other = mine.membership.user, theirs.membership.user
    token = default_token_generator.make_token(me)
    client = Client()
    assert client.get(link(me, token)).status_code == 302
    for address in (link(other, token), link(other, "set-password"), *(link(me, each) for each in cut(token))):
        for answer in (client.get(address), client.post(address, NEW)):
            assert b"This link is not valid" in answer.content, address
    for user in (me, other):
        user.refresh_from_db()
        assert user.check_password("long-enough-1")


def test_an_invitation_is_to_one_account(mine, theirs):
    own, foreign = (invitations.token_of(invited(house)) for house in (mine, theirs))
    mixed = [":".join([foreign.split(":")[0], *own.split(":")[1:]]), ":".join([own.split(":")[0], "1", "x"])]
    before = User.objects.count(), Membership.objects.count()
    client = Client()
    for token in [*cut(own), *mixed, *of_a_mail(mine).values()]:
        address = f"/admin/invitation/{token}/"
        assert {client.get(address).status_code, client.post(address, NEW).status_code} == {404}, token
    assert (User.objects.count(), Membership.objects.count()) == before
