"""What is done with several ticked deliveries at once: back to ready, a label, delete. Never send."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from deliveries.admin.deliveries.describe import MOST_NAME, MOST_VALUE
from deliveries.admin.reports.compare import compare_ticked
from deliveries.errors import ClientError
from deliveries.models import Delivery
from deliveries.sending.lifecycle import control, describe
from recipients.admin.access import OPERATORS, may
from recipients.admin.badges import grouped
from recipients.models import User

_REASONS: Final = 3  # of those that were refused: a message on the page, not a list


class LabelForm(forms.Form):
    """A label that all of them get; one of that name is overwritten."""

    name = forms.CharField(label=lazy("Label"), max_length=MOST_NAME)
    value = forms.CharField(label=lazy("Value"), max_length=MOST_VALUE, required=False)


def _each(request: HttpRequest, rows: QuerySet[Delivery], act: Callable[[Delivery, User], None]) -> None:
    """Do it with each that the user may act on; say how many, and of the others why not."""
    done, refused = 0, list[str]()
    for row in rows:
        if not may(request, row.account_id, OPERATORS):
            refused.append(_("«%(title)s»: you may not change it") % {"title": row.title})
            continue
        try:
            act(row, request.user)  # type: ignore[arg-type]  # the admin lets only users in
        except ClientError as error:
            refused.append(f"«{row.title}»: {error.message}")
        else:
            done += 1
    if done:
        said = ngettext("%(n)s delivery changed.", "%(n)s deliveries changed.", done)
        messages.success(request, said % {"n": grouped(done)})
    for reason in refused[:_REASONS]:
        messages.warning(request, reason)
    if len(refused) > _REASONS:
        messages.warning(request, _("%(n)s more were left as they are.") % {"n": grouped(len(refused) - _REASONS)})


def _confirmation_page(
    deliveries: Any,
    request: HttpRequest,
    rows: QuerySet[Delivery],
    action: str,
    title: StrOrPromise,
    *,
    form: forms.Form | None = None,
) -> TemplateResponse:
    """Show what will happen to which, before it does."""
    context = {
        **deliveries.admin_site.each_context(request),
        "opts": deliveries.opts,
        "title": title,
        "rows": rows[:50],
        "count": rows.count(),
        "ticked": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "action": action,
        "form": form,
    }
    return TemplateResponse(request, "campaign/bulk.html", context)


@admin.action(description=lazy("Back to ready"))
def unschedule_ticked(_deliveries: Any, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
    """Take what is scheduled back to ready."""
    _each(request, rows, lambda row, user: control.unschedule(row.pk, actor=user))


@admin.action(description=lazy("Set a label"))
def label_ticked(deliveries: Any, request: HttpRequest, rows: QuerySet[Delivery]) -> TemplateResponse | None:
    """Give all of them a label."""
    form = LabelForm(request.POST if "go" in request.POST else None)
    if not form.is_valid():
        return _confirmation_page(deliveries, request, rows, "label_ticked", _("Set a label"), form=form)
    name, value = form.cleaned_data["name"], form.cleaned_data["value"]
    _each(request, rows, lambda row, user: describe.set_label(row, name, value, actor=user))
    return None


@admin.action(description=lazy("Delete"))
def delete_ticked(deliveries: Any, request: HttpRequest, rows: QuerySet[Delivery]) -> TemplateResponse | None:
    """Delete what has not gone out, once it was said which."""
    if "go" not in request.POST:
        return _confirmation_page(deliveries, request, rows, "delete_ticked", _("Delete these deliveries?"))
    _each(request, rows, lambda row, user: control.delete(row.pk, actor=user))
    return None


ACTIONS: Final = (compare_ticked, unschedule_ticked, label_ticked, delete_ticked)


def offered_in(tab: str, *, may_act: bool) -> frozenset[str]:
    """Return the names of what may be done with several: in the Archive nothing is taken back or deleted."""
    if not may_act:
        return frozenset({compare_ticked.__name__})
    everything = frozenset(act.__name__ for act in ACTIONS)
    return everything - {unschedule_ticked.__name__, delete_ticked.__name__} if tab == "finished" else everything
