"""The XML report on the space (reference 4.2): `render` is pure, the rest writes it there."""

import contextlib
from collections.abc import Mapping
from datetime import datetime

from django.utils import translation
from lxml import etree

from deliveries.intake.rules import Plan
from deliveries.intake.runs import transitions
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import RequestRefused
from deliveries.intake.sftp.session import Session
from deliveries.models import ProcessingRun, RowError, RunStatus, RunTransition, SubStatus
from deliveries.models.functions import DatabaseNow
from recipients.loading import fault_lines


def render(run: ProcessingRun, times: Mapping[str, tuple[datetime, datetime]], *, final: bool) -> bytes:
    """Return the report of a run; `times` maps a sub-status to when it began first and ended last."""
    zone = run.account.zone

    def iso(moment: datetime | None) -> str:
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""

    def ended(step: SubStatus) -> str:
        return iso(times[step][1]) if step in times else ""

    def leaf(parent: etree._Element, name: str, value: object, time: str) -> None:
        node = etree.SubElement(parent, name, time=time)
        node.text = "" if value is None else str(value)

    # A held run has no end, and is reported on as it is held.
    over = run.ended_at or (times[SubStatus.DUPLICATE_HELD][1] if SubStatus.DUPLICATE_HELD in times else None)
    root = etree.Element("report")
    etree.SubElement(root, "process", start=iso(run.started_at), finish=iso(over) if final else "")
    began = (
        iso(times[SubStatus.RECIPIENTS_UPLOAD_STARTED][0]) if SubStatus.RECIPIENTS_UPLOAD_STARTED in times else ""
    )
    finish = ended(SubStatus.RECIPIENTS_UPLOAD_FINISHED)
    last = ended(SubStatus.RECIPIENTS_ADDED) or finish
    loaded = etree.SubElement(root, "recipients", lastupdate=last, start=began, finish=finish)
    loaded.text = "" if run.rows_good is None else str(run.rows_good)
    delivery = etree.SubElement(root, "delivery")
    leaf(
        delivery,
        "content",
        "ok" if run.delivery_id or run.test_delivery_id else "",
        ended(SubStatus.DELIVERY_CONTENT),
    )
    ids = etree.SubElement(delivery, "id")
    leaf(ids, "normal", run.delivery_id, ended(SubStatus.DELIVERY_ID))
    leaf(ids, "test", run.test_delivery_id, ended(SubStatus.DELIVERY_ID_TEST))
    qualifier = etree.SubElement(etree.SubElement(delivery, "qualifier"), "id")
    leaf(qualifier, "normal", run.filter_id, ended(SubStatus.QUALIFIER_ID))
    leaf(qualifier, "test", run.test_filter_id, ended(SubStatus.QUALIFIER_TEST_ID))
    leaf(root, "error", _plain(run.error), iso(over) if run.error else "")
    for warning in run.warnings:
        leaf(root, "warning", _plain(warning), iso(over))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def in_the_accounts_words(run: ProcessingRun, *, final: bool) -> bytes:
    """Return the report as it stands, in the language that the account has its reports in, whoever asks."""
    with translation.override(run.account.report_language):
        return render(run, times_of(run), final=final)


def _plain(text: str) -> str:
    """Return text without what XML 1.0 can't hold."""
    return "".join(
        c if c >= " " or c in "\t\n" else " " for c in text if not "\ud800" <= c <= "\udfff" and c < "\ufffe"
    )


