"""The error of a provisioning file, and what its tables are."""

from collections.abc import Mapping
from typing import Any

from deliveries.errors import ClientError

Table = Mapping[str, Any]


def fault(message: str) -> ClientError:
    """Return the error of this file with its sentence."""
    return ClientError("PROVISION", message)
