"""A browser's window that keeps what went wrong in it, and checks the page that is open."""

import json
import os
from pathlib import Path

import axe_playwright_python
from django.conf import settings
from django.test import Client

from tests.waiting import PATIENCE

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PICTURES = os.environ.get("XMLD_TEST_PICTURES", "")
# All rules of whatever weight; what a mail's frame holds is its author's, and no script of ours reaches into it.
RULES = "axe.run({resultTypes: ['violations'], iframes: false, preload: false})"
SETTLED = """async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Looker:
    """A window that keeps what went wrong in it."""

    def __init__(self, browser, base, **options):
        self.base = base
        self.context = browser.new_context(base_url=base, **options)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("requestfailed", self.miss)

    def hear(self, said):
        """Keep what the console says, but that the page itself is a refusal: that is what is looked at."""
        if said.type in {"error", "warning"} and said.location["url"] != self.page.url:
            self.faults.append(said.text)

    def miss(self, request):
        """Keep what could not be loaded, but what the way to another page broke off."""
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed {request.url}: {request.failure}")

    def sign_in(self, user):
        """Let the user in without the form, which has its own test."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.base}])

    def log_in(self, user):
        """Let the user in as people come in."""
        self.open("/admin/login/")
        self.page.fill("[name=username]", user.username)
        self.page.fill("[name=password]", "long-enough-1")
        self.page.click("[type=submit]")
        self.page.wait_for_url("**/admin/")

    def open(self, url):
        """Open a page and wait until it is drawn; that the network is quiet comes half a second later."""
        self.page.goto(url)
        self.wait_until_drawn()

    def wait_until_drawn(self):
        """Wait until a page is drawn: without its fonts the icons are words, which are wider."""
        self.page.wait_for_load_state()
        self.page.evaluate(SETTLED)
        self.page.wait_for_selector("[aria-busy=true]", state="detached")

    def turn(self, width, scheme):
        """Give the open page another width and scheme, as its reader would; the editor of Create follows."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.evaluate(f"document.documentElement.classList.toggle('dark', {json.dumps(scheme == 'dark')})")
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.evaluate(SETTLED)

    def look(self, url, name=""):
        self.open(url)
        self.hold(name or url)

    def check(self, name):
        """Look at the page to which a click led."""
        self.wait_until_drawn()
        self.hold(name)

    def hold(self, name):
        faults = self.wrong_with(name)
        assert not faults, "\n".join(faults)

    def wrong_with(self, name):
        """Return what is wrong with the page that is open, a line each."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = [
            (each["id"], [node["html"][:160] for node in each["nodes"][:3]])
            for each in self.page.evaluate(RULES)["violations"]
        ]
        return [f"{name}: axe {json.dumps(line)}" for line in found] + self.overflow(name)

    def overflow(self, name):
        """Return the quicker half of it: what the console says, and whether the page scrolls sideways."""
        if PICTURES:
            self.page.screenshot(path=f"{PICTURES}/{name.strip('/').replace('/', '_')[:80]}.png", full_page=True)
        wide = self.page.evaluate(WIDE)
        faults = [f"{name}: {line}" for line in self.faults]
        self.faults.clear()
        return faults + ([f"{name}: scrolls sideways by {wide} px"] if wide > 0 else [])
