"""Bounces in words alone: which mail is one, whom it names, and why (qmail, Exim, Domino, old Exchange …). Pure."""

import re
from collections.abc import Iterator
from email.message import Message
from typing import Final

from deliveries.refusals import find_enhanced
from deliveries.refusals.words import any_of
from deliveries.tracking.bounces.parts import Part, header
from deliveries.tracking.bounces.report import ADDRESS, Failure, Kind, Report

_DAEMON: Final = any_of(
    r"mailer-?daemon|post_?master|mail-?daemon|mdaemon|mail ?(?:er|delivery|system|administrator|admin)\b"
    r"|system administrator|delivery (?:sub)?system|posta-?certificata|bounce|undeliver|non-?delivery",
    r"microsoft outlook"
    r"|amministratore di sistema|gateway|mail security|listmaster|mail_service|\bimss\b|interscan",
)
_SUBJECT: Final = any_of(
    r"un-?deliver|non-? ?deliver|not (?:be |been )?delivered|returned (?:mail|e-?mail|message)|return to sender"
    r"|could not be delivered|failure notice|fail(?:ed|ure)?\b.{0,20}deliver",
    r"deliver\w*\b.{0,20}(?:fail|status|problem|notif|error|report|delay|warning)"
    r"|failed mail|delayed mail|error sending your mail|mail (?:system |delivery )?(?:error|fail|status|delayed)",
    r"message (?:you sent )?(?:blocked|rejected|delayed|status)"
    r"|mancat[ao] (?:consegna|recapito)|impossibile (?:recapitare|consegnare)|non (?:recapitat|consegnat)",
    r"errore di consegna"
    r"|avviso di mancata|notifica (?:di )?(?:stato|mancat)|unzustellbar|nicht (?:zugestellt|zustellbar)|zustellung"
    r"|non remis|[ée]chec|no (?:se (?:ha podido|pudo)|ha sido|entreg)|devuelt|nondeliverable",
    r"warning: (?:message|could not)"
    r"|user unknown|unknown user|bounced|rejected|niet (?:bezorgd|afgeleverd)|kunde inte levereras|nie dostarczon",
)
# A notice under a subject of its own says so in its first lines: old Exchange, Verizon's gateway, qmail and others.
_SAYS_SO: Final = any_of(
    r"did not reach the following recipient|could not be delivered to (?:one or more|the following)",
    r"mail has been returned because",
    r"delivery to the following recipients? (?:has )?failed|following address(?:es)? (?:had|failed)",
    r"error message below:\s*[45]\d\d|wasn.t able to deliver your message to the following",
)
# A Japanese carrier's (KDDI) begins so, under a sender and a subject like anybody's.
_OPENS: Final = re.compile(
    r"\s*your mail (?:sent|attempted to be delivered) on:?[^\n]{0,80}\n\s*could not be delivered to:?",
    re.IGNORECASE,
)
_PASSED_ON: Final = re.compile(r"\W*(?:re|r|aw|antw|sv|fwd?|i|wg|tr|rv)\s*:", re.IGNORECASE)
_FIRST_LINES: Final = 1_500  # characters: a notice says at its beginning what it is
_DELAY: Final = any_of(
    r"delayed|delay notif|delivery delay|warning: (?:message|could not send)|warning message only",
    r"has been postponed|do not need to resend"
    r"|will (?:continue|keep|be retried|retry)|still (?:trying|being)",
    r"not (?:yet )?been delivered (?:yet|after|within the last)"
    r"|attempts? will (?:continue|be made)|temporary (?:delivery )?(?:problem|failure)\b.{0,40}retry|verz[öo]gert"
    r"|in ritardo|ritardata|ulteriori tentativi|remise (?:a [ée]t[ée] )?diff[ée]r[ée]e|retras",
)
_FINAL: Final = re.compile(
    r"giv(?:ing|en) up|permanent|will not be retried|definitiv|has been (?:returned|deleted)", re.IGNORECASE
)
# Where the copy of our own mail begins: nothing in it tells of the failure.
_COPY: Final = any_of(
    r"^(?:[-=*_ ]{2,}.{0,20}(?:below this line|copy of (?:the|your)|original (?:message|mail|headers)"
    r"|returned (?:message|mail)"
    r"|message (?:headers?|text|follows)|messaggio originale|urspr[üu]ngliche|unsent message|header(?:s)? )"
    r"|(?:return-path|received|message-id|mime-version|x-xmld-delivery|dkim-signature|list-unsubscribe):\s"
    r"|original message (?:headers|as received)|the original message (?:follows|headers)|included is a copy",
    r"copy of (?:the )?original)",
    flags=re.IGNORECASE | re.MULTILINE,
)
_NOT_THEIRS: Final = any_of(
    r"\b(?:from|sender|sent by|by|reply-to|subject|message-id|contact\w*|help\w*|assist\w*|mittente|von"
    r"|da|questions?"
    r"|administrator|report(?:ed|ing)?|forward\w*|visit|copy)\b[^@]{0,40}$",
)
_ROLES: Final = re.compile(
    r"^(?:mailer-daemon|postmaster|abuse|help-?desk|support|no-?reply|admin\w*|mail-?admin|root)@"
)
_BEGINS: Final = re.compile(r"^[\s<(\"'*>|-]*(?:(?:rfc822|smtp)\s*[;:]\s*)?[<\"']?$", re.IGNORECASE)
_NAMES: Final = any_of(
    r"^\W*(?:to|(?:intended )?recipients?|failed|address(?:es)?|user|mailbox|rcpt|destinatari[oa]?|all.utente|a|an"
    r"|empf|final|email)\b",
)
# The recipients that failed come after this; before it Exchange quotes whom the mail was written to.
_BEHIND: Final = any_of(
    r"did not reach the following recipient\(s\):?", r"could not be delivered to the following \w+:"
)
# Whom we wrote to, where the report names whom that led to.
_ORIGINAL: Final = re.compile(r"\((?:generated|expanded) from:? *<?$", re.IGNORECASE)
_AS_ATTRIBUTE: Final = re.compile(r"\bSMTP=", re.IGNORECASE)  # Exchange: c=US;o=Nexus2;dda:SMTP=A@B.EXAMPLE;
_ADDRESS_LINE: Final = re.compile(rf"^[ \t]*<?{ADDRESS.pattern}>?:", re.IGNORECASE | re.MULTILINE)
_CODE: Final = re.compile(r"(?<![\w.])([45][0-9]{2})(?=[ -]+\D|-?[45]\.)")
_SURE, _ORIGINALLY = 3, 4
_MOST_RECIPIENTS: Final = 50
_MOST_LINES: Final = 16  # of the reason below an address
_LONGEST_LINE: Final = 1_000  # characters: patterns run over each line


