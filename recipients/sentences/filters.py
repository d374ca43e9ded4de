"""Filters and their conditions (reference 3.5)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

_OPERATOR_WORDS: Final[Mapping[str, str]] = {
    "equals": _("is"),
    "different": _("is not"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "starts_with": _("begins with"),
    "greater": _("is greater than"),
    "greater_or_equal": _("is at least"),
    "less": _("is less than"),
    "less_or_equal": _("is at most"),
    "in": _("is one of"),
    "not_in": _("is none of"),
    "is_empty": _("is empty"),
    "is_not_empty": _("is not empty"),
}
_DAY_WORDS: Final[Mapping[str, str]] = {
    "greater": _("is after"),
    "greater_or_equal": _("is on or after"),
    "less": _("is before"),
    "less_or_equal": _("is on or before"),
}

SENTENCES: Final[Mapping[str, Sentence]] = {
    # where in a filter
    "condition.at": Sentence(_("condition %(place)s: %(fault)s")),
    "condition.filter": Sentence(_("the filter: %(fault)s")),
    "condition.none": Sentence(_("none")),
    "filter.unusable": Sentence(_("filter “%(filter)s” can't be used: %(fault)s")),
    # how a field is compared, as the page that writes conditions calls it
    **{f"operator.{name}": Sentence(words) for name, words in _OPERATOR_WORDS.items()},
    **{f"operator.day.{name}": Sentence(words) for name, words in _DAY_WORDS.items()},
    "condition.written": Sentence(_("%(field)s %(operator)s %(value)s")),
    # conditions
    "CONDITION_SHAPE": Sentence(_("write field, op and value, or match and conditions")),
    "CONDITION_SHAPE.match": Sentence(_("match is %(match)s; write all or any")),
    "CONDITION_SHAPE.list": Sentence(_("conditions must be a list")),
    "CONDITION_SHAPE.none": Sentence(_("no condition is given; write at least one")),
    "CONDITION_SHAPE.key": Sentence(_("key %(key)s is unknown; known are %(known)s")),
    "CONDITION_LIMIT": Sentence(_("a filter has at most %(most)s conditions; split it")),
    "CONDITION_LIMIT.deep": Sentence(_("groups are nested more than %(most)s deep; flatten them")),
    "CONDITION_FIELD": Sentence(_("field %(field)s is not in the database; known are %(known)s")),
    "CONDITION_OPERATOR": Sentence(_("op %(operator)s is unknown; use %(known)s")),
    "CONDITION_OPERATOR.is": Sentence(_("op %(operator)s is unknown here; use is or is_not")),
    "CONDITION_VALUE": Sentence(_("%(written)s: %(why)s"), personal=frozenset({"written"})),
    "CONDITION_VALUE.none": Sentence(_("%(field)s %(operator)s needs a value")),
    "CONDITION_VALUE.id": Sentence(_("id %(id)s is not the number of anything")),
    "CONDITION_KIND": Sentence(_("kind %(kind)s can't be used here; known are %(known)s")),
    # values
    "value.kind": Sentence(_("write a text, a number, true or false")),
    "value.text": Sentence(_("write a text")),
    "value.empty": Sentence(_("the value is empty; write one, or choose “is empty” or “is not empty”")),
    "value.long": Sentence(_("the value is longer than %(most)s characters")),
    "value.character": Sentence(_("the value holds a character that no text can hold")),
    "value.integer": Sentence(_("write a whole number in digits")),
    "value.decimal": Sentence(_("write a number like 1234.56 or 1.234,56")),
    "value.boolean": Sentence(_("write true or false")),
    "value.date": Sentence(_("write a date as yyyy-mm-dd or dd/mm/yyyy")),
    "value.datetime": Sentence(_("write a date and time as yyyy-mm-dd hh:mm or dd/mm/yyyy hh:mm")),
    "value.order": Sentence(_("a %(type)s field has no order; choose “is”, “is not”, “is one of” or “is none of”")),
    "value.parts": Sentence(_("a %(type)s field has no parts to look for; choose “is” or a comparison")),
    "value.list": Sentence(_("write a list with at least one value")),
    "value.list_long": Sentence(_("the list has %(given)s values, %(most)s are the most")),
    # filters
    "FILTER_UNKNOWN": Sentence(_("filter %(id)s is not in this database; choose another")),
    "FILTER_CIRCLE": Sentence(_("filter %(id)s would use itself; take it out of one of them")),
    "FILTER_LIMIT": Sentence(_("more than %(most)s filters refer to each other; use fewer")),
}
