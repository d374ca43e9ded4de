"""A browser's window that keeps what went wrong in it, and judges the page that is open."""

import json
import os
from pathlib import Path

import axe_playwright_python

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
SERIOUS = {"serious", "critical"}
PICTURES = os.environ.get("XMLD_TEST_PICTURES", "")


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
