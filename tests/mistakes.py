"""Every mistake that a run may answer a client with: codes and sentences of the catalogue."""

import re

from django.utils import translation

import deliveries.sentences as ours
import recipients.sentences as theirs
from recipients.faults import CATALOGUE

FAMILIES = (
    theirs.addresses, theirs.lists, theirs.zips, ours.instructions, ours.bundles, ours.content, ours.spaces,
)  # fmt: skip
# Of other families; and what operators read, or nobody: no client's mistake.
FURTHER = {"LOCKED", "DUPLICATE_HELD"}
OTHERS = {
    "SFTP_TIMEOUT",
    "SFTP_CUT",
    "SFTP_CONNECT",
    "SFTP_AUTH",
    "SFTP_MISSING",
    "HOST_KEY_CHANGED",
    "TOO_MANY_FILES",
    "SFTP_ELSEWHERE",
}


def keys():
    """The keys of sentences that a client may read, parts and frames aside."""
    found = [key for family in FAMILIES for key in family.SENTENCES if key[0].isupper()]
    return [key for key in [*found, *FURTHER] if key.partition(".")[0] not in OTHERS]


def mistakes() -> set[tuple[str, str]]:
    """Code and sentence of each, "…" where a value stands."""
    with translation.override("en"):
        return {(key.partition(".")[0], shape(str(CATALOGUE[key].text))) for key in keys()}


def shape(text: str) -> str:
    """A sentence of the catalogue with "…" for its values."""
    return re.sub(r"(?:…\W?)*…", "…", re.sub(r"%\([^)]*\)s", "…", text).replace("%%", "%"))
