"""Actions that change something: GET shows a dialog that says what will happen in numbers, POST does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise
from unfold.widgets import INPUT_CLASSES

from recipients.admin.access import OPERATORS, AccountScopedAdmin, may
from recipients.admin.refusals import sentence
from recipients.errors import ClientError, ServiceError
from recipients.models import Role, User

PLAIN: Final = "default"


@dataclass(frozen=True)
class Question:
    """What a dialog asks: its sentences, points with their tone, and a warning that stands out.

    `go` is whether it can be done at all: else the dialog says why not.
    """

    title: StrOrPromise
    sentences: Sequence[StrOrPromise] = ()
    warning: StrOrPromise = ""
    points: Sequence[tuple[str, StrOrPromise]] = ()
    go: bool = True


@dataclass(frozen=True)
class Done:
    """What was done, the page on which one goes on, and what one should know now."""

    sentence: StrOrPromise
    url: str
    warnings: Sequence[StrOrPromise] = ()


@dataclass(frozen=True)
class Dialog:
    """One action on one row.

    `offered` says whether the row is in a state for it, `ask` writes the question, `act` calls one service and
    returns the sentence of success, or where one goes on; ClientError and ServiceError become a message. `initial`
    fills the form beforehand; `leaves` = the row is gone.
    """

    name: str
    label: StrOrPromise
    icon: str
    ask: Callable[[Any], Question]
    act: Callable[[Any, User, dict[str, Any]], StrOrPromise | Done]
    offered: Callable[[Any], bool] = field(default=lambda _row: True)
    form: type[Form] = Form
    initial: Callable[[Any, User], dict[str, Any]] = field(default=lambda _row, _user: {})
    roles: frozenset[Role] = OPERATORS
    variant: str = PLAIN
    leaves: bool = False

    def button(self, url: str) -> dict[str, Any]:
        """Return the button that opens it, as campaign/acts.html draws one."""
        return {"name": self.name, "label": self.label, "icon": self.icon, "variant": self.variant, "url": url}


class DialogsMixin(AccountScopedAdmin):
    """A page whose rows have dialogs; each has its own address below the row's."""

    dialogs: ClassVar[tuple[Dialog, ...]] = ()
    change_form_outer_before_template = "campaign/acts_card.html"

    def get_urls(self) -> list[URLPattern]:
        """Add <id>/<name>/ for each dialog."""
        mine = [
            path(
                f"<path:object_id>/{dialog.name}/",
                self.admin_site.admin_view(self._view(dialog)),
                name=self.dialog_url_name(dialog.name),
            )
            for dialog in self.dialogs
        ]
        return mine + list(super().get_urls())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Put the buttons of the row's state above its form."""
        row = self.row_or_404(request, object_id)
        extra = {**(extra_context or {}), "links": self.dialog_links(request, row)}
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra)
        return answer

    def dialog_url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def dialog_links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return the buttons of what may be done with the row now by this user, the likeliest first."""
        account_id = self.account_of(row)
        return [
            dialog.button(reverse(f"{self.admin_site.name}:{self.dialog_url_name(dialog.name)}", args=[row.pk]))
            for dialog in self.dialogs
            if dialog.offered(row) and may(request, account_id, dialog.roles)
        ]

    def _view(self, dialog: Dialog) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            row = self.row_or_404(request, object_id)
            if not may(request, self.account_of(row), dialog.roles):
                raise PermissionDenied
            listed = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist"
            around = {**self.admin_site.each_context(request), "opts": self.opts, "original": row}
            return converse(request, dialog, row, Place(around, self.address_of(row), reverse(listed)))

        return view

    def address_of(self, row: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])


@dataclass(frozen=True)
class Place:
    """Where a dialog is: what its page shows around it, where one goes back to, and where if the row left."""

    around: dict[str, Any]
    back: str
    left: str


def converse(request: HttpRequest, dialog: Dialog, row: Any, place: Place) -> HttpResponse:
    """Ask, or do what was answered; whoever calls has checked that this user may."""
    given = request.POST if request.method == "POST" else None
    wanted = {name: request.GET[name] for name in dialog.form.base_fields if name in request.GET}
    initial = {**dialog.initial(row, request.user), **wanted}  # type: ignore[arg-type]  # signed in
    form = _dressed(dialog.form(given, initial=initial))
    if request.method == "POST" and form.is_valid():
        return _acted(request, dialog, row, form, place)
    return _dialog_page(request, dialog, row, form, place)


def _dialog_page(request: HttpRequest, dialog: Dialog, row: Any, form: Form, place: Place) -> HttpResponse:
    within = request.headers.get("HX-Request") == "true"
    context = {
        **place.around,
        "title": dialog.label,
        "dialog": dialog,
        "question": dialog.ask(row),
        "form": form,
        "action": request.get_full_path(),
        "back": place.back,
        "within": within,
    }
    template = "campaign/dialog.html" if within else "campaign/dialog_page.html"
    return TemplateResponse(request, template, context)


def _acted(request: HttpRequest, dialog: Dialog, row: Any, form: Form, place: Place) -> HttpResponse:
    try:
        said = dialog.act(row, request.user, form.cleaned_data)  # type: ignore[arg-type]  # the admin lets only users in
    except (ClientError, ServiceError) as error:
        if form.visible_fields():  # what was typed is not lost
            form.add_error(None, sentence(error))
            return _dialog_page(request, dialog, row, form, place)
        messages.error(request, sentence(error))
        return HttpResponseRedirect(place.back)
    if isinstance(said, Done):
        messages.success(request, said.sentence)
        for more in said.warnings:
            messages.warning(request, more)
        return HttpResponseRedirect(said.url)
    messages.success(request, said or _("Done."))
    return HttpResponseRedirect(place.left if dialog.leaves else place.back)


def _dressed(form: Form) -> Form:
    """Give the fields the look of the other pages."""
    for bound in form:
        if bound.field.widget.__class__.__module__.startswith("django."):
            bound.field.widget.attrs.setdefault("class", " ".join(INPUT_CLASSES))
    return form
