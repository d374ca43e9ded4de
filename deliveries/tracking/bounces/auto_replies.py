"""Answers that nobody wrote (RFC 3834): out of office, receipts, challenges. Pure."""

from email.message import Message
from typing import Final

from deliveries.refusals.words import any_of
from deliveries.tracking.bounces.parts import header

_SUBJECT: Final = any_of(
    r"^\W*(?:(?:re|aw|r|ri|fwd)\s*:\s*)*"
    r"(?:auto\w*[- ]?(?:reply|response|answer|antwort|svar|responder)|autoreply|autosvar"
    r"|out of (?:the )?(?:office|town)|\booo\b|on (?:vacation|holiday|leave)|vacation|away from",
    r"i am (?:away|out)|i'm (?:away|out)"
    r"|fuori (?:sede|ufficio)|assen(?:te|za)|risposta automatica|in ferie|non sono in ufficio"
    r"|abwesen|automatische|au(?:ß|ss)er haus|urlaub|absence|absent|r[ée]ponse automatique|cong[ée]"
    r"|respuesta autom|ausen|fuera de (?:la )?oficina|resposta autom|fr[åa]nvaro|poissa|afwezig|odpowied|nieobecn"
    r"|(?:read|gelesen|letto|lu|le[íi]do|deleted|not read|displayed)\s*[:(-]|return receipt|disposition notif"
    r"|conferma di lettura|ticket (?:received|created)|we (?:have )?received your|thank you for (?:contacting|your)"
    r"|please (?:confirm|verify) your (?:message|e-?mail)|verification required|your message (?:to .* )?awaits)",
)
_MARKS: Final = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Auto-Reply",
    "X-Vacation",
    "X-AutoReply-From",
)
_PRECEDENCES: Final = frozenset({"auto_reply", "auto-reply", "autoreply"})


def says_so(headers: Message) -> bool:
    """Return whether the subject or a header that only vacation programs set calls it an automatic answer."""
    if any(mark in headers for mark in _MARKS) or _is_receipt(headers):
        return True
    if header(headers, "Precedence").lower() in _PRECEDENCES:
        return True
    return bool(_SUBJECT.search(header(headers, "Subject")))


def is_automatic(headers: Message) -> bool:
    """Return whether a program sent it, as far as programs say so."""
    submitted = header(headers, "Auto-Submitted").split(";")[0].strip().lower()
    return submitted not in {"", "no"} or "X-Auto-Response-Suppress" in headers


def _is_receipt(headers: Message) -> bool:
    return str(headers.get_param("report-type", "")).lower() == "disposition-notification"
