import os
import pwd
import shutil

import pytest

from deliveries import vault
from deliveries.intake.polling import entry as polling
from deliveries.intake.sftp import connect
from deliveries.models import ProcessingRun, SftpSpace
from deliveries.provisioning.service import provision
from tests.runs.bad_server import PASSWORD, BadServer
from tests.runs.halting import Halt
from tests.runs.nursery import Nursery
from tests.runs.sshd import Sshd, temporary

ACCOUNT = """
[account]
name = "Demo Shop"
xml_delivery = true
[[users]]
name = "erp"
email = "erp@demo.example"
suid = "demo-user"
key = "demo-key"
role = "operator"
[[databases]]
name = "Customers"
fields = [
    {name="email", type="email"}, {name="nome", type="string"}, {name="ordine", type="integer"},
    {name="XML_DELIVERY_CODE", type="string"},
]
[[newsletters]]
name = "Offers"
database = "Customers"
kind = "marketing"
mail_from = {name="Demo Shop", address="news@demo.example"}
reply_to = "help@demo.example"
consent = "declared"
"""

XML = """<contactlab><auth><suid>demo-user</suid><key>demo-key</key></auth><campaign><email>
<newsletter>{newsletter}</newsletter>
<recipients>{retry}<new_recipients><csv_file>{csv}</csv_file></new_recipients></recipients>
<delivery method="{method}"/>
<message><headers><subject>Hello ${{nome}}$</subject></headers><preferred_content>simple_text</preferred_content>
<body><text><content><embed>{text}</embed></content></text></body></message>
</email></campaign></contactlab>"""

CSV = "email,nome,ordine\nada@x.example,Ada,1\nbob@x.example,Bob,2\ncy@x.example,Cy,3\n"


@pytest.fixture(scope="session")
def sshd():
    folder = temporary()
    server = Sshd(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    """As many tries at a server that hangs up as ever, but none waits for seconds."""
    monkeypatch.setattr(connect, "CUT_PAUSES", (0.01,) * len(connect.CUT_PAUSES))


@pytest.fixture
def drop(sshd):
    """The space's folder, empty."""
    for path in sshd.drop.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return sshd


@pytest.fixture
def account(transactional_db, tmp_path):
    file = tmp_path / "account.toml"
    file.write_text(ACCOUNT)
    return provision(file)


@pytest.fixture
def space(account, drop):
    return SftpSpace.objects.create(
        account_id=account["account"],
        name="demo",
        host="127.0.0.1",
        port=drop.port,
        username=pwd.getpwuid(os.getuid()).pw_name,
        private_key=vault.seal(drop.private_key),
        host_key=drop.host_key,
        directory=str(drop.drop),
        reports=["xml"],
    )


class Client:
    """Writes bundles as a client's system does, and reads what came back."""

    def __init__(self, account, server, space):
        self.newsletter = account["newsletters"]["Offers"]
        self.server, self.space = server, space

    def xml(self, csv="a.csv", method="auto", text="Dear ${nome}$", retry=""):
        return XML.format(newsletter=self.newsletter, csv=csv, method=method, text=text, retry=retry)

    def bundle(self, stem="a", csv=CSV, semaphore="{}.ok", **further):
        self.server.put(f"{stem}.csv", csv)
        self.server.put(f"{stem}.xml", self.xml(csv=f"{stem}.csv", **further))
        self.server.put(semaphore.format(stem))

    def poll(self):
        return polling.poll(self.space.pk)

    def run(self):
        return ProcessingRun.objects.order_by("-id").first()

    def text(self, name):
        return (self.server.drop / name).read_text()

    def has(self, name):
        return (self.server.drop / name).exists()


@pytest.fixture
def client_system(account, drop, space):
    return Client(account, drop, space)


@pytest.fixture(scope="module")
def nursery(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        nursery = Nursery()
    yield nursery
    nursery.stop()


@pytest.fixture
def halt(client_system):
    halt = Halt()
    yield halt
    halt.close()


@pytest.fixture
def bad(tmp_path):
    server = BadServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def client(account, bad):
    """A client on the server that misbehaves."""
    space = SftpSpace.objects.create(
        account_id=account["account"],
        name="bad",
        host="127.0.0.1",
        port=bad.port,
        username="demo",
        password=vault.seal(PASSWORD),
        host_key=bad.host_key,
        reports=["xml"],
    )
    return Client(account, bad, space)
