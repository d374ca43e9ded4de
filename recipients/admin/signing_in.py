"""People log in with their name or their e-mail address (INTERFACE, provisioning)."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.http import HttpRequest

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
        """Return the user, or None; an unknown name costs as much time as a wrong password."""
        if not username or password is None:
            return None
        named = Q(username=username) | Q(email__iexact=username) | Q(memberships__name=username)
        for user in User.objects.filter(named).distinct().order_by("id")[:5]:
            if user.check_password(password) and self.user_can_authenticate(user):
                return user
        make_password(password)
        return None
