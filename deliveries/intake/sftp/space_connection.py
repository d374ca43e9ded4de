"""A space's session, opened when it is first needed and hung up at the end of the poll."""

from deliveries.intake.sftp.connect import connect
from deliveries.intake.sftp.listing import Listing
from deliveries.intake.sftp.session import Session
from deliveries.intake.sftp.target import target_of
from deliveries.models import SftpSpace


class SpaceConnection:
    """The connection to a space, made when first asked for: `session()` raises ConnectionFailed."""

    def __init__(self, space: SftpSpace) -> None:
        self.space = space
        self._session: Session | None = None

    def session(self) -> Session:
        """Return the open session, a new one when the line was lost."""
        if self._session is None or not self._session.alive:
            self.close()
            self._session = connect(target_of(self.space))
        return self._session

    def listing(self) -> Listing:
        """Look at the directory now."""
        entries, cut = self.session().entries()
        return Listing(entries, cut=cut)

    def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            self._session.close()
            self._session = None
