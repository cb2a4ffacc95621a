"""The pages' words in another language: gettext catalogues, read once.

Chinese is the language of the source: a page asks for ``_("报告问题")`` and gets just that, unless
the reader wants English and ``gateway/locale/en`` knows the words. A message that is missing there
stays Chinese; a test finds every one of them. Each part of the pages has a catalogue of its own
(``web.po`` the house and what residents see first, ``console.po`` the desk, …); a message stands in
one of them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from gettext import c2py
from pathlib import Path

from babel.messages.pofile import read_po

from gateway.context import Language

LOCALE = Path(__file__).resolve().parents[1] / "locale"
LANGUAGES: Mapping[Language, str] = {"zh-CN": "中文", "en": "English"}
"""What the pages can be read in, each by its own name."""


class Texts:
    """One language."""

    def __init__(
        self,
        words: Mapping[str, str] | None = None,
        plurals: Mapping[str, tuple[str, ...]] | None = None,
        choose: Callable[[int], int] = int,
    ) -> None:
        self._words = words or {}
        self._plurals = plurals or {}
        self._choose = choose

    def gettext(self, message: str) -> str:
        """The message in this language."""
        return self._words.get(message) or message

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The message for ``n`` of something."""
        forms = self._plurals.get(one)
        return forms[self._choose(n)] if forms else (one if n == 1 else many)


@cache
def texts(language: Language) -> Texts:
    """The words of a language."""
    words: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    choose: Callable[[int], int] = int
    for path in catalogues(language):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        choose = c2py(catalogue.plural_expr)
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, str):
                words[message.id] = str(message.string)
            elif isinstance(message.string, tuple | list) and all(message.string):
                plurals[message.id[0]] = tuple(message.string)
    return Texts(words, plurals, choose)


def catalogues(language: Language) -> list[Path]:
    """The files with a language's words; none for the language of the source."""
    return sorted((LOCALE / language / "LC_MESSAGES").glob("*.po"))


def N_(message: str) -> str:
    """Marks a message for the catalogue where it is only written down, not yet shown."""
    return message
