"""The first half of a run: what lies on the space is received and judged, the semaphore goes (reference 1.3)."""

import contextlib
import hashlib
from datetime import timedelta
from pathlib import Path

from deliveries.errors import BundleError, ClientError
from deliveries.intake import parsing, rules
from deliveries.intake.instructions import Instructions
from deliveries.intake.rules import References
from deliveries.intake.runs import archive, download, transitions, xml_report
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import RequestRefused
from deliveries.intake.sftp.listing import Listing
from deliveries.models import ProcessingRun, RunFile, RunStatus, SubStatus


class Held(ClientError):
    """The same content as another run: an operator decides (reference 1.6)."""

    def __init__(self, first: ProcessingRun) -> None:
        super().__init__("DUPLICATE_HELD", f"same content as run {first.pk}, held for an operator")
        self.first = first


def receive(work: RunContext) -> tuple[Instructions, References]:
    """Take the bundle over, up to SEMAPHORE_DELETED and its files settled. Raises BundleError, Held, ServiceError.

    Each step that an earlier attempt committed is found and not done again.
    """
    xml = _xml(work)
    instructions = _judged(work, xml)
    references = _references(work, instructions)
    if work.run.content_sha256 is None:  # also a retry of a run whose files were not to be had
        _files(work, instructions)
    if not work.run.semaphore_gone:
        archive.remove_semaphore(work)
        found = {"semaphore_gone": True, "database": references.database}
        transitions.step(work, SubStatus.SEMAPHORE_DELETED, work.run.semaphore, **found)
        settled = archive.try_to_settle(work)
        if settled:
            transitions.warn(work, settled)
    _hold_repetition(work, instructions)
    return instructions, references


def _xml(work: RunContext) -> RunFile:
    known = RunFile.objects.filter(run=work.run, role="xml").first()
    if known and known.place.is_file():
        return known
    xml_report.clear(work)
    name = _xml_name(work, work.look())
    transitions.step(work, SubStatus.XML_CONFIGURATION_FILE_FOUND, name, file=name)
    xml_report.clear(work)  # its name may differ from the semaphore's in the letters of its extension
    received = download.fetch(work, name, "xml", "xml")
    transitions.step(work, SubStatus.DOWNLOAD_XML_COMPLETED, f"{received.size:,} bytes")
    return received


def _xml_name(work: RunContext, listing: Listing) -> str:
    bundle = archive.bundle_of(work)
    if bundle is not None and bundle.bad:
        raise BundleError(
            "BAD_REMOTE_NAME",
            f"the semaphore {work.run.semaphore} has a name that is not allowed: "
            "use letters, digits, blanks and ._-+()@, at most 200 bytes",
            file=work.run.semaphore,
        )
    name = f"{archive.stem_of(work.run)}.xml"
    try:
        return listing.find(name, work.run.semaphore)
    except BundleError as error:
        if error.code != "REF_MISSING":
            raise
        raise BundleError(
            "BND_NO_XML",
            f"{work.run.semaphore} is there, {name} is not: put the XML before the semaphore",
            file=name,
        ) from error


def _judged(work: RunContext, xml: RunFile) -> Instructions:
    """Return what the file says; at the first time its keys are checked, and masked in our copy in any case."""
    data = xml.place.read_bytes()
    try:
        instructions = parsing.parse(data, work.run.file)
        if work.run.member_id is not None:
            download.mask(xml, parsing.mask_keys(data))  # a crash may lie between the check and the mask
            rules.check_still(instructions, work.run.member)
            return instructions
        member = rules.authenticate(instructions, work.space.account)
    except BundleError:
        download.mask(xml, parsing.mask_keys(data))
        raise
    transitions.step(work, SubStatus.USER_REQUESTING, member.name, member=member)
    download.mask(xml, parsing.mask_keys(data))
    return instructions


def _references(work: RunContext, instructions: Instructions) -> References:
    """Judge account and ids. A mistake there is told once the files are received: a retry works on these.

    Where they can't be had either, the retry looks at the space again.
    """
    try:
        rules.check_active(instructions, work.space.account)
        return rules.check_ids(instructions, work.space.account)
    except BundleError:
        if work.run.content_sha256 is None:
            with contextlib.suppress(BundleError, RequestRefused):
                _files(work, instructions)
        raise


def _files(work: RunContext, instructions: Instructions) -> None:
    listing, wanted = work.look(), rules.wanted_files(instructions)
    known = set(RunFile.objects.filter(run=work.run, role="file").values_list("name", flat=True))
    rules.check_present(instructions, [name for name in wanted if name in known or listing.answers(name)])
    for number, name in enumerate(wanted, 1):
        if name not in known:
            there = listing.find(name, work.run.file)
            received = download.fetch(work, there, "file", f"file{number}")
            if there != name:
                RunFile.objects.filter(pk=received.pk).update(name=name)
    files = RunFile.objects.filter(run=work.run).order_by("id")
    content = _content(files)
    if wanted:
        size = sum(file.size for file in files if file.role == "file")
        transitions.step(work, SubStatus.DOWNLOAD_CSV_ZIP_COMPLETED, f"{size:,} bytes", content_sha256=content)
    else:
        ProcessingRun.objects.filter(pk=work.run.pk, epoch=work.lease.epoch).update(content_sha256=content)
        work.run.refresh_from_db()


def _content(files: object) -> bytes:
    """Return the fingerprint of a bundle: role, length and SHA-256 of each file, sorted; names are not in it."""
    lines = sorted(f"{file.role}|{file.size}|{bytes(file.sha256).hex()}" for file in files)  # type: ignore[attr-defined]
    return hashlib.sha256("\n".join(lines).encode()).digest()


def _hold_repetition(work: RunContext, instructions: Instructions) -> None:
    run, space = work.run, work.space
    brings = instructions.recipients.new is not None or instructions.recipients.test is not None
    if run.released or not space.duplicate_window_minutes or not (brings or space.hold_filter_only):
        return
    since = run.started_at - timedelta(minutes=space.duplicate_window_minutes)
    first = (
        ProcessingRun.objects.filter(
            space=space,
            content_sha256=run.content_sha256,
            status__in=[RunStatus.SUCCESS, RunStatus.RECOVERED],
            ended_at__gte=since,
        )
        .exclude(pk=run.pk)
        .order_by("id")
        .first()
    )
    if first is not None:
        raise Held(first)


def files_of(run: ProcessingRun) -> dict[str, Path]:
    """Return name -> where it was received, of the files beside the XML."""
    return {file.name: file.place for file in RunFile.objects.filter(run=run, role="file")}
