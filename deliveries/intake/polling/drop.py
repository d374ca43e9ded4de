"""A bundle that was checked on a page, put on its space for a person (reference 4.3)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.audit import Verb
from deliveries.errors import ClientError
from deliveries.intake.polling import control
from deliveries.intake.sftp.connect import connect
from deliveries.intake.sftp.listing import same
from deliveries.intake.sftp.target import target_of
from deliveries.models import SftpSpace
from recipients.models import User


def drop(space: SftpSpace, xml: str, files: Mapping[str, bytes], *, actor: User) -> None:
    """Write the files, last the semaphore of `xml` (one of them), as a client would, and have the space polled.

    Raises ClientError NAME_ON_SPACE where a name lies there already, ServiceError for what the server refuses.
    """
    semaphore = f"{xml}.ok"
    session = connect(target_of(space))
    try:
        there = {same(entry.name) for entry in session.entries()[0] if entry.name is not None}
        taken = [name for name in (*files, semaphore) if same(name) in there]
        if taken:
            said = _("“%(name)s” is on the space already: choose another name, or wait until it was taken.")
            raise ClientError("NAME_ON_SPACE", said % {"name": taken[0]})
        for name, data in sorted(files.items(), key=lambda file: file[0] == xml):
            session.write(name, data)
        session.write(semaphore, b"")
    finally:
        session.close()
    audit.record(space.account_id, actor, Verb.BUNDLE_DROPPED, space, {"file": xml})
    control.poll_now(space, actor=actor)
