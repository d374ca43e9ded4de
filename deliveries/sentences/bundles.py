"""Rules that a schema can't say, each with a test that names it (reference 2)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # frames: where in the client's files it lies
    "at.file": Sentence("%(file)s: %(fault)s"),
    "at.line": Sentence(_("%(file)s line %(line)s: %(fault)s")),
    "at.found": Sentence(_("%(fault)s, found “%(found)s”"), personal=frozenset({"found"})),
    # reference 2.1 and 1: keys, account. Clients match on these two, word for word
    "AUTH_FAILED": Sentence("authentication failed"),
    "ACCOUNT_INACTIVE": Sentence("XML Delivery is not active for this account"),
    # reference 2.1, 2.2, 2.5, 2.7: ids and channel
    "CHANNEL_OFF": Sentence(_("channel %(channel)s is not enabled: write an <email>")),
    "REF_NEWSLETTER": Sentence(
        _("newsletter %(id)s does not exist: write the id of one of your e-mail newsletters")
    ),
    "REF_FILTER": Sentence(
        _(
            "filter %(id)s does not exist for the database of newsletter %(newsletter)s: write the id of one "
            "of its "
            "filters"
        )
    ),
    "FILTER_USE": Sentence(
        _("filter %(id)s is not for %(use)s recipients: change its use, or write another filter's id")
    ),
    "FILTER_ARCHIVED": Sentence(_("filter %(id)s is archived: restore it, or write another filter's id")),
    "FILTER_BROKEN": Sentence(
        _("filter %(id)s can't be used any more (%(reason)s): mend it, or write another filter's id")
    ),
    "REF_TEMPLATE": Sentence(_("delivery %(id)s does not exist: write the id of one of your e-mail deliveries")),
    "DATABASE_READ_ONLY": Sentence(
        _("the database “%(database)s” is read-only: ask the operator, or use a filter instead of new recipients")
    ),
    "DATABASE_NO_CODE": Sentence(
        _("the database “%(database)s” has no string field XML_DELIVERY_CODE: add it in the admin")
    ),
    # reference 1: files
    "REF_BAD_NAME": Sentence(
        _(
            "“%(name)s” is not a file name: write the name of a file beside the XML, of letters, digits, spaces "
            "and ._-+()@, without a folder"
        )
    ),
    "REF_INSTRUCTIONS": Sentence(_("“%(name)s” is a file of instructions: write the name of a list of recipients")),
    "REF_MISSING": Sentence(_("the file “%(name)s” is not there: put it beside the XML before the semaphore")),
    "FILE_TOO_BIG": Sentence(_("%(file)s has more than %(most:,)s bytes: send less in one file")),
    # reference 2.3: delivery
    "DATE_INVALID": Sentence(
        _("schedule is in the past: %(schedule)s is more than 24 hours ago, write a later time")
    ),
    "DATE_TOO_FAR": Sentence(
        _("schedule %(schedule)s is outside of what can be planned: write a time in the next ten years")
    ),
    "NOT_TRANSACTIONAL": Sentence(
        _(
            "<transactional> needs a transactional newsletter, and newsletter %(newsletter)s is marketing: remove "
            "the element or use another newsletter"
        )
    ),
    "TRANSACTIONAL_MISSING": Sentence(
        _(
            "newsletter %(newsletter)s is transactional, and this is a marketing delivery: add <transactional/> or "
            "use another newsletter"
        )
    ),
    # reference 2.4: notes
    "NOTE_TWICE": Sentence(_("the label “%(label)s” is given twice: each label once")),
    "TOO_MANY_NOTES": Sentence(_("%(count)s notes: write 50 at most")),
    # reference 2.5: message
    "ENCODING_UNKNOWN": Sentence(
        _("encoding “%(encoding)s” is not known: write utf-8, iso-8859-1, iso-8859-15, windows-1252 or shift_jis")
    ),
    "SUBJECT_MISSING": Sentence(
        _("there is no subject here nor in the defaults of newsletter %(newsletter)s: add <subject>")
    ),
    "REPLY_TO_MISSING": Sentence(
        _("there is no reply-to here nor in the defaults of newsletter %(newsletter)s: add <reply_to>")
    ),
    "FROM_ADDRESS": Sentence(
        _("“%(address)s” is not a sender's address: write local@domain, markers only before the @")
    ),
    "FROM_NOT_ALLOWED": Sentence(_("the account may not send from “%(domain)s”: use an address of %(allowed)s")),
    "allowed.none": Sentence(_("a domain that the account is given")),
    "TEMPLATE_EXCLUDES": Sentence(_("template_from_campaign_id excludes <%(other)s>: remove one of them")),
    "CONTENT_MISSING": Sentence(
        _("there is no %(part)s part here nor in newsletter %(newsletter)s: add it, or change preferred_content")
    ),
    "CONTENT_EXCLUDED": Sentence(
        _("preferred_content %(preferred)s excludes the %(part)s part that is given here: remove it, or write both")
    ),
    "CONTENT_NONE": Sentence(_("there is no content: give <html> or <text>, here or in newsletter %(newsletter)s")),
    # reference 2.5: attachments
    "TOO_MANY_ATTACHMENTS": Sentence(_("%(count)s attachments: attach 10 at most")),
    "ATT_TWICE": Sentence(_("the attachment “%(name)s” is given twice: each file once")),
    "ATT_TYPE": Sentence(
        _(
            "“%(name)s” is not of a type that may be attached: attach pdf, csv, txt, gif, jpg, png, doc, "
            "docx, xls, "
            "xlsx, ics or zip files"
        )
    ),
    "ATT_TYPE.content": Sentence(
        _(
            "“%(name)s” is not %(kind)s by its content: attach pdf, csv, txt, gif, jpg, png, doc, docx, xls, xlsx, "
            "ics or zip files"
        )
    ),
    "ATT_TOO_BIG": Sentence(_("the attachments have %(size)s MB together: attach 10 MB at most")),
    # reference 2.2: recipients
    "NOBODY": Sentence(_("the filter %(id)s selects nobody: write another filter's id, or bring recipients")),
    "FIELD_UNKNOWN": Sentence(_("the database has no field “%(field)s”: its fields are %(known)s")),
    "FIELD_RESERVED": Sentence(_("the field XML_DELIVERY_CODE is filled by the product: remove it")),
    "FIELD_TWICE": Sentence(
        _("the recipient gives the field “%(field)s” twice: letter case makes no difference; give it once")
    ),
}
