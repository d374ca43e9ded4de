"""How the table looks: fixed widths, so that a row can be printed as soon as it is known."""

from typing import Final

from benchmarks.measuring.figures import Row

_WIDE: Final = 1_000
HEAD: Final = f"{'what':<58}{'figure':>10} {'unit':<12}{'ratio':>7}  {'target':<9}"


def line(row: Row) -> str:
    """Return a row as a line."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    verdict = ("missed" if row.missed else "ok") if row.target else ""
    return f"{row.what:<58}{_number(row.figure):>10} {row.unit:<12}{ratio:>7}  {row.target:<9}{verdict}".rstrip()


def _number(figure: float) -> str:
    """Return about three digits of it."""
    if figure >= _WIDE or figure == int(figure):
        return f"{figure:,.0f}"
    return f"{figure:.3g}"
