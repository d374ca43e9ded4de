"""The steps of a run up to the plan: a bundle is received and checked, its semaphore goes (reference 1)."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from deliveries.errors import BundleError, ClientError
from deliveries.intake import parsing, rules
from deliveries.intake.instructions import Instructions
from deliveries.intake.rules import Plan, References
from deliveries.intake.runs import archive, spool, transitions, xml_report
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import RequestRefused
from deliveries.intake.sftp.listing import Listing
from deliveries.models import ProcessingRun, RunFile, RunStatus, SubStatus
from recipients.faults import Fault


class DuplicateHeld(ClientError):
    """The same content as another run: an operator decides (reference 1)."""

    def __init__(self, first: ProcessingRun) -> None:
        super().__init__("DUPLICATE_HELD", run=first.pk)
        self.first = first


def receive_xml(run: RunContext) -> RunFile:
    """Find the XML beside its semaphore and take it over."""
    known = RunFile.objects.filter(run=run.row, role="xml").first()
    if known and known.place.is_file():
        return known
    xml_report.clear(run)
    name = _xml_name(run, run.look())
    transitions.step(run, SubStatus.XML_CONFIGURATION_FILE_FOUND, name, file=name)
    xml_report.clear(run)  # its name may differ from the semaphore's in the letters of its extension
    received = spool.fetch(run, name, "xml", "xml")
    transitions.step(run, SubStatus.DOWNLOAD_XML_COMPLETED, Fault.of("step.bytes", size=received.size))
    return received


def _xml_name(run: RunContext, listing: Listing) -> str:
    bundle = archive.bundle_of(run)
    if bundle is not None and bundle.bad:
        raise BundleError("BAD_REMOTE_NAME", file=run.row.semaphore)
    name = f"{archive.stem_of(run.row)}.xml"
    try:
        return listing.find(name, run.row.semaphore)
    except BundleError as error:
        if error.code != "REF_MISSING":
            raise
        raise BundleError("BND_NO_XML", file=name, semaphore=run.row.semaphore) from error


def authenticate(run: RunContext, xml: RunFile) -> Instructions:
    """Read the file and check its keys, which are masked in our copy whatever comes of it.

    The keys are checked once: a retry finds them masked, and asks whether their user still may.
    """
    data = xml.place.read_bytes()
    try:
        instructions = parsing.parse(data, run.row.file)
        if run.row.member_id is not None:
            spool.mask(xml, parsing.mask_keys(data))  # a crash may lie between the check and the mask
            rules.check_still(instructions, run.row.member)
            return instructions
        member = rules.authenticate(instructions, run.space.account)
    except BundleError:
        spool.mask(xml, parsing.mask_keys(data))
        raise
    transitions.step(run, SubStatus.USER_REQUESTING, member.name, member=member)
    spool.mask(xml, parsing.mask_keys(data))
    return instructions


def check_ids(run: RunContext, instructions: Instructions) -> References:
    """Check that the account is active, and what the bundle names in it."""
    rules.check_active(instructions, run.space.account)
    return rules.check_ids(instructions, run.space.account)


@contextlib.contextmanager
def files_taken_over_in_any_case(run: RunContext, instructions: Instructions) -> Iterator[None]:
    """Receive the files before a mistake in the block is told: a retry works on these.

    Where they can't be had either, the retry looks at the space again.
    """
    try:
        yield
    except BundleError:
        with contextlib.suppress(BundleError, RequestRefused):
            download_files(run, instructions)
        raise


def download_files(run: RunContext, instructions: Instructions) -> dict[str, Path]:
    """Take over the files that the XML names, also in a retry of a run whose files were not to be had.

    Returns name -> where it was received.
    """
    if run.row.content_sha256 is None:
        _download(run, instructions, rules.wanted_files(instructions))
    return {file.name: file.place for file in RunFile.objects.filter(run=run.row, role="file")}


def _download(run: RunContext, instructions: Instructions, wanted: Iterable[str]) -> None:
    listing = run.look()
    known = set(RunFile.objects.filter(run=run.row, role="file").values_list("name", flat=True))
    rules.check_present(instructions, [name for name in wanted if name in known or listing.answers(name)])
    for number, name in enumerate(wanted, 1):
        if name not in known:
            there = listing.find(name, run.row.file)
            received = spool.fetch(run, there, "file", f"file{number}")
            if there != name:
                RunFile.objects.filter(pk=received.pk).update(name=name)
    files = list(RunFile.objects.filter(run=run.row).order_by("id"))
    content = _content_digest(files)
    if wanted:
        size = sum(file.size for file in files if file.role == "file")
        transitions.step(
            run, SubStatus.DOWNLOAD_CSV_ZIP_COMPLETED, Fault.of("step.bytes", size=size), content_sha256=content
        )
    else:
        ProcessingRun.objects.filter(pk=run.row.pk, epoch=run.lease.epoch).update(content_sha256=content)
        run.row.refresh_from_db()


def _content_digest(files: Iterable[RunFile]) -> bytes:
    """Return the SHA-256 of a bundle: role, length and SHA-256 of each file, sorted; names are not in it."""
    lines = sorted(f"{file.role}|{file.size}|{bytes(file.sha256).hex()}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).digest()


def acknowledge(run: RunContext, references: References) -> None:
    """Remove the semaphore, which tells the client that the bundle is ours now; then its files are settled."""
    if run.row.semaphore_gone:
        return
    archive.remove_semaphore(run)
    found = {"semaphore_gone": True, "database": references.database}
    transitions.step(run, SubStatus.SEMAPHORE_DELETED, run.row.semaphore, **found)
    warning = archive.try_to_settle(run)
    if warning:
        transitions.warn(run, warning)


def hold_if_repeated(run: RunContext, instructions: Instructions) -> None:
    """Raise DuplicateHeld where the same content went out within the space's window, and nobody released it."""
    row, space = run.row, run.space
    brings = instructions.recipients.new is not None or instructions.recipients.test is not None
    if row.released or not space.duplicate_window_minutes or not (brings or space.hold_filter_only):
        return
    since = row.started_at - timedelta(minutes=space.duplicate_window_minutes)
    first = (
        ProcessingRun.objects.filter(
            space=space,
            content_sha256=row.content_sha256,
            status__in=[RunStatus.SUCCESS, RunStatus.RECOVERED],
            ended_at__gte=since,
        )
        .exclude(pk=row.pk)
        .order_by("id")
        .first()
    )
    if first is not None:
        raise DuplicateHeld(first)


def check_meaning(instructions: Instructions, references: References, files: dict[str, Path]) -> Plan:
    """Check what the bundle means, and fetch what its message includes; nothing is stored."""
    return rules.check_meaning(instructions, references, timezone.now(), files)
