"""Before anything runs: an administrator, the demo account, and whose the names of embedded spaces are."""

import io
import json
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command

from deliveries.models import SftpSpace
from recipients.models import User
from xmld_project.secret_files import made_once
from xmld_project.standalone.places import Places

DEMO: Final = Path(__file__).resolve().parent.parent / "demo"
ADMIN: Final = "admin"


def administrator(places: Places) -> dict[str, str | None]:
    """Return the administrator's name and generated password; made at the first start.

    The password is null once somebody has changed it, and both are when others administer.
    """
    password = made_once(places.secrets / "admin_password", 15)
    user = User.objects.filter(username=ADMIN).first()
    if user is None:
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            return {"username": None, "password": None}
        User.objects.create_superuser(ADMIN, email=None, password=password)
        return {"username": ADMIN, "password": password}
    return {"username": ADMIN, "password": password if user.check_password(password) else None}


def demo_account() -> dict[str, Any]:
    """Provision the demo account and return what provisioning says. Raises CommandError."""
    said = io.StringIO()
    call_command("provision", str(DEMO / "demo.toml"), json=True, stdout=said)
    made = json.loads(said.getvalue())
    return made if isinstance(made, dict) else {}


def owners_of_names() -> dict[str, int]:
    """Return the user names of the embedded spaces, with the ids of their accounts."""
    return dict(SftpSpace.objects.filter(embedded=True).values_list("username", "account_id"))
