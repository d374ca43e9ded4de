"""The audit log is append-only, says who changed what from what to what, and each page's History leads to it."""

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client

from deliveries import audit
from deliveries.models import Activity

LOG = "/admin/deliveries/activity/"


@pytest.fixture
def admin(mine, signed_in):
    return signed_in(mine.account, "account_admin")


@pytest.mark.parametrize("act", [lambda row: row.update(verb="stopped"), lambda row: row.delete()])
def test_the_database_refuses_to_change_or_delete_a_line(mine, act):
    lines = Activity.objects.filter(account=mine.account)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        act(lines)
    assert lines.exists()


def test_a_line_outlives_the_thing_that_it_tells_of(mine):
    line = Activity.objects.get(delivery=mine.delivery)
    mine.message.delete()
    mine.delivery.delete()
    line.refresh_from_db()
    assert line.delivery is None


def test_pruning_opens_it_for_its_own_transaction(mine):
    with audit.opened_for("prune"):
        Activity.objects.filter(account=mine.account).delete()
    Activity.objects.create(account=mine.account, verb="edited")
    with pytest.raises(ProgrammingError), transaction.atomic():
        Activity.objects.filter(account=mine.account).delete()


def test_a_change_is_kept_with_before_and_after_and_a_secret_only_as_changed(mine, admin):
    page = f"/admin/recipients/account/{mine.account.pk}/change/"
    form = admin.get(page).context["adminform"].form
    given = {name: form[name].value() or "" for name in form.fields}
    admin.post(page, {**given, "name": "Acme Group"})
    line = Activity.objects.filter(verb="changed").latest("id")
    assert line.params["changes"] == {"name": ["Acme Ltd", "Acme Group"]}
    assert "name: Acme Ltd → Acme Group" in admin.get(LOG).content.decode()
    space = f"/admin/deliveries/sftpspace/{mine.space.pk}/change/"
    form = admin.get(space).context["adminform"].form
    given = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    given = {name: value for name, value in given.items() if value is not False}
    admin.post(space, {**given, "new_password": "new-secret-word"})
    line = Activity.objects.filter(verb="changed", target_type="sftpspace").latest("id")
    assert "new-secret-word" not in str(line.params)
    assert line.params["changes"]["new_password"] == ["…", "…"]


def test_a_log_in_is_a_line_and_so_is_one_that_failed(mine, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    user = mine.membership.user
    for word in ("wrong", "long-enough-1"):
        Client().post("/admin/login/", {"username": user.username, "password": word})
    lines = Activity.objects.filter(account=mine.account, target_type="user").order_by("id")
    assert [line.verb for line in lines] == ["log-in failed", "logged in"]


def test_the_history_of_a_page_leads_to_its_own_lines(mine, theirs, admin):
    answer = admin.get(f"/admin/deliveries/delivery/{mine.delivery.pk}/history/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{LOG}?thing=delivery-{mine.delivery.pk}"
    assert [row.delivery for row in answer.context["cl"].result_list] == [mine.delivery]
    foreign = admin.get(f"{LOG}?thing=delivery-{theirs.delivery.pk}")
    assert list(foreign.context["cl"].result_list) == []
    assert admin.get(f"/admin/deliveries/delivery/{theirs.delivery.pk}/history/").status_code == 404
