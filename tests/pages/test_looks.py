"""What embarrassed once, seen in a browser: clipped cells, broken words, fields that nobody sees."""

import pytest

from deliveries.models import ProcessingRun
from recipients.models import User
from tests.pages import demo_urls
from tests.pages.conftest import furnish
from xmld_project.standalone.mail_catcher.store import MailStore

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "l" + "o" * 180 + "ng"
MAIL = """\
From: Acme <news@acme.example>
To: anna@acme.example
Subject: {subject}
X-XMLD-Delivery: {delivery}
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Hello
--b
Content-Type: text/html

<p id="it">Hello</p><a href="/healthz">there</a><script>document.title = parent.document.title = "owned"</script>
--b--
"""


@pytest.fixture
def house():
    made = furnish("Acme")
    made.run.file, made.run.semaphore = f"{LONG}.xml", f"{LONG}.ok"
    made.run.warning_faults = [f"{LONG}.xml: links are not tracked yet"]
    made.run.save()
    made.run.transitions.create(
        sub_status="XML_CONFIGURATION_FILE_FOUND", started_at=made.run.started_at, message=f"{LONG}.xml"
    )
    made.delivery.filter.name = f"{LONG} 2026-11-25 01:00:30"
    made.delivery.filter.save()
    return made


def overflows(page, selector):
    """How many pixels of the widest element are out of sight."""
    script = "found => Math.max(...found.map(one => one.scrollWidth - one.clientWidth))"
    return page.eval_on_selector_all(selector, script)


@pytest.mark.parametrize("locale", ["en-GB", "it-IT"])
def test_lists_fit_a_window_of_1280(look, house, locale):
    looker = look(1280, locale=locale)
    looker.sign_in(house.membership.user)
    for url in ("/admin/deliveries/delivery/?tab=all", "/admin/deliveries/processingrun/"):
        looker.look(url)
        assert overflows(looker.page, "div:has(> #result_list)") <= 0, url


def test_no_cell_of_a_narrow_list_is_cut(look, house):
    looker = look(360)
    looker.sign_in(house.membership.user)
    looker.look("/admin/deliveries/delivery/?tab=all")
    script = "cells => cells.filter(cell => cell.scrollHeight > cell.clientHeight + 1).length"
    assert looker.page.eval_on_selector_all("#result_list td", script) == 0


@pytest.mark.parametrize("width", [1280, 360])
def test_a_long_name_bursts_no_page_and_a_code_is_one_word(look, house, width):
    looker = look(width)
    looker.sign_in(house.membership.user)
    looker.look(f"/admin/deliveries/processingrun/{house.run.pk}/change/", f"long-name-{width}")
    code = looker.page.locator("small.xd-code", has_text="XML_CONFIGURATION_FILE_FOUND")
    assert code.evaluate("one => one.getClientRects().length") == 1
    assert code.evaluate("one => one.clientHeight") < 24


def test_a_file_keeps_its_first_letter(look, house):
    ProcessingRun.objects.filter(pk=house.run.pk).update(file="bad-rows.xml")
    looker = look()
    looker.sign_in(house.membership.user)
    looker.look(f"/admin/deliveries/processingrun/{house.run.pk}/change/")
    assert f"bad-rows.xml ({house.run.pk})" in looker.page.locator("h1").inner_text()


def test_fields_are_seen_and_hidden_ones_have_no_label(look, house):
    looker = look()
    looker.sign_in(house.membership.user)
    looker.look("/admin/recipients/blacklistentry/add/")
    border = looker.page.locator("[name=address]").evaluate("one => getComputedStyle(one).borderTopWidth")
    assert border != "0px"
    looker.look(f"/admin/deliveries/delivery/{house.delivery.pk}/describe/")
    assert looker.page.get_by_text("Version").count() == 0
    assert looker.page.locator("[name=version]").count() == 1


def test_an_empty_list_says_how_it_fills(look, house):
    ProcessingRun.objects.all().delete()
    looker = look()
    looker.sign_in(house.membership.user)
    looker.look("/admin/deliveries/processingrun/")
    looker.page.get_by_text("No bundle came yet: drop its files on a space").wait_for()
    looker.look("/admin/deliveries/delivery/?q=nothing-like-this")
    looker.page.get_by_text("Nothing here is like that").wait_for()


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en-GB"), (360, "dark", "it-IT")])
def test_caught_mails_are_clean_and_their_html_runs_nothing(look, house, settings, tmp_path, width, scheme, locale):
    settings.DEMO, settings.ROOT_URLCONF, settings.STATE_DIR = True, demo_urls.__name__, tmp_path
    store = MailStore(tmp_path / "mail")
    for subject in ("Hello", LONG):
        content = MAIL.format(delivery=house.delivery.pk, subject=subject).encode()
        store.keep("b@acme.example", ["anna@acme.example"], content)
    looker = look(width, scheme, locale)
    looker.sign_in(User.objects.create_superuser("boss", password="long-enough-1"))
    looker.look("/admin/caught/", f"caught-{width}")
    looker.page.locator("tbody a", has_text="Hello").first.click()
    frame = looker.page.frame_locator("iframe")
    assert frame.locator("#it").inner_text() == "Hello"
    assert looker.page.title() != "owned"
    with looker.context.expect_page() as opened:
        frame.get_by_role("link", name="there").click()
    assert opened.value.url.endswith("/healthz")
    opened.value.close()
    # The sandbox tells on the console of each script that it stops.
    looker.faults[:] = [fault for fault in looker.faults if "Blocked script execution" not in fault]
    looker.check(f"caught-mail-{width}")
