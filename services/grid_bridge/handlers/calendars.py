"""A district's working days and limits: read by everybody of it, set by its administrators."""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import clocks as ops
from services.grid_bridge import clocks
from services.grid_bridge import repository_clocks as repository
from services.grid_bridge.domain import calendars as rules
from services.grid_bridge.domain.sla import ZONE, Stage
from services.grid_bridge.handlers.districts import ADMINS, administered, belonging
from services.grid_bridge.models import CalendarYearRow, LimitsRow
from services.grid_bridge.repository_districts import District
from services.grid_bridge.workdays import CALENDAR
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork

_HIGHEST = 2**31 - 1


def get_calendar(
    uow: UnitOfWork, cmd: ops.GetCalendar, actor: Actor, now: datetime
) -> ops.CalendarYear:
    """The working days of a year, layer over layer.

    Raises:
        DistrictNotFound: it is not the actor's district.
    """
    district = belonging(uow, actor, cmd.did)
    return _year(uow, district, cmd.year or now.astimezone(ZONE).year, actor)


def put_year(
    uow: UnitOfWork, cmd: ops.PutCalendarYear, actor: Actor, now: datetime
) -> ops.CalendarYear:
    """Enter a year; what runs by the calendar before is reckoned anew by the timer.

    Raises:
        Forbidden: the actor administers another district.
        BadCalendar: a day is not of that year, or is named twice.
    """
    district = administered(uow, actor, cmd.did)
    days = rules.checked_days(cmd.year, cmd.days)
    repository.lock(uow.session, district.id)
    row = CalendarYearRow(
        district_id=district.id,
        year=cmd.year,
        days=days,
        source=cmd.source,
        complete=cmd.complete,
        entered_by=actor.person_id,
        entered_at=now,
    )
    repository.enter_year(uow.session, row, new_id(), now)
    return _year(uow, district, cmd.year, actor)


def get_limits(uow: UnitOfWork, cmd: ops.GetLimits, actor: Actor) -> ops.Limits:
    """The limits that apply in a district, or in one of its communities.

    Raises:
        DistrictNotFound: it is not the actor's district.
        NotOfThisDistrict: the community lies elsewhere.
    """
    district = belonging(uow, actor, cmd.did)
    return _limits(uow, district, _place(uow, district, cmd.cid))


def put_limits(uow: UnitOfWork, cmd: ops.PutLimits, actor: Actor, now: datetime) -> ops.Limits:
    """Set a place's own limits, for what is promised from now on.

    Raises:
        Forbidden: the actor administers another district.
        NotOfThisDistrict: the community lies elsewhere.
        BadLimits: a stage is named twice, or its days are missing.
        LimitsChangedMeanwhile: the limits are others than were read.
    """
    district = administered(uow, actor, cmd.did)
    place = _place(uow, district, cmd.cid)
    limits = rules.checked_limits(cmd.limits)
    repository.lock(uow.session, district.id)
    last = repository.limits(uow.session, district.id, place)
    version = last.version if last else 0
    if cmd.version != version:
        raise rules.LimitsChangedMeanwhile()
    uow.session.add(
        LimitsRow(
            district_id=district.id,
            community_id=place,
            version=version + 1,
            limits=limits,
            note=cmd.note,
            set_by=actor.person_id,
            set_at=now,
        )
    )
    uow.session.flush()
    return _limits(uow, district, place)


def list_limit_versions(
    uow: UnitOfWork, cmd: ops.ListLimitVersions, actor: Actor
) -> Page[ops.LimitsVersion]:
    """What a place's own limits were, newest first."""
    district = belonging(uow, actor, cmd.did)
    place = _place(uow, district, cmd.cid)
    below = whole_number(*decode_cursor(cmd.cursor, 1)) if cmd.cursor else _HIGHEST
    rows = repository.page_of_limits(uow.session, district.id, place, below=below, limit=cmd.limit)
    shown, told = rows[: cmd.limit], actor.holds(ADMINS, district.path)
    return Page(
        items=[
            ops.LimitsVersion(
                version=row.version,
                limits=[
                    ops.OwnLimit(stage=stage, days=rules.days_of(limit), warn_percent=limit["warn"])
                    for stage, limit in row.limits.items()
                ],
                note=row.note,
                set_at=row.set_at,
                set_by=row.set_by if told else None,
            )
            for row in shown
        ],
        next_cursor=encode_cursor(str(shown[-1].version)) if len(rows) > cmd.limit else None,
    )


def _place(uow: UnitOfWork, district: District, cid: str | None) -> str:
    if cid is not None and not repository.lies_in(uow.session, cid, district.id):
        raise rules.NotOfThisDistrict()
    return cid or ""


def _year(uow: UnitOfWork, district: District, year: int, actor: Actor) -> ops.CalendarYear:
    entered = {row.year: row for row in repository.years(uow.session, district.id)}
    kept = repository.calendar(uow.session, district.id)
    row = entered.get(year)
    published = year in CALENDAR.years()
    days = {
        day: ops.CalendarDayView(day=day, worked=worked, name=name, layer="published")
        for day, (worked, name) in CALENDAR.exceptions(year).items()
    }
    for one in row.days if row else ():
        view = ops.CalendarDayView.model_validate({**one, "layer": "entered"})
        days[view.day] = view
    whole = row is not None and row.complete
    return ops.CalendarYear(
        did=district.id,
        year=year,
        layer="entered" if whole else "published" if published else "weekdays",
        provisional=not (whole or published),
        days=[days[day] for day in sorted(days)],
        source=row.source if row else None,
        complete=row.complete if row else None,
        entered_at=row.entered_at if row else None,
        entered_by=row.entered_by if row and actor.holds(ADMINS, district.path) else None,
        published_years=sorted(CALENDAR.years()),
        entered_years=sorted(entered),
        settled=kept is None or kept.settled_at is not None,
    )


def _limits(uow: UnitOfWork, district: District, place: str) -> ops.Limits:
    """What applies, each with whose it is; a place that set nothing has version 0."""
    of_district = repository.limits(uow.session, district.id, "")
    own = repository.limits(uow.session, district.id, place) if place else of_district
    layers = {
        "district": of_district.limits if of_district else {},
        "community": own.limits if own and place else {},
    }
    applied = clocks.merged(*layers.values())
    return ops.Limits(
        did=district.id,
        cid=place or None,
        version=own.version if own else 0,
        items=[
            ops.LimitView(
                stage=stage.value,
                days=(applied[stage].days or None) if stage in applied else None,
                warn_percent=applied[stage].warn if stage in applied else clocks.WARN,
                set_by=next(
                    (who for who in ("community", "district") if stage in layers[who]), "default"
                ),
            )
            for stage in Stage
        ],
    )
