"""Rehearsal: everything a run does up to "would be accepted", and nothing is changed (reference 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.contrib.auth.hashers import check_password
from django.utils import timezone, translation

from deliveries import audience, conf
from deliveries.composition import preview_envelope
from deliveries.content import ComposeError, compile_source
from deliveries.errors import BundleError, ClientError
from deliveries.intake import rules
from deliveries.intake.instructions import Instructions
from deliveries.intake.parsing import parse
from deliveries.intake.rules.plan import Audience, Plan
from deliveries.intake.rules.references import References
from deliveries.intake.rules.sentences import placed, quoted, unplaced
from deliveries.intake.sftp.listing import Listing, is_plain, listing_of
from deliveries.models import SftpSpace
from recipients import tables
from recipients.conf import MAX_CSV_BYTES
from recipients.loading import BadRowsError, Dialect, LoadResult, check_csv, check_inline
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
    """The answer of check_bundle (reference 4.3): counts of recipients, 0 where a bundle has none of that kind."""

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
        """Return it as `check_bundle --json` prints it (reference, Commands)."""
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
    """Go through the steps of a run that change nothing, with a load that stores nothing (architecture, A run)."""
    if not is_plain(xml.name):
        raise placed("REF_BAD_NAME", xml.name, 0, "", name=quoted(xml.name))
    rules.check_size(xml.name, xml.stat().st_size, conf.MAX_XML_BYTES)
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
    people = _People(
        references, plan, files, space or SftpSpace.objects.filter(account=owner).order_by("pk").first()
    )
    try:
        plan = rules.load_sources(instructions, plan, load=people.check)
        plan = rules.count_filters(instructions, plan, count=people.count)
    finally:
        answer.bad = people.bad
    answer.normal, answer.test = people.counted.get("normal", 0), people.counted.get("test", 0)
    answer.warnings += plan.warnings
    answer.preview = _preview(references, plan, people.first(), now)


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


class _People:
    """The people of both audiences, counted: in place of the loading of a run."""

    def __init__(
        self, references: References, plan: Plan, files: Mapping[str, Path], space: SftpSpace | None
    ) -> None:
        self._references, self._plan, self._files, self._space = references, plan, files, space
        self.bad = 0
        self.counted: dict[str, int] = {}
        self._samples: dict[str, list[Values]] = {}

    def check(self, kind: str, wanted: Audience) -> LoadResult:
        """Judge the people that the bundle brings as loading does, and store nothing."""
        try:
            result = self._checked(wanted)
        except BadRowsError as error:
            self.bad += error.result.bad
            raise
        self.bad += result.bad
        self.counted[kind], self._samples[kind] = result.good, list(result.samples)
        return result

    def _checked(self, wanted: Audience) -> LoadResult:
        source, space, columns = wanted.source, self._space, self._references.columns
        if source is None:
            raise TypeError("a filter brings no recipients")
        limit, zone = space.bad_rows_limit if space else _DEFAULT_LIMIT, self._references.database.account.zone
        if source.csv_file:
            dialect = (
                Dialect(space.separator, space.quote, space.escape, space.csv_encoding) if space else Dialect()
            )
            path = self._files[source.csv_file]
            return check_csv(columns, path, dialect, limit, at_most=wanted.most, zone=zone)
        return check_inline(columns, rules.inline(source), limit, at_most=wanted.most, zone=zone)

    def count(self, kind: str, wanted: Audience) -> int:
        """Return how many people a filter picks now, and keep the values of the first of them."""
        delivery = rules.unsaved_delivery(self._references, self._plan, wanted, kind)
        ids = audience.sample(delivery, _SHOWN)
        values = tables.read_values(self._references.database, ids)
        self._samples[kind] = [values[each] for each in ids if each in values]
        count = audience.count(delivery)
        self.counted[kind] = min(count, wanted.most) if wanted.most else count
        return count

    def first(self) -> list[Values]:
        """Return the values of the first people, of the normal audience where there are any."""
        return (self._samples.get("normal") or self._samples.get("test") or [])[:_SHOWN]


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
