"""A message as written: its markers, addresses and what it includes (reference 2.5, 2.6)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # frames: where in a part, and where the part is
    "part": Sentence("%(part)s: %(fault)s"),
    "part.line": Sentence(_("%(part)s, line %(line)s, column %(column)s: %(fault)s")),
    "part.text": Sentence(_("%(part)s, line %(line)s column %(column)s of its text: %(fault)s")),
    "part.default": Sentence(_("%(part)s of %(origin)s: %(fault)s")),
    "part.default_line": Sentence(_("%(part)s of %(origin)s, line %(line)s, column %(column)s: %(fault)s")),
    "part.included": Sentence(_("in what is included, line %(line)s, column %(column)s: %(fault)s")),
    "origin.delivery": Sentence(_("delivery %(id)s")),
    "origin.newsletter": Sentence(_("newsletter %(id)s")),
    # parts as the forms of pages call them
    "label.subject": Sentence(_("Subject")),
    "label.from_name": Sentence(_("Sender's name")),
    "label.from_address": Sentence(_("Sender's address")),
    "label.reply_to": Sentence(_("Reply to")),
    "label.html": Sentence("HTML"),
    "label.text": Sentence(_("Text")),
    "label.encoding": Sentence(_("Encoding")),
    "label.message": Sentence(_("Message")),
    "label.attachments": Sentence(_("Attachments")),
    # markers
    "TPL_UNKNOWN_FIELD": Sentence(_("the field “%(name)s” is unknown; the database has %(known)s")),
    "TPL_UNKNOWN_LABEL": Sentence(_("the label “%(name)s” is unknown; the notes have %(known)s")),
    "TPL_UNKNOWN_LABEL.none": Sentence(_("the label “%(name)s” is unknown; the notes have no labels")),
    "TPL_SYNTAX": Sentence(_("“<%%%(code)s%%>” %(what)s; see reference 2.6")),
    "TPL_SYNTAX.name": Sentence(
        _(
            "“<%%%(code)s%%>” is not a marker; for a value write ${%(name)s}$ or <%%= %(name)s %%>, "
            "for the characters themselves <%%= '<%%' %%>%(name)s%%>"
        )
    ),
    "TPL_SYNTAX.open": Sentence(
        _("this <%% is never closed; write %%> after it, or <%%= '<%%' %%> for the characters themselves")
    ),
    "TPL_SYNTAX.no_end": Sentence(_("this <%% if %%> has no <%% end %%>; add one")),
    "syntax.unknown": Sentence(_("is not if, elsif, else, end or a value (<%%=)")),
    "syntax.no_if": Sentence(_("is %(word)s without an if before it")),
    "syntax.after": Sentence(_("has something after %(word)s")),
    "syntax.after_else": Sentence(_("comes after the else of its if")),
    "syntax.long": Sentence(_("is longer than %(most)s characters")),
    "syntax.found": Sentence(_("has “%(found)s”, which is not known here")),
    "syntax.too_much": Sentence(_("has “%(found)s”, which is too much")),
    "syntax.out_of_place": Sentence(_("has “%(found)s” out of place")),
    "syntax.negated": Sentence(_("has ! before a comparison: write !=, or !( ) around all of it")),
    "syntax.methods": Sentence(_("has more than %(most)s methods after one another")),
    "syntax.parentheses": Sentence(_("has more than %(most)s parentheses in one another")),
    "syntax.unclosed": Sentence(_("has a ( without its )")),
    "syntax.no_value": Sentence(_("misses a value")),
    "TPL_NESTING": Sentence(_("conditions may be nested %(most)s deep at most; flatten them")),
    "TPL_PLACE.header": Sentence(_("<%% %%> may be only in the subject and the body; take it out")),
    "TPL_PLACE.image": Sentence(_("“%(url)s” is an image: embed it in the HTML part")),
    "TPL_PLACE.address": Sentence(
        _(
            "before this marker the address has begun in one branch of an <%% if %%> and not in another; "
            "write the whole address in each"
        )
    ),
    "TPL_PLACE.branches": Sentence(
        _("the branches of this <%% if %%> end in different places of the HTML; close in each what it opens")
    ),
    "TPL_TOO_BIG.part": Sentence(_("the part has more than %(most)s bytes; shorten it")),
    "TPL_TOO_BIG.markers": Sentence(_("there are more than %(most)s markers; take some out")),
    "TPL_TOO_BIG.attributes": Sentence(_("there are more than %(most)s attributes; shorten the part")),
    "TPL_TOO_BIG.links": Sentence(_("there are more than %(most)s tracked links; take some out, or their track")),
    "TPL_TOO_BIG.labels": Sentence(_("its labels make more than %(most)s characters; shorten them")),
    # addresses and what is included
    "TPL_NOT_FETCHED": Sentence(_("“%(url)s” was not fetched")),
    "TPL_FETCH_FIELD": Sentence(_("“%(url)s” is fetched once for all: it can hold no field")),
    "TPL_FETCH_ADDRESS": Sentence(_("“%(url)s” is not an https address")),
    "LINK_SCHEME": Sentence(_("an address may not begin with %(scheme)s:; write http, https, mailto or tel")),
    "LINK_SCHEME.script": Sentence(
        _("an address may not begin with %(scheme)s:, as mail programs run no scripts; take the href out")
    ),
    "LINK_SCHEME.user": Sentence(
        _("an address may not carry a user's name before its host (name@host); take it out")
    ),
    # the message as a whole
    "ENCODING": Sentence(
        _(
            "the charset “%(encoding)s” is not known; "
            "write utf-8, iso-8859-1, iso-8859-15, windows-1252 or shift_jis"
        )
    ),
    "SUBJECT_MISSING.both": Sentence(_("there is no subject, neither here nor in the newsletter; write one")),
    "SUBJECT_TOO_LONG": Sentence(_("it has %(length)s characters; shorten it to %(most)s")),
    "NAME_TOO_LONG": Sentence(_("it has more than %(most)s characters; shorten it")),
    "FROM_ADDRESS.written": Sentence(_("“%(address)s” is not an address; write local@domain")),
    "REPLY_TO": Sentence(_("“%(address)s” is not an address, nor a name with an <address>; write one")),
    "REPLY_TO.missing": Sentence(
        _("there is no address to reply to, neither here nor in the newsletter; write one")
    ),
    "BODY_MISSING": Sentence(_("there is neither an HTML part nor a text part; give one")),
    "MSG_TOO_BIG.attachments": Sentence(_("the attachments have more than %(most)s bytes together; send fewer")),
    # what goes out as it is, and is noted
    "note.unended": Sentence(
        _("“%(marker)s” looks like a marker without its last $ and goes out as it is; write it with }$")
    ),
    "note.foreign": Sentence(
        _("“%(marker)s” looks like a marker of another system and goes out as it is; write ${field}$")
    ),
    "note.link_category": Sentence(_("the link category “%(name)s” is unknown: 0 is taken")),
}
