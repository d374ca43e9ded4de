"""The administrator's day in a browser, in Italian: from an empty product to a signed mail of the first bundle."""

import base64
import io
import re
import zipfile

import pytest
from django_otp.oath import TOTP

from tests.domains.conftest import DnsServer
from tests.pages.conftest import chromium as chromium
from tests.pages.looker import Looker
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.whole, pytest.mark.xdist_group("product-day")]

PASSWORD = "long-enough-1"


@pytest.fixture
def dns_servers():
    """A name server that knows no name: nobody outside is asked."""
    server = DnsServer()
    server.start()
    yield f"127.0.0.1#{server.port}"
    server.stop()


@pytest.fixture
def empty(another_product, dns_servers):
    """A product without the demo's account, where administrators must have a second factor."""
    product = another_product(
        XMLD_DEMO="0", XMLD_SECOND_FACTOR="required", XMLD_UNDO_SECONDS="0", XMLD_DNS_SERVERS=dns_servers
    ).start()
    product.environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    made = product.command("createsuperuser", "--no-input", "--username", "boss", "--email", "boss@x.example")
    assert made.code == 0, made.err
    return product


@pytest.fixture
def look(chromium, empty):
    """Return a maker of windows of people who read Italian."""
    made = []

    def make():
        base = f"http://127.0.0.1:{empty.run_json['web']}"
        made.append(Looker(chromium, base, viewport={"width": 1280, "height": 800}, locale="it-IT"))
        return made[-1]

    yield make
    for looker in made:
        looker.context.close()


def save(looker, name):
    looker.page.get_by_role("button", name="Salva", exact=True).click()
    looker.page.get_by_text("con successo").first.wait_for()
    assert looker.overflow(name) == []


def open_row(looker, name):
    """Follow a link to the page of a row."""
    before = looker.page.url
    looker.page.get_by_role("link", name=name).first.click()
    looker.page.wait_for_url(lambda url: url != before and "/change/" in url)
    looker.wait_until_drawn()


def press(looker, label):
    """Press a button above a page and the one of its dialog."""
    looker.page.get_by_role("link", name=label, exact=True).first.click()
    looker.page.get_by_role("dialog").get_by_role("button", name=label, exact=True).click()


def set_up_the_second_factor(looker):
    page = looker.page
    page.wait_for_url(re.compile("second-factor"))
    secret = base64.b32decode(page.locator(".xd-secret").inner_text())
    page.fill("[name=code]", f"{TOTP(secret).token():06d}")
    assert looker.overflow("day-factor") == []
    page.get_by_role("button", name="Continua").click()
    page.get_by_role("link", name="Li ho conservati").wait_for()
    assert looker.overflow("day-codes") == []
    page.get_by_role("link", name="Li ho conservati").click()
    page.wait_for_url(re.compile("/admin/$"))


def make_account(looker):
    looker.open("/admin/recipients/account/add/")
    looker.page.fill("[name=name]", "Bottega Rossi")
    looker.page.locator("[name=xml_delivery]").check(force=True)
    assert looker.page.locator("[name=time_zone]").input_value() == "Europe/Rome"
    save(looker, "day-account")


def make_domain_and_list(looker):
    page = looker.page
    looker.open("/admin/recipients/senderdomain/add/")
    page.fill("[name=domain]", "bottega.example")
    save(looker, "day-domain")
    looker.open("/admin/recipients/database/add/")
    page.fill("[name=name]", "Clienti")
    page.fill("[name=structure]", "email email\nnome string")
    save(looker, "day-list")


def make_newsletter(looker):
    """Make one, and keys for the domain that it sends from."""
    page = looker.page
    looker.open("/admin/deliveries/newsletter/add/")
    page.fill("[name=name]", "Offerte")
    page.locator("select[name=database]").select_option(label="Clienti")
    page.fill("[name=from_address]", "news@bottega.example")
    assert looker.overflow("day-newsletter-form") == []
    save(looker, "day-newsletter")
    open_row(looker, "Offerte")
    assert looker.overflow("day-newsletter-page") == []
    press(looker, "Crea le chiavi DKIM")
    page.get_by_text("Le chiavi sono create: pubblicare i record qui sotto.").wait_for()
    assert page.get_by_text("xmld._domainkey.bottega.example").count()
    assert looker.overflow("day-keys-of-the-domain") == []


