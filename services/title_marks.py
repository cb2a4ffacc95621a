"""Titles in their marks, as votes and feed write them into a timeline."""

from typing import Final

_INNER: Final = str.maketrans("《》", "〈〉")


def marked(title: str) -> str:
    """The title in 《》; marks that it has itself become the inner ones (GB/T 15834-2011)."""
    return f"《{title.translate(_INNER)}》"
