"""A valid tree as Instructions (pure)."""

from typing import Any, Final

from deliveries.intake.instructions import Instructions, Message, Note, Options, Recipients, ReportRequest
from deliveries.intake.parsing.message import read_message
from deliveries.intake.parsing.people import read_source

_MOST_REPEATED: Final = 1000


def read(root: Any, name: str) -> Instructions:
    """Return what a tree that the schema accepted says; raises BundleError (RECIPIENT_FIELD)."""
    auth, campaign = root[0], root[1]
    channel = campaign[0]
    message = channel.find("message")
    return Instructions(
        file=name,
        suid=text_of(auth, "suid"),
        key=text_of(auth, "key"),
        channel=channel.tag,
        newsletter=int(text_of(channel, "newsletter")),
        recipients=_recipients(channel.find("recipients"), name),
        options=_options(channel.find("delivery")),
        notes=_notes(channel.find("notes")),
        message=read_message(message) if channel.tag == "email" else Message(),
        lines=_lines(root, channel),
    )


def text_of(parent: Any, path: str) -> str:
    """Return the trimmed text of an element, "" where there is none."""
    text = parent.findtext(path) if parent is not None else None
    return (text or "").strip()


def _recipients(element: Any, name: str) -> Recipients:
    new, test = element.find("new_recipients"), element.find("test_recipients")
    normal, tested = text_of(element, "filter/normal"), text_of(element, "filter/test")
    return Recipients(
        retry=element.find("retry") is not None,
        new=None if new is None else read_source(new, name),
        test=None if test is None else read_source(test, name),
        filter_normal=int(normal) if normal else None,
        filter_test=int(tested) if tested else None,
        rendering=_rendering(element.find("filter/test")),
    )


def _rendering(picked: Any) -> str | None:
    written = None if picked is None else picked.get("rendering")
    return None if written is None else written.strip()


def _options(element: Any) -> Options:
    report = element.find("schedule_report")
    return Options(
        method=element.get("method").strip(),
        schedule=text_of(element, "schedule"),
        remove_duplicates=element.find("remove_duplicates") is not None,
        transactional=element.find("transactional") is not None,
        report=None
        if report is None
        else ReportRequest(
            recipients=tuple((each.text or "").strip() for each in report.findall("report_recipient")),
            delay_hours=int(text_of(report, "delay_hour")),
        ),
    )


def _notes(element: Any) -> tuple[Note, ...]:
    if element is None:
        return ()
    return tuple(Note(text_of(each, "label"), text_of(each, "value"), each.sourceline) for each in element)


def _lines(root: Any, channel: Any) -> dict[str, int]:
    """Map element paths to lines; inline recipients, of which there may be 100,000, keep their own.

    Of what may be repeated the first 1,000 are enough: more are refused by their number.
    """
    lines = {"": channel.sourceline, "auth/suid": root[0][0].sourceline, "auth/key": root[0][1].sourceline}
    waiting = [("", channel)]
    while waiting:
        path, element = waiting.pop()
        repeated: dict[str, int] = {}
        for child in element:
            tag = child.tag
            if tag in {"recipient", "test_recipient"}:
                break
            if tag in {"note", "attachment", "report_recipient"}:
                repeated[tag] = repeated.get(tag, 0) + 1
                if repeated[tag] > _MOST_REPEATED:
                    continue
                tag = f"{tag}[{repeated[tag]}]"
            below = f"{path}/{tag}" if path else tag
            lines[below] = child.sourceline
            waiting.append((below, child))
    return lines
