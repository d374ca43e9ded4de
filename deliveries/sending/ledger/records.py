"""The two records that the ledger is written from: a message as it is to go out, and what became of an attempt."""

from datetime import datetime
from typing import NamedTuple


class Composed(NamedTuple):
    """A message ready to go out, as it was seen (`attempt`); with its intent, leave for the final dot is asked.

    `body` is CRLF and not dot-stuffed; `dotless`: no line of it begins with a dot, as what we
    compose hides them (content/mime/quoted.py), so nothing is to be stuffed.
    `keep` has the bytes kept from the intent on, not only once they are deferred or in doubt. `emptied` is how many
    addresses in it were left empty; None leaves what an earlier attempt of the same bytes said.
    """

    message_id: int
    attempt: int
    to: str
    return_path: str
    body: bytes
    digest: bytes
    fingerprint: bytes
    composed_at: datetime
    keep: bool = False
    emptied: int | None = None
    dotless: bool = False


class Outcome(NamedTuple):
    """What became of one attempt. `granted`: its intent was committed; then `attempt` is the one granted.

    `wait` is seconds until a deferred message is due again. `body` is kept while the message is not final,
    `emptied` (of addresses, as in Composed) comes with it.
    `unsure` takes back an intent of which we can't know whether it was committed. `may_be_kept`: bytes of it may be
    kept, of this attempt or one before.
    """

    message_id: int
    attempt: int
    granted: bool
    status: str
    code: int | None = None
    enhanced: str = ""
    reply: str = ""
    category: int | None = None
    wait: float | None = None
    composed_at: datetime | None = None
    digest: bytes | None = None
    body: bytes | None = None
    emptied: int | None = None
    unsure: bool = False
    may_be_kept: bool = False
