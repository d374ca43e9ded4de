"""The summary of a run by mail, to who is named on its space (reference 4.2); one of our own mails."""

from django.core.mail import EmailMultiAlternatives

from deliveries import conf
from deliveries.errors import ServiceError
from deliveries.models import ProcessingRun
from deliveries.models.functions import DatabaseNow
from deliveries.relay import operator_mail


def render(run: ProcessingRun) -> EmailMultiAlternatives:
    """Return the summary: status, counts, error, warnings, links."""
    return operator_mail.draft(run.space.notify, f"XML Delivery: {run.file} {run.status}", _lines(run))


def _lines(run: ProcessingRun) -> list[str]:
    link = f"{conf.admin_url()}/deliveries"
    lines = [f"Run {run.pk} of {run.file} on space {run.space.name}: {run.status} ({run.sub_status})", ""]
    if run.error:
        lines += [f"{run.code}: {run.error}", ""]
    if run.rows_good is not None:
        lines.append(f"Recipients: {run.rows_good} good rows, {run.rows_bad or 0} bad rows")
    for name, delivery in (("Delivery", run.delivery_id), ("Test delivery", run.test_delivery_id)):
        if delivery:
            lines.append(f"{name} {delivery}: {link}/delivery/{delivery}/change/")
    lines += [f"Warning: {warning}" for warning in run.warnings]
    return [*lines, f"The run: {link}/processingrun/{run.pk}/change/"]


def send(run_id: int) -> str:
    """Mail it once: the row is claimed before, and given back when the relay did not take it."""
    claimed = ProcessingRun.objects.filter(pk=run_id, mailed_at=None).update(mailed_at=DatabaseNow())
    run = ProcessingRun.objects.select_related("space", "account").filter(pk=run_id).first()
    if not claimed or run is None or not run.space.notify:
        return f"run {run_id}: no summary to mail"
    try:
        operator_mail.hand_over(render(run))
    except ServiceError as error:
        ProcessingRun.objects.filter(pk=run_id).update(mailed_at=None)
        return f"run {run_id}: {error.message}"
    return f"run {run_id}: summary mailed to {len(run.space.notify)}"
