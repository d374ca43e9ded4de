"""A bundle's manual delivery waits in Communicate > Ready until somebody sends it (reference 2.3)."""

import pytest

from deliveries.models import Delivery

PAGE = "/admin/deliveries/delivery/"


@pytest.mark.sentence("2.3-04")
@pytest.mark.parametrize("status", ["new", "ready", "scheduled", "sending", "paused", "sent", "stopped", "failed"])
def test_ready_holds_what_waits_and_nothing_else(mine, signed_in, status):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status)
    response = signed_in(mine.account).get(PAGE, {"tab": "ready"})
    waiting = [row.pk for row in response.context["cl"].result_list]
    assert waiting == ([mine.delivery.pk] if status == "ready" else [])


@pytest.mark.sentence("2.3-04")
def test_communicate_leads_to_ready_and_the_operator_sends_from_there(mine, signed_in):
    client = signed_in(mine.account)
    page = client.get(PAGE).content.decode()
    assert "Communicate" in page
    assert f'href="{PAGE}"' in page
    assert "?tab=ready" in page
    shown = client.get(f"{PAGE}{mine.delivery.pk}/change/").content.decode()
    assert f"{PAGE}{mine.delivery.pk}/start/" in shown
