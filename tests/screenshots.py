"""make screenshots: the pictures of the README, taken of a product that was started for them.

.venv/bin/python -m tests.screenshots [FOLDER]       (docs/images where none is given)
"""

import csv
import http.client
import io
import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.product import ROOT, Product
from tests.waiting import wait_for

SAMPLES = ROOT / "tests" / "samples"
WINDOW = {"width": 1280, "height": 800}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CITIES = ("Milano", "Roma", "Torino", "Napoli", "Bologna", "Firenze")
NAMES = ("Anna", "Bruno", "Chiara", "Davide", "Elena", "Fabio", "Giulia", "Luca")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    product = Product(XMLD_SENDERS="1")
    try:
        furnish(product.start())
        take_pictures(product, folder)
    finally:
        product.clear()


def furnish(product: Product) -> None:
    """Give the demo account people, deliveries in several states, a mistake, and readers."""
    product.wait_for_run("welcome.xml")
    list_of_people = product.state / "people.csv"
    list_of_people.write_text(people(400), encoding="utf-8")
    product.command("import_recipients", "Customers", str(list_of_people))
    product.drop(offers())
    product.drop(SAMPLES / "03-test-then-scheduled")
    product.drop(mistake())
    product.drop(SAMPLES / "02-manual-filter")
    for file in ("offers.xml", "season.xml", "no-such-field.xml", "milan.xml"):
        product.wait_for_run(file)
    read_mails(product)


def people(count: int) -> str:
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(["email", "nome", "citta", "ordine"])
    for number in range(count):
        name = NAMES[number % len(NAMES)]
        lines.writerow([f"{name.lower()}.{number}@mail.example", name, CITIES[number % len(CITIES)], 1000 + number])
    return written.getvalue()


def offers() -> dict[str, bytes]:
    """Return a bundle whose mails have tracked links."""
    xml = (SAMPLES / "01-send-now" / "orders.xml").read_text(encoding="utf-8").replace("orders.csv", "offers.csv")
    xml = re.sub(r"<label>[^<]+</label>", "<label>Winter offers</label>", xml, count=1)
    return {"offers.xml": xml.encode(), "offers.csv": people(120).encode(), "offers.ok": b""}


def mistake() -> dict[str, bytes]:
    """Return a bundle that is refused with a sentence."""
    sample = SAMPLES / "06-mistakes"
    xml = (sample / "unknown-field.xml").read_bytes()
    return {"no-such-field.xml": xml, "ok.csv": (sample / "ok.csv").read_bytes(), "no-such-field.ok": b""}


def read_mails(product: Product) -> None:
    """Open and click as readers do, and wait until the figures show it."""

    def mailed() -> list[str]:
        return [text for each in product.mails() if (text := html_of(each)) and "/o/" in text]

    texts = wait_for(lambda: len(mailed()) > 100 and mailed(), "the mails of the offers")
    for number, text in enumerate(texts):
        kinds = [kind for kind, wanted in (("o", number % 3), ("c", number % 4 == 0)) if wanted]
        for kind in kinds:
            found = re.search(rf"/{kind}/[\w-]+", text)
            if found:
                ask(product.run_json["web"], found[0])


def html_of(mail) -> str:
    body = mail.get_body(("html",))
    return body.get_content() if body else ""


def ask(port: int, path: str) -> None:
    """Ask as a reader's browser does, and do not follow: the shop that links lead to does not exist."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    client.request("GET", path, headers={"User-Agent": BROWSER})
    client.getresponse().read()
    client.close()


def take_pictures(product: Product, folder: Path) -> None:
    deliveries = {each["title"]: each["id"] for each in product.command("deliveries", "--json").json}
    runs = {each["file"]: each["id"] for each in product.command("runs", "--json").json}
    offers_id = deliveries["Winter offers"]

    def counted() -> bool:
        return (product.command("report", str(offers_id), "--json").json["figures"]["unique_clicks"] or 0) > 0

    wait_for(counted, "figures of the readers")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_context(
            base_url=f"http://127.0.0.1:{product.run_json['web']}", viewport=WINDOW
        ).new_page()
        sign_in(page, product)
        for name, address in (
            ("deliveries", "/admin/deliveries/delivery/?tab=all"),
            ("statistics", f"/admin/deliveries/delivery/{offers_id}/change/?tab=statistics"),
            ("run", f"/admin/deliveries/processingrun/{runs['no-such-field.xml']}/change/"),
            ("filter", "/admin/recipients/filter/1/change/"),
        ):
            page.goto(address, wait_until="networkidle")
            page.screenshot(path=folder / f"{name}.png")
        browser.close()


def sign_in(page: Page, product: Product) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", product.run_json["admin"]["username"])
    page.fill("[name=password]", product.run_json["admin"]["password"])
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")


if __name__ == "__main__":
    main()
