"""The history: who did what, when; append-only, searchable by those who configure an account (reference 9)."""

import re
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

from deliveries.models import Activity
from recipients.admin.access import ACCOUNT_ADMINS, AccountScopedAdmin
from recipients.models import User

# Verbs are kept in English, as written by the services; people read them in their language.
WORDS: Final = {
    "started": lazy("started"),
    "scheduled": lazy("scheduled"),
    "unscheduled": lazy("taken off the schedule"),
    "paused": lazy("paused"),
    "resumed": lazy("resumed"),
    "stopped": lazy("stopped"),
    "deleted": lazy("deleted"),
    "failed": lazy("failed"),
    "edited": lazy("title or labels edited"),
    "taken back to ready": lazy("taken back to ready"),
    "restored from a back-up": lazy("restored from a back-up"),
    "run retried": lazy("run retried"),
    "run released": lazy("run released"),
    "run discarded": lazy("run discarded"),
    "space paused": lazy("space paused"),
    "space resumed": lazy("space resumed"),
    "space polled": lazy("space polled by hand"),
    "space tested": lazy("connection tested"),
    "space key pinned": lazy("host key pinned"),
    "key made": lazy("user key made"),
    "blacklist added": lazy("entered in the blacklist"),
    "blacklist removed": lazy("taken off the blacklist"),
    "filter archived": lazy("filter archived"),
    "filter restored": lazy("filter restored"),
    "filter deleted": lazy("filter deleted"),
    "field added": lazy("field added"),
    "field renamed": lazy("field renamed"),
    "field removed": lazy("field removed"),
    "people imported": lazy("people imported"),
    "people exported": lazy("people exported"),
    "account added": lazy("account added"),
    "account changed": lazy("account changed"),
    "membership added": lazy("membership added"),
    "membership changed": lazy("membership changed"),
    "membership deleted": lazy("membership deleted"),
    "database added": lazy("database added"),
    "database changed": lazy("database changed"),
    "filter added": lazy("filter added"),
    "filter changed": lazy("filter changed"),
    "newsletter added": lazy("newsletter added"),
    "newsletter changed": lazy("newsletter changed"),
    "sftpspace added": lazy("space added"),
    "sftpspace changed": lazy("space changed"),
}
_SETTLED: Final = re.compile(r"marked (\d+) in doubt as (sent|resend)")


def words(verb: str) -> StrOrPromise:
    """Return what was done, in the reader's language."""
    settled = _SETTLED.fullmatch(verb)
    if settled is None:
        return WORDS.get(verb, verb)
    number, how = settled.groups()
    sentence = _("%(n)s in doubt marked as sent") if how == "sent" else _("%(n)s in doubt sent again")
    return sentence % {"n": number}


def keep(account_id: int | None, actor: User, verb: str, detail: str) -> None:
    """Write one line of the history for pages that know nothing of deliveries."""
    Activity.objects.create(account_id=account_id, actor=actor, verb=verb, detail=detail)


@admin.register(Activity)
class ActivityAdmin(AccountScopedAdmin):
    """The audit log of an account: read by those who configure it, written by nobody here."""

    nothing = lazy("Nothing was done yet: what people do with deliveries, spaces, keys and lists is kept here.")
    readers = ACCOUNT_ADMINS
    list_display = ("at", "who", "what", "delivery_title", "details", "account")
    list_display_links = None
    list_filter = (("at", admin.DateFieldListFilter),)
    list_select_related = ("actor", "delivery", "account")
    search_fields = ("verb", "detail", "actor__username", "delivery__title")
    ordering = ("-id",)

    @admin.display(description=lazy("who"))
    def who(self, row: Activity) -> str:
        """Return the person, or the product itself."""
        return (row.actor.get_full_name() or row.actor.get_username()) if row.actor else _("the product")

    @admin.display(description=lazy("what"), ordering="verb")
    def what(self, row: Activity) -> Any:
        """Return the verb in words."""
        return words(row.verb)

    @admin.display(description=lazy("delivery"))
    def delivery_title(self, row: Activity) -> str:
        """Return the delivery's title, shortened."""
        return row.delivery.title[:60] if row.delivery else "—"

    @admin.display(description=lazy("detail"))
    def details(self, row: Activity) -> str:
        """Return the words that go with the verb."""
        return row.detail

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Let nobody rewrite what happened."""
        return False
