"""How large a file of a bundle may be: one sentence for a run and for a rehearsal (reference 1.4, 4.3)."""

from deliveries.errors import BundleError


def check_size(name: str, size: int, most: int) -> None:
    """Raise BundleError FILE_TOO_BIG where a file has more bytes than that."""
    if size > most:
        raise BundleError("FILE_TOO_BIG", f"{name} has more than {most:,} bytes: send less in one file", file=name)
