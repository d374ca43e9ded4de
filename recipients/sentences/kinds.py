"""What a file turned out to be by its content: parts of the sentences that refuse it."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    "kind.program": Sentence(_("a program")),
    "kind.pdf": Sentence(_("a PDF")),
    "kind.picture": Sentence(_("a %(format)s picture")),
    "kind.archive": Sentence(_("a %(format)s archive")),
    "kind.zip": Sentence(_("a zip archive")),
    "kind.office": Sentence(_("a Word, Excel or PowerPoint file")),
    "kind.spreadsheet": Sentence(_("a spreadsheet")),
    "kind.html": Sentence(_("an HTML page")),
    "kind.xml": Sentence(_("an XML")),
    "kind.other": Sentence(_("not text")),
}
