"""Rehearsal: everything a run does up to "would be accepted", and nothing is changed (reference 4.3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.contrib.auth.hashers import check_password
from django.utils import timezone

from deliveries import conf
from deliveries.composition import preview_envelope
from deliveries.content import ComposeError, compile_source
from deliveries.errors import BundleError, ClientError
from deliveries.intake import rules
from deliveries.intake.instructions import Instructions
from deliveries.intake.mistakes import placed, unplaced
from deliveries.intake.parsing import MASKED_KEY, parse
from deliveries.intake.rehearsal.answer import Mail, Rehearsal
from deliveries.intake.rehearsal.people import People, Values
from deliveries.intake.rules.plan import Plan
from deliveries.intake.rules.references import References
from deliveries.intake.sftp.listing import Listing, is_plain, listing_of, same
from deliveries.models import ProcessingRun, RunFile, SftpSpace
from recipients import tables
from recipients.conf import MAX_CSV_BYTES
from recipients.models import Account, Membership


@dataclass(frozen=True, slots=True)
class _Bundle:
    """A bundle to rehearse. `files` finds those that the XML names; `member` had its keys accepted before."""

    name: str
    read: Callable[[], bytes]
    files: Callable[[Instructions], dict[str, Path]]
    account: Account | None = None
    space: SftpSpace | None = None
    member: Membership | None = None


def rehearse(xml: Path, account: Account | None = None, space: SftpSpace | None = None) -> Rehearsal:
    """Answer for a bundle on this machine: the XML, and the files beside it.

    Without `account` it is the one of the file's suid and key, without `space` the account's first.
    """

    def read() -> bytes:
        rules.check_size(xml.name, xml.stat().st_size, conf.MAX_XML_BYTES)
        return xml.read_bytes()

    return _answer(_Bundle(xml.name, read, lambda instructions: _beside(xml, instructions), account, space))


def rehearse_mended(run: ProcessingRun, data: bytes) -> Rehearsal:
    """Answer for a mended XML of a run, with the other files as that run received them.

    A key that is masked, as in the copy that an operator mends, counts as accepted where the run's was.
    """

    def read() -> bytes:
        rules.check_size(run.file, len(data), conf.MAX_XML_BYTES)
        return data

    bundle = _Bundle(run.file, read, lambda instructions: _received(run, instructions), run.account, run.space)
    return _answer(replace(bundle, member=run.member))


def _answer(bundle: _Bundle) -> Rehearsal:
    answer = Rehearsal()
    try:
        _run(bundle, answer)
    except BundleError as error:
        further = [problem for problem in error.problems if problem is not error]
        answer.errors = [error, *further]
    except ClientError as error:
        answer.errors = [unplaced(error, bundle.name)]
    return answer


def _run(bundle: _Bundle, answer: Rehearsal) -> None:
    """Go through the steps of a run that change nothing, with a load that stores nothing (architecture, A run)."""
    if not is_plain(bundle.name):
        raise placed("REF_BAD_NAME", bundle.name, 0, "", name=bundle.name)
    instructions = parse(bundle.read(), bundle.name)
    owner = bundle.account or (bundle.space.account if bundle.space else account_of(instructions))
    if owner is None:
        raise placed("AUTH_FAILED", bundle.name, instructions.line("auth/key"), "key")
    _authenticate(instructions, owner, bundle.member)
    rules.check_active(instructions, owner)
    references = rules.check_ids(instructions, owner)
    files = bundle.files(instructions)
    now = timezone.now()
    plan = rules.check_meaning(instructions, references, now, files)
    first_space = bundle.space or SftpSpace.objects.filter(account=owner).order_by("pk").first()
    people = People(references, plan, files, first_space)
    try:
        plan = rules.load_sources(instructions, plan, load=people.check)
        plan = rules.count_filters(instructions, plan, count=people.count)
    finally:
        answer.bad = people.bad
    answer.normal, answer.test = people.counted.get("normal", 0), people.counted.get("test", 0)
    answer.warning_faults += plan.warning_faults
    answer.preview = _preview(references, plan, people.first(), now)


def _authenticate(instructions: Instructions, owner: Account, member: Membership | None) -> None:
    if member is not None and instructions.key == MASKED_KEY and instructions.suid == member.user.suid:
        rules.check_still(instructions, member)
    else:
        rules.authenticate(instructions, owner)


def _received(run: ProcessingRun, instructions: Instructions) -> dict[str, Path]:
    """Return the files that the XML names, as the run received them."""
    rows = RunFile.objects.filter(run=run, role="file")
    places = {same(row.name): row.place for row in rows if row.place.is_file()}
    wanted = rules.wanted_files(instructions)
    rules.check_present(instructions, [name for name in wanted if same(name) in places])
    return {name: places[same(name)] for name in wanted}


def _beside(xml: Path, instructions: Instructions) -> dict[str, Path]:
    """Return the files that the XML names, found in its folder as a run finds them on the space."""
    wanted = rules.wanted_files(instructions)
    listing = listing_of(xml.parent) if wanted else Listing(())
    rules.check_present(instructions, [name for name in wanted if listing.answers(name)])
    found = {}
    for name in wanted:
        found[name] = path = xml.parent / listing.find(name, xml.name)
        rules.check_size(path.name, path.stat().st_size, MAX_CSV_BYTES)
    return found


def account_of(instructions: Instructions) -> Account | None:
    """Return the account of a file's suid: of several, the one whose key it is."""
    members = Membership.objects.filter(user__suid=instructions.suid).select_related("account").order_by("pk")
    found = list(members)
    fitting = (each for each in found if each.key_hash and check_password(instructions.key, each.key_hash))
    member = next(fitting, None) if len(found) > 1 else next(iter(found), None)
    return (member or found[0]).account if found else None


def _preview(references: References, plan: Plan, samples: list[Values], now: datetime) -> list[Mail]:
    message = compile_source(plan.source)
    to = tables.address_column(references.database).lower()
    mails = []
    for values in samples:
        address = str(values.get(to) or "")
        envelope = preview_envelope(address, 0, now, conf.public_url())
        try:
            seen = message.preview(values, envelope)
        except ComposeError as error:
            mails.append(Mail(address, "", "", error.message))
            continue
        mails.append(Mail(address, seen.subject, seen.html, seen.text))
    return mails
