"""Runs: their steps, and what ends them besides mistakes of the bundle (reference 1, 4)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # steps
    "step.rows": Sentence(_("%(rows)s rows")),
    "step.bytes": Sentence(_("%(size:,)s bytes")),
    "step.retried": Sentence(_("retried: %(who)s")),
    "step.released": Sentence(_("released: %(who)s")),
    "step.discarded": Sentence(_("discarded: %(who)s")),
    "step.by_command": Sentence(_("by command")),
    "step.good_rows": Sentence(_("retried with its good rows: %(who)s")),
    "step.deliveries": Sentence("%(deliveries)s"),
    "delivery.sent_off": Sentence(_("delivery %(id)s sent off")),
    "delivery.scheduled": Sentence(_("delivery %(id)s scheduled")),
    "delivery.ready": Sentence(_("delivery %(id)s ready")),
    # ends; the first is read word for word by clients
    "DUPLICATE_HELD": Sentence("same content as run %(run)s, held for an operator"),
    "run.discarded": Sentence(_("%(why)s; discarded by an operator")),
    "QUARANTINED.crashed": Sentence(
        _("this run crashed three times and is set aside: have the log read, then retry it")
    ),
    "QUARANTINED.cut_short": Sentence(
        _("this run was cut short ten times and is set aside: see why the machine ends, then retry it")
    ),
    "DATABASE_AWAY": Sentence(_("the database was away: the run goes on")),
    "DATABASE_AWAY.too_long": Sentence(
        _("the database went away again and again for 30 minutes: retry the run when it is up")
    ),
    "DISK_SPOOL": Sentence(_("the disk of %(folder)s is full: make room there")),
    "LEASE_LOST": Sentence(_("the lease of %(what)s is another's now")),
    "SPACE_LEASED": Sentence(_("%(space)s: it is being polled, look at its runs")),
    # what an operator may not do
    "RETRY_KEYS": Sentence(_("run %(run)s failed before its keys were accepted: drop it again")),
    "RETRY_NO_FILES": Sentence(_("nothing of run %(run)s is kept: drop it again")),
    "RUN_STATE.retried": Sentence(_("run %(run)s is %(state)s: it can't be retried")),
    "RUN_STATE.released": Sentence(_("run %(run)s is %(state)s: it can't be released")),
    "RUN_STATE.discarded": Sentence(_("run %(run)s is %(state)s: it can't be discarded")),
    "GOOD_ROWS": Sentence(_("run %(run)s has no good rows that were refused for the bad ones beside them")),
    "RUN_STATE.good_rows": Sentence(_("run %(run)s is %(state)s: it can't be retried")),
}
