"""A bundle of a chosen newsletter, ready to drop but for the two keys (reference 4.3)."""

import csv
import io
import zipfile
from typing import Final

from lxml import etree

from deliveries.models import Newsletter, SftpSpace
from recipients import tables
from recipients.conf import CODE_FIELD
from recipients.field_types import FIELD_TYPES
from recipients.models import Account, FieldType

SUID: Final = "YOUR-SUID"
KEY: Final = "YOUR-KEY"

_TYPES_TO_GREET: Final = (FieldType.STRING, FieldType.TEXT)


def sample_bundle(newsletter: Newsletter, name: str = "sample", suid: str = SUID) -> bytes:
    """Return a zip with `name`.xml, `name`.csv and the semaphore `name`.ok; its CSV has every field."""
    columns = [each for each in tables.columns(newsletter.database) if each.name.lower() != CODE_FIELD.lower()]
    greeted = next((each.name for each in columns if each.type in _TYPES_TO_GREET), None)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.csv", _csv(columns, newsletter.account))
        archive.writestr(f"{name}.xml", _xml(newsletter, f"{name}.csv", greeted, suid))
        archive.writestr(f"{name}.ok", b"")
    return packed.getvalue()


def _csv(columns: list[tables.Column], account: Account) -> bytes:
    """Return the list as the account's first space reads it."""
    space = SftpSpace.objects.filter(account=account).order_by("pk").first() or SftpSpace()
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=space.separator or ",", quotechar=space.quote or '"')
    writer.writerow([each.name for each in columns])
    writer.writerow([FIELD_TYPES[each.type].example for each in columns])
    return text.getvalue().encode(space.csv_encoding or "utf-8")


def _xml(newsletter: Newsletter, list_name: str, greeted: str | None, suid: str) -> bytes:
    root = etree.Element("contactlab")
    auth = etree.SubElement(root, "auth")
    _say(auth, "suid", suid)
    _say(auth, "key", KEY)
    email = etree.SubElement(etree.SubElement(root, "campaign"), "email")
    _say(email, "newsletter", str(newsletter.pk))
    _say(etree.SubElement(etree.SubElement(email, "recipients"), "new_recipients"), "csv_file", list_name)
    delivery = etree.SubElement(email, "delivery", method="manual")
    if newsletter.kind == "transactional":
        etree.SubElement(delivery, "transactional")
    message = etree.SubElement(email, "message")
    headers = etree.SubElement(message, "headers")
    _say(headers, "label", f"A first try of {newsletter.name}"[:200])
    _say(headers, "subject", newsletter.subject or "A first try")
    sender = etree.SubElement(headers, "mail_from")
    _say(sender, "name", newsletter.from_name or newsletter.name)
    _say(sender, "address", newsletter.from_address)
    _say(headers, "reply_to", newsletter.reply_to or newsletter.from_address)
    _say(message, "preferred_content", "both")
    body = etree.SubElement(message, "body")
    hello = f"Hello ${{{greeted}}}$" if greeted else "Hello"
    _embed(body, "html", f"<html><body><p>{hello}</p></body></html>")
    _embed(body, "text", f"{hello}\n")
    etree.indent(root)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _say(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _embed(body: etree._Element, part: str, text: str) -> None:
    content = etree.SubElement(etree.SubElement(body, part), "content")
    etree.SubElement(content, "embed").text = etree.CDATA(text)
