"""Which pages take files, and how large: the web server asks before it reads a body."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def takes_files(most: int) -> Callable[[View], View]:
    """Mark a view, a method too, that takes files of at most `most` bytes together."""

    def marked(view: View) -> View:
        view.takes_files = most  # type: ignore[attr-defined]  # wrappers copy what a view carries
        return view

    return marked


def most_bytes(view: Callable[..., Any]) -> int:
    """Return how many bytes of files a view takes, 0 for one without."""
    return int(getattr(view, "takes_files", 0))
