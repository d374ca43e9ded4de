"""The message of an e-mail (reference 2.5); empty means not given."""

from typing import Any

from deliveries.intake.instructions import AttachmentRequest, BodyPart, Message


def read_message(element: Any) -> Message:
    """Return the message of a tree that the schema accepted."""
    template = _text(element, "template_from_campaign_id")
    return Message(
        encoding=_text(element, "encoding"),
        label=_line(element, "headers/label"),
        subject=_line(element, "headers/subject"),
        from_name=_line(element, "headers/mail_from/name"),
        from_address=_line(element, "headers/mail_from/address"),
        reply_to=_line(element, "headers/reply_to"),
        publish_on_web=element.find("publish_on_web") is not None,
        preferred_content=_text(element, "preferred_content"),
        has_body=element.find("body") is not None,
        html=_part(element.find("body/html")),
        text=_part(element.find("body/text")),
        template=int(template) if template else None,
        attachments=tuple(
            AttachmentRequest((each.text or "").strip(), each.sourceline)
            for each in element.iterfind("attachments/attachment/file")
        ),
    )


def _text(element: Any, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _line(element: Any, path: str) -> str:
    """Return a text of one line: each line break or control character becomes one blank (reference 2.5)."""
    text = _text(element, path).replace("\r\n", "\n")
    if text.isprintable():
        return text
    return "".join(" " if _breaks(c) else c for c in text).strip()


def _breaks(character: str) -> bool:
    code = ord(character)
    return code < 0x20 or 0x7F <= code < 0xA0 or character in "\u2028\u2029"  # noqa: PLR2004  control characters


def _part(element: Any) -> BodyPart:
    if element is None:
        return BodyPart()
    embed = element.findtext("content/embed") or ""
    return BodyPart(
        embed=embed if embed.strip() else "",
        links=_text(element, "preferences/stats/links"),
        views=_text(element, "preferences/stats/views"),
        prettyprint=_switch(element, "prettyprint"),
        unescape=_switch(element, "unescape"),
    )


def _switch(element: Any, name: str) -> bool | None:
    """Return the switch, which is under preferences or under preferences/stats; the inner one wins."""
    found = element.find(f"preferences/stats/{name}")
    if found is None:
        found = element.find(f"preferences/{name}")
    return None if found is None else found.get("enabled").strip() == "true"
