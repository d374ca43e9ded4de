"""From the bytes of an instructions file to Instructions, or to the sentence a client reads (pure)."""

from concurrent.futures import ThreadPoolExecutor

from deliveries.intake.instructions import Instructions
from deliveries.intake.parsing.document import load
from deliveries.intake.parsing.masking import MASKED_KEY as MASKED_KEY
from deliveries.intake.parsing.masking import mask_keys as mask_keys
from deliveries.intake.parsing.reading import read
from deliveries.intake.parsing.schema import validate


def parse(data: bytes, name: str) -> Instructions:
    """Return what the file says (reference 2); `name` is how the client calls it.

    Raises BundleError with sub-status XML_ERROR: unreadable, not well-formed or against the schema. Up to 20
    mistakes are in its `problems`, the first of them included.
    """
    with ThreadPoolExecutor(1) as own:  # lxml keeps each name that it ever read until its thread ends: 14 MB a file
        return own.submit(_parse, data, name).result()


def _parse(data: bytes, name: str) -> Instructions:
    root = load(data, name)
    validate(root, name)
    return read(root, name)
