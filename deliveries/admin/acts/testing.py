"""Send a test: to addresses that are typed, or to a test filter, with the values of the person on show."""

import re
from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from deliveries.models import Activity, Delivery
from deliveries.models.activity import Verb
from deliveries.models.states import EDITABLE
from deliveries.sending.lifecycle import copies
from recipients.admin.badges import grouped
from recipients.admin.dialogs import Dialog, Done, Question
from recipients.models import Filter, User

_SEPARATORS: Final = re.compile(r"[\s,;]+")


class TestForm(forms.Form):
    """Who gets it, and whose values it shows."""

    addresses = forms.CharField(
        label=lazy("Addresses"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=lazy("One a line, or with commas between them; at most 30."),
    )
    test_filter = forms.ModelChoiceField(
        Filter.objects.none(),
        label=lazy("Test filter"),
        required=False,
        empty_label=lazy("none"),
        widget=UnfoldAdminSelectWidget,
    )
    recipient = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        filters = self.initial.pop("filters", Filter.objects.none())
        self.fields["test_filter"].queryset = filters  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_addresses(self) -> list[str]:
        """Return the addresses, which the service checks."""
        return [address for address in _SEPARATORS.split(self.cleaned_data["addresses"]) if address]


def _initial(row: Delivery, user: User) -> dict[str, Any]:
    """Fill in who got the last test that this person sent, else the person; and the filters for tests."""
    last = Activity.objects.filter(account=row.account_id, actor=user, verb=Verb.TEST_SENT).first()
    remembered = (last.params.get("to", "") if last else "") or user.email
    filters = Filter.objects.filter(database=row.database_id, use__in=["test", "both"], archived_at=None)
    return {"addresses": remembered.replace(", ", "\n"), "filters": filters.order_by("name")}


def _ask(row: Delivery) -> Question:
    return Question(
        _("Send a test of «%(title)s»") % {"title": row.title},
        [_("It shows the values of one person; its links and its unsubscription act on nobody.")],
    )


def _send(row: Delivery, user: User, data: dict[str, Any]) -> Done:
    test = copies.send_test(
        row.pk,
        addresses=data["addresses"],
        test_filter=data["test_filter"],
        recipient=data["recipient"],
        actor=user,
    )
    size = test.size or 0
    said = ngettext("A test goes to %(n)s person.", "A test goes to %(n)s people.", size) % {"n": grouped(size)}
    return Done(said, reverse("admin:deliveries_delivery_change", args=[row.pk]))


DIALOGS: Final = (
    Dialog(
        "test",
        lazy("Send a test"),
        "science",
        _ask,
        _send,
        offered=lambda row: row.type == "normal" and row.status in EDITABLE,
        form=TestForm,
        initial=_initial,
    ),
)
