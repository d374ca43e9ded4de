"""Reference 2.2: every combination of sources, and which deliveries it makes."""

from itertools import product

import pytest

from deliveries.errors import BundleError
from deliveries.intake.parsing import parse
from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.models import Delivery
from recipients.models import Filter
from tests.language.writing import NEW, write

TEST = "<test_recipients><test_recipient><email>qa@demo.example</email></test_recipient></test_recipients>"


def sources(new, test, normal, tested):
    picked = f"<normal>{normal}</normal>" if normal else ""
    picked += f"<test>{tested}</test>" if tested else ""
    return f"{NEW if new else ''}{TEST if test else ''}" + (f"<filter>{picked}</filter>" if picked else "")


@pytest.mark.sentence("2.2-21", "2.2-25")
@pytest.mark.parametrize(("new", "test"), list(product((True, False), repeat=2)))
def test_every_combination_of_sources(planned, demo, new, test):
    tests = Filter.objects.create(database=demo.customers, name="QA", use="test", conditions=demo.milan.conditions)
    for normal, tested in product((None, demo.milan.pk), (None, tests.pk)):
        written = sources(new, test, normal, tested)
        if not written:
            with pytest.raises(BundleError) as caught:
                parse(write(recipients=written), "x.xml")
            assert caught.value.sub_status == "XML_ERROR"
            continue
        plan = planned(recipients=written)
        assert (plan.normal is not None) == bool(new or normal)
        assert (plan.test is not None) == bool(test or tested)
        if plan.normal:
            assert (plan.normal.source is not None, plan.normal.filter is not None) == (new, not new)
        if plan.test:
            assert (plan.test.source is not None, plan.test.filter is not None) == (test, not test)
            assert plan.test.most == 30
        overridden = sum("overrides the filter" in warning for warning in plan.warnings)
        assert overridden == bool(new and normal) + bool(test and tested)


@pytest.mark.sentence("2.2-20")
@pytest.mark.parametrize("kind", ["new", "test"])
def test_an_overridden_filter_is_not_looked_up_whatever_it_is(planned, demo, kind):
    archived = Filter.objects.create(database=demo.pages, name="A", use="real" if kind == "test" else "test")
    for number in (archived.pk, 999_999):
        picked = {"normal": number, "tested": None} if kind == "new" else {"normal": None, "tested": number}
        plan = planned(recipients=sources(kind == "new", kind == "test", **picked))
        assert f"{kind}_recipients overrides the filter {number}" in plan.warnings[0]


@pytest.mark.sentence("2.2-14")
@pytest.mark.parametrize("use", ["real", "test", "both"])
def test_a_filter_is_of_the_right_use(planned, refusal, demo, use):
    Filter.objects.filter(pk=demo.milan.pk).update(use=use)
    for place, right in (("normal", {"real", "both"}), ("tested", {"test", "both"})):
        picked = sources(new=False, test=False, **{"normal": None, "tested": None, place: demo.milan.pk})
        if use in right:
            assert planned(recipients=picked)
        else:
            assert refusal(recipients=picked).code == "FILTER_USE"


@pytest.mark.sentence("2.2-12")
def test_rendering_is_accepted_and_noted_whatever_it_says(planned, demo):
    for said in ("true", "false"):
        plan = planned(recipients=f'<filter><test rendering="{said}">{demo.milan.pk}</test></filter>')
        assert "rendering is not enabled" in plan.warnings[0]
        assert plan.normal is None


@pytest.mark.sentence("2.2-09", "2.2-10", "3.3-12")
@pytest.mark.parametrize("people", [29, 30, 31, 60])
def test_of_test_people_30_are_taken_and_the_excess_is_counted(demo, tmp_path, people):
    (tmp_path / "qa.csv").write_text("email\n" + "".join(f"qa{n}@demo.example\n" for n in range(people)))
    source = "<test_recipients><csv_file>qa.csv</csv_file></test_recipients>"
    (tmp_path / "x.xml").write_bytes(write(newsletter=demo.offers.pk, recipients=NEW + source))
    answer = rehearse(tmp_path / "x.xml")
    assert (answer.normal, answer.test) == (1, min(people, 30))
    noted = [warning for warning in answer.warnings if "beyond 30 are ignored" in warning]
    assert noted == ([f"qa.csv: {people - 30} test recipients beyond 30 are ignored"] if people > 30 else [])


@pytest.mark.sentence("2.2-27")
@pytest.mark.parametrize("rows", ["", "email\n", "email\nnobody\n"])
def test_a_test_list_that_is_nobody_does_not_stop_the_normal_delivery(demo, tmp_path, rows):
    (tmp_path / "qa.csv").write_text(rows)
    source = "<test_recipients><csv_file>qa.csv</csv_file></test_recipients>"
    for recipients, accepted in ((NEW + source, True), (source, False)):
        (tmp_path / "x.xml").write_bytes(write(newsletter=demo.offers.pk, recipients=recipients))
        answer = rehearse(tmp_path / "x.xml")
        assert answer.accepted is accepted
        assert (answer.normal, answer.test) == (int(accepted), 0)
    assert not Delivery.objects.exists()


def test_a_report_on_a_test_delivery_alone_is_noted_and_not_planned(planned, demo):
    report = (
        '<delivery method="auto"><schedule_report><report_recipient>erp@demo.example</report_recipient>'
        "<delay_hour>12</delay_hour></schedule_report></delivery>"
    )
    plan = planned(recipients=TEST, delivery=report)
    assert plan.report is None
    assert "only a test delivery is made, no report is planned" in plan.warnings[-1]
    assert planned(recipients=NEW + TEST, delivery=report).report.recipients == ("erp@demo.example",)
