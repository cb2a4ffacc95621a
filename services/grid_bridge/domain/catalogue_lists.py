"""Which lists can be a district's catalogue; what is wrong is named by slot and field."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.grid_bridge.catalogue import LimitsDraft, SlotDraft
from services.grid_bridge.domain import codes
from services.grid_bridge.domain.catalogues import CORE_SLOTS, Department, Limits, Pace, Slot

_KEY: Final = re.compile(r"[SX][1-9][0-9]{0,2}", re.ASCII)


class BadCatalogue(Invalid):
    """A list that cannot be a catalogue; ``errors`` names each slot and field at fault."""

    code = "grid.bad_catalogue"
    zh, en = "目录内容有误，请按提示修改", "The catalogue is not right; see the fields"


def checked(wanted: Sequence[SlotDraft]) -> tuple[Slot, ...]:
    """The list as it will be kept, core slots first, then by number.

    Raises:
        BadCatalogue: ``errors`` names every wrong slot by its place and field.
    """
    wrong: list[FieldError] = []
    core = sum(one.key.startswith("S") for one in wanted)
    if core != CORE_SLOTS:
        wrong.append(FieldError("slots", f"must have exactly {CORE_SLOTS} core slots, not {core}"))
    slots = [_slot(at, one, wrong) for at, one in enumerate(wanted)]
    _once(slots, "key", lambda slot: slot.key, wrong)
    _once(slots, "name", lambda slot: slot.name, wrong)
    _once(slots, "code.code", lambda slot: slot.code.code if slot.is_local else None, wrong)
    if wrong:
        raise BadCatalogue(errors=wrong)
    return tuple(sorted(slots, key=lambda slot: (slot.key[0], int(slot.key[1:]))))


def _slot(at: int, wanted: SlotDraft, wrong: list[FieldError]) -> Slot:
    if not _KEY.fullmatch(wanted.key):
        wrong.append(FieldError(f"slots.{at}.key", "must be S or X with a number from 1 to 999"))
    return Slot(
        key=wanted.key,
        name=wanted.name,
        meaning=wanted.meaning,
        not_here=wanted.not_here,
        law=wanted.law,
        law_sure=wanted.law_sure,
        department=Department(wanted.department.code, wanted.department.name),
        code=_code(at, wanted, wrong),
        limits=_limits(at, wanted.limits, wrong),
        note=wanted.note,
        redefined=wanted.redefined,
    )


def _code(at: int, wanted: SlotDraft, wrong: list[FieldError]) -> codes.Code:
    given = wanted.code
    try:
        if given.kind == "matter" and codes.is_local(given.code):
            code = codes.local(given.standard, given.code, given.name)
            if code.name == codes.LOCAL_MARK:
                wrong.append(FieldError(f"slots.{at}.code.name", "a local code needs a name"))
            return code
        return codes.look_up(given.standard, given.kind, given.code)
    except codes.UnknownCode:
        message = "neither a code of the standard nor of the range left to the district"
        wrong.append(FieldError(f"slots.{at}.code.code", message))
        return codes.Code(given.standard, given.kind, given.code, given.name)


def _limits(at: int, wanted: LimitsDraft, wrong: list[FieldError]) -> Limits:
    usual = Pace(wanted.on_site, wanted.disposed)
    limits = Limits(usual.on_site, usual.disposed, wanted.removal)
    _in_order(f"slots.{at}.limits", usual, usual, wrong)
    if wanted.removal is not None and wanted.removal <= wanted.disposed:
        message = "must be longer than disposed"
        wrong.append(FieldError(f"slots.{at}.limits.removal", message))
    if wanted.urgent:
        limits = replace(limits, urgent=Pace(wanted.urgent.on_site, wanted.urgent.disposed))
        _in_order(f"slots.{at}.limits.urgent", limits.urgent, usual, wrong)
    if wanted.critical:
        limits = replace(limits, critical=Pace(wanted.critical.on_site, wanted.critical.disposed))
        _in_order(f"slots.{at}.limits.critical", limits.critical, limits.urgent or usual, wrong)
    return limits


def _in_order(field: str, pace: Pace | None, slower: Pace, wrong: list[FieldError]) -> None:
    """It is looked at before it is dealt with, and what is more urgent takes no longer."""
    if pace is None:
        return
    if pace.on_site > pace.disposed:
        wrong.append(FieldError(f"{field}.on_site", "must not be longer than disposed"))
    for name in ("on_site", "disposed"):
        if getattr(pace, name) > getattr(slower, name):
            message = "must not be longer than what is less urgent has"
            wrong.append(FieldError(f"{field}.{name}", message))


def _once(
    slots: Sequence[Slot], field: str, of: Callable[[Slot], str | None], wrong: list[FieldError]
) -> None:
    seen: dict[str, int] = {}
    for at, slot in enumerate(slots):
        value = of(slot)
        if value is None:
            continue
        first = seen.setdefault(value, at)
        if first != at:
            wrong.append(FieldError(f"slots.{at}.{field}", f"is that of slots.{first} already"))