def make_space(looker):
    page = looker.page
    looker.open("/admin/deliveries/sftpspace/add/")
    page.fill("[name=name]", "bottega")
    page.locator("[name=embedded]").check(force=True)
    page.fill("[name=poll_seconds]", "5")
    page.fill("[name=username]", "bottega")
    page.fill("[name=new_password]", "segreta-1234")
    save(looker, "day-space")


def invite(looker):
    page = looker.page
    looker.open("/admin/recipients/membership/invite/")
    page.fill("[name=email]", "nora@bottega.example")
    page.fill("[name=name]", "Nora")
    page.locator("[name=role]").select_option("account_admin")
    page.get_by_role("button", name="Invita").click()
    page.get_by_text("nora@bottega.example").first.wait_for()
    assert looker.overflow("day-invited") == []


def come_in(looker, mail):
    page = looker.page
    looker.open(re.search(r"http://[^/]+(/admin/invitation/\S+)", mail.get_content())[1])
    page.fill("[name=new_password1]", PASSWORD)
    page.fill("[name=new_password2]", PASSWORD)
    assert looker.overflow("day-invitation") == []
    assert "tua password" not in page.inner_text("form")
    page.locator("form button[type=submit]").first.click()
    set_up_the_second_factor(looker)


def make_key(looker):
    page = looker.page
    looker.open("/admin/recipients/membership/")
    open_row(looker, "Nora")
    press(looker, "Nuova chiave")
    said = page.get_by_text("La nuova chiave, mostrata solo ora").first.inner_text()
    assert looker.overflow("day-key") == []
    return re.search(r"ora: (\w+)", said)[1]


def take_the_sample(looker):
    """Download the bundle that Home offers; return its files."""
    looker.open("/admin/")
    looker.check("day-home")
    looker.page.get_by_text("Un pacchetto per «Offerte»").wait_for()
    with looker.page.expect_download() as coming:
        looker.page.get_by_role("link", name="Scarica il pacchetto").click()
    with zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes())) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def send_what_the_run_made(looker):
    """Go from the list of runs to the run, to its delivery, and send it."""
    page = looker.page
    looker.open("/admin/deliveries/processingrun/")
    open_row(looker, "sample.xml")
    page.get_by_text("riuscita").first.wait_for()
    looker.check("day-run")
    open_row(looker, "A first try of Offerte")
    press(looker, "Invia ora")
    page.locator("#delivery-live").get_by_text("inviata").first.wait_for()
    looker.check("day-sent")


def test_from_nothing_to_a_mail_of_the_first_bundle(look, empty):
    looker = look()
    looker.open("/admin/login/")
    looker.page.fill("[name=username]", "boss")
    looker.page.fill("[name=password]", PASSWORD)
    looker.page.click("[type=submit]")
    set_up_the_second_factor(looker)
    make_account(looker)
    make_domain_and_list(looker)
    make_newsletter(looker)
    make_space(looker)
    invite(looker)

    hers = look()
    come_in(hers, wait_for(empty.mails, "the invitation")[-1])
    key = make_key(hers)
    bundle = take_the_sample(hers)
    bundle["sample.xml"] = bundle["sample.xml"].replace(b"YOUR-KEY", key.encode())
    empty.drop(bundle, "bottega", "segreta-1234")
    assert empty.wait_for_run("sample.xml")["status"] == "SUCCESS"
    send_what_the_run_made(hers)
    mail = wait_for(lambda: [each for each in empty.mails() if each["X-XMLD-Delivery"]], "the mail")[0]
    assert mail["From"] == "Offerte <news@bottega.example>"
    assert "d=bottega.example" in mail["DKIM-Signature"]
