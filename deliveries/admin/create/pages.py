"""Create: five steps, each with an address of its own below the draft's, each saved before the next is shown."""

from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.admin.create import steps
from deliveries.admin.create.forms import MOST_HTML, MOST_LIST, NewsletterForm
from deliveries.errors import ClientError, StateConflict
from deliveries.models import Delivery, Newsletter
from deliveries.models.states import EDITABLE
from deliveries.sending.lifecycle import drafts
from recipients.admin.access import OPERATORS, may
from recipients.admin.files import takes_files
from recipients.admin.refusals import sentence
from recipients.errors import ServiceError

STEPS: Final = {
    "newsletter": lazy("Newsletter"),
    "recipients": lazy("Recipients"),
    "message": lazy("Message"),
    "links": lazy("Links"),
    "summary": lazy("Summary"),
}
_KEYS: Final = tuple(STEPS)


class CreatePages:
    """The pages of the five steps; `steps` knows what each shows and saves."""

    def __init__(self, deliveries: Any) -> None:
        self.deliveries = deliveries

    def urls(self) -> list[URLPattern]:
        """Return their addresses; Django's own for adding leads here too."""
        wrap = self.deliveries.admin_site.admin_view
        return [
            path("create/", wrap(self.begin), name="deliveries_delivery_create"),
            path("add/", wrap(lambda _request: HttpResponseRedirect(reverse("admin:deliveries_delivery_create")))),
            path("<int:object_id>/edit/<str:step>/", wrap(self.step), name="deliveries_delivery_edit"),
        ]

    def begin(self, request: HttpRequest) -> HttpResponse:
        """Choose a newsletter: only then there is a draft."""
        if not may(request, None, OPERATORS):
            raise PermissionDenied
        offered = newsletters(request)
        form = NewsletterForm(request.POST or None, newsletters=offered)
        if request.method == "POST" and form.is_valid():
            draft = drafts.create_draft(form.cleaned_data["newsletter"], actor=request.user)  # type: ignore[arg-type]  # signed in
            return HttpResponseRedirect(address(draft, "recipients"))
        context = {
            **self.deliveries.admin_site.each_context(request),
            "opts": self.deliveries.opts,
            "title": _("Create"),
            "steps": _steps(None, "newsletter"),
            "form": form,
            "none": not offered.exists(),
        }
        return TemplateResponse(request, "campaign/create/newsletter.html", context)

    @takes_files(MOST_LIST + 2 * MOST_HTML)  # a list that is too large is answered beside its field
    def step(self, request: HttpRequest, object_id: int, step: str) -> HttpResponse:
        """Show a step, or save it and go where the pressed button leads."""
        row = self._editable(request, object_id)
        if step not in steps.STEPS:
            raise Http404
        if row.status not in EDITABLE:
            messages.error(request, _("«%(title)s» can no longer be changed.") % {"title": row.title})
            return HttpResponseRedirect(self.deliveries.address_of(row))
        page = steps.STEPS[step](request, row)
        if request.method == "POST":
            return self._saved(request, row, page)
        return self._page_of_step(request, row, page)

    def _saved(self, request: HttpRequest, row: Delivery, page: Any) -> HttpResponse:
        quiet = request.headers.get("X-Autosave") == "1"
        status = 422
        if page.valid():
            try:
                said, target = page.save()
            except StateConflict as error:
                page.refuse(sentence(error))
                status = 409
            except (ClientError, ServiceError) as error:
                page.refuse(sentence(error))
                status = 422
            else:
                if quiet:
                    return JsonResponse({"version": page.version, "said": _saved_at()})
                if said:
                    messages.success(request, said)
                return HttpResponseRedirect(target or address(row, page.goes_to(_KEYS)))
        if quiet:
            return JsonResponse({"said": page.problem or _("not saved yet: something is missing")}, status=status)
        return self._page_of_step(request, row, page)

    def _page_of_step(self, request: HttpRequest, row: Delivery, page: Any) -> HttpResponse:
        now = Delivery.objects.values_list("version", flat=True).get(pk=row.pk)
        at = _KEYS.index(page.key)
        context = {
            **self.deliveries.admin_site.each_context(request),
            "opts": self.deliveries.opts,
            "title": row.title,
            "original": row,
            "delivery": row,
            "steps": _steps(row, page.key),
            "step": page.key,
            "back": address(row, _KEYS[at - 1]) if at else "",
            "version": now,
            "problem": page.problem,
            "form": page.form,
            **page.facts(),
        }
        return TemplateResponse(request, f"campaign/create/{page.key}.html", context)

    def _editable(self, request: HttpRequest, object_id: int) -> Delivery:
        row = self.deliveries.get_queryset(request).select_related(
            "newsletter", "database", "filter", "account", "content"
        ).filter(pk=object_id, type="normal").first()  # fmt: skip
        if row is None:
            raise Http404
        if not may(request, row.account_id, OPERATORS):
            raise PermissionDenied
        return row  # type: ignore[no-any-return]  # Unfold ships no types


def newsletters(request: HttpRequest) -> Any:
    """Return the newsletters of the accounts in which the user makes deliveries."""
    rows = admin.site.get_model_admin(Newsletter).get_queryset(request).select_related("account").order_by("name")
    mine = [key for key in set(rows.values_list("account_id", flat=True)) if may(request, key, OPERATORS)]
    return rows.filter(account__in=mine)


def address(row: Delivery, step: str) -> str:
    """Return the address of a step of a draft."""
    return reverse("admin:deliveries_delivery_edit", args=[row.pk, step])


def _steps(row: Delivery | None, current: str) -> list[dict[str, Any]]:
    at = _KEYS.index(current)
    return [
        {
            "number": number + 1,
            "label": label,
            "current": key == current,
            "done": number < at,
            "url": address(row, key) if row else "",
        }
        for number, (key, label) in enumerate(STEPS.items())
    ]


def _saved_at() -> str:
    return _("saved at %(time)s") % {"time": date_format(timezone.localtime(timezone.now()), "H:i:s")}
