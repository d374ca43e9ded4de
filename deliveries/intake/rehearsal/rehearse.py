"""Rehearsal: everything a run does up to "would be accepted", and nothing is changed (reference 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.contrib.auth.hashers import check_password
from django.utils import timezone, translation

from deliveries import audience, conf
from deliveries.content import ComposeError, Envelope, compile_source
from deliveries.errors import BundleError, ClientError
from deliveries.intake import rules
from deliveries.intake.instructions import Instructions
from deliveries.intake.parsing import parse
from deliveries.intake.rules.plan import Audience, Plan
from deliveries.intake.rules.references import References
from deliveries.intake.rules.sentences import placed, quoted, unplaced
from deliveries.intake.runs.sizes import check_size
from deliveries.intake.sftp.listing import Listing, is_plain, listing_of
from deliveries.models import SftpSpace
from recipients import tables
from recipients.conf import MAX_CSV_BYTES
from recipients.loading import Dialect, LoadResult, check_csv, check_inline
from recipients.models import Account, Membership

_SHOWN: Final = 3
_DEFAULT_LIMIT: Final = 0.1

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Mail:
    """One recipient's mail as it would go out."""

    to: str
    subject: str
    html: str
    text: str


@dataclass(slots=True)
class Rehearsal:
    """The answer of check_bundle (INTERFACE): counts of recipients, 0 where a bundle has none of that kind."""

    errors: list[BundleError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    normal: int = 0
    test: int = 0
    bad: int = 0
    preview: list[Mail] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether a run would accept the bundle."""
        return not self.errors

    def as_json(self) -> dict[str, object]:
        """Return the shape of INTERFACE, check_bundle."""
        keys = ("code", "file", "line", "element", "message")
        return {
            "accepted": self.accepted,
            "errors": [{key: getattr(error, key) for key in keys} for error in self.errors],
            "warnings": self.warnings,
            "recipients": {"normal": self.normal, "test": self.test, "bad": self.bad},
            "preview": [
                {"to": mail.to, "subject": mail.subject, "html": mail.html, "text": mail.text}
                for mail in self.preview
            ],
        }


def rehearse(xml: Path, account: Account | None = None, space: SftpSpace | None = None) -> Rehearsal:
    """Answer for a bundle on this machine: the XML, and the files beside it.

    Without `account` it is the one of the file's suid and key, without `space` the account's first.
    """
    answer = Rehearsal()
    try:
        with translation.override(None):  # as the worker says it, whatever language the page is in
            _run(xml, account, space, answer)
    except BundleError as error:
        further = [problem for problem in error.problems if problem is not error]
        answer.errors = [error, *further]
    except ClientError as error:
        answer.errors = [unplaced(error, xml.name)]
    return answer


def _run(xml: Path, account: Account | None, space: SftpSpace | None, answer: Rehearsal) -> None:
    if not is_plain(xml.name):
        raise placed("REF_BAD_NAME", xml.name, 0, "", name=quoted(xml.name))
    check_size(xml.name, xml.stat().st_size, conf.MAX_XML_BYTES)
    instructions = parse(xml.read_bytes(), xml.name)
    owner = account or (space.account if space else account_of(instructions))
    if owner is None:
        raise placed("AUTH_FAILED", xml.name, instructions.line("auth/key"), "key")
    rules.authenticate(instructions, owner)
    rules.check_active(instructions, owner)
    references = rules.check_ids(instructions, owner)
    files = _beside(xml, instructions)
    now = timezone.now()
    plan = rules.check_meaning(instructions, references, now, files)
    first_space = space or SftpSpace.objects.filter(account=owner).order_by("pk").first()
    plan, samples = _people(instructions, references, plan, (files, first_space), answer)
    answer.warnings += plan.warnings
    answer.preview = _preview(references, plan, samples, now)


def _beside(xml: Path, instructions: Instructions) -> dict[str, Path]:
    """Return the files that the XML names, found in its folder as a run finds them on the space."""
    wanted = rules.wanted_files(instructions)
    listing = listing_of(xml.parent) if wanted else Listing(())
    rules.check_present(instructions, [name for name in wanted if listing.answers(name)])
    found = {}
    for name in wanted:
        found[name] = path = xml.parent / listing.find(name, xml.name)
        check_size(path.name, path.stat().st_size, MAX_CSV_BYTES)
    return found


def account_of(instructions: Instructions) -> Account | None:
    """Return the account of a file's suid: of several, the one whose key it is."""
    members = Membership.objects.filter(user__suid=instructions.suid).select_related("account").order_by("pk")
    found = list(members)
    fitting = (each for each in found if each.key_hash and check_password(instructions.key, each.key_hash))
    member = next(fitting, None) if len(found) > 1 else next(iter(found), None)
    return (member or found[0]).account if found else None


def _people(
    instructions: Instructions,
    references: References,
    plan: Plan,
    where: tuple[Mapping[str, Path], SftpSpace | None],
    answer: Rehearsal,
) -> tuple[Plan, list[Values]]:
    """Count and judge both audiences as a run does; returns the plan that is left and the first people's values."""
    counted: dict[str, int | None] = {"normal": None, "test": None}
    samples: dict[str, list[Values]] = {"normal": [], "test": []}
    for kind, wanted in (("test", plan.test), ("normal", plan.normal)):
        if wanted is None:
            continue
        if wanted.source is None:
            counted[kind], samples[kind] = _picked(references, plan, wanted, kind)
            continue
        try:
            result = _judged(references, wanted, *where)
        except ClientError as error:
            if kind == "test" and rules.tolerates(error, plan):
                bad = rules.bad_rows_of(error)
                answer.bad += bad.bad if bad else 0
                plan = rules.without_bad_test(instructions, plan, wanted.source, error)
                continue
            raise rules.refused_rows(instructions, wanted.source, error) from error
        setattr(answer, kind, result.good)
        answer.bad += result.bad
        answer.warnings += rules.noted_rows(instructions, wanted.source, result)
        samples[kind] = list(result.samples)
    plan = rules.judge_nobody(instructions, plan, counted["normal"], counted["test"])
    answer.normal = counted["normal"] if counted["normal"] is not None else answer.normal
    answer.test = counted["test"] if counted["test"] is not None else answer.test
    return plan, (samples["normal"] or samples["test"])[:_SHOWN]


def _judged(
    references: References, wanted: Audience, files: Mapping[str, Path], space: SftpSpace | None
) -> LoadResult:
    """Judge recipients that the bundle brings as loading does."""
    source = wanted.source
    if source is None:
        raise TypeError("a filter brings no recipients")
    limit, zone = space.bad_rows_limit if space else _DEFAULT_LIMIT, references.database.account.zone
    if source.csv_file:
        dialect = Dialect(space.separator, space.quote, space.escape, space.csv_encoding) if space else Dialect()
        return check_csv(references.columns, files[source.csv_file], dialect, limit, at_most=wanted.most, zone=zone)
    return check_inline(references.columns, rules.inline(source), limit, at_most=wanted.most, zone=zone)


def _picked(references: References, plan: Plan, wanted: Audience, kind: str) -> tuple[int, list[Values]]:
    """Return how many people a filter picks now, and the values of the first of them."""
    delivery = rules.imagined(references, plan, wanted, kind)
    ids = audience.sample(delivery, _SHOWN)
    values = tables.read_values(references.database, ids)
    count = audience.count(delivery)
    return min(count, wanted.most) if wanted.most else count, [values[each] for each in ids if each in values]


def _preview(references: References, plan: Plan, samples: list[Values], now: datetime) -> list[Mail]:
    message = compile_source(plan.source)
    to = tables.address_column(references.database).lower()
    unsubscribe = f"{conf.public_url()}/u/preview"
    mails = []
    for values in samples:
        address = str(values.get(to) or "")
        envelope = Envelope(
            to=address, message_id="preview", date=now, delivery_id=0, unsubscribe_url=unsubscribe,
            web_url=f"{conf.public_url()}/w/preview",
        )  # fmt: skip
        try:
            seen = message.preview(values, envelope)
        except ComposeError as error:
            mails.append(Mail(address, "", "", error.message))
            continue
        mails.append(Mail(address, seen.subject, seen.html, seen.text))
    return mails