def is_notice(headers: Message, parts: list[Part]) -> bool:
    """Return whether a mail without a status part is a mail system's notice of a failure or delay."""
    if "X-Failed-Recipients" in headers or str(headers.get_param("report-type", "")).lower() == "delivery-status":
        return True
    from_line, text = header(headers, "From"), text_of(parts)[:_FIRST_LINES]
    subject = header(headers, "Subject")
    says_so = _OPENS.match(text) or (_SUBJECT.search(subject) and _SAYS_SO.search(text))
    if says_so and not _PASSED_ON.match(subject):
        return True  # whoever sent it
    null_path = header(headers, "Return-Path").strip() == "<>" or from_line.strip() in {"", "<>"}
    if not null_path and not _DAEMON.search(from_line):
        return False
    if _SUBJECT.search(subject) or _SAYS_SO.search(text):
        return True
    return "mailer-daemon@" in from_line.lower() and _ADDRESS_LINE.search(text) is not None


def read_notice(headers: Message, parts: list[Part]) -> Report:
    """Return what a notice says; where it names no address a failure without one is left to the return path."""
    text = text_of(parts)
    subject = header(headers, "Subject")
    delayed = _DELAY.search(f"{subject}\n{text}") and not _FINAL.search(text)
    named = [address.lower() for address in _addresses(headers, "X-Failed-Recipients")]
    reasons = _reasons(text, _ours(headers))
    if named:
        reasons = {address: reasons.get(address, text) for address in named}
    reasons = reasons or {"": text}
    return Report(
        Kind.DELAY if delayed else Kind.BOUNCE,
        tuple(failure_of(address, reason, text) for address, reason in list(reasons.items())[:_MOST_RECIPIENTS]),
    )


