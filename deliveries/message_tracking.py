"""Whose links and opens are measured in one message, and by which addresses (reference 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from deliveries import tokens
from deliveries.message_tokens import IdTokens, LinkTokens, MessageLinks
from deliveries.tokens import Purpose

_YES: Final = frozenset({"1", "true", "yes", "y", "s\u00ec", "si", "si\u0300", "vero", "on"})
_HIDDEN: Final = (tokens.HIDDEN_LINK,)


class Measured(NamedTuple):
    """What one message carries: how its links are made, if at all, the pixel, and the address only machines see."""

    click: MessageLinks | None = None
    pixel_url: str = ""
    trap_url: str = ""


NOTHING: Final = Measured()


@dataclass(frozen=True)
class Measuring:
    """How a delivery is measured: `mode` is individual, aggregate or none.

    With a `consent_field` a person whose field does not say yes gets the shared pixel and plain links. `base` is
    the address of public pages, without a slash at its end.
    """

    delivery_id: int
    mode: str
    consent_field: str
    base: str

    def of(self, message_id: int, values: Mapping[str, object]) -> Measured:
        """Return what the message of a person with these values carries."""
        if self.mode == "individual" and self._consents(values):
            return self.individual(message_id)
        if self.mode == "individual":
            return Measured(pixel_url=self._shared.pixel_url)
        return self._shared if self.mode == "aggregate" else NOTHING

    def individual(self, message_id: int) -> Measured:
        """Return what leads back to one message; tokens.COPY_ID is nobody's."""
        click = self._links.of(message_id)
        pixel = f"{self.base}/o/{self._opens.written(message_id)}"
        return Measured(click, pixel, click.before + click.many(_HIDDEN)[0].decode("ascii"))

    def copy(self) -> Measured:
        """Return what a copy carries, which looks like a person's and acts on nobody."""
        return NOTHING if self.mode == "none" else self.individual(tokens.COPY_ID)

    def page(self, message_id: int, values: Mapping[str, object]) -> Measured:
        """Return what a message's web page carries: its links; that it was looked at is known without a pixel."""
        return Measured(click=self.of(message_id, values).click)

    def _consents(self, values: Mapping[str, object]) -> bool:
        return not self.consent_field or says_yes(values.get(self.consent_field))

    @cached_property
    def _links(self) -> LinkTokens:
        return LinkTokens(self.delivery_id, f"{self.base}/c/")

    @cached_property
    def _opens(self) -> IdTokens:
        return IdTokens(Purpose.OPEN)

    @cached_property
    def _shared(self) -> Measured:
        pixel = f"{self.base}/o/{tokens.make(Purpose.OPEN_SHARED, self.delivery_id)}"
        return Measured(self._links.of(None), pixel)


def says_yes(value: object) -> bool:
    """Return whether a field carries a person's consent: yes, a number that is not 0, or the day it was given."""
    if isinstance(value, str):
        return value.strip().casefold() in _YES
    return bool(value)
