"""The notes of a bundle on the page of its delivery (reference 2.4)."""

import pytest

from deliveries.models import Label


@pytest.mark.sentence("2.4-07")
def test_labels_are_shown_on_the_page_of_the_delivery(mine, signed_in):
    Label.objects.create(delivery=mine.delivery, name="season", value="deep <winter>")
    page = signed_in(mine.account).get(f"/admin/deliveries/delivery/{mine.delivery.pk}/change/").content.decode()
    assert "<dt>season</dt><dd>deep &lt;winter&gt;</dd>" in page


def labels(delivery):
    return dict(delivery.labels.values_list("name", "value"))


def test_title_and_labels_are_edited_and_what_was_left_alone_keeps_its_lines(mine, signed_in):
    for name, value in (("season", "winter"), ("notes", "one\ntwo"), ("gone", "x")):
        Label.objects.create(delivery=mine.delivery, name=name, value=value)
    client = signed_in(mine.account)
    page = f"/admin/deliveries/delivery/{mine.delivery.pk}/describe/"
    version = client.get(page).context["form"].initial["version"]
    written = {"title": "Sales", "labels": "season = summer\nnotes = one two\nnew = y", "version": version}
    client.post(page, written)
    mine.delivery.refresh_from_db()
    assert mine.delivery.title == "Sales"
    assert labels(mine.delivery) == {"season": "summer", "notes": "one\ntwo", "new": "y"}
    answer = client.post(page, written | {"title": "Late"}, follow=True).content.decode()
    assert "Somebody changed it meanwhile" in answer
    mine.delivery.refresh_from_db()
    assert mine.delivery.title == "Sales"
