"""People log in with their name or their e-mail address (reference, Logging in)."""

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import Case, Q, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.forms import AuthenticationForm

from recipients import audit
from recipients.admin.logging_in import throttling
from recipients.models import Membership, User

# Whose log-in name or address it is, and the one other person who has it as the name in an account.
MOST_PEOPLE: Final = 2


def people_of(name: str) -> list[User]:
    """Return whom a typed name may mean. If several further people are called so in accounts, none of these.

    PostgreSQL holds letters for the same that are not (a dotless i and an i), so what it finds is compared again.
    """
    by_name, typed = Q(username=name), throttling.same_name(name)
    place = Case(When(by_name, then=Value(0)), default=Value(1))
    found: list[User] = list(User.objects.filter(by_name | Q(email__iexact=name)).order_by(place, "id"))
    first = [user for user in found if name == user.username or typed == throttling.same_name(user.email)][:1]
    others = list(User.objects.filter(memberships__name=name).exclude(pk__in=[user.pk for user in first])[:2])
    return first + others if len(others) == 1 else first


def subject_of(name: str) -> str:
    """Return as whom the log-ins with a name are counted: the person found, else what was typed.

    Found as the database compares, in any letter case: whoever may be meant is counted.
    """
    meant = Q(username__iexact=name) | Q(email__iexact=name) | Q(memberships__name=name)
    found = User.objects.filter(meant).annotate(place=Case(When(username=name, then=Value(0)), default=Value(1)))
    person = found.order_by("place", "id").values_list("pk", flat=True).first()
    return f"typed {throttling.same_name(name)}" if person is None else f"person {person}"


class NameOrEmailBackend(ModelBackend):
    """Finds the user whose name or address was typed and whose password it is."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002  Django's contract
        username: str | None = None,
        password: str | None = None,
        **_kwargs: Any,
    ) -> User | None:
        """Return the user, or None; every name costs two hashes, whoever has it and however many do."""
        if not username or password is None:
            return None
        people = people_of(username)
        # All of them, also behind the right one: time tells nobody which names exist.
        right = [user.check_password(password) for user in people]
        # The same for names that nobody has.
        for _missing in range(MOST_PEOPLE - len(people)):
            make_password(password)
        for user, is_right in zip(people, right, strict=True):
            if is_right and self.user_can_authenticate(user):
                return user
        return None


class LogInForm(AuthenticationForm):  # type: ignore[misc]  # Unfold ships no types
    """The form of the log-in page: who failed too often waits."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": lazy(
            "Name and password do not belong together. Where several people have the same name, write the e-mail "
            "address."
        ),
    }

    def clean(self) -> dict[str, Any]:
        """Ask nothing and compute no hash for who has to wait."""
        name = self.cleaned_data.get("username") or ""
        who = subject_of(name)
        if seconds := throttling.take(self.request, who):
            minutes = {"minutes": -(-seconds // 60)}
            sentence = _("Too many log-ins failed: wait %(minutes)s min, then try again.") % minutes
            raise ValidationError(sentence, code="throttled")
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            throttling.taken_failed(self.request, who)
            _note_failure(name)
            raise
        if self.user_cache is not None:
            throttling.succeeded(self.request, who)
            _note_success(self.user_cache)
        return cleaned


def _note_success(user: User) -> None:
    _record(user, user, audit.Verb.LOGGED_IN)


def _note_failure(name: str) -> None:
    """Note that somebody tried a name; a name that nobody has costs a line as well, so that time tells nothing."""
    found = User.objects.filter(Q(username=name) | Q(email__iexact=name)).order_by("id").first()
    _record(found or User(username=name[:150]), None, audit.Verb.LOG_IN_FAILED)


def _record(user: User, actor: User | None, verb: audit.Verb) -> None:
    mine = Membership.objects.filter(user_id=user.pk or 0).values_list("account_id", flat=True)
    accounts: list[int | None] = list(mine)
    for account in accounts or [None]:
        audit.record(account, actor, verb, user)
