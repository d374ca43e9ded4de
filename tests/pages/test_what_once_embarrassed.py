"""What a tour of the area once found, seen as an operator and an administrator see it, in one session."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries.models import Delivery, ProcessingRun, RelayHealth
from recipients.faults import Fault
from recipients.models import Database, Invitation
from tests.pages.conftest import furnish

LIST = "/admin/deliveries/delivery/"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_dangers_are_said_and_what_can_not_be_done_is_not_offered(look, settings):
    made, long_ago = furnish("Acme"), timezone.now() - timedelta(minutes=9)
    settings.SMTP_URL = "smtp://127.0.0.1:2525"
    RelayHealth.objects.create(
        relay="127.0.0.1:2525", failing_since=long_ago, code="SMTP_UNREACHABLE", words="refused", told_at=long_ago
    )
    Database.objects.filter(pk=made.database.pk).update(
        locked_by=f"delivery {made.delivery.pk}",
        locked_since=long_ago,
        locked_until=timezone.now() + timedelta(hours=1),
    )
    failed = Delivery.objects.create(
        account=made.account, newsletter=made.newsletter, database=made.database, title="Vuota", status="failed",
        fault=Fault.of("delivery.crashed").as_json(), ended_at=timezone.now(),
    )  # fmt: skip
    ProcessingRun.objects.filter(pk=made.run.pk).update(fault=Fault.of("delivery.crashed").as_json())
    words = Fault.of("delivery.crashed").say()
    looker = look(1280, "light", "it-IT")
    page = looker.page
    looker.sign_in(made.membership.user)

    looker.look("/admin/")  # nobody saw that the relay was away
    page.locator("#home-live").get_by_text("127.0.0.1:2525").wait_for()

    looker.open(f"{LIST}{made.delivery.pk}/change/")  # a time that has passed sent at once
    page.locator("#delivery-live").get_by_role("link", name="Pianifica").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=when]").fill("2020-01-01T10:00")
    dialog.get_by_role("button", name="Pianifica").click()
    page.get_by_text("è già passato").first.wait_for()
    made.delivery.refresh_from_db()
    assert (made.delivery.status, made.delivery.start_at) == ("ready", None)

    looker.look(f"{LIST}?tab=failed")  # it hid the runs, and the reasons, which were English
    shown = page.locator(".xd-failures").inner_text()
    assert (failed.title in shown, made.run.file in shown) == (True, True)
    assert words not in shown

    looker.look("/admin/recipients/database/")  # "locked by: —" while changes were refused
    page.locator("#result_list").get_by_text(f"delivery {made.delivery.pk}").wait_for()

    looker.look("/admin/recipients/membership/invite/")  # an administrator could add nobody
    page.fill("[name=email]", "nora@acme.example")
    page.fill("[name=name]", "Nora")
    page.locator("#content [type=submit]").click()
    page.get_by_text("nora@acme.example").first.wait_for()
    assert Invitation.objects.get().email == "nora@acme.example"
    looker.check("invited")
