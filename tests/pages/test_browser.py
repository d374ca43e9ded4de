"""A real browser looks at the pages: no error, no report of the policy, nothing serious for axe, no side scroll."""

import contextlib
import json
import os
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright

from deliveries import tokens
from deliveries.tokens import Purpose
from tests.pages.conftest import furnish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
SERIOUS = {"serious", "critical"}
PICTURES = os.environ.get("XMLD_TEST_PICTURES", "")


@pytest.fixture(scope="module")
def chromium():
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


class Looker:
    """A window that keeps what went wrong in it."""

    def __init__(self, browser, base, **options):
        self.context = browser.new_context(base_url=base, **options)
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed {request.url}"))

    def sign_in(self, user):
        self.page.goto("/admin/login/")
        self.page.fill("[name=username]", user.username)
        self.page.fill("[name=password]", "long-enough-1")
        self.page.click("[type=submit]")
        self.page.wait_for_url("**/admin/")

    def look(self, url, name=""):
        self.page.goto(url, wait_until="networkidle")
        self.check(name or url)

    def check(self, name):
        faults = self.judge(name)
        assert not faults, "\n".join(faults)

    def judge(self, name):
        """Return what is wrong with the page that is open, a line each."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
        serious = [
            (v["id"], [n["html"][:160] for n in v["nodes"][:3]])
            for v in found["violations"]
            if v["impact"] in SERIOUS
        ]
        if PICTURES:
            self.page.screenshot(path=f"{PICTURES}/{name.strip('/').replace('/', '_')[:80]}.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults = [f"{name}: axe {json.dumps(line)}" for line in serious] + [
            f"{name}: {line}" for line in self.faults
        ]
        self.faults.clear()
        return faults + ([f"{name}: scrolls sideways by {wide} px"] if wide > 0 else [])


@pytest.fixture
def look(chromium, live_server):
    """Return a maker of windows: a size, a scheme, a language."""
    with contextlib.ExitStack() as stack:

        def make(width=1280, scheme="light", locale="en-GB"):
            options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "locale": locale}
            looker = Looker(chromium, live_server.url.replace("localhost", "127.0.0.1"), **options)
            stack.callback(looker.context.close)
            return looker

        yield make


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
