"""Every rule that a schema can't say, by its code, with the sentence a client reads (reference 2).

`{…}` are values found in the file; what is quoted is escaped and cut. Each has a test that names it.
"""

from collections.abc import Mapping
from typing import Final

from deliveries.errors import BundleError, ClientError
from deliveries.intake.instructions import Instructions
from deliveries.intake.parsing.faults import shown

SENTENCES: Final[Mapping[str, str]] = {
    # reference 2.1: keys, account
    "AUTH_FAILED": "authentication failed",
    "ACCOUNT_INACTIVE": "XML Delivery is not active for this account",
    # reference 2.1, 2.2, 2.5, 2.7: ids and channel
    "CHANNEL_OFF": "channel {channel} is not enabled: write an <email>",
    "REF_NEWSLETTER": "newsletter {id} does not exist: write the id of one of your e-mail newsletters",
    "REF_FILTER": "filter {id} does not exist for the database of newsletter {newsletter}: write the id of one of "
    "its filters",
    "FILTER_USE": "filter {id} is not for {use} recipients: change its use, or write another filter's id",
    "FILTER_ARCHIVED": "filter {id} is archived: restore it, or write another filter's id",
    "FILTER_BROKEN": "filter {id} can't be used any more ({reason}): mend it, or write another filter's id",
    "REF_TEMPLATE": "delivery {id} does not exist: write the id of one of your e-mail deliveries",
    "DATABASE_READ_ONLY": "the database {database} is read-only: ask the operator, or use a filter instead of new "
    "recipients",
    "DATABASE_NO_CODE": "the database {database} has no string field XML_DELIVERY_CODE: add it in the admin",
    # reference 1: files
    "REF_BAD_NAME": "{name} is no file name: write the name of a file beside the XML, of letters, digits, spaces "
    "and ._-+()@, without a folder",
    "REF_INSTRUCTIONS": "{name} is a file of instructions: write the name of a list of recipients",
    "REF_MISSING": "the file {name} is not there: put it beside the XML before the semaphore",
    # reference 2.3: delivery
    "DATE_INVALID": "schedule is in the past: {schedule} is {why}, write a later time",
    "DATE_TOO_FAR": "schedule {schedule} is outside of what can be planned: write a time in the next ten years",
    "NOT_TRANSACTIONAL": "<transactional> needs a transactional newsletter, and newsletter {newsletter} is "
    "marketing: remove the element or use another newsletter",
    "TRANSACTIONAL_MISSING": "newsletter {newsletter} is transactional, and this is a marketing delivery: add "
    "<transactional/> or use another newsletter",
    # reference 2.4: notes
    "NOTE_TWICE": "the label {label} is given twice: each label once",
    "TOO_MANY_NOTES": "{count} notes: write 50 at most",
    # reference 2.5: message
    "ENCODING_UNKNOWN": "encoding {encoding} is not known: write utf-8, iso-8859-1, iso-8859-15, windows-1252 or "
    "shift_jis",
    "SUBJECT_MISSING": "there is no subject here nor in the defaults of newsletter {newsletter}: add <subject>",
    "REPLY_TO_MISSING": "there is no reply-to here nor in the defaults of newsletter {newsletter}: add <reply_to>",
    "FROM_ADDRESS": "{address} is no sender's address: write local@domain, markers only before the @",
    "FROM_NOT_ALLOWED": "the account may not send from {domain}: use an address of {allowed}",
    "TEMPLATE_EXCLUDES": "template_from_campaign_id excludes <{other}>: remove one of them",
    "CONTENT_MISSING": "there is no {part} part here nor in newsletter {newsletter}: add it, or change "
    "preferred_content",
    "CONTENT_EXCLUDED": "preferred_content {preferred} excludes the {part} part that is given here: remove it, or "
    "write both",
    "CONTENT_NONE": "there is no content: give <html> or <text>, here or in newsletter {newsletter}",
    # reference 2.5: attachments
    "TOO_MANY_ATTACHMENTS": "{count} attachments: attach 10 at most",
    "ATT_TWICE": "the attachment {name} is given twice: each file once",
    "ATT_TYPE": "{name} is no {kind}: attach pdf, csv, txt, gif, jpg, png, doc, docx, xls, xlsx, ics or zip files",
    "ATT_TOO_BIG": "the attachments have {size} together: attach 10 MB at most",
    # reference 2.2: recipients
    "NOBODY": "the filter {id} selects nobody: write another filter's id, or bring recipients",
    # reference 2.2, 3.2: recipients
    "FIELD_UNKNOWN": "the database has no field {field}: its fields are {known}",
    "FIELD_RESERVED": "the field XML_DELIVERY_CODE is filled by the product: remove it",
    "FIELD_TWICE": "the recipient gives the field {field} twice: letter case makes no difference; give it once",
}


def refused(code: str, instructions: Instructions, path: str, /, **found: object) -> BundleError:
    """Return the XMLD_CONFIGURATION_ERROR of a rule at an element (its path below the channel, or auth/…)."""
    line = instructions.line(path)
    return placed(code, instructions.file, line, path.rpartition("/")[2].partition("[")[0], **found)


def placed(code: str, file: str, line: int, element: str, /, **found: object) -> BundleError:
    """Return the error of a rule at a line that is known; strings among `found` are quoted and cut."""
    sentence = SENTENCES[code].format(**found)
    where = f"{file} line {line}: " if line else f"{file}: "
    if code in {"AUTH_FAILED", "ACCOUNT_INACTIVE"}:
        where = ""  # the sentences that clients match on, word for word
    return BundleError(code, where + sentence, file=file, line=line, element=element)


def unplaced(error: ClientError, file: str) -> BundleError:
    """Return as the bundle's a mistake that lies in no line of it: a base filter that can't be used, say."""
    return BundleError(error.code, f"{file}: {error.message}", file=file)


def quoted(value: str) -> str:
    """Return a value found in the file as a sentence shows it."""
    return shown(value)
