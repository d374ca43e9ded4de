"""One person, one page: everything of an address in an account (reference 3.1, 7)."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries import conf
from deliveries.admin.people import acts
from deliveries.admin.people.lines import line_of, subscription_in_words
from deliveries.admin.shell.badges import message_state
from deliveries.admin.shell.sandbox import framed
from deliveries.models import Message
from deliveries.person import Person, mail_of, standing_of, timeline
from deliveries.privacy.personal_data import personal_data_of
from recipients import addresses, audit, suppressions
from recipients.admin.access import OPERATORS, accounts_of, may, may_see_people
from recipients.admin.dialogs import Place, converse
from recipients.errors import ClientError
from recipients.ids import id_in

SHOWN_LINES = 300  # the export has the others


def address_of(account_id: int, address: str, page: str = "recipients_person", *args: str) -> str:
    """Return where a person's page is; the address is a value of the query, as it may hold any sign."""
    return f"{reverse(f'admin:{page}', args=args)}?{urlencode((('account', account_id), ('address', address)))}"


class PersonPages:
    """The page of a person, the mails they got, and what can be done; for those who may see personal data."""

    def __init__(self, databases: Any) -> None:
        self._databases = databases

    def urls(self) -> list[URLPattern]:
        wrap = self._databases.admin_site.admin_view
        return [
            path("person/", wrap(self.page), name="recipients_person"),
            path("person/export.json", wrap(self.export), name="recipients_person_export"),
            path("person/mail/<int:message_id>/", wrap(self.mail), name="recipients_person_mail"),
            path("person/mail/<int:message_id>/html/", wrap(self.html), name="recipients_person_html"),
            path("person/mail/<int:message_id>/again/", wrap(self.again), name="recipients_person_again"),
            path("person/<str:act>/", wrap(self.act), name="recipients_person_act"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Show fields, subscriptions, blacklist, and what happened, newest first."""
        person = _person(request)
        standing = standing_of(person)
        moments = timeline(person, standing)
        facts = {
            "title": person.address,
            "standing": standing,
            "rows": [(row, _fields(row)) for row in standing.rows],
            "subscriptions": [
                (newsletter, subscription_in_words(row.state, row.source) if row else _("never said"), row)
                for newsletter, row in standing.subscriptions
            ],
            "lines": [line_of(moment) for moment in moments[:SHOWN_LINES]],
            "more": len(moments) > SHOWN_LINES,
            "links": _links(request, person, standing),
        }
        return self._answer(request, person, "campaign/person.html", facts)

    def export(self, request: HttpRequest) -> HttpResponse:
        """Return everything that is held as JSON, and keep in the history that it was taken."""
        person = _person(request)
        audit.record(
            person.account.pk, request.user, audit.Verb.PEOPLE_EXPORTED, person.account, file="person.json"
        )
        answer = JsonResponse(
            personal_data_of(person.account, person.address), json_dumps_params={"ensure_ascii": False, "indent": 1}
        )
        answer["Content-Disposition"] = 'attachment; filename="person.json"'
        return answer

    def act(self, request: HttpRequest, act: str) -> HttpResponse:
        person, dialog = _person(request), acts.ACTS.get(act)
        if dialog is None:
            raise Http404
        if not may(request, person.account.pk, dialog.roles):
            raise PermissionDenied
        if dialog is acts.UNSUBSCRIBE:
            dialog = replace(dialog, form=acts.form_for(person))
        back = address_of(person.account.pk, person.address)
        return converse(request, dialog, person, Place(self._around(request), back, back))

    def mail(self, request: HttpRequest, message_id: int) -> HttpResponse:
        message = _message(request, message_id)
        person = Person(message.delivery.account, message.address.lower())
        facts = {
            "title": message.delivery.title,
            "message": message,
            "mail": mail_of(message),
            "state": message_state(message.status),
            "images": request.GET.get("images") == "1",
            "back": address_of(person.account.pk, person.address),
            "links": _mail_links(request, message),
        }
        return self._answer(request, person, "campaign/person_mail.html", facts)

    def again(self, request: HttpRequest, message_id: int) -> HttpResponse:
        """Ask whether they are to get it once more, then make a draft of it."""
        message = _message(request, message_id)
        if not may(request, message.delivery.account_id, acts.WRITE_AGAIN.roles):
            raise PermissionDenied
        back = reverse("admin:recipients_person_mail", args=[message.pk])
        return converse(request, acts.WRITE_AGAIN, message, Place(self._around(request), back, back))

    def html(self, request: HttpRequest, message_id: int) -> HttpResponse:
        """Return its HTML for the frame, under a policy that runs nothing and asks nobody."""
        shown = mail_of(_message(request, message_id)).preview
        if shown is None or not shown.html:
            raise Http404
        images = request.GET.get("images") == "1"
        return framed(shown.html, f"{conf.clients_html_policy(images=images)}; frame-ancestors 'self'")

    def _around(self, request: HttpRequest) -> dict[str, Any]:
        return {**self._databases.admin_site.each_context(request), "opts": self._databases.opts}

    def _answer(self, request: HttpRequest, person: Person, template: str, facts: dict[str, Any]) -> HttpResponse:
        context = {
            **self._around(request),
            "person": person,
            "zone": person.account.time_zone,
            **facts,
        }
        return TemplateResponse(request, template, context)


def _person(request: HttpRequest) -> Person:
    """Return who is asked for; another account is as unknown as none at all, and so is what is not an address."""
    number, written = id_in(request.GET.get("account", "")) or 0, request.GET.get("address", "").strip()[:320]
    if not written or "\0" in written:
        raise Http404
    account = accounts_of(request).filter(pk=number).first()
    if account is None:
        raise Http404
    if not may_see_people(request, account.pk):
        raise PermissionDenied
    try:
        return Person(account, addresses.normalise(written))
    except ClientError:
        return Person(account, written.lower())  # a row of before this check may hold it


def _message(request: HttpRequest, message_id: int) -> Message:
    found = Message.objects.filter(pk=message_id, delivery__account__in=accounts_of(request).values("pk"))
    message = found.select_related("delivery__account", "delivery__database", "delivery__newsletter").first()
    if message is None:
        raise Http404
    if not may_see_people(request, message.delivery.account_id):
        raise PermissionDenied
    return message


def _fields(row: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in row.values.items() if name not in {"id", "created_at"}]


def _mail_links(request: HttpRequest, message: Message) -> list[dict[str, Any]]:
    dialog = acts.WRITE_AGAIN
    if message.delivery.copies_of is not None or not may(request, message.delivery.account_id, dialog.roles):
        return []
    return [dialog.button(reverse("admin:recipients_person_again", args=[message.pk]))]


def _links(request: HttpRequest, person: Person, standing: Any) -> list[dict[str, Any]]:
    """Return the buttons of what this user may do now."""
    account = person.account.pk
    is_out = standing.state.name == "permanent" and standing.state.reason not in suppressions.UNSUBSCRIPTIONS
    left = any(row is None or row.state != -1 for _newsletter, row in standing.subscriptions)
    offered = {acts.BLACKLIST.name: not is_out, acts.UNSUBSCRIBE.name: left}
    links = [
        dialog.button(address_of(account, person.address, "recipients_person_act", dialog.name))
        for dialog in acts.ACTS.values()
        if may(request, account, dialog.roles) and offered.get(dialog.name, True)
    ]
    export = {
        "name": "export",
        "label": lazy("Export everything held"),
        "icon": "download",
        "variant": "default",
        "page": True,
        "url": address_of(account, person.address, "recipients_person_export"),
    }
    if standing.entry is not None and standing.state.name != "none" and may(request, account, OPERATORS):
        lift = reverse("admin:recipients_blacklistentry_lift", args=[standing.entry.pk])
        links.insert(
            0,
            {
                "name": "lift",
                "label": lazy("Take off the blacklist"),
                "icon": "undo",
                "variant": "default",
                "url": lift,
            },
        )
    return [*links[:2], export, *links[2:]]
