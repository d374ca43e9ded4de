"""Reference 3.1, 8: the base filter of a newsletter."""

import pytest

from recipients import tables
from recipients.models import Database, Field, Filter


@pytest.fixture
def save(mine, signed_in):
    """Save the newsletter's form as it is shown, with a base filter; return the errors."""
    client = signed_in(mine.account, "account_admin")
    page = f"/admin/deliveries/newsletter/{mine.newsletter.pk}/change/"

    def send(chosen):
        form = client.get(page).context["adminform"].form
        shown = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
        response = client.post(page, shown | {"seeds": "", "rates": "{}", "base_filter": chosen.pk})
        mine.newsletter.refresh_from_db()
        return response.context["adminform"].form.errors if response.context else {}

    return send


@pytest.mark.sentence("3.1-20")
def test_a_base_filter_of_another_database_or_of_a_load_is_refused(mine, save):
    other = Database.objects.create(account=mine.account, name="Other")
    Field.objects.create(database=other, name="email", type="email")
    tables.create(other)
    wrong = Filter.objects.create(database=other, name="theirs", conditions=[])
    load = Filter.objects.create(database=mine.database, name="a load", conditions=[], automatic=True)
    assert save(wrong)["base_filter"] == ["This filter belongs to another database."]
    assert "base_filter" in save(load)
    assert mine.newsletter.base_filter_id is None
    assert save(mine.filter) == {}
    assert mine.newsletter.base_filter_id == mine.filter.pk
