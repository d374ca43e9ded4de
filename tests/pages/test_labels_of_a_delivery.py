"""The notes of a bundle on the page of its delivery (reference 2.4)."""

import pytest

from deliveries.models import Label


@pytest.mark.sentence("2.4-07")
def test_labels_are_shown_on_the_page_of_the_delivery(mine, signed_in):
    Label.objects.create(delivery=mine.delivery, name="season", value="deep <winter>")
    page = signed_in(mine.account).get(f"/admin/deliveries/delivery/{mine.delivery.pk}/change/").content.decode()
    assert "<dt>season</dt><dd>deep &lt;winter&gt;</dd>" in page
