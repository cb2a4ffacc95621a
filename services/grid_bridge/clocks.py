"""By which calendar and limits a community's clocks go, as the bridge's use-cases ask it.

It is asked once in a transaction, and for many communities at once (:func:`look_up`). What a
district entered is kept in the process by its revision: every process sees the next one with the
first transaction that begins after it was entered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services import directory
from services.grid_bridge import repository_clocks as repository
from services.grid_bridge.domain.sla import DEFAULTS, WARN, Limit, Stage
from services.grid_bridge.workdays import PUBLISHED_ALONE, DistrictCalendar
from services.kit.uow import UnitOfWork

_ASKED = "grid_clocks"
_CALENDARS: dict[str, DistrictCalendar] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """What clocks go by in a community."""

    district_id: str
    """Empty of a community that nobody knows."""
    calendar: DistrictCalendar = PUBLISHED_ALONE
    limits: Mapping[Stage, Limit] = field(default_factory=lambda: DEFAULTS)

    @property
    def warn(self) -> int:
        """The per cent of an order's time after which a warning is due."""
        return self.limits[Stage.GRID].warn if Stage.GRID in self.limits else WARN


def at(uow: UnitOfWork, community_id: str) -> Place:
    """What clocks go by in this community; the defaults where its district set nothing.

    Raises:
        CommunityNotFound: it does not exist; identity was asked.
    """
    asked = _asked(uow)
    if community_id not in asked:
        _read(uow, [community_id])
    if community_id not in asked:  # its copy has not arrived yet: identity knows
        district_id = directory.community(uow, community_id).district_id
        asked[community_id] = _of_district(uow, district_id)
    return asked[community_id]


def look_up(uow: UnitOfWork, community_ids: Iterable[str]) -> None:
    """Ask for several communities in one statement; :func:`at` then has its answer.

    For timers: identity is not asked. What the copy does not know, as it was taken back or has not
    arrived, goes by the published calendar alone, and keeps nobody else's clock from being seen.
    """
    wanted = set(community_ids)
    _read(uow, wanted)
    asked = _asked(uow)
    for unknown in wanted - set(asked):
        asked[unknown] = Place("")


def _read(uow: UnitOfWork, community_ids: Iterable[str]) -> None:
    asked = _asked(uow)
    wanted = set(community_ids) - set(asked)
    if not wanted:
        return
    for row in repository.places(uow.session, wanted):
        calendar = _calendar(uow, row.district_id, row.revision)
        limits = merged(row.of_district, row.of_community)
        asked[row.id] = Place(row.district_id, calendar, limits)


def merged(*told: Mapping[str, Any] | None) -> dict[Stage, Limit]:
    """The defaults, and over them what each of ``told`` has of its own."""
    limits = dict(DEFAULTS)
    for some in told:
        for stage, limit in (some or {}).items():
            limits[Stage(stage)] = Limit(limit["days"], limit["warn"])
    return limits


def _asked(uow: UnitOfWork) -> dict[str, Place]:
    found: dict[str, Place] = uow.session.info.setdefault(_ASKED, {})
    return found


def _of_district(uow: UnitOfWork, district_id: str) -> Place:
    row = repository.calendar(uow.session, district_id)
    own = repository.limits(uow.session, district_id, "")
    calendar = _calendar(uow, district_id, row.revision if row else "")
    return Place(district_id, calendar, merged(own.limits if own else None))


def _calendar(uow: UnitOfWork, district_id: str, revision: str) -> DistrictCalendar:
    if not revision:
        return PUBLISHED_ALONE
    kept = _CALENDARS.get(district_id)
    if kept is None or kept.revision != revision:
        kept = repository.as_calendar(revision, repository.years(uow.session, district_id))
        _CALENDARS[district_id] = kept
    return kept
