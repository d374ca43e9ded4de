"""What an operator may do with a run: retry, release, discard (reference 4)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from deliveries.intake.runs import control as runs
from deliveries.intake.runs.control import advice, has_good_rows
from deliveries.models import ProcessingRun, RunStatus, SubStatus
from recipients.admin.badges import grouped
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User

_Data = dict[str, Any]


def _held(run: ProcessingRun) -> bool:
    return run.sub_status == SubStatus.DUPLICATE_HELD


def _retry_helps(run: ProcessingRun) -> bool:
    return run.status == RunStatus.ERROR and run.sub_status != SubStatus.DISCARDED and advice(run).retry


def _retry(run: ProcessingRun, user: User, _data: _Data) -> str:
    runs.retry(run.pk, actor=user)
    return _("Run %(id)s is worked again.") % {"id": run.pk}


def _load_good(run: ProcessingRun, user: User, _data: _Data) -> str:
    runs.load_good_rows(run.pk, actor=user)
    return _("Run %(id)s is worked again, without its bad rows.") % {"id": run.pk}


def _ask_good(run: ProcessingRun) -> Question:
    good, bad = run.rows_loadable or 0, run.rows_bad or 0
    loaded = ngettext(
        "%(n)s row is loaded and the delivery is made.", "%(n)s rows are loaded and the delivery is made.", good
    )
    left_out = ngettext("%(n)s bad row is left out.", "%(n)s bad rows are left out.", bad)
    return Question(
        _("Load the good rows of «%(file)s» anyway?") % {"file": run.file},
        [loaded % {"n": grouped(good)}, left_out % {"n": grouped(bad)}],
    )


def _release(run: ProcessingRun, user: User, _data: _Data) -> str:
    runs.release(run.pk, actor=user)
    return _("Run %(id)s is worked.") % {"id": run.pk}


def _discard(run: ProcessingRun, user: User, _data: _Data) -> str:
    runs.discard(run.pk, actor=user)
    return _("Run %(id)s is discarded.") % {"id": run.pk}


DIALOGS = (
    Dialog(
        "release",
        lazy("Release"),
        "play_arrow",
        lambda run: Question(
            _("Work «%(file)s» although it repeats run %(id)s?") % {"file": run.file, "id": run.duplicate_of_id},
            [_("Its recipients are loaded and its delivery is made a second time.")],
        ),
        _release,
        offered=_held,
        variant="primary",
    ),
    Dialog(
        "discard",
        lazy("Discard"),
        "delete",
        lambda run: Question(
            _("Discard «%(file)s»?") % {"file": run.file}, [_("Nothing of it is loaded or sent.")]
        ),
        _discard,
        offered=_held,
        variant="danger",
    ),
    Dialog(
        "load-good-rows",
        lazy("Load the good rows anyway"),
        "playlist_add_check",
        _ask_good,
        _load_good,
        offered=has_good_rows,
        variant="primary",
    ),
    Dialog(
        "retry",
        lazy("Retry"),
        "replay",
        lambda run: Question(
            _("Work «%(file)s» again?") % {"file": run.file},
            [_("The bundle is taken as it was received, not as it is on the space now.")],
        ),
        _retry,
        offered=_retry_helps,
    ),
)
