import pytest

from deliveries.models import Delivery, Label

PAGE = "/admin/deliveries/delivery/"


@pytest.fixture
def winter(mine):
    """Mine, one that has all that is looked for; beside it one that has nothing of it."""
    Label.objects.create(delivery=mine.delivery, name="season", value="deep winter")
    Label.objects.create(delivery=mine.delivery, name="wave", value="second winter")
    Delivery.objects.filter(pk=mine.delivery.pk).update(title="Offers of December", subject="Snow, Anna")
    Delivery.objects.create(
        account=mine.account, database=mine.database, newsletter=mine.newsletter, title="Another", status="ready"
    )
    return mine


def found(client, asked):
    return [row.pk for row in client.get(PAGE, {"q": asked}).context["cl"].result_list]


@pytest.mark.sentence("2.4-08")
@pytest.mark.parametrize(
    "asked", ["december", "Snow,", "deep", '"deep winter"', "winter snow", "{id}", "{filter}", "{file}"]
)
def test_each_word_is_looked_for_in_fields_labels_and_id(winter, signed_in, asked):
    named = {"id": winter.delivery.pk, "filter": winter.filter.name, "file": winter.run.file}
    assert winter.delivery.pk in found(signed_in(winter.account, "operator"), asked.format(**named))


def test_a_delivery_of_two_fitting_labels_is_found_once(winter, signed_in):
    assert found(signed_in(winter.account, "operator"), "winter") == [winter.delivery.pk]


@pytest.mark.parametrize("asked", ["december nowhere", '"winter deep"', "nowhere"])
def test_what_has_not_every_word_is_not_found(winter, signed_in, asked):
    assert found(signed_in(winter.account, "operator"), asked) == []


def test_another_accounts_delivery_is_not_found(winter, theirs, signed_in):
    assert found(signed_in(theirs.account, "operator"), "december") == []
