"""Small words between handlers and the kit."""

from dataclasses import dataclass


class Reject(Exception):
    """This event can never be handled: straight to the dead-letter queue, with the reason."""


class JsonText(str):
    """An answer that is finished JSON text already; it travels without being parsed again."""


@dataclass(frozen=True, slots=True)
class Shared:
    """That an answer holds nothing of its reader's own: who else would be told the same.

    Attributes:
        place: where all of it stands; of use to nobody who may not read there.
        reader: the kind of reader; others there are told something else.
        about: ids of what is in it: whoever has a part in one of them is told something else.
        seconds: how long it stays right when nothing happens but time.
    """

    place: str
    reader: str
    about: tuple[str, ...] = ()
    seconds: float = 60.0


class SharedText(JsonText):
    """A finished answer that may be kept for others; ``shared`` says for whom."""

    shared: Shared

    @classmethod
    def of(cls, text: str, shared: Shared) -> "SharedText":
        """``text``, with word of whom it is right for."""
        made = cls(text)
        made.shared = shared
        return made
