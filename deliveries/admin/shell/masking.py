"""Runs for who may not see personal data: their sentences hide the values that are people's (reference 9)."""

from django.http import HttpRequest

from deliveries.models import ProcessingRun
from recipients.admin.access import may_see_people
from recipients.faults import HIDDEN as HIDDEN
from recipients.faults import masked as masked


def mask(request: HttpRequest, run: ProcessingRun) -> ProcessingRun:
    """Return the run, whose sentences hide people unless the reader may see them."""
    run.people = may_see_people(request, run.account_id)
    return run
