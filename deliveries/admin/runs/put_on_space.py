"""Put it on the space for me: a bundle that the check accepted goes its usual way, and its run opens by itself."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from deliveries.admin.runs.check_bundle import ACCEPTED
from deliveries.admin.shell.uploads import kept_together, place_of
from deliveries.errors import ClientError, ServiceError
from deliveries.intake.polling.drop import drop
from deliveries.models import ProcessingRun, SftpSpace
from recipients.admin.access import OPERATORS, may
from recipients.admin.refusals import sentence
from recipients.ids import id_in


class PutOnSpacePages:
    """The act below the check, and the page that waits for the run."""

    def __init__(self, runs: Any) -> None:
        self.runs = runs

    def urls(self) -> list[URLPattern]:
        wrap = self.runs.admin_site.admin_view
        return [
            path("check/put/", wrap(self.put), name="deliveries_processingrun_put"),
            path("check/arriving/", wrap(self.arriving), name="deliveries_processingrun_arriving"),
        ]

    def put(self, request: HttpRequest) -> HttpResponse:
        """Write the kept files to their space, the semaphore last."""
        check = HttpResponseRedirect(reverse("admin:deliveries_processingrun_check"))
        try:
            token, space_id, xml, user_id = ACCEPTED.unsign_object(request.POST.get("token", ""))
        except (BadSignature, ValueError, TypeError):
            token, space_id, xml, user_id = "", 0, "", None
        if user_id != request.user.pk or not place_of(token).is_file():
            messages.error(request, _("The files are no longer here: check them again."))
            return check
        space = self._space(request, space_id)
        before = ProcessingRun.objects.filter(space=space).order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            drop(space, xml, kept_together(token), actor=request.user)  # type: ignore[arg-type]  # signed in
        except (ClientError, ServiceError) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(f"{check.url}?{urlencode({'space': space.pk})}")
        finally:
            place_of(token).unlink(missing_ok=True)
        query = urlencode({"space": space.pk, "file": xml, "after": before})
        return HttpResponseRedirect(f"{reverse('admin:deliveries_processingrun_arriving')}?{query}")

    def arriving(self, request: HttpRequest) -> HttpResponse:
        """Say that the space will be looked at, and lead to the run as soon as there is one."""
        space = self._space(request, id_in(request.GET.get("space", "")) or 0)
        rows = self.runs.get_queryset(request).filter(space=space, file=request.GET.get("file", "")[:255])
        run = rows.filter(pk__gt=id_in(request.GET.get("after", "")) or 0).order_by("pk").first()
        address = self.runs.address_of(run) if run else ""
        asks_again = request.headers.get("X-Requested-With") == "fetch"
        if run and not asks_again:
            return HttpResponseRedirect(address)
        context = {
            **self.runs.admin_site.each_context(request),
            "opts": self.runs.opts,
            "title": _("On its way"),
            "space": space,
            "file": request.GET.get("file", "")[:255],
            "go": address,
        }
        return TemplateResponse(request, "campaign/arriving.html", context)

    def _space(self, request: HttpRequest, key: int) -> SftpSpace:
        rows = admin.site.get_model_admin(SftpSpace).get_queryset(request).select_related("account")
        space: SftpSpace | None = rows.filter(pk=key).first()
        if space is None:
            raise Http404
        if not may(request, space.account_id, OPERATORS):
            raise PermissionDenied
        return space
