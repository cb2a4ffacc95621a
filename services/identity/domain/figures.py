"""Figures that tell of places and of nobody: shares, and small numbers withheld."""

from collections.abc import Collection, Mapping
from typing import Final

FEWEST: Final = 10  # smaller numbers of Party members, and of badges shown, are not told


def share(part: int, whole: int) -> str:
    """``"n/d"``: exact, and the reader sees of how many."""
    return f"{part}/{whole}"


def withheld(
    counts: Mapping[str, int], fewest: int = FEWEST, *, already: Collection[str] = ()
) -> set[str]:
    """Whose count must not be told, by key, of places whose sum may be known.

    All below ``fewest``; and where these together are still so few that the sum without the others
    would tell of them, the next larger ones too. That there is nobody at all may be reckoned.

    Args:
        already: keys that are withheld for another reason.
    """
    hidden = {key for key, count in counts.items() if count < fewest or key in already}
    for _, key in sorted((count, key) for key, count in counts.items() if key not in hidden):
        if not 0 < sum(counts[k] for k in hidden) < fewest:
            break
        hidden.add(key)
    return hidden
