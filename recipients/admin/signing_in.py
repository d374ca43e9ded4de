"""People log in with their name or their e-mail address (reference, Logging in)."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import Case, Q, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.forms import AuthenticationForm

from recipients.admin import log_in_history, throttling
from recipients.models import User


class NameOrEmailBackend(ModelBackend):
    """Finds the user whose name or address was typed and whose password it is."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002  Django's contract
        username: str | None = None,
        password: str | None = None,
        **_kwargs: Any,
    ) -> User | None:
        """Return the user, or None; a name that nobody has costs one hash, as that of one person does.

        Of those who have the name in their accounts five are tried, a hash each: the log-in name and the address
        go first, so that everybody can log in by one of them.
        """
        if not username or password is None:
            return None
        by_name, by_address = Q(username=username), Q(email__iexact=username)
        found = User.objects.filter(by_name | by_address | Q(memberships__name=username)).annotate(
            place=Case(When(by_name, then=Value(0)), When(by_address, then=Value(1)), default=Value(2))
        )
        candidates = list(found.distinct().order_by("place", "id")[:5])
        if not candidates:
            make_password(password)
        for user in candidates:
            if user.check_password(password) and self.user_can_authenticate(user):
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
        if seconds := throttling.wait(self.request, name):
            minutes = {"minutes": -(-seconds // 60)}
            sentence = _("Too many log-ins failed: wait %(minutes)s min, then try again.") % minutes
            raise ValidationError(sentence, code="throttled")
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            throttling.failed(self.request, name)
            log_in_history.note_failure(name)
            raise
        if self.user_cache is not None:
            throttling.succeeded(self.request, name)
            log_in_history.note_success(self.user_cache)
        return cleaned
