"""Addresses: parse and normalise one (pure; RFC 5321 4.5.3.1, RFC 5322 3.4.1, RFC 6531, UTS 46)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import idna
from email_validator import EmailSyntaxError, validate_email

from recipients.errors import ClientError
from recipients.faults import Fault

MAX_LOCAL: Final = 64  # RFC 5321 4.5.3.1.1
MAX_PATH: Final = 254  # 256 octets of RFC 5321 4.5.3.1.3, less the angle brackets
_LONGEST_READ: Final = 1_000  # characters: three times as long as any address; patterns take time
_SHOWN: Final = 80  # characters in a sentence

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,61}(?<!-)"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_ORDINARY: Final = re.compile(
    rf"(?=[^@]{{1,{MAX_LOCAL}}}@)({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+[A-Za-z]{{2,63}})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be written to: `domain` is lower-case in A-labels, `local` as it was given.

    A local part beyond ASCII is kept in lower case (NFC), so that lowering the ASCII letters of `text`,
    which PostgreSQL does in every locale, gives `key`.
    """

    local: str
    domain: str

    @property
    def text(self) -> str:
        """The address as it is stored and written to."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """The normalised address: what duplicates, blacklist and subscriptions compare."""
        return self.text.lower()


def parse(text: str) -> Address:
    """Return the address; raises ClientError: ADDR_EMPTY, ADDR_SYNTAX, ADDR_DOMAIN or ADDR_TOO_LONG."""
    text = text.strip()
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary is not None and len(text) <= MAX_PATH:
        return Address(ordinary[1], ordinary[2].lower())
    return _parse_carefully(text)


def normalise(text: str) -> str:
    """Return the normalised address (`Address.key`); raises as parse does."""
    return parse(text).key


def _parse_carefully(text: str) -> Address:
    """Parse what the fast pattern doesn't know; everything that the pattern takes is taken here too."""
    if not text:
        raise ClientError("ADDR_EMPTY")
    if len(text) > _LONGEST_READ:
        raise _unusable("ADDR_TOO_LONG", text, Fault.of("address.characters", length=len(text), most=MAX_PATH))
    local, at, domain = text.rpartition("@")
    if not at:
        raise _unusable("ADDR_SYNTAX", text, Fault.of("address.no_at"))
    address = Address(_local(local, text), _domain(domain, text))
    if len(address.local.encode()) > MAX_LOCAL:
        raise _unusable("ADDR_TOO_LONG", text, Fault.of("address.local_bytes", most=MAX_LOCAL))
    if len(address.text.encode()) > MAX_PATH:
        raise _unusable("ADDR_TOO_LONG", text, Fault.of("address.bytes", most=MAX_PATH))
    return address


def _local(local: str, text: str) -> str:
    if _LOCAL.fullmatch(local):
        return local
    try:
        found = validate_email(f"{local}@example.com", check_deliverability=False, allow_smtputf8=True)
    except EmailSyntaxError as error:
        raise _unusable("ADDR_SYNTAX", text, Fault.of("address.local")) from error
    return unicodedata.normalize("NFC", found.local_part.lower())


def _domain(domain: str, text: str) -> str:
    if domain.startswith("["):
        raise _unusable("ADDR_DOMAIN", text, Fault.of("address.bracket"))
    if "." in domain and not all(domain.split(".")):
        raise _unusable("ADDR_DOMAIN", text, Fault.of("address.dots"))
    try:
        name = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise _unusable("ADDR_DOMAIN", text, Fault.of("address.domain")) from error
    labels = name.split(".")
    if len(labels) == 1 or not all(labels):
        raise _unusable("ADDR_DOMAIN", text, Fault.of("address.one_label"))
    if labels[-1].isdigit():
        raise _unusable("ADDR_DOMAIN", text, Fault.of("address.number"))
    return name


def _unusable(code: str, text: str, why: Fault) -> ClientError:
    return ClientError(code, address=ascii(text[:_SHOWN])[1:-1], why=why)
