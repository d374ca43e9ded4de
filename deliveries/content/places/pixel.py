"""The open pixel: it tells that this person saw the message, or that somebody did (reference 6, 8)."""

from typing import Final

from deliveries.content.markers.expressions import FieldValue
from deliveries.content.places import escapes
from deliveries.content.places.pieces import Slot

NAME: Final = "\x00pixel"  # no field has such a name
PIECE: Final = Slot(FieldValue(NAME), escapes.as_is)


def tag(url: str, trap: str = "") -> str:
    """Return the pixel, nothing without an address.

    `trap` is an address that no reader sees or follows: who asks for it took every address out of the source.
    """
    if not url:
        return ""
    hidden = f' data-at="{trap}"' if trap else ""
    return (
        f'<img src="{url}"{hidden} width="1" height="1" alt="" border="0"'
        ' style="width:1px;height:1px;border:0;margin:0;padding:0">'
    )
