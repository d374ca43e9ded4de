"""Ids and channel (reference 2.1, 2.2, 2.5): what a bundle names in its account.

What is another account's is answered exactly as what does not exist.
"""

from dataclasses import dataclass

from deliveries import audience
from deliveries.errors import BundleError, ClientError
from deliveries.intake.instructions import Instructions
from deliveries.intake.mistakes import placed, refused, together
from deliveries.models import Delivery, Newsletter
from recipients import tables
from recipients.conf import CODE_FIELD
from recipients.models import Account, Database, FieldType, Filter
from recipients.models.filters import FilterUse


@dataclass(frozen=True, slots=True)
class References:
    """The rows that a bundle's ids mean; a filter is None where recipients of the bundle override it."""

    newsletter: Newsletter
    database: Database
    columns: tuple[tables.Column, ...]
    filter: Filter | None
    test_filter: Filter | None
    template: Delivery | None


def check_ids(instructions: Instructions, account: Account) -> References:
    """Return what the ids mean; raises BundleError with every one that means nothing."""
    if instructions.channel != "email":
        channel = instructions.channel
        raise placed("CHANNEL_OFF", instructions.file, instructions.line(""), channel, channel=channel)
    newsletter = (
        Newsletter.objects.select_related("database")
        .filter(pk=instructions.newsletter, account=account, channel=instructions.channel)
        .first()
    )
    if newsletter is None:
        raise refused("REF_NEWSLETTER", instructions, "newsletter", id=instructions.newsletter)
    problems: list[BundleError] = []
    wanted = instructions.recipients
    normal = None if wanted.new else wanted.filter_normal
    test = None if wanted.test else wanted.filter_test
    references = References(
        newsletter=newsletter,
        database=newsletter.database,
        columns=tables.columns(newsletter.database),
        filter=_filter(instructions, newsletter, normal, FilterUse.REAL, problems),
        test_filter=_filter(instructions, newsletter, test, FilterUse.TEST, problems),
        template=_template(instructions, account, problems),
    )
    problems += _database(instructions, references)
    if problems:
        raise together(problems)
    return references


def _filter(
    instructions: Instructions,
    newsletter: Newsletter,
    wanted: int | None,
    use: FilterUse,
    problems: list[BundleError],
) -> Filter | None:
    """Return the filter of the newsletter's database, of the right use, not archived; else refuse it."""
    if wanted is None:
        return None
    path = "recipients/filter/" + ("test" if use == FilterUse.TEST else "normal")
    found = Filter.objects.filter(pk=wanted, database=newsletter.database_id).first()
    if found is None:
        problems.append(refused("REF_FILTER", instructions, path, id=wanted, newsletter=newsletter.pk))
    elif found.use not in {use, FilterUse.BOTH}:
        problems.append(refused("FILTER_USE", instructions, path, id=wanted, use=use.value))
    elif found.archived_at is not None:
        problems.append(refused("FILTER_ARCHIVED", instructions, path, id=wanted))
    else:
        try:
            audience.check_filter(newsletter.database, found.match, found.conditions, own=found.pk)
        except ClientError as error:  # a field that was removed since
            problems.append(refused("FILTER_BROKEN", instructions, path, id=wanted, reason=error.fault))
    return found


def _template(instructions: Instructions, account: Account, problems: list[BundleError]) -> Delivery | None:
    wanted = instructions.message.template
    if wanted is None:
        return None
    found = (
        Delivery.objects.select_related("content", "newsletter")
        .filter(pk=wanted, account=account, newsletter__channel=instructions.channel, content__isnull=False)
        .first()
    )
    if found is None:
        path = "message/template_from_campaign_id"
        problems.append(refused("REF_TEMPLATE", instructions, path, id=wanted))
    return found


def _database(instructions: Instructions, references: References) -> list[BundleError]:
    """Return what hinders this database from being used so (reference 3.1)."""
    problems = []
    name = references.database.name
    codes = {column.name.lower() for column in references.columns if column.type == FieldType.STRING}
    if CODE_FIELD.lower() not in codes:
        problems.append(refused("DATABASE_NO_CODE", instructions, "newsletter", database=name))
    if references.database.read_only:
        for source, path in (
            (instructions.recipients.new, "recipients/new_recipients"),
            (instructions.recipients.test, "recipients/test_recipients"),
        ):
            if source is not None:
                problems.append(refused("DATABASE_READ_ONLY", instructions, path, database=name))
                break
    return problems
