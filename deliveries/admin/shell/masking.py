"""Sentences of runs for who may not see personal data: what was found in a list is not shown (reference 9)."""

import re
from typing import Final

from django.http import HttpRequest

from deliveries.models import ProcessingRun
from recipients.admin.access import may_see_people

HIDDEN: Final = "…"
# From the first quote that opens to the last one that closes: a value may hold quotes itself. One within a word is
# an apostrophe of ours.
_QUOTED: Final = re.compile(r"""(?<!\w)['"“«].*['"”»](?!\w)""", re.DOTALL)
# A list without names in its first row has people there, and these sentences list them without quotes.
_NAMED: Final = re.compile(
    r"(?<=has no field ).*(?=: its fields are)|(?<=columns found: ).*(?=; add it)"
    r"|(?<=the column ).*(?= stands twice)",
    re.DOTALL,
)
_ADDRESS: Final = re.compile(r"[^\s,;:<>]+@[^\s,;:<>]+")


def masked(text: str) -> str:
    """Return a sentence without what it quotes, and without addresses."""
    for pattern in (_NAMED, _QUOTED, _ADDRESS):
        text = pattern.sub(HIDDEN, text)
    return text


def mask(request: HttpRequest, run: ProcessingRun) -> ProcessingRun:
    """Return the run, its sentences masked unless the reader may see people; such a run is never saved."""
    if may_see_people(request, run.account_id):
        return run
    run.error, run.first_error = masked(run.error), masked(run.first_error)
    run.warnings = [masked(warning) for warning in run.warnings]
    run.problems = [{**problem, "message": masked(problem["message"])} for problem in run.problems]
    return run
