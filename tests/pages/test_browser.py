"""A real browser looks at the pages: no error, no report of the policy, nothing for axe, no side scroll."""

import pytest

from deliveries import tokens
from deliveries.tokens import Purpose
from tests.pages import every_page
from tests.pages.conftest import furnish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    return furnish("Acme")


@pytest.mark.parametrize("locale", ["en-GB", "it-IT"])
def test_every_page_is_clean_in_all_windows(look, locale):
    """English is checked by axe, light and wide, then dark and narrow; Italian differs by its longer words."""
    house = every_page.furnish_all()
    looker, faults = look(1280, "light", locale), []

    def see(url):
        looker.page.set_viewport_size({"width": 1280, "height": 800})
        looker.page.emulate_media(color_scheme="light")
        looker.open(url)
        for width, scheme in ((1280, "light"), (360, "dark")):
            looker.turn(width, scheme)
            wrong_with = looker.wrong_with if locale == "en-GB" else looker.overflow
            faults.extend(wrong_with(f"{width}-{scheme}-{locale}-{url.removeprefix('/admin/')}"))

    for url in every_page.pages_before_the_log_in(house):
        see(url)
    looker.sign_in(house.membership.user)
    for url in every_page.pages_of_an_administrator(house):
        see(url)
    looker.sign_in(house.boss)
    for url in every_page.pages_of_the_platform(house):
        see(url)
    assert not faults, "\n".join(faults)


def test_a_dialog_opens_in_place_and_posts(look, house):
    looker = look()
    looker.sign_in(house.membership.user)
    looker.open(f"/admin/deliveries/sftpspace/{house.space.pk}/change/")
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
