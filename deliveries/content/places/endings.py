"""Where a page ends as a browser finds it: what every reader must see, and the pixel, go there (reference 8)."""

from collections.abc import Sequence

from deliveries.content.places.links import BodyEnd, Draft, DraftFork


def with_ending(drafts: Sequence[Draft], ending: Sequence[Draft]) -> list[Draft]:
    """Return the drafts with the ending before the last end of the body, else behind everything."""
    placed = _before_end(drafts, ending)
    return [*drafts, *ending] if placed is None else placed


def _before_end(drafts: Sequence[Draft], ending: Sequence[Draft]) -> list[Draft] | None:
    for index in range(len(drafts) - 1, -1, -1):
        draft = drafts[index]
        put: list[Draft] | None = None
        if isinstance(draft, BodyEnd):
            put = list(ending)
        elif isinstance(draft, DraftFork):
            fork = _in_each_branch(draft, ending)
            put = None if fork is None else [fork]
        if put is not None:
            return [*drafts[:index], *put, *drafts[index + 1 :]]
    return None


def _in_each_branch(fork: DraftFork, ending: Sequence[Draft]) -> DraftFork | None:
    """Put the ending into each branch, where one of them ends the body; and where no branch holds, alone."""
    tried = [(when, inner, _before_end(inner, ending)) for when, inner in fork.branches]
    if all(placed is None for _, _, placed in tried):
        return None
    branches = [(when, [*inner, *ending] if placed is None else placed) for when, inner, placed in tried]
    if branches[-1][0] is not None:
        branches.append((None, list(ending)))
    return DraftFork(branches)
