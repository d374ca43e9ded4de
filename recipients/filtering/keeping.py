"""Archive, restore, and who uses a filter here (reference 3.5)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.filtering.nested import named_filters
from recipients.models import Database, Filter


def archive(chosen: Filter) -> bool:
    """Put a filter away: it can't be chosen for new deliveries; False when it was archived already."""
    return bool(Filter.objects.filter(pk=chosen.pk, archived_at__isnull=True).update(archived_at=timezone.now()))


def restore(chosen: Filter) -> bool:
    """Take a filter out of the archive; False when it was not there."""
    return bool(Filter.objects.filter(pk=chosen.pk, archived_at__isnull=False).update(archived_at=None))


def used_by(chosen: Filter) -> list[str]:
    """Return what of the same database uses this filter, in words: base filters and other filters."""
    users = [_("database “%s”") % database.name for database in Database.objects.filter(base_filter=chosen)]
    others = Filter.objects.filter(database=chosen.database_id, automatic=False).exclude(pk=chosen.pk)
    users += [_("filter “%s”") % other.name for other in others if chosen.pk in named_filters(other.conditions)]
    return users
