"""A survey in a form that works without a script: each question has its fields under a number.

``q0_kind``, ``q0_text``, ``q0_choices`` (one a line), ``q0_least``, ``q0_most``, ``q0_lowest``,
``q0_highest``, ``q0_longest``, ``q0_required``. A question without words is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.web import moments
from gateway.web.forms import Form, whole
from gateway.web.words_desk_topics import ONE_PER, RESULTS, TEXTS

MOST: Final = 30
"""Questions of a form: each has nine fields, and a form has four hundred."""
FIRST: Final = 2
FIELDS: Final = (
    "title", "intro", "questions", "anonymous", "one_per", "results", "texts", "topic_id",
    "closes_at", "convener",
)  # fmt: skip
_TEXTS: Final = ("kind", "text", "choices", "least", "most", "lowest", "highest", "longest")
_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "single": (),
    "multiple": ("least", "most"),
    "scale": ("lowest", "highest"),
    "number": ("lowest", "highest"),
    "text": ("longest",),
}
"""Which numbers a question of each kind has."""
SCALE: Final = {"lowest": 1, "highest": 5}


def rows(form: Form, questions: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, str]]:
    """The questions as the form shows them: as sent or as they are, then one that is empty."""
    sent = whole(form.text("rows"))
    if sent:
        shown = [_sent(form, number) for number in range(min(sent, MOST))]
    else:
        shown = [_stored(one) for one in questions[:MOST]]
    grows = not sent or bool(form.text("more"))
    empty = max(FIRST - len(shown), 1) if grows else 0
    return (shown + [_stored({}) for _ in range(empty)])[:MOST]


def _sent(form: Form, number: int) -> dict[str, str]:
    return {name: form.text(f"q{number}_{name}") for name in (*_TEXTS, "required")}


def _stored(question: Mapping[str, Any]) -> dict[str, str]:
    row = {name: _said(question.get(name)) for name in _TEXTS}
    row["kind"] = row["kind"] or "single"
    row["choices"] = "\n".join(question.get("choices", ()))
    row["required"] = "1" if question.get("required") else ""
    return row


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def written(form: Form, kept: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """What the form says, in the words of the operations.

    Args:
        kept: the questions as they were, of which those stay that the form has no room for.
    """
    said: dict[str, Any] = {
        "title": form.text("title"),
        "intro": form.text("intro"),
        "questions": [
            _question(row)
            for row in (
                *(_sent(form, n) for n in range(min(whole(form.text("rows")), MOST))),
                *map(_stored, kept[MOST:]),
            )
            if row["text"]
        ],
        "anonymous": form.text("anonymous") != "no",
        **{
            name: form.text(name)
            for name, table in (("one_per", ONE_PER), ("results", RESULTS), ("texts", TEXTS))
            if form.text(name) in table
        },
        **form.some("topic_id"),
    }
    if closes := form.text("closes_at"):
        said["closes_at"] = moments.local_minute(closes) or closes
    return said


def _question(row: Mapping[str, str]) -> dict[str, Any]:
    kind = row["kind"]
    question: dict[str, Any] = {
        "kind": kind,
        "text": row["text"],
        "required": bool(row["required"]),
    }
    if kind in ("single", "multiple"):
        lines = (line.strip() for line in row["choices"].splitlines())
        question["choices"] = [line for line in lines if line]
    for name in _NUMBERS.get(kind, ()):
        if row[name]:
            question[name] = _number(row[name])
        elif kind == "scale":
            question[name] = SCALE[name]
    return question


def _number(text: str) -> int | str:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    fits = digits.isascii() and digits.isdigit() and len(digits) < 12
    return sign * int(digits) if fits else text