def text_of(parts: list[Part]) -> str:
    """Return what the report says in words, without the copy of our mail."""
    texts = [part for part in parts if part.kind in {"text/plain", "text/html"}]
    plain = [part for part in texts if part.kind == "text/plain"] or texts
    text = plain[0].text if plain else ""
    copy = _COPY.search(text)
    return text[: copy.start()] if copy and text[: copy.start()].strip() else text


def first_named(headers: Message, parts: list[Part]) -> str:
    """Return the address that a report's words call undeliverable, or ""."""
    named = _addresses(headers, "X-Failed-Recipients")
    return named[0].lower() if named else next(iter(_reasons(text_of(parts), _ours(headers))), "")


def reason_of(address: str, headers: Message, parts: list[Part]) -> str:
    """Return what a report's words say of one address; all its words where it is not named in them."""
    words = text_of(parts)
    return _reasons(words, _ours(headers)).get(address) or words


def failure_of(address: str, reason: str, whole: str) -> Failure:
    """Return a failure with the code that its reason holds; a reason without one is read with the whole text."""
    words = " ".join(reason.split())
    code = _CODE.search(words)
    number = int(code[1]) if code else 0
    status = find_enhanced(words, number)
    if not status and not number and len(words) < len(whole):
        words = f"{words} {' '.join(whole.split())}"
        status = find_enhanced(words)
    return Failure(address, status, words[:2_000], number)


def _ours(headers: Message) -> set[str]:
    """Return whom the report was sent to: its text may name us too."""
    return {found.lower() for name in ("To", "Delivered-To") for found in _addresses(headers, name)}


def _addresses(headers: Message, name: str) -> list[str]:
    return ADDRESS.findall(" ".join(str(value) for value in headers.get_all(name, [])))[:_MOST_RECIPIENTS]


def _reasons(text: str, ours: set[str]) -> dict[str, str]:
    """Return each address that the text calls undeliverable with the lines that follow it."""
    behind = _BEHIND.search(text)
    if behind and ADDRESS.search(text, behind.end()):
        text = text[behind.end() :]
    lines = [_AS_ATTRIBUTE.sub(" ", line[:_LONGEST_LINE]) for line in text.split("\n")]
    found = list(_anchors(lines, ours))
    found = [one for place, one in enumerate(found) if not _is_renamed(one, found[place + 1 : place + 2])]
    best = max((rank for _, _, rank in found), default=0)
    kept = [(row, address) for row, address, rank in found if rank >= min(best, _SURE)]
    reasons: dict[str, str] = {}
    for place, (row, address) in enumerate(kept):
        end = min([kept[place + 1][0] if place + 1 < len(kept) else len(lines), row + _MOST_LINES])
        reasons[address] = f"{reasons.get(address, '')} {' '.join(lines[row : max(end, row + 1)])}".strip()
    return reasons


def _is_renamed(found: tuple[int, str, int], following: list[tuple[int, str, int]]) -> bool:
    """Return whether the lines after an address say whom it was generated from."""
    return any(rank == _ORIGINALLY and row - found[0] <= 1 for row, _, rank in following)


def _anchors(lines: list[str], ours: set[str]) -> Iterator[tuple[int, str, int]]:
    """Yield line, address and how surely it is the one that failed; that the line begins with it is _SURE."""
    for row, line in enumerate(lines):
        for match in ADDRESS.finditer(line):
            address, before = match[0].strip(".'`").lower(), line[: match.start()]
            original = _ORIGINAL.search(before) is not None
            if address in ours or (row and not original and _NOT_THEIRS.search(before)):
                continue
            if original:
                rank = _ORIGINALLY
            elif _ROLES.match(address):
                rank = 1
            elif _BEGINS.match(before) or _NAMES.match(before):
                rank = _SURE
            else:
                rank = 2
            yield row, address, rank
            break
