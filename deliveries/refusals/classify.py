"""Which category a refusal has: one rule for replies at SMTP time and for bounces (reference 6)."""

import re
from dataclasses import dataclass
from typing import Final

from deliveries.refusals import words
from deliveries.refusals.categories import Category
from deliveries.refusals.enhanced import by_detail, by_subject, find_enhanced

_C = Category

_TOO_MUCH: Final = 552  # said of a full mailbox and of a large message alike (RFC 5321 4.2.3)
_NO_MAIL_HERE: Final = 556  # RFC 7504
_NAMED_DOMAIN: Final = re.compile(r"domain (?:name |of )?[<'\"]?((?:[\w-]+\.)+[a-z][\w-]+)", re.IGNORECASE)
# Microsoft writes its own meaning into codes of RFC 3463: who is not in the directory is refused with these.
_UNKNOWN_TO_EXCHANGE: Final = re.compile(
    r"recip(?:ient)?notfound|recipient not found|5\.4\.1[^:]*: ?recipient address rejected: access denied"
    r"|5\.4\.1 recipient address rejected: access denied",
    re.IGNORECASE,
)

# Codes that the words beside them narrow. 5.2.1 is "disabled" (RFC 3463), but Sendmail's filters and mobile
# providers write "5.2.1 … User unknown"; 5.4.4 is Postfix's "host not found", and its trouble with a name server
# too; GoDaddy refuses our network with 5.1.1 and 5.1.3.
_WORDS_KNOW_BETTER: Final = (
    (re.compile(r"2\.1"), words.NO_SUCH_USER, _C.NO_MAILBOX),
    (re.compile(r"4\.4"), words.NAME_SERVER_TROUBLE, _C.UNREACHABLE),
    (re.compile(r"1\.[0-9]+"), words.OUR_NETWORK_LISTED, _C.SPAM),
    (re.compile(r"1\.[0-9]+"), words.OUR_NETWORK_SENDS_TOO_MUCH, _C.TEMPORARY),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said. `code` is three digits or 0, `enhanced` as 5.1.1 or "" (then the text is searched).

    `stage` is mail, rcpt, data or dot, "" in a bounce. `return_path` and `recipient` tell whose
    address the text quotes; "" where they are not known.
    """

    text: str
    code: int = 0
    enhanced: str = ""
    stage: str = ""
    return_path: str = ""
    recipient: str = ""


def classify(refusal: Refusal) -> Category:
    """Return the category: 1. a refusal of us, 2. the enhanced code, 3. the words, 4. the three digits."""
    if _speaks_of_us(refusal):
        return _C.POLICY
    enhanced = refusal.enhanced or find_enhanced(refusal.text, refusal.code)
    return _by_code(enhanced, refusal) or _by_words(refusal, enhanced) or _by_digits(refusal, enhanced)


def _speaks_of_us(refusal: Refusal) -> bool:
    text = refusal.text
    if _quoted(refusal.return_path, text) and not _quoted(refusal.recipient, text):
        return True
    named = words.VERIFICATION.search(text)
    if named:
        return named[1].lower() != refusal.recipient.lower() and not words.OF_THE_RECIPIENT.search(text)
    return bool(words.ABOUT_US.search(text)) or _another_domain(refusal)


def _quoted(address: str, text: str) -> bool:
    """Return whether a text names an address, or its domain alone."""
    if "@" not in address:
        return False
    domain = address.rpartition("@")[2].lower()
    return re.search(rf"(?<![\w.-]){re.escape(domain)}(?![\w-])", text.lower()) is not None


def _another_domain(refusal: Refusal) -> bool:
    """Return whether it is not the recipient's domain of which the text says that it does not exist."""
    theirs = refusal.recipient.rpartition("@")[2].lower()
    named = _NAMED_DOMAIN.search(refusal.text)
    if not theirs or named is None:
        return False
    domain = named[1].lower()
    return not (domain == theirs or domain.endswith(f".{theirs}") or theirs.endswith(f".{domain}"))


def _by_code(enhanced: str, refusal: Refusal) -> Category | None:
    """Return what an enhanced code decides; None for those that say nothing (5.0.0, 5.1.0, 5.2.0 …)."""
    if not enhanced:
        return None
    text = refusal.text
    if _UNKNOWN_TO_EXCHANGE.search(f"{enhanced} {text}"):
        return _C.NO_MAILBOX
    subject, detail = enhanced.split(".")[1:]
    if subject == "7":
        return _C.SPAM if words.SPAM.search(text) else _C.POLICY
    for code, pattern, category in _WORDS_KNOW_BETTER:
        if code.fullmatch(enhanced, 2) and pattern.search(text):
            return category
    if enhanced[2:] == "1.1" and refusal.code == _TOO_MUCH and words.FULL.search(text):
        return _C.FULL  # vpopmail's "552 mailbox … is over quota (#5.1.1)": RFC 5321 4.2.3 and the words agree
    return by_detail(enhanced) or (by_subject(enhanced) if detail != "0" else None)


def _by_words(refusal: Refusal, enhanced: str) -> Category | None:
    found = next((category for pattern, category in words.READINGS if pattern.search(refusal.text)), None)
    if found == _C.NO_DOMAIN and "try again" in refusal.text.lower():
        return _C.UNREACHABLE  # the name server did not answer
    if not words.UNAVAILABLE.search(refusal.text) or found not in {None, _C.TEMPORARY}:
        return found
    for_good = (enhanced or str(refusal.code)).startswith("5") and "temporar" not in refusal.text.lower()
    return _C.NO_MAILBOX if for_good else _C.TEMPORARY


def _by_digits(refusal: Refusal, enhanced: str) -> Category:
    """Return what is left to say without a word that is known.

    550, 551 and 553 may be policy as well as a missing mailbox, so they are unknown (RFC 5321 4.2.3).
    """
    subject = by_subject(enhanced) if enhanced else None
    if subject is not None:
        return subject
    if refusal.code == _TOO_MUCH:
        return _C.TOO_LARGE if refusal.stage in {"mail", "dot"} else _C.FULL
    if refusal.code == _NO_MAIL_HERE:
        return _C.NO_DOMAIN
    return _C.TEMPORARY if (enhanced or str(refusal.code)).startswith("4") else _C.UNKNOWN
