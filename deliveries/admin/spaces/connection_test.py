"""Test the connection: what the server shows, and a person who pins its key (reference 4, Spaces)."""

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.errors import ServiceError
from deliveries.intake.polling import control
from deliveries.intake.sftp import connection_test
from deliveries.models import SftpSpace
from recipients.admin.access import ACCOUNT_ADMINS, OPERATORS, may

_SIGNER: Final = Signer(salt="host key that was shown")


class ConnectionTestPage:
    """A page of a space: GET asks, POST tests; the key that was shown, and no other, can then be pinned."""

    def __init__(self, spaces: Any) -> None:
        self.spaces = spaces

    def urls(self) -> list[URLPattern]:
        wrap = self.spaces.admin_site.admin_view
        return [
            path("<path:object_id>/test/", wrap(self.test), name="deliveries_sftpspace_test"),
            path("<path:object_id>/pin/", wrap(self.pin), name="deliveries_sftpspace_pin"),
        ]

    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the key, list the directory, write and delete a probe file."""
        space: SftpSpace = self.spaces.row_or_404(request, object_id)
        if not may(request, space.account_id, OPERATORS):
            raise PermissionDenied
        context = {
            **self.spaces.admin_site.each_context(request),
            "opts": self.spaces.opts,
            "original": space,
            "space": space,
            "title": _("Test the connection of %(name)s") % {"name": space.name},
            "below_row": True,
            "back": self.spaces.address_of(space),
        }
        if request.method == "POST":
            context |= _tried(space)
            context["may_pin"] = not space.embedded and may(request, space.account_id, ACCOUNT_ADMINS)
            audit.record(space.account_id, request.user, audit.Verb.SPACE_TESTED, space)  # type: ignore[arg-type]  # signed in
        return TemplateResponse(request, "campaign/space_test.html", context)

    def pin(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Pin the key that the page showed; it was signed, so that nobody is talked into another."""
        space: SftpSpace = self.spaces.row_or_404(request, object_id)
        if not may(request, space.account_id, ACCOUNT_ADMINS):
            raise PermissionDenied
        back = self.spaces.address_of(space)
        if request.method == "POST":
            try:
                owner, key = _SIGNER.unsign_object(request.POST.get("key", ""))
            except (BadSignature, ValueError, TypeError):
                owner, key = None, ""
            if owner != space.pk or not key:
                messages.error(request, _("That is not the key that was shown: test the connection again."))
            elif control.pin_key(space, key, actor=request.user):  # type: ignore[arg-type]  # signed in
                messages.success(request, _("The key is pinned: the space is polled with it."))
            else:
                messages.success(request, _("The key is pinned. The space stays paused until you resume it."))
        return HttpResponseRedirect(back)


def _tried(space: SftpSpace) -> dict[str, Any]:
    try:
        tested = connection_test.run(space)
    except ServiceError as error:
        return {"failed": error.message}
    return {"tested": tested, "signed": _SIGNER.sign_object([space.pk, tested.host_key]) if tested.host_key else ""}
