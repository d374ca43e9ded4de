"""A real browser looks at the pages: no error, no report of the policy, nothing serious for axe, no side scroll."""

import pytest

from deliveries import tokens
from deliveries.tokens import Purpose
from tests.pages.conftest import furnish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    made = furnish("Acme")
    made.delivery.title = "A very long title of winter offers " * 10
    made.delivery.save()
    return made


def pages(house):
    return [
        "/admin/",
        "/admin/deliveries/delivery/",
        "/admin/deliveries/delivery/?tab=failed",
        f"/admin/deliveries/delivery/{house.delivery.pk}/change/",
        f"/admin/deliveries/delivery/{house.delivery.pk}/change/?tab=message",
        f"/admin/deliveries/delivery/{house.delivery.pk}/change/?tab=recipients",
        f"/admin/deliveries/delivery/{house.delivery.pk}/change/?tab=activity",
        f"/admin/deliveries/delivery/{house.delivery.pk}/start/",
        "/admin/deliveries/processingrun/",
        f"/admin/deliveries/processingrun/{house.run.pk}/change/",
        "/admin/deliveries/sftpspace/",
        f"/admin/deliveries/sftpspace/{house.space.pk}/change/",
        f"/admin/deliveries/newsletter/{house.newsletter.pk}/change/",
        "/admin/recipients/database/",
        f"/admin/recipients/database/{house.database.pk}/change/",
        f"/admin/recipients/filter/{house.filter.pk}/change/",
        "/admin/recipients/filter/",
        "/admin/recipients/blacklistentry/",
        "/admin/recipients/blacklistentry/add/",
        f"/admin/recipients/membership/{house.membership.pk}/new-key/",
        f"/admin/deliveries/delivery/{house.delivery.pk}/describe/",
        "/admin/recipients/membership/",
        "/admin/recipients/database/add/",
        "/admin/deliveries/processingrun/check/",
    ]


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(1280, "light", "en-GB"), (1280, "dark", "it-IT"), (360, "light", "it-IT")]
)
def test_every_page_is_clean(look, house, width, scheme, locale):
    looker = look(width, scheme, locale)
    looker.sign_in(house.membership.user)
    faults = []
    for url in pages(house):
        looker.page.goto(url, wait_until="networkidle")
        faults += looker.judge(f"{width}-{scheme}-{url.removeprefix('/admin/')}")
    assert not faults, "\n".join(faults)


def test_a_dialog_opens_in_place_and_posts(look, house):
    looker = look()
    looker.sign_in(house.membership.user)
    looker.page.goto(f"/admin/deliveries/sftpspace/{house.space.pk}/change/", wait_until="networkidle")
    looker.page.get_by_role("link", name="Pause").click()
    dialog = looker.page.get_by_role("dialog")
    dialog.wait_for()
    looker.check("dialog-in-place")
    dialog.get_by_role("button", name="Pause").click()
    looker.page.get_by_text("is not polled until").wait_for()
    house.space.refresh_from_db()
    assert house.space.paused_at is not None
    assert not looker.faults


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_unsubscribe_page_works_with_its_button_alone(look, house, width, scheme):
    looker = look(width, scheme)
    looker.look(f"/u/{tokens.make(Purpose.UNSUBSCRIBE, house.message.pk)}", f"unsubscribe-{width}")
    looker.page.get_by_role("button", name="Unsubscribe").click()
    looker.page.get_by_text("You are unsubscribed").wait_for()
    looker.check(f"unsubscribed-{width}")
    assert looker.context.cookies() == []
