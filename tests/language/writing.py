"""Instructions files for the tests: a good one, each part of which can be given otherwise."""

HEADERS = """<headers>
          <label>Orders</label>
          <subject>${nome}$, your order</subject>
          <mail_from><name>Demo Shop</name><address>news@demo.example</address></mail_from>
          <reply_to>help@demo.example</reply_to>
        </headers>"""
BODY = """<preferred_content>both</preferred_content>
        <body>
          <html><content><embed><![CDATA[<p>Ciao ${nome}$</p>]]></embed></content></html>
          <text><content><embed><![CDATA[Ciao ${nome}$]]></embed></content></text>
        </body>"""
NEW = """<new_recipients>
          <recipient><email>anna@mail.example</email><nome>Anna</nome></recipient>
        </new_recipients>"""
FILTER = "<filter><normal>{}</normal></filter>"
TEST_FILTER = "<filter><test>{}</test></filter>"
TRANSACTIONAL = '<delivery method="auto"><transactional/></delivery>'


def notes(*pairs: tuple[str, str]) -> str:
    return "<notes>" + "".join(f"<note><label>{a}</label><value>{b}</value></note>" for a, b in pairs) + "</notes>"


def html(text: str, preferences: str = "") -> str:
    return f"""<preferred_content/>
        <body><html><content><embed><![CDATA[{text}]]></embed></content>{preferences}</html></body>"""


def plain(text: str, preferences: str = "") -> str:
    return f"""<preferred_content/>
        <body><text><content><embed><![CDATA[{text}]]></embed></content>{preferences}</text></body>"""


def write(
    *,
    suid="demo-user",
    key="demo-key",
    newsletter=1,
    recipients=NEW,
    delivery='<delivery method="auto"/>',
    notes="",
    headers=HEADERS,
    body=BODY,
    message=None,
    channel="email",
) -> bytes:
    """Return an instructions file; `message` stands for headers and body together."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<contactlab xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <auth><suid>{suid}</suid><key>{key}</key></auth>
  <campaign>
    <{channel}>
      <newsletter>{newsletter}</newsletter>
      <recipients>{recipients}</recipients>
      {delivery}
      {notes}
      <message>{f"{headers}{body}" if message is None else message}</message>
    </{channel}>
  </campaign>
</contactlab>
""".encode()


def padded(data: bytes, size: int) -> bytes:
    """Return a file made longer by comments, each shorter than what a parser takes for one text."""
    missing = size - len(data)
    lengths = (min(100_000, missing - at) for at in range(0, missing, 100_000))
    return data + b"".join(b"<!--" + b"x" * (length - 7) + b"-->" for length in lengths)
