"""What can be done with a person: each act a dialog on their page."""

from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from deliveries.models import Message, MessageStatus, Newsletter, Subscription
from deliveries.person import Person, blacklist, unsubscribe, write_again
from deliveries.privacy import erasure
from recipients import suppressions
from recipients.admin.access import ACCOUNT_ADMINS
from recipients.admin.dialogs import Dialog, Done, Question
from recipients.errors import ClientError
from recipients.models import User


class NoteForm(forms.Form):
    """Why."""

    note = forms.CharField(label=lazy("Reason"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)


class NewsletterForm(forms.Form):
    """From which newsletter; the page fills in the choices of its account."""

    newsletter = forms.ModelChoiceField(
        Newsletter.objects.none(), label=lazy("newsletter"), widget=UnfoldAdminSelectWidget, empty_label=None
    )


class EraseForm(forms.Form):
    """Asks for the address once more: nothing brings a person back."""

    address = forms.CharField(
        label=lazy("Write the address to confirm"), max_length=320, widget=UnfoldAdminTextInputWidget
    )


def still_subscribed(person: Person) -> Any:
    """Return the newsletters that the person has not unsubscribed from."""
    print_ = suppressions.fingerprint(person.address)
    left = Subscription.objects.filter(newsletter__account=person.account, fingerprint=print_, state=-1)
    every = Newsletter.objects.filter(account=person.account).order_by("name")
    return every.exclude(pk__in=left.values("newsletter_id"))


def form_for(person: Person) -> type[forms.Form]:
    """Return the form of unsubscribing with the newsletters that are left."""

    class Form(NewsletterForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields["newsletter"].queryset = still_subscribed(person)  # type: ignore[attr-defined]  # a ModelChoiceField

    return Form


def _ask_blacklist(person: Person) -> Question:
    return Question(
        _("Write to %(address)s no more?") % {"address": person},
        [
            _("The address goes on the blacklist of %(account)s for good, until somebody removes it.")
            % _named(person)
        ],
    )


def _blacklist(person: Person, user: User, data: dict[str, Any]) -> str:
    if blacklist(person, data["note"], user):
        return _("%(address)s is on the blacklist.") % {"address": person}
    return _("%(address)s was on the blacklist already.") % {"address": person}


def _ask_unsubscribe(person: Person) -> Question:
    return Question(
        _("Unsubscribe %(address)s?") % {"address": person},
        [_("Deliveries of this newsletter leave the address out; others still reach it.")],
    )


def _unsubscribe(person: Person, user: User, data: dict[str, Any]) -> str:
    unsubscribe(person, data["newsletter"], user)
    return _("%(address)s is unsubscribed from «%(newsletter)s».") % {
        "address": person,
        "newsletter": data["newsletter"],
    }


def _ask_erase(person: Person) -> Question:
    return Question(
        _("Erase %(address)s?") % {"address": person},
        [
            _("The rows, messages, clicks and files that name this address in %(account)s go; the counts stay.")
            % _named(person),
            _("Not reached: the client's SFTP spaces, the recipient's mailbox, the relay's logs, and back-ups."),
        ],
        warning=_("This cannot be undone."),
    )


def _erase(person: Person, user: User, data: dict[str, Any]) -> Done:
    if data["address"].strip().lower() != person.address:
        raise ClientError("ERASE_ADDRESS", _("This is another address: nothing was erased."))
    found = erasure.erase(person.account, person.address, user)
    counts = {name: found.removed.get(name, 0) for name in ("rows", "messages", "files")}
    told = _("Erased as erased-%(number)s: %(rows)s rows, %(messages)s messages, %(files)s files.")
    return Done(
        told % {"number": found.number, **counts},
        reverse("admin:recipients_database_changelist"),
        [_("Not reached: %(what)s.") % {"what": what} for what in found.not_reached],
    )


def _ask_again(message: Message) -> Question:
    arrived = message.status == MessageStatus.DELIVERED
    return Question(
        _("Write «%(title)s» to %(address)s again?") % _of_mail(message),
        [
            _("A draft is made of it for this person alone, with the values of today; nothing is sent yet."),
            _("Whoever unsubscribed or is on the blacklist is left out of it, as always."),
        ],
        points=[("look", _("They have it already: the server took it."))] if arrived else (),
    )


def _again(message: Message, user: User, _data: dict[str, Any]) -> Done:
    draft = write_again(message, user)
    said = _("This draft reaches %(address)s alone: look at it, then send it.") % _of_mail(message)
    return Done(said, reverse("admin:deliveries_delivery_edit", args=[draft.pk, "summary"]))


def _of_mail(message: Message) -> dict[str, str]:
    return {"title": message.delivery.title, "address": message.address}


def _named(person: Person) -> dict[str, str]:
    return {"account": person.account.name}


BLACKLIST: Final = Dialog(
    "blacklist", lazy("Put on the blacklist"), "block", _ask_blacklist, _blacklist, form=NoteForm
)
UNSUBSCRIBE: Final = Dialog(
    "unsubscribe", lazy("Unsubscribe from…"), "unsubscribe", _ask_unsubscribe, _unsubscribe, form=NewsletterForm
)
ERASE: Final = Dialog(
    "erase",
    lazy("Erase"),
    "delete_forever",
    _ask_erase,
    _erase,
    form=EraseForm,
    roles=ACCOUNT_ADMINS,
    variant="danger",
)
WRITE_AGAIN: Final = Dialog("again", lazy("Send again…"), "forward_to_inbox", _ask_again, _again)
ACTS: Final = {dialog.name: dialog for dialog in (BLACKLIST, UNSUBSCRIBE, ERASE)}
