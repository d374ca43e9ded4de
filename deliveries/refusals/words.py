"""What servers say in words, by category; where a line can be read in two ways the order of READINGS decides."""

import re
from typing import Final

from deliveries.refusals.categories import Category

_C = Category


def any_of(*patterns: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Return one pattern that finds any of these, in any letter case."""
    return re.compile("|".join(patterns), flags)


_NOT: Final = r"(?:not|n.t|n.t)"

# A refusal that speaks of us: our return path or domain can't be verified, we may not send or relay. Whatever a
# sender verification quotes ("no such user", "blacklisted") was said about our address, not about the person's.
ABOUT_US: Final = any_of(
    r"sender (?:address |domain |host |e-?mail )*(?:verif|call-?(?:out|back))",
    r"(?:verify|verifying|verification of|validate|validation of|resolve) (?:the |your )*(?:sender"
    r"|return.?path|envelope)",
    r"(?:sender|return.?path|envelope.?(?:from|sender)|mail ?from)(?:'s)?[^.;]{0,60}"
    rf"(?:rejected|refused|denied|{_NOT} (?:allowed|permitted|accepted|authori[sz]ed|valid|verified"
    rf"|resolve|exist|found)"
    r"|unknown|invalid|cannot be|blocked|blacklisted|undeliverable|no mx|unresolvable)",
    r"(?:invalid|unknown|unresolvable|fake|forged|bad|unverified|unauthori[sz]ed|spoofed) "
    r"(?:sender|return.?path|envelope|mail ?from)",
    r"domain of (?:the )?sender|sender'?s? domain|domain in (?:the )?(?:return|sender|mail)",
    rf"{_NOT} (?:allowed|permitted|authori[sz]ed) to (?:send|relay)",
    r"relay(?:ing)? (?:access |mail |attempt )*(?:is |was )?"
    rf"(?:denied|refused|rejected|blocked|prohibited|disabled|{_NOT} (?:allowed|permitted|possible|supported))",
    rf"(?:unable|{_NOT} (?:able |allowed |permitted )?|refus\w+|prohibit\w*|can.?not|won.t) ?(?:to )?relay",
    r"from: (?:address |header )?(?:domain )?is (?:invalid|missing)|provide a valid from",
    r"my name was rejected|rcpt-?hosts|invalid dns mx or a|no mx (?:record )?for (?:the )?sender",
    r"mittente (?:non|rifiutat|sconosciut|inesistent)|absender[^.;]{0,30}(?:abgelehnt|unbekannt|ung.ltig)",
    r"exp[ée]diteur[^.;]{0,30}(?:refus|inconnu|invalid)|remitente[^.;]{0,30}(?:rechaz|desconoc|inv[áa]lid)",
)
# "verification failed for <…>" is said of either side: who is named decides.
VERIFICATION: Final = re.compile(r"verif\w+ (?:has )?failed (?:for|of) <?([^\s<>;,]+@[^\s<>;,]+)", re.IGNORECASE)
OF_THE_RECIPIENT: Final = re.compile(r"recipient (?:address )?(?:verif|call-?(?:out|back))", re.IGNORECASE)

# Not the "spam" in a server's own name; "not listed in the directory" is a missing mailbox.
SPAM: Final = any_of(
    r"(?<![\w.-])(?:anti-?)?spam(?:my|mer|mers|ming)?(?![\w-]*\.\w)|spamhaus|spamcop|\bsorbs\b|reputation",
    r"unsolicited",
    r"black-?list|block-?list|block list|dns-?bl\b|(?<![\w.-])[a-z]{0,4}rbl\b|\bu[cb]e\b|junk ?mail|bulk mail",
    r"(?<!not )listed (?:in|by|on|at) (?!(?:the |our )?(?:domino|public|name|directory))|sender ?score|senderbase",
    r"ip (?:address )?(?:\S+ )?(?:is |has been |was )?(?:temporarily )?(?:blocked|banned)",
    r"poor (?:\w+ )?(?:score|rating)",
    r"messages? from \[?[0-9a-f.:]+\]?[^.]{0,40}(?:blocked|deferred)|posta indesiderata",
)
_NO_DOMAIN: Final = any_of(
    r"domain(?: [<'(\"]?[\w.-]+[>')\"]?)?[^.]{0,80}(?:not? (?:be )?found|does(?: not|n.?t) exist|unknown"
    r"|not exist|invalid|no longer)",
    r"record indicated no smtp service|no such domain|unknown domain|(?:unknown|no such) host",
    r"host (?:unknown|not found)|\bhost \S+ not found",
    r"host or domain name not found|name or service not known|unrouteable (?:mail )?domain",
    r"no (?:valid )?mx|null mx|domain (?:has expired|suspended)|mail domain[^.]{0,30}does",
    r"non-?existent (?:domain|host)|nxdomain|dominio (?:inesistente|sconosciuto|non (?:esiste|valido|trovato))",
    r"unknown mail server|illegal host/domain|does not accept mail \(nullmx\)|domaine? (?:inconnu|unbekannt)",
    r"can.?t find any host named|all relevant mx records point to non-existent hosts",
)
FULL: Final = any_of(
    r"(?:mail ?box|inbox|mail ?folder|mail ?drop|account|user|casella|postfach)[^.;]{0,40}"
    r"(?:\bfull\b|over (?:its )?(?:quota|limit|the limit|storage)|piena|voll\b)",
    r"over ?quota|quota (?:usage |limit )?(?:has been |is )?(?:exceeded|full|reached)|full (?:mail ?box|inbox)",
    r"exceed(?:s|ed)?[^.;]{0,30}(?:quota|storage|space)",
    r"out of storage|insufficient (?:disk )?(?:space|storage) |not enough (?:disk )?(?:space|storage)",
    r"(?:disk|storage) quota|quota superata|superato la quota|casella piena|spazio esaurito|bo[iî]te pleine",
    r"too many messages in (?:this |the )?mailbox|mailbox size limit exceeded|spazio insufficiente",
    r"(?:casilla|buz[óo]n)[^;]{0,30}(?:lleno|agotad)",
)
_DISABLED: Final = any_of(
    r"(?:mail ?box|account|user|recipient|address|casella|utente|konto|e-?mail)[^.;]{0,60}"
    r"(?:disabled|inactive|not active|suspended|locked|deactivated|frozen|de-?activated|disabilitat|sospes|inattiv"
    r"|blocked|deaktiviert|gesperrt|administratively|over 1?\d+ months? ago|dormant|barred|closed for)",
    r"(?:inactive|disabled|suspended|locked) (?:user|account|mail ?box|recipient)",
    r"account has been (?:disabled|suspended)",
    r"(?:casilla|cuenta|buz[óo]n)[^.;]{0,40}(?:expirad|falta de uso|suspendid|deshabilitad|inactiv)",
    r"account that you tried to reach is (?:disabled|inactive)|mailbox is not (?:active|enabled)",
)
NOBODY: Final = any_of(
    r"(?:user|recipient|mail ?box|address|account|alias|person|name|addressee|local part|login|inbox)[^;]{0,70}?"
    r"(?:unknown|not? (?:be )?found|(?:does|do|did|is|was|could|can)(?: |n.t |not )(?:not )?(?:exist|here"
    r"|known|valid|be found)"
    r"|n.t exist|not exist|invalid|unavailable here|not recogni[sz]ed|no longer|not listed|not known|not a known)",
    r"(?:unknown|invalid|no such|no valid|non-?existent|unrecogni[sz]ed|unrouteable|bad destination|undeliverable) "
    r"(?:\w+ )?(?:user|mail ?box|recipient|address|account|alias|person|name|login|local)",
    r"no mail ?box|not our customer|not a valid (?:user|mail ?box|recipient|address|inbox)|no one by that name",
    r"(?:does(?: not|n.t)|do(?: not|n.t)) have (?:a|an|any) [^;]{0,60}(?:account|mail ?box)",
    r"is no longer (?:valid|with|in use|active)",
    r"not listed in (?:the )?(?:domino|public|directory|our directory)|nobody (?:here )?by that name|no existe",
    r"(?:utente|destinatario|casella|indirizzo|mailbox|account)[^;]{0,50}"
    r"(?:sconosciut|inesistent|non (?:esiste|trovat|valid|presente|riconosciut)|errat)",
    r"(?:benutzer|empf(?:ä|ae|.{1,3})nger|adresse|postfach|mailbox)[^;]{0,50}(?:unbekannt|existiert nicht"
    r"|nicht (?:gefunden|bekannt|vorhanden))",
    r"unbekannter (?:benutzer|empf)",
    r"(?:utilisateur|destinataire|adresse|bo[iî]te)[^;]{0,50}(?:inconnu|n.existe|introuvable)",
    r"(?:usuario|destinatario|direcci[óo]n|buz[óo]n|cuenta)[^;]{0,50}(?:desconocid|no existe|inexistente"
    r"|no encontrad)",
    r"this (?:address|mailbox) (?:no longer|does not) |recipientnotfound|recipnotfound",
    r"mailbox unavailable or (?:access|not)",
    r"there is no (?:such )?(?:user|mail ?box|account)|(?:user|addressee) unknown|address (?:is )?not? in",
    r"no account by that",
    r"@[\w.-]+>?[,:]? (?:is |was )?(?:unknown|not found|invalid|no longer)|userid",
    r"^(?:[45]\d\d[ -])?(?:<\S+>:? ?)?(?:#?5\.1\.0 )?(?:recipient )?address rejected\.?\s*$",
    r"no se encuentra en el directorio|non r.{1,3}pertori.{1,3} dans l.annuaire",  # Domino in Spanish, in French
    r"ディレクトリ[^。]{0,20}(?:ありません|見つかりません)",  # Notes and Domino: not listed in the directory
    r"hat keinen? (?:account|konto)|invalid recipient|recipient address rejected: undeliverable",
    r"does not like recipient\s*$",
)
# The narrowest way to say it: no server uses these words for somebody whom it knows.
NO_SUCH_USER: Final = any_of(
    r"\b(?:user|recipient|mailbox) unknown\b|\bunknown (?:user|recipient|mailbox)\b|\bno such user\b"
)
OUR_NETWORK_LISTED: Final = any_of(r"spamhaus\.org|spamcop\.net|barracudacentral\.org|sorbs\.net|blocked using \S+")
OUR_NETWORK_SENDS_TOO_MUCH: Final = any_of(r"has sent (?:to )?too many (?:recipients|messages)")
# Postfix's smtp_addr.c: the name server's answer was broken or late, it did not say that there is no such domain.
NAME_SERVER_TROUBLE: Final = any_of(
    r"malformed or unexpected name server reply|host not found, try again|server failure"
)
_TOO_LARGE: Final = any_of(
    r"(?:message|mail|e-?mail|size|messaggio|nachricht)[^.;]{0,50}(?:too (?:big|large|long)|oltre"
    r"|troppo grande|zu gro)",
    r"too (?:big|large)[^.;]{0,40}(?:message|size|limit)|size[^.;]{0,40}exceed|exceed[^.;]{0,40}(?:size|limit)",
    r"max(?:imum)? (?:message|mail) size",
    r"size limit",
)
_CONTENT: Final = any_of(
    r"virus|malware|infected|trojan|phish|banned (?:file|content|attachment)|attachment",
    r"content (?:rejected|refused|denied|not accepted|filter)|(?:rejected|refused)[^.;]{0,40}content",
    r"contenuto (?:non|rifiut)",
    r"bare (?:lf|line ?feed)|8-?bit (?:data|mime)|malformed|invalid header|message header",
    r"prohibited (?:url|link)|\burl\b",
)
_POLICY: Final = any_of(
    r"polic(?:y|ies)|\bspf\b|dkim|dmarc|authenticat|authori[sz]|not allowed|not permitted|access denied|prohibited",
    r"administrative(?:ly)? (?:prohibit|den|reject)|permission|restricted|local configuration",
    r"security (?:polic|reason|violation|check|restrict)|for security",
    r"\btls\b|encrypt",
    r"reverse dns|\bptr\b|helo|ehlo|you are not|rejected by (?:the )?(?:recipient|user|rule|filter)",
    r"does not accept mail from",
    r"criteri|non autorizzat|non consentit|mailing lists? only|only accepts|whitelist|allow-?list|challenge",
)
_UNREACHABLE: Final = any_of(
    r"timed? ?out|connection (?:refused|reset|lost|dropped|closed)|no route|unreachable|unable to connect",
    r"could not connect",
    r"(?:couldn.t|can.?not|unable to|could not|failed to) (?:establish|connect|reach|contact)|no answer",
    r"not respond|lost connection",
    r"(?:delivery|message) (?:time )?(?:has )?expired|retry (?:time(?:out)?|limit)",
    r"in (?:the )?queue too long|too long in (?:the )?queue",
    r"could not be delivered (?:for|within|in) |unable to deliver [^.]{0,40} (?:for|within|in) \d|loop",
    r"too many hops|hop count",
    r"undeliverable for|not been able to deliver|retry timeout|irraggiungibile|scadut",
    r"nicht erreichbar|injoignable",
    r"all (?:mail )?servers|network|name service error|dns (?:error|failure|lookup|query)",
    r"try(?:ing)? again|host not reachable",
)
_TEMPORARY: Final = any_of(
    r"temporar|try (?:again|later)|later|gr[ea]y-?list|too many|rate|thrott|defer|resources|busy|overload",
    r"unavailable|tempor",
    r"local error|internal error|system (?:error|problem)|i/o error|errore|service not available|insufficient|disk",
)

# RFC 5321 4.2.2's own words for 550: of a server that gives no other reason they mean that nobody is there.
UNAVAILABLE: Final = re.compile(
    r"mail ?box (?:is )?(?:unavailable|not available)|user not available", re.IGNORECASE
)

# Told apart in this order: what suppresses nobody goes first. A full or disabled mailbox goes before a missing
# one: "user … over quota", "account … disabled".
READINGS: Final = (
    (SPAM, _C.SPAM),
    (FULL, _C.FULL),
    (_DISABLED, _C.DISABLED),
    (_NO_DOMAIN, _C.NO_DOMAIN),
    (NOBODY, _C.NO_MAILBOX),
    (_TOO_LARGE, _C.TOO_LARGE),
    (_CONTENT, _C.CONTENT),
    (_UNREACHABLE, _C.UNREACHABLE),
    (_POLICY, _C.POLICY),
    (_TEMPORARY, _C.TEMPORARY),
)
