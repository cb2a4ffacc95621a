"""Do the rows of a town's sheets fit together, and with what there is already?

Nothing here knows a database: what is there comes in as :class:`Known`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.contracts.actor import Role
from services.identity.domain import roles
from services.identity.domain.town import (
    BUILDINGS,
    COMMUNITIES,
    ESTATES,
    STAFF,
    TOWNS,
    Community,
    Draft,
    Estate,
    Fault,
    Officer,
    Sheet,
    numbered,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What there is already: districts by name, towns by (district, name), the codes in use."""

    districts: frozenset[str]
    towns: frozenset[tuple[str, str]]
    codes: frozenset[str]
    names: frozenset[tuple[str, str, str]] = frozenset()
    """Communities that there are: (district, town, name)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an office holds: ``key`` is a district's name, (district, town) or a code."""

    kind: str
    key: Any


@dataclass(slots=True)
class Plan:
    """The draft with every reference resolved; with ``faults`` it must not be carried out.

    ``towns`` are all that are named, new or not; communities are known by their code.
    """

    towns: list[tuple[str, str]] = field(default_factory=list)
    communities: dict[str, tuple[tuple[str, str], Community]] = field(default_factory=dict)
    estates: list[tuple[str, Estate]] = field(default_factory=list)
    buildings: dict[tuple[str, str], dict[str, tuple[str, ...]]] = field(default_factory=dict)
    staff: list[tuple[Officer, Scope]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def fit(draft: Draft, known: Known, district: str) -> Plan:
    """Resolve every reference, and say what does not fit.

    Args:
        district: the name of the district that rows of 镇 mean when they name none.
    """
    plan = Plan(faults=list(draft.faults))
    wrong = plan.faults.append
    towns: dict[str, tuple[str, str]] = {
        name: (where, name) for where, name in known.towns if where == district
    }
    for line in draft.towns:
        key = (line.district or district, line.name)
        if key in plan.towns:
            wrong(_fault(TOWNS, line.row, "name", "这个镇出现了两次"))
        elif towns.get(line.name, key) != key:
            wrong(_fault(TOWNS, line.row, "name", "另一个区有同名的镇，请分两次导入"))
        else:
            towns[line.name] = key
            plan.towns.append(key)
    by_name = _communities(draft, plan, known, towns)
    kinds = {code: line.kind for code, (_, line) in plan.communities.items()}
    _estates(draft, plan, by_name, kinds)
    districts = known.districts | {where for where, _ in plan.towns} | {district}
    _staff(draft, plan, by_name, towns, districts)
    return plan


def _fault(sheet: Sheet, row: int, column: str, message: str) -> Fault:
    return Fault(sheet.title, row, sheet.heading(column), message)


def _communities(
    draft: Draft, plan: Plan, known: Known, towns: Mapping[str, tuple[str, str]]
) -> dict[str, list[str]]:
    """The codes that a name may mean."""
    by_name: dict[str, list[str]] = defaultdict(list)
    taken: set[tuple[str, str, str]] = set(known.names)
    for line in draft.communities:
        where = towns.get(line.town)
        if where is None:
            plan.faults.append(
                _fault(COMMUNITIES, line.row, "town", "没有这个镇，请先写在“镇”表中")
            )
            continue
        if line.code12 in plan.communities or line.code12 in known.codes:
            again = "已有这个代码的居村" if line.code12 in known.codes else "代码出现了两次"
            plan.faults.append(_fault(COMMUNITIES, line.row, "code12", again))
        elif (*where, line.name) in taken:
            plan.faults.append(_fault(COMMUNITIES, line.row, "name", "这个镇已有同名的居村"))
        else:
            taken.add((*where, line.name))
            plan.communities[line.code12] = (where, line)
            by_name[line.name].append(line.code12)
            if where not in plan.towns:
                plan.towns.append(where)
    return by_name


def _which(text: str, plan: Plan, by_name: Mapping[str, list[str]]) -> tuple[str | None, str]:
    """The code of the community that ``text`` means, or what is wrong with it."""
    if text in plan.communities:
        return text, ""
    codes = by_name.get(text, [])
    if len(codes) == 1:
        return codes[0], ""
    if codes:
        return None, "有几个同名的居村，请改填 12 位代码"
    return None, "没有这个居村，请先写在“居村”表中"


def _estates(
    draft: Draft, plan: Plan, by_name: Mapping[str, list[str]], kinds: Mapping[str, str]
) -> None:
    for line in draft.estates:
        code, why = _which(line.community, plan, by_name)
        if code is None:
            plan.faults.append(_fault(ESTATES, line.row, "community", why))
        elif (code, line.name) in plan.buildings:
            plan.faults.append(_fault(ESTATES, line.row, "name", "这个小区出现了两次"))
        else:
            plan.estates.append((code, line))
            suffix = "组" if kinds[code] == "village" else "号楼"
            units = numbered(line.units, "单元")
            plan.buildings[code, line.name] = dict.fromkeys(numbered(line.buildings, suffix), units)
    own: set[tuple[str, str, str]] = set()
    for extra in draft.buildings:
        code, why = _which(extra.community, plan, by_name)
        if code is None:
            plan.faults.append(_fault(BUILDINGS, extra.row, "community", why))
            continue
        estate_buildings = plan.buildings.get((code, extra.estate))
        suffix = "组" if kinds[code] == "village" else "号楼"
        (name,) = numbered([extra.name], suffix)
        if estate_buildings is None:
            plan.faults.append(
                _fault(BUILDINGS, extra.row, "estate", "没有这个小区，请先写在“小区”表中")
            )
        elif (code, extra.estate, name) in own:
            plan.faults.append(_fault(BUILDINGS, extra.row, "name", "这个楼栋出现了两次"))
        else:
            own.add((code, extra.estate, name))
            estate_buildings[name] = numbered(extra.units, "单元")


def _staff(
    draft: Draft,
    plan: Plan,
    by_name: Mapping[str, list[str]],
    towns: Mapping[str, tuple[str, str]],
    districts: frozenset[str],
) -> None:
    seen: set[tuple[str, Role, str, str]] = set()
    called: dict[str, str] = {}
    for line in draft.staff:
        scopes = _scopes(line.scope, plan, by_name, towns, districts)
        fitting = [s for s in scopes if roles.may_hold_at(line.role, s.kind)]
        if not scopes:
            _, why = _which(line.scope, plan, by_name)
            message = why if by_name.get(line.scope) else "没有这个区、镇或居村"
            plan.faults.append(_fault(STAFF, line.row, "scope", message))
        elif not fitting:
            plan.faults.append(_fault(STAFF, line.row, "scope", "该角色不能设在这一级"))
        elif len(fitting) > 1:
            plan.faults.append(_fault(STAFF, line.row, "scope", "有几个同名的地方，请改填代码"))
        elif (line.phone, line.role, fitting[0].kind, str(fitting[0].key)) in seen:
            plan.faults.append(_fault(STAFF, line.row, "role", "与前面的一行重复"))
        elif called.setdefault(line.phone, line.display_name) != line.display_name:
            plan.faults.append(
                _fault(STAFF, line.row, "display_name", "同一手机号前面写的是另一个称呼")
            )
        else:
            seen.add((line.phone, line.role, fitting[0].kind, str(fitting[0].key)))
            plan.staff.append((line, fitting[0]))


def _scopes(
    text: str,
    plan: Plan,
    by_name: Mapping[str, list[str]],
    towns: Mapping[str, tuple[str, str]],
    districts: frozenset[str],
) -> list[Scope]:
    """What a scope's name may mean, at every level."""
    found = [Scope("district", text)] if text in districts else []
    if text in towns:
        found.append(Scope("town", towns[text]))
    code, _ = _which(text, plan, by_name)
    if code is not None:
        found.append(Scope("community", code))
    return found
