"""A message as written: its markers, addresses and what it includes (reference 2.5, 2.6)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # frames: where in a part, and where the part stands
    "part": Sentence("%(part)s: %(fault)s"),
    "part.line": Sentence(_("%(part)s, line %(line)s, column %(column)s: %(fault)s")),
    "part.text": Sentence(_("%(part)s, line %(line)s column %(column)s of its text: %(fault)s")),
    "part.default": Sentence(_("%(part)s of %(origin)s: %(fault)s")),
    "part.default_line": Sentence(_("%(part)s of %(origin)s, line %(line)s, column %(column)s: %(fault)s")),
    "part.included": Sentence(_("in what is included, line %(line)s, column %(column)s: %(fault)s")),
    "origin.delivery": Sentence(_("delivery %(id)s")),
    "origin.newsletter": Sentence(_("newsletter %(id)s")),
}
