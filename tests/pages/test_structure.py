"""A database's structure stays while a delivery on it goes out (reference 3.4)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from deliveries.models import Delivery
from recipients import locks

CHANGES = [
    ("add-field", {"name": "more", "type": "string"}),
    ("rename-field", {"name": "nome", "new": "name"}),
    ("remove-field", {"name": "nome"}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("act", "given"), CHANGES)
@pytest.mark.parametrize("status", ["sending", "paused"])
def test_no_field_changes_while_a_delivery_goes_out(mine, signed_in, act, given, status):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status)
    fields = list(mine.database.fields.values_list("name", flat=True))
    address = reverse(f"admin:recipients_database_{act}", args=[mine.database.pk])
    answer = signed_in(mine.account).post(address, given, follow=True)
    assert f"locked by delivery {mine.delivery.pk}" in answer.content.decode()
    assert list(mine.database.fields.values_list("name", flat=True)) == fields


@pytest.mark.parametrize(("act", "given"), CHANGES)
def test_no_field_changes_under_a_load_and_the_page_says_which(mine, signed_in, act, given):
    locks.acquire(mine.database.pk, "run 4711", timedelta(minutes=5))
    fields = list(mine.database.fields.values_list("name", flat=True))
    address = reverse(f"admin:recipients_database_{act}", args=[mine.database.pk])
    shown = signed_in(mine.account).post(address, given, follow=True).content.decode()
    assert "Database “Acme people” is held by run 4711: try again when it has ended." in shown
    assert "Userdb" not in shown
    assert list(mine.database.fields.values_list("name", flat=True)) == fields
