"""How a link's category is read: its number, and the name that the newsletter gives it now."""

from collections.abc import Mapping


def category_in_words(names: Mapping[str, int], number: int) -> str:
    """Return the number with its name where it has one; of several names the first."""
    name = next((name for name, known in names.items() if known == number), "")
    return f"{number} · {name}" if name else str(number)
