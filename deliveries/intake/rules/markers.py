"""Markers, checked for all fields before anything is sent (reference 2.6), placed in the client's file."""

from collections.abc import Collection, Sequence

from deliveries.content import (
    ContentError,
    Fetched,
    Problem,
    Source,
    compile_source,
    fetches,
    with_fetched,
)
from deliveries.errors import BundleError
from deliveries.intake.mistakes import at
from deliveries.intake.remote_content.fetch import FetchError, Network, fetch_all
from deliveries.intake.rules.effective import Effective
from deliveries.intake.rules.findings import Findings
from recipients.faults import Fault

_PATHS = {
    "subject": "message/headers/subject",
    "mail_from name": "message/headers/mail_from/name",
    "mail_from address": "message/headers/mail_from/address",
    "reply_to": "message/headers/reply_to",
    "html": "message/body/html/content/embed",
    "text": "message/body/text/content/embed",
    "encoding": "message/encoding",
    "body": "message/body",
    "attachments": "message/attachments",
}


def check_markers(findings: Findings, found: Effective, network: Network) -> Source:
    """Compile the message; each mistake becomes a problem at its line of the file, each warning one of the run.

    Returns the source with what it includes fetched, once nothing else is wrong with the bundle. What an earlier
    rule refused at the same element is not refused twice.
    """
    source = found.source
    refused = frozenset(problem.element for problem in findings.problems)
    if any(problem.code.startswith("CONTENT_") for problem in findings.problems):
        refused |= {"body"}
    try:
        wanted = fetches(source)
        compiled = compile_source(
            with_fetched(source, dict.fromkeys(wanted, Fetched(text=" "))) if wanted else source
        )
    except ContentError as error:
        _refuse(findings, error.problems, found, refused)
        return source
    if wanted and not findings.problems:
        try:
            source = with_fetched(
                source, fetch_all(wanted, findings.references.newsletter.account.fetch_hosts, network)
            )
            compiled = compile_source(source)
        except FetchError as error:
            _refuse(findings, (_of_fetch(error),), found, refused)
        except ContentError as error:
            _refuse(findings, tuple(_in_included(each) for each in error.problems), found, refused)
    for warning in compiled.warnings:
        findings.warn(warning)
    if compiled.prints("web_version") and not found.publish_on_web:
        findings.warn("note.web_version")
    return source


def _of_fetch(error: FetchError) -> Problem:
    fetch = error.fetch
    return Problem(fetch.part, fetch.line, fetch.column, error.fault)


def _in_included(problem: Problem) -> Problem:
    """Return a mistake of a fetched content: its lines are those of no file that the client wrote."""
    fault = Fault.of("part.included", line=problem.line, column=problem.column, fault=problem.fault)
    return Problem(problem.part, 0, 0, fault)


def _refuse(findings: Findings, problems: Sequence[Problem], found: Effective, refused: Collection[str]) -> None:
    for problem in problems:
        path = _PATHS.get(problem.part, "message")
        if path.rpartition("/")[2] not in refused:
            findings.problems.append(_placed(findings, problem, path, given=problem.part in found.given))


def _placed(findings: Findings, problem: Problem, path: str, *, given: bool) -> BundleError:
    """Return a mistake of a part at its line of the file; one in a default names where the default is."""
    file, element = findings.instructions.file, path.rpartition("/")[2]
    where = {"part": problem.part, "line": problem.line, "column": problem.column, "fault": problem.fault}
    if not given:
        key = "part.default_line" if problem.line else "part.default"
        fault = at(Fault.of(key, origin=_origin(findings), **where), file)
        return BundleError(fault, file=file, line=0, element=element)
    line = findings.instructions.line(path) + max(problem.line - 1, 0)
    fault = at(Fault.of("part.text" if problem.line else "part", **where), file, line)
    return BundleError(fault, file=file, line=line, element=element)


def _origin(findings: Findings) -> Fault:
    template = findings.references.template
    if template is not None:
        return Fault.of("origin.delivery", id=template.pk)
    return Fault.of("origin.newsletter", id=findings.references.newsletter.pk)
