"""The files that a bundle names (reference 1): their names, and that they are there."""

from collections.abc import Iterable

from deliveries.errors import BundleError
from deliveries.intake.instructions import Instructions
from deliveries.intake.mistakes import refused, together
from deliveries.intake.sftp.listing import is_plain, same


def wanted_files(instructions: Instructions) -> tuple[str, ...]:
    """Return the names of the files beside the XML, each once; raises REF_BAD_NAME, REF_INSTRUCTIONS."""
    problems = [
        refused("REF_BAD_NAME", instructions, path, name=name)
        for path, name in instructions.files()
        if not is_plain(name)
    ]
    problems += [
        refused("REF_INSTRUCTIONS", instructions, path, name=name)
        for path, name in instructions.files()
        if path.endswith("csv_file") and name.lower().endswith(".xml")
    ]
    if problems:
        raise together(problems)
    return tuple(dict.fromkeys(name for _path, name in instructions.files()))


def check_present(instructions: Instructions, names: Iterable[str]) -> None:
    """Raise BundleError REF_MISSING for each file that is not among `names` (compared in NFC, with case)."""
    there = {same(name) for name in names}
    problems = [
        refused("REF_MISSING", instructions, path, name=name)
        for path, name in instructions.files()
        if same(name) not in there
    ]
    if problems:
        raise together(problems)


def check_size(name: str, size: int, most: int) -> None:
    """Raise BundleError FILE_TOO_BIG where a file has more bytes than that (reference 10)."""
    if size > most:
        raise BundleError("FILE_TOO_BIG", file=name, most=most)
