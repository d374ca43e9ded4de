"""What an operator may do with a delivery, state by state (reference 5.1); each says what will happen."""

from typing import Final

from deliveries.admin.acts import going_out, keeping, starting, testing
from deliveries.admin.acts.order import by_likelihood as by_likelihood
from deliveries.admin.deliveries import describe

DIALOGS: Final = (
    *starting.DIALOGS,
    *testing.DIALOGS,
    *going_out.DIALOGS,
    *keeping.DIALOGS,
    describe.DIALOG,
    keeping.DELETE,
)
