"""Databases and their fields (reference 3.1, 3.4)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    "LOCKED": Sentence("Userdb is locked %(database)s"),  # a known client sends again when it reads this
    "NO_CODE_FIELD": Sentence(_("database %(database)s has no field XML_DELIVERY_CODE: add it, of type string")),
    "DATABASE": Sentence(_("the database did not take the rows: %(words)s"), personal=frozenset({"words"})),
    "DATABASE_BROKEN": Sentence(_("database %(database)s has no e-mail field; add one")),
    "FIELD_ADDRESS": Sentence(_("database “%(database)s” needs exactly one field of type email: the address")),
    "FIELD_ADDRESS.second": Sentence(_("a second e-mail field can't be added: exactly one is the address")),
    "FIELD_ADDRESS.kept": Sentence(_("field “%(field)s” is the address; it can't be removed")),
    "FIELD_KEY": Sentence(_("field “%(field)s” is the database's key; choose another key first")),
    "FIELD_UNKNOWN.database": Sentence(_("field %(field)s is not in database “%(database)s”")),
    "FIELD_LIMIT": Sentence(_("a database has at most %(most)s fields; leave some out")),
    "FIELD_NAME": Sentence(_("field %(field)s: write letters, digits and _ (63 at most), no digit first")),
    "FIELD_RESERVED.table": Sentence(_("field “%(field)s” is a name of the table's own; choose another")),
    "FIELD_TWICE.table": Sentence(_("field “%(field)s” is there already; letter case makes no difference")),
    # frames around any fault
    "written": Sentence("%(text)s"),
}
