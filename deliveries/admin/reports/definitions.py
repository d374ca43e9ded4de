"""What each figure and rate means, in one plain sentence: shown wherever there is a card of it (reference 6)."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

DEFINITIONS: Final[dict[str, StrOrPromise]] = {
    "size": _("All people of the delivery, those left out as blacklisted too."),
    "delivered": _("Accepted by the server that we handed it to, and not bounced since."),
    "unique_views": _("People who loaded the picture of an open, or of whom a click or a web visit proves one."),
    "unique_clicks": _("People who followed at least one tracked link. Machines are left out."),
    "click_to_open": _("Of those who opened, the share that clicked."),
    "bounced": _("Refused while it was handed over, or by a report that came later."),
    "gone": _("Unsubscribed by the page or by the mail program's own button."),
    "complaints": _("Reported as spam to their provider, which told us."),
    "machine_views": _("Pictures loaded by scanners and preview programs: in none of the figures above."),
    "machine_clicks": _("Links followed by scanners: in none of the figures above."),
    "in_doubt": _("Handed over when a process or line died: nobody knows whether they arrived."),
}
