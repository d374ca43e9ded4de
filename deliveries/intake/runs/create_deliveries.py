"""The deliveries of a run, in one transaction with its end and the task that starts them (architecture, A run)."""

from django.db import transaction
from django.utils import timezone

from deliveries import queue
from deliveries.composition import attachments_of, content_of
from deliveries.intake.rules import Audience, Plan, References
from deliveries.intake.runs import transitions
from deliveries.intake.runs.transitions import RunContext
from deliveries.models import Attachment, Content, Delivery, DeliveryStatus, Label, ReportPlan, RunStatus, SubStatus
from recipients.faults import Fault


def create_deliveries(run: RunContext, references: References, plan: Plan) -> None:
    """Make the test delivery, then the normal one, and end the run: all of it or nothing."""
    with transaction.atomic():
        test = _test(run, references, plan, plan.test) if plan.test else None
        normal = _normal(run, references, plan, plan.normal) if plan.normal else None
        started = [d for d in (test, normal) if d and d.status == DeliveryStatus.SCHEDULED and d.start_queued_at]
        for delivery in started:
            queue.enqueue(queue.START_DELIVERY, delivery.pk)
        transitions.warn(run, *plan.warning_faults)
        _record_steps(run, plan, normal, test)
        if started:
            transitions.step(run, SubStatus.DELIVERY_STARTED, ", ".join(str(delivery.pk) for delivery in started))
        status = RunStatus.RECOVERED if run.row.retry_of_error else RunStatus.SUCCESS
        transitions.end(
            run, status, SubStatus.DELIVERY_FINISHED, _words(normal, test), code="", fault=None, faults=[]
        )


def _record_steps(run: RunContext, plan: Plan, normal: Delivery | None, test: Delivery | None) -> None:
    for step, delivery in ((SubStatus.QUALIFIER_ID, normal), (SubStatus.QUALIFIER_TEST_ID, test)):
        if delivery and delivery.filter_id:
            field = "filter" if delivery is normal else "test_filter"
            transitions.step(run, step, str(delivery.filter_id), **{field: delivery.filter})
    transitions.step(run, SubStatus.DELIVERY_CONTENT, plan.source.title)
    if normal:
        transitions.step(run, SubStatus.DELIVERY_ID, str(normal.pk), delivery=normal)
    if test:
        transitions.step(run, SubStatus.DELIVERY_ID_TEST, str(test.pk), test_delivery=test)


def _words(*deliveries: Delivery | None) -> Fault:
    made = [
        Fault.of("delivery.sent_off" if each.start_queued_at else f"delivery.{each.status}", id=each.pk)
        for each in deliveries
        if each
    ]
    return Fault.of("step.deliveries", deliveries=made)


def _test(run: RunContext, references: References, plan: Plan, wanted: Audience) -> Delivery:
    now = timezone.now()
    return _delivery(
        run,
        references,
        plan,
        wanted,
        type="test",
        status=DeliveryStatus.SCHEDULED,
        start_at=now,
        start_queued_at=now,
    )


def _normal(run: RunContext, references: References, plan: Plan, wanted: Audience) -> Delivery:
    now = timezone.now()
    if plan.method == "manual":
        when: dict[str, object] = {"status": DeliveryStatus.READY, "proposed_at": plan.proposed_at}
    elif plan.start_at is None or plan.start_at <= now:
        when = {"status": DeliveryStatus.SCHEDULED, "start_at": now, "start_queued_at": now}
    else:
        when = {"status": DeliveryStatus.SCHEDULED, "start_at": plan.start_at}
    delivery = _delivery(run, references, plan, wanted, type="normal", **when)
    if plan.report:
        ReportPlan.objects.create(
            delivery=delivery, recipients=list(plan.report.recipients), delay_hours=plan.report.delay_hours
        )
    return delivery


def _delivery(run: RunContext, references: References, plan: Plan, wanted: Audience, **further: object) -> Delivery:
    made = wanted.filter
    if wanted.source:
        made = run.row.test_filter if further["type"] == "test" else run.row.filter
    delivery = Delivery.objects.create(
        account=run.space.account,
        newsletter=references.newsletter,
        database=references.database,
        filter=made,
        source="xml",
        run=run.row,
        title=plan.source.title,
        subject=plan.source.subject,
        remove_duplicates=plan.remove_duplicates,
        transactional=plan.transactional,
        publish_on_web=plan.publish_on_web,
        most_recipients=wanted.most,
        **further,
    )
    Content.objects.create(delivery=delivery, **content_of(plan.source))
    Label.objects.bulk_create(Label(delivery=delivery, name=name, value=value) for name, value in plan.labels)
    Attachment.objects.bulk_create(attachments_of(plan.source, delivery))
    return delivery
