"""Forms: what was sent, what was wrong with it, and the key that makes a second tap harmless.

::

    GET  ──▶ Form()                      empty, with a fresh key
    POST ──▶ Form(values) ──call──▶ done: 303 to where it can be seen
                         └─refused──▶ form.rejected(error): the same page again, every word kept,
                                      the fault told beside its field
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from starlette.datastructures import FormData

from services.contracts.errors import IdempotencyKeyReused, ShequError
from services.contracts.ids import is_id, new_id

MENDABLE = frozenset({400, 409, 413, 415, 422, 429, 503})
"""Statuses that the person can do something about: the form is shown again."""
KEY_FIELD = "once"
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        values: what was sent, by field; lists for fields that come several times.
        errors: what is wrong, by field.
        problem: what is wrong with the whole; shown on top.
        status: of the page that shows it.
        key: the Idempotency-Key of its submission.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    status: int = 200
    key: str = field(default_factory=new_id)

    @classmethod
    def sent(cls, data: FormData) -> Self:
        """What came with a POST; files are left out."""
        values: dict[str, Any] = {}
        for name, value in data.multi_items():
            if not isinstance(value, str):
                continue
            text = value.replace("\r\n", "\n")
            if name.endswith("[]"):
                values.setdefault(name, []).append(text)
            else:
                values[name] = text
        key = values.get(KEY_FIELD, "")
        return cls(values=values, key=key if is_id(key) else new_id())

    def text(self, name: str, default: str = "") -> str:
        """One field without blanks around it."""
        return str(self.values.get(name, default)).strip()

    def many(self, name: str) -> list[str]:
        """A field that may come several times; its name ends with ``[]``."""
        return [text for text in self.values.get(name, []) if text]

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))

    def some(self, *names: str) -> dict[str, str]:
        """Those of the optional fields that were filled in."""
        return {name: self.text(name) for name in names if self.text(name)}

    def wrong(self, errors: Mapping[str, str], problem: str = "", status: int = 422) -> Self:
        """The form with faults that the page itself found."""
        return replace(self, errors=errors, problem=problem, status=status)

    def rejected(self, error: ShequError, language: str, fields: Iterable[str] = ()) -> Self:
        """The form with what the service said; raises the error when nothing can be mended.

        What a service says of a field may be in one language alone: in another one the error's own
        words stand there.

        Args:
            fields: the fields of the page; what concerns others is told on top.
        """
        if error.status not in MENDABLE:
            raise error
        known = set(fields)
        said = error.en if language == "en" else error.zh
        beside: dict[str, str] = {}
        above: list[str] = []
        for one in error.errors:
            own, group = one.field.replace(".", "_"), one.field.partition(".")[0]
            name = own if own in known else group
            message = one.message if _is_in(language, one.message) else said
            if name in known:
                beside.setdefault(name, message)
            else:
                above.append(message)
        more = [message for message in above if message != said]
        problem = "" if beside and not above else "：".join([said, *more])
        # Without an answer (503) the same key finds out whether it was done. Only a key that has
        # already done its work, for other words, is used up.
        used_up = error.code == IdempotencyKeyReused.code
        return replace(
            self,
            errors=beside,
            problem=problem,
            status=error.status,
            key=new_id() if used_up else self.key,
        )


def whole(text: str) -> int:
    """A whole number of a form or an address; 0 for what is none."""
    return int(text) if _is_whole(text) else 0


def number(text: str) -> int | str:
    """A whole number of a form; what is none stays text, which is refused beside its field."""
    return int(text) if _is_whole(text) else text


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _is_in(language: str, text: str) -> bool:
    """Whether a text can be read in the language: Chinese has characters of its own."""
    return bool(_HAN.search(text)) == (language != "en")
