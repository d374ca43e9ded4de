"""Who is not written to: entries, fingerprints, the bounce ladder (reference 7)."""

from recipients.suppressions.entries import UNSUBSCRIPTIONS as UNSUBSCRIPTIONS
from recipients.suppressions.entries import State as State
from recipients.suppressions.entries import lift as lift
from recipients.suppressions.entries import state_by as state_by
from recipients.suppressions.entries import state_of as state_of
from recipients.suppressions.entries import suppress as suppress
from recipients.suppressions.fingerprints import fingerprint as fingerprint
from recipients.suppressions.fingerprints import fingerprint_sql as fingerprint_sql
from recipients.suppressions.ladder import Step as Step
from recipients.suppressions.ladder import clear_count as clear_count
from recipients.suppressions.ladder import clear_counts as clear_counts
from recipients.suppressions.ladder import climb as climb
from recipients.suppressions.ladder import record_bounce as record_bounce
