"""An instructions file that can't be read, or is not as the schema has it (reference 2)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # unreadable
    "XML_EMPTY": Sentence(_("the file is empty: write it whole before the semaphore")),
    "XML_TOO_LARGE": Sentence(
        _("%(size:,)s bytes; an instructions file has at most 10 MB: put the recipients into a CSV")
    ),
    "XML_TOO_LARGE.elements": Sentence(_("more than %(most:,)s elements: put the recipients into a CSV")),
    "XML_TOO_LARGE.attributes": Sentence(
        _("<%(element)s> has more than %(most)s attributes: remove what is not part of an instructions file")
    ),
    "XML_TOO_LARGE.all_attributes": Sentence(
        _(
            "<%(element)s> brings the file's attributes to more than %(most:,)s: remove what is not part of an "
            "instructions file"
        )
    ),
    "XML_TOO_LARGE.attribute": Sentence(
        _(
            "<%(element)s> has an attribute of more than %(most)s KB: remove what is not part of an instructions "
            "file"
        )
    ),
    "XML_TOO_LARGE.text": Sentence(
        _("a text or attribute is too large: remove what is not part of an instructions file")
    ),
    "XML_TOO_LARGE.fields": Sentence(
        _(
            "the recipients have more than %(most:,)s different fields: a database has at most 100, whose names "
            "are around the values"
        )
    ),
    "XML_TOO_DEEP": Sentence(
        _("<%(element)s> is nested more than %(most)s deep: remove what is not part of an instructions file")
    ),
    "XML_TOO_DEEP.parser": Sentence(
        _("elements are nested more than %(most)s deep: remove what is not part of an instructions file")
    ),
    "XML_DTD_FORBIDDEN": Sentence(_("a DOCTYPE is not accepted: remove it and its entities")),
    "XML_DTD_FORBIDDEN.kind": Sentence(_("the file is %(found)s by its content: write an XML, without a DOCTYPE")),
    "XML_ENCODING.utf32": Sentence(_("the file is UTF-32: %(allowed)s")),
    "XML_ENCODING.utf16": Sentence(_("the file is UTF-16 without a byte order mark: %(allowed)s")),
    "XML_ENCODING.unknown": Sentence(_("encoding “%(encoding)s” is not read: %(allowed)s")),
    "XML_ENCODING": Sentence(
        _(
            "column %(column)s: the file is not in the encoding that it declares (UTF-8 where it declares none): "
            "%(allowed)s, and declare it"
        )
    ),
    "XML_ENCODING.byte": Sentence(
        _(
            "column %(column)s: byte 0x%(byte)s at %(at)s: the file is not in the encoding that it declares (UTF-8 "
            "where it declares none): %(allowed)s, and declare it"
        )
    ),
    "encoding.allowed": Sentence(
        _("write it in UTF-8 (or UTF-16 with a byte order mark, ISO-8859-1, ISO-8859-15, windows-1252, Shift_JIS)")
    ),
    "XML_ENCODING_SUSPECT": Sentence(
        _('declared %(encoding)s, but the bytes are UTF-8: write encoding="utf-8" in the first line')
    ),
    "XML_ENCODING_SUSPECT.windows": Sentence(
        _(
            "declared %(encoding)s, but byte 0x%(byte)s is not a character of it: the file looks like "
            "windows-1252, declare that"
        )
    ),
    "XML_SYNTAX.kind": Sentence(_("the file is %(found)s by its content: write an XML")),
    "XML_SYNTAX": Sentence(_("column %(column)s: not well-formed: %(words)s")),
    "XML_SYNTAX.other": Sentence(
        _("column %(column)s: not well-formed: look there for a character or a mark that does not belong")
    ),
    "XML_SYNTAX.character": Sentence(
        _("column %(column)s: the character %(character)s is not allowed in XML: take it out")
    ),
    "XML_SYNTAX.cdata_end": Sentence(
        _(
            "column %(column)s: ]]> ends a CDATA section, and is inside the text here: write "
            "]]]]><![CDATA[> in its place"
        )
    ),
    "XML_WRONG_ROOT": Sentence(_("expected <contactlab>, found <%(element)s>: is this the right file?")),
    "XML_WRONG_ROOT.namespace": Sentence(
        _("expected <contactlab>, found <%(element)s>: remove the namespace “%(namespace)s”")
    ),
    "RECIPIENT_FIELD": Sentence(
        _(
            "the recipient's field “%(field)s” must be plain text without attributes, prefixes or elements inside: "
            "escape < as &lt; or use CDATA"
        )
    ),
    # against the schema
    "XML_MISSING_ATTRIBUTE": Sentence(_("<%(element)s> needs the attribute %(attribute)s: %(rule)s")),
    "XML_UNKNOWN_ATTRIBUTE": Sentence(_("<%(element)s> knows no attribute “%(attribute)s”: remove it")),
    "XML_VALUE": Sentence(_("<%(element)s> %(rule)s, found %(found)s")),
    "XML_VALUE.attribute": Sentence(_("the attribute %(attribute)s of <%(element)s> %(rule)s, found %(found)s")),
    "XML_VALUE.markup": Sentence(_("<%(element)s> must hold plain text only: put markup into CDATA, or remove it")),
    "XML_VALUE.text": Sentence(_("<%(element)s> must hold no text of its own: remove %(found)s")),
    "XML_VALUE.empty": Sentence(_("<%(element)s> must be empty: remove what is in it")),
    "XML_MISSING_ELEMENT": Sentence(_("<%(element)s> lacks an element: add %(names)s")),
    "XML_MISSING_ELEMENT.before": Sentence(_("%(names)s is missing before <%(element)s>: add it")),
    "XML_MISSING_ELEMENT.preferred": Sentence(
        _("<body> needs <preferred_content> before it: add it (it may be empty)")
    ),
    "XML_UNKNOWN_ELEMENT": Sentence(_("<%(element)s> is not an element of the language: remove it")),
    "XML_UNKNOWN_ELEMENT.there": Sentence(
        _("<%(element)s> is not an element of the language: remove it (%(names)s may be here)")
    ),
    "XML_ORDER": Sentence(_("<%(element)s> is in the wrong place: the order is fixed, and here comes %(names)s")),
    "XML_ORDER.before": Sentence(_("<%(element)s> comes too late: the order is fixed, put it before <%(other)s>")),
    "XML_ORDER.twice": Sentence(_("<%(element)s> is given twice: leave one of them")),
    "XML_ORDER.excluded": Sentence(
        _(
            "<%(element)s> may not be here: what it goes with excludes it, or it belongs elsewhere; put it in "
            "its place"
        )
    ),
    "names.one_of": Sentence(_("one of %(names)s")),
    # what the schema asks of values
    "found.nothing": Sentence(_("nothing")),
    "found.it": Sentence(_("it")),
    "found.secret": Sentence(_("a value")),
    "found.value": Sentence("“%(value)s”"),
    "rule.other": Sentence(_("has a value that is not accepted")),
    "rule.not_empty": Sentence(_("must not be empty")),
    "rule.file": Sentence(_("must name a file")),
    "rule.newsletter": Sentence(_("must be the whole number of a newsletter")),
    "rule.filter": Sentence(_("must be the whole number of a filter")),
    "rule.delivery": Sentence(_("must be the whole number of a delivery")),
    "rule.method": Sentence(_("must be auto or manual")),
    "rule.schedule": Sentence(_("must be a time written as 2026-12-01T09:30:00, with an offset or Z if you like")),
    "rule.empty": Sentence(_("must be empty")),
    "rule.hours": Sentence(_("must be a whole number of hours from 12 to 720")),
    "rule.address": Sentence(_("must be an e-mail address")),
    "rule.label": Sentence(_("must have 1 to 100 characters")),
    "rule.most": Sentence(_("must have at most %(most:,)s characters")),
    "rule.links": Sentence(_("must be parse or off")),
    "rule.yes_no": Sentence(_("must be true or false")),
    "rule.preferred": Sentence(_("must be rich_text, simple_text, both or empty")),
    "rule.megabytes": Sentence(_("must have at most %(most)s MB")),
}
