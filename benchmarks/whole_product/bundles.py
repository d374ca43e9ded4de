"""Small bundles of ten recipients, and the account that takes them."""

from typing import Final

SPACE: Final = "bench"
RECIPIENTS: Final = 10
ACCOUNT: Final = """
[account]
name = "Bench of latency"
xml_delivery = true
[[users]]
name = "erp"
email = "erp@demo.example"
suid = "bench-user"
key = "bench-key"
role = "operator"
[[databases]]
name = "Customers"
fields = [{name="email", type="email"}, {name="nome", type="string"}, {name="XML_DELIVERY_CODE", type="string"}]
[[newsletters]]
name = "Offers"
database = "Customers"
kind = "marketing"
mail_from = {name="Demo Shop", address="news@demo.example"}
reply_to = "help@demo.example"
consent = "declared"
[[newsletters]]
name = "Receipts"
database = "Customers"
kind = "transactional"
mail_from = {name="Demo Shop", address="news@demo.example"}
reply_to = "help@demo.example"
[[spaces]]
name = "bench"
embedded = true
username = "bench"
password = "bench"
poll_seconds = %d
"""
_XML: Final = """<contactlab><auth><suid>bench-user</suid><key>bench-key</key></auth><campaign><email>
<newsletter>{newsletter}</newsletter>
<recipients><new_recipients><csv_file>{stem}.csv</csv_file></new_recipients></recipients>
{delivery}
<message><headers><subject>Hello ${{nome}}$</subject></headers><preferred_content>simple_text</preferred_content>
<body><text><content><embed>Dear ${{nome}}$, this is {stem}</embed></content></text></body></message>
</email></campaign></contactlab>"""


_MARKETING: Final = '<delivery method="auto"/>'
_TRANSACTIONAL: Final = '<delivery method="auto"><transactional/></delivery>'


def files(stem: str, newsletter: int, *, recipients: int, transactional: bool) -> dict[str, bytes]:
    """Return a bundle's files but for its semaphore; another stem is another content."""
    people = "".join(f"{stem}.{number}@x.example,Ada\n" for number in range(recipients))
    delivery = _TRANSACTIONAL if transactional else _MARKETING
    return {
        f"{stem}.csv": f"email,nome\n{people}".encode(),
        f"{stem}.xml": _XML.format(newsletter=newsletter, stem=stem, delivery=delivery).encode(),
    }
