"""The extra fields of a post, read into their normal form."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.base import check_moment
from services.feed.domain.guides import MOST_LINES, as_lines
from services.feed.domain.modules import ExtraField, Module
from services.feed.domain.texts import clean_line, clean_text

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MONEY = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")
MAX_SLOTS: Final = 21


class _Wrong(Exception):
    """A value that its field does not take; the text is for the person who typed it."""


def _line(_: ExtraField, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise _Wrong("应为不超过 200 字的文字")
    return clean_line(value)


def _text(field: ExtraField, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 4_000:
        raise _Wrong("应为不超过 4000 字的文字")
    if not field.lines:
        return clean_text(value)
    lines = as_lines(clean_text(value))
    if lines.count("\n") >= MOST_LINES:
        raise _Wrong(f"最多 {MOST_LINES} 条，每条一行")
    return lines


def _time(_: ExtraField, value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Wrong("应为带时区的时间，如 2026-05-01T08:00:00+08:00") from None
    if moment.tzinfo is None:
        raise _Wrong("时间缺少时区")
    try:
        return check_moment(moment).isoformat()
    except ValueError:
        raise _Wrong("没有这样的时间") from None


def _money(_: ExtraField, value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _MONEY.fullmatch(text):
        raise _Wrong("应为金额（元），如 80 或 12.50")
    return f"{Decimal(text):.2f}"


def _choice(field: ExtraField, value: Any) -> str:
    if value not in [choice.key for choice in field.choices]:
        raise _Wrong("应为：" + "、".join(choice.key for choice in field.choices))
    return str(value)


def _clock(value: Any) -> str:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _Wrong("钟点应写作 08:00")
    return time(int(found[1]), int(found[2])).strftime("%H:%M")


def _slots(_: ExtraField, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_SLOTS:
        raise _Wrong(f"应为 1 到 {MAX_SLOTS} 个时段")
    slots = []
    for slot in value:
        if not isinstance(slot, dict) or set(slot) != {"weekday", "from", "to"}:
            raise _Wrong("每个时段有 weekday、from、to 三项")
        weekday = slot["weekday"]
        if type(weekday) is not int or not 1 <= weekday <= 7:
            raise _Wrong("weekday 应为 1（周一）到 7（周日）")
        start, end = _clock(slot["from"]), _clock(slot["to"])
        if start >= end:
            raise _Wrong("时段的结束应晚于开始")
        slots.append({"weekday": weekday, "from": start, "to": end})
    return slots


_READERS: Final[dict[str, Callable[[ExtraField, Any], Any]]] = {
    "line": _line,
    "text": _text,
    "time": _time,
    "money": _money,
    "choice": _choice,
    "slots": _slots,
}


def read_extra(module: Module, extra: dict[str, Any]) -> dict[str, Any]:
    """The extra fields of a post in their normal form.

    Raises:
        Invalid: a field that the module does not have, or a value that it does not take.
    """
    read: dict[str, Any] = {}
    errors: list[FieldError] = []
    for key, value in extra.items():
        field = module.field(key)
        if field is None:
            errors.append(FieldError(f"extra.{key}", "这个栏目没有此项"))
            continue
        if value in (None, ""):
            continue
        try:
            read[key] = _READERS[field.kind](field, value)
        except _Wrong as wrong:
            errors.append(FieldError(f"extra.{key}", str(wrong)))
    if errors:
        raise Invalid(errors=errors)
    return read


# -- read again from a post, which may have been written when the field was another one -----------

_HOURS: Final = ExtraField("slots", "slots", "每周时段", "Weekly hours")


def word(extra: Mapping[str, Any], key: str) -> str:
    """What a post says in one word or line; empty when it says nothing like that there."""
    value = extra.get(key)
    return value if isinstance(value, str) else ""


def moment(extra: Mapping[str, Any], key: str) -> datetime | None:
    """The time that a post names; None when it names none there."""
    try:
        return datetime.fromisoformat(word(extra, key))
    except ValueError:
        return None


def weekly(extra: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The weekly hours that a post names; none when it names none there."""
    try:
        return _slots(_HOURS, extra.get(key))
    except _Wrong:
        return []


def read_slots(name: str, slots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Weekly hours that are no field of a post, in the same normal form; there may be none.

    Raises:
        Invalid: ``name`` is the field at fault.
    """
    if not slots:
        return []
    try:
        return _slots(_HOURS, slots)
    except _Wrong as wrong:
        raise Invalid(errors=[FieldError(name, str(wrong))]) from None
