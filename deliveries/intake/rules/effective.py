"""The message after the ladder of defaults (reference 2.5): bundle, else template delivery or newsletter."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from deliveries.charsets import canonical
from deliveries.composition import source_of, source_of_newsletter
from deliveries.content import Source
from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains.sender_domains import sender_domains
from deliveries.intake.instructions import BodyPart, Message
from deliveries.intake.rules.findings import Findings
from deliveries.models import Delivery
from recipients.faults import Fault

_MARKERS: Final = ("${", "<{", "<%", "%{", "^{")


@dataclass(frozen=True, slots=True)
class Effective:
    """What is written to everybody, markers unfilled; `given` names the parts that are in the bundle itself."""

    source: Source
    publish_on_web: bool
    given: frozenset[str]


def effective(findings: Findings) -> Effective:
    """Return the message; refuses an unknown encoding, a template beside a body, parts that are not to be had."""
    message, references = findings.instructions.message, findings.references
    newsletter, template = references.newsletter, references.template
    defaults = _of_newsletter(findings) if template is None else _of_template(findings, template)
    subject = message.subject or defaults.subject
    source = replace(
        defaults,
        subject=subject,
        title=message.label or subject or newsletter.name,
        from_name=message.from_name or defaults.from_name,
        from_address=message.from_address or defaults.from_address,
        reply_to=message.reply_to or defaults.reply_to,
        language=newsletter.account.language,
        fields={column.key: column.type for column in references.columns},
        footer=newsletter.unsubscribe and not findings.instructions.options.transactional,
        link_categories=newsletter.link_categories,
        delivery_id=None,
    )
    on_web = message.publish_on_web or (template is not None and template.publish_on_web)
    return Effective(source if template else _with_parts(findings, source), on_web, _given_parts(message))


def _given_parts(message: Message) -> frozenset[str]:
    found = {
        "subject": message.subject,
        "mail_from name": message.from_name,
        "mail_from address": message.from_address,
        "reply_to": message.reply_to,
        "html": message.html.embed,
        "text": message.text.embed,
        "encoding": message.encoding,
        "attachments": message.attachments,
    }
    return frozenset(name for name, value in found.items() if value)


def _of_newsletter(findings: Findings) -> Source:
    message = findings.instructions.message
    return replace(
        source_of_newsletter(findings.references.newsletter),
        encoding=_encoding(findings),
        html_links=message.html.links or "off",
        text_links=message.text.links or "parse",
        html_views=message.html.views or "parse",
        html_unescape=message.html.unescape is not False,
        text_unescape=message.text.unescape is not False,
    )


def _of_template(findings: Findings, template: Delivery) -> Source:
    """Return the template delivery's message; preferred_content and body may not be beside it."""
    message, path = findings.instructions.message, "message/template_from_campaign_id"
    if message.preferred_content:
        findings.refuse("TEMPLATE_EXCLUDES", path, other="preferred_content")
    if message.html != BodyPart() or message.text != BodyPart():
        findings.refuse("TEMPLATE_EXCLUDES", path, other="body")
    return source_of(template)


def _encoding(findings: Findings) -> str:
    """Return the charset's MIME name; the newsletter's, then UTF-8, where the bundle gives none."""
    written = findings.instructions.message.encoding
    if not written:
        return canonical(findings.references.newsletter.encoding) or "utf-8"
    known = canonical(written)
    if known is None:
        findings.refuse("ENCODING_UNKNOWN", "message/encoding", encoding=written)
    return known or "utf-8"


def _with_parts(findings: Findings, found: Source) -> Source:
    """Pick HTML and text by preferred_content (reference 2.5); a part not given here is the newsletter's."""
    message, newsletter = findings.instructions.message, findings.references.newsletter
    here = {"html": message.html.embed, "text": message.text.embed}
    defaults = {"html": newsletter.html, "text": newsletter.text}
    preferred = message.preferred_content
    if not preferred:
        parts = here if any(here.values()) else _defaults(newsletter.preferred_content, defaults)
    else:
        wanted = {"rich_text": {"html"}, "simple_text": {"text"}, "both": {"html", "text"}}[preferred]
        parts = {name: (here[name] or defaults[name]) if name in wanted else "" for name in here}
        _check_wanted(findings, wanted, here, parts)
    if not any(parts.values()) and not preferred:
        findings.refuse("CONTENT_NONE", "message/body", newsletter=newsletter.pk)
    return replace(found, html=parts["html"], text=parts["text"])


def _defaults(preferred: str, parts: dict[str, str]) -> dict[str, str]:
    """Return the newsletter's own parts in its own format, where that leaves something."""
    dropped = {"rich_text": "text", "simple_text": "html"}.get(preferred, "")
    kept = {name: "" if name == dropped else text for name, text in parts.items()}
    return kept if any(kept.values()) else parts


def _check_wanted(findings: Findings, wanted: set[str], here: dict[str, str], parts: dict[str, str]) -> None:
    words: dict[str, Literal["HTML", "text"]] = {"html": "HTML", "text": "text"}
    preferred = findings.instructions.message.preferred_content
    number = findings.references.newsletter.pk
    for name in ("html", "text"):
        if name in wanted and not parts[name].strip():
            findings.refuse("CONTENT_MISSING", "message/preferred_content", part=words[name], newsletter=number)
        if name not in wanted and here[name]:
            findings.refuse("CONTENT_EXCLUDED", f"message/body/{name}", part=words[name], preferred=preferred)


def check_sender(findings: Findings, found: Effective) -> None:
    """Refuse a message without subject or reply-to, or from a domain that is not the account's."""
    newsletter = findings.references.newsletter
    if not found.source.subject:
        findings.refuse("SUBJECT_MISSING", "message/headers/subject", newsletter=newsletter.pk)
    if not found.source.reply_to:
        findings.refuse("REPLY_TO_MISSING", "message/headers/reply_to", newsletter=newsletter.pk)
    path = "message/headers/mail_from/address"
    local, at, written = found.source.from_address.rpartition("@")
    domain = None if any(mark in written for mark in _MARKERS) else domain_of(written)
    if not at or not local.strip() or domain is None:
        findings.refuse("FROM_ADDRESS", path, address=found.source.from_address)
        return
    allowed = sender_domains(newsletter.account)
    if domain not in allowed:
        shown = sorted(allowed)[:10] or Fault.of("allowed.none")
        findings.refuse("FROM_NOT_ALLOWED", path, domain=domain, allowed=shown)
