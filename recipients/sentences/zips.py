"""A list that comes in a zip (reference 3.2)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    "ZIP_NESTED": Sentence(_("the zip holds another zip: put the CSV itself into it")),
    "ZIP_BOMB": Sentence(_("the CSV in the zip is over %(ratio)s times as large as when packed: send it unpacked")),
    "ZIP_DUPLICATE": Sentence(_("two files in the zip have the same name: put exactly one CSV into it")),
    "ZIP_FILES": Sentence(
        _("the zip holds %(count)s files (%(names)s) and must hold exactly one CSV: pack it alone")
    ),
    "ZIP_FILES.none": Sentence(_("the zip holds no file and must hold exactly one CSV: pack it alone")),
    "ZIP_METHOD": Sentence(_("the zip is packed in an unusual way: pack it with the ordinary deflate")),
    "ZIP_BAD_NAME": Sentence(_("the zip holds a file with a name that is not allowed, '%(name)s': rename it")),
    "ZIP_LINK": Sentence(_("'%(name)s' in the zip is a link: put the file itself into it")),
    "ZIP_ENCRYPTED": Sentence(_("the zip has a password: send it without")),
    "ZIP_TOO_MANY": Sentence(_("the zip holds over %(most:,)s files: put exactly one CSV into it")),
    "ZIP_CORRUPT": Sentence(_("the zip can't be read to its end: pack it anew and send it whole")),
}