def times_of(run: ProcessingRun) -> dict[str, tuple[datetime, datetime]]:
    """Return when each sub-status began first and ended last."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for step in RunTransition.objects.filter(run=run).order_by("id"):
        begins = found[step.sub_status][0] if step.sub_status in found else step.started_at
        found[step.sub_status] = (begins, step.ended_at or step.started_at)
    return found


def names(file: str) -> tuple[str, str, str]:
    """Return the names of a report, of the copy that says it is final, and of the bad rows."""
    return f"report.{file}", f"report.{file}.done", f"rows.{file}.csv"


def clear(run: RunContext) -> None:
    """Remove what an earlier run of this name left, so that nobody reads it as this one's.

    A server that refuses it refuses the semaphore's removal too, and that is the sentence to be read.
    """
    listing = run.look()
    for name in names(run.row.file):
        if wanted(run) and listing.has(name):
            run.lease.check()
            with contextlib.suppress(RequestRefused):
                run.remote.session().remove(name)


def wanted(run: RunContext) -> bool:
    """Return whether the space asks for the XML report, and the name can be written beside."""
    return "xml" in run.space.reports and "/" not in run.row.file and "\0" not in run.row.file


def is_superseded(run: ProcessingRun) -> bool:
    """Return whether a newer run of this name was accepted: the report of the name is its own from then on."""
    return ProcessingRun.objects.filter(space=run.space_id, file=run.file, pk__gt=run.pk).exists()


def write(run: RunContext, *, final: bool) -> None:
    """Write the report as it stands; the final one comes with its `.done`. Raises ConnectionFailed, RequestRefused.

    A run that goes on after it was final (retried, released) has no `.done` until it is final again. What a newer
    run of the name wrote stays: its client would read another bundle's success or failure.
    """
    if not wanted(run) or is_superseded(run.row):
        if final:  # or it would come, long afterwards, once the space asks for reports
            _reported(run.row)
        return
    run.row.refresh_from_db()
    data = in_the_accounts_words(run.row, final=final)
    session = run.remote.session()
    report, done, rows = names(run.row.file)
    run.lease.check()  # what follows changes the server, which knows no epoch
    if not final:
        _take_away(session, done)
    elif run.row.rows_bad:
        _put(session, run.row.pk, rows, _rows(run.row))
    elif run.row.first_fault:  # those of an earlier attempt
        _take_away(session, rows)
    _put(session, run.row.pk, report, data)
    if final:
        _put(session, run.row.pk, done, data)  # last: who waits for it then reads a whole report and all bad rows
        _reported(run.row)


def _reported(run: ProcessingRun) -> None:
    ProcessingRun.objects.filter(pk=run.pk).update(reported_at=DatabaseNow())


def _put(session: Session, run_id: int, name: str, data: bytes) -> None:
    """Write a file aside and rename it; where either is refused, nothing is left aside."""
    draft = f".xmld-{run_id}-{len(name)}.tmp"
    try:
        session.write(draft, data)
        session.replace(draft, name)
    except RequestRefused as refusal:
        with contextlib.suppress(RequestRefused):
            session.remove(draft)
        raise _in_the_way(session, name, refusal) from refusal


def _take_away(session: Session, name: str) -> None:
    try:
        session.remove(name)
    except RequestRefused as refusal:
        raise _in_the_way(session, name, refusal) from refusal


def _in_the_way(session: Session, name: str, refusal: RequestRefused) -> RequestRefused:
    """Return the refusal with what to do: where something lies there that is not a file, it is in the way."""
    with contextlib.suppress(RequestRefused):
        if not session.lstat(name).regular:
            return RequestRefused("SFTP_REFUSED.in_the_way", name=name)
    return RequestRefused("request.write", fault=refusal.fault)


def _rows(run: ProcessingRun) -> bytes:
    faults = RowError.objects.filter(run=run).order_by("id")
    with translation.override(run.account.report_language):
        return "".join(fault_lines((each.file, each.row_fault) for each in faults)).encode("utf-8", "replace")


def is_final(run: ProcessingRun) -> bool:
    """Return whether nothing more will change what the report says."""
    return run.status != RunStatus.LOADING or run.sub_status == SubStatus.DUPLICATE_HELD


def as_the_client_sees_it(run: ProcessingRun) -> str:
    """Return the report that lies on the space, "" while there is none or where the space asks for none."""
    final = is_final(run)
    if "xml" not in run.space.reports or (run.rows_good is None and not final) or is_superseded(run):
        return ""
    return in_the_accounts_words(run, final=final).decode()


def try_to_write(run: RunContext, *, final: bool) -> str:
    """Write the report; return why it could not be, "" when it was: then a later poll writes it."""
    try:
        write(run, final=final)
    except RequestRefused as refusal:
        return refusal.message
    return ""


def write_interim_report(run: RunContext, plan: Plan) -> None:
    """Add the plan's warnings to the run's, and write the report as it stands where people were loaded.

    Not before: who sees a report without an error takes the bundle for accepted.
    """
    transitions.warn(run, *plan.warning_faults)
    if run.row.rows_good is not None:
        try_to_write(run, final=False)
