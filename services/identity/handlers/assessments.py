"""Personal-information impact assessments (PIPL art. 55 and 56): recorded, read, never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from services.contracts.actor import Actor, Role
from services.contracts.errors import FieldError, Forbidden, Invalid
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    Assessment,
    ListAssessments,
    RecordAssessment,
)
from services.identity import repository
from services.identity.handlers import access
from services.identity.models import ImpactAssessment
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

READERS = frozenset({Role.DISTRICT_ADMIN, Role.AUDITOR})


def record_assessment(
    uow: UnitOfWork, cmd: RecordAssessment, actor: Actor, now: datetime
) -> Assessment:
    """Record an assessment for the actor's district; it says when it is to be looked at again.

    Raises:
        Invalid: that day is past, or the actor administers several districts and names none.
        Forbidden: the district named is not hers.
    """
    if cmd.review_at <= now:
        raise Invalid(errors=[FieldError("review_at", "复核日期必须晚于现在")])
    row = ImpactAssessment(
        id=new_id(),
        path=_district(uow, cmd.did, actor),
        title=cmd.title,
        purpose=cmd.purpose,
        data_kinds=cmd.data_kinds,
        risks=cmd.risks,
        measures=cmd.measures,
        conclusion=cmd.conclusion,
        recorded_by=actor.person_id,
        recorded_at=now,
        review_at=cmd.review_at,
    )
    uow.session.add(row)
    uow.session.flush()
    return _views(uow, [row])[0]


def _district(uow: UnitOfWork, district_id: str | None, actor: Actor) -> str:
    mine = sorted({g.path for g in actor.grants if g.role is Role.DISTRICT_ADMIN})
    if district_id is None:
        if len(mine) > 1:
            raise Invalid(errors=[FieldError("did", "请指明是哪个区")])
        return mine[0]
    district = repository.node(uow.session, district_id)
    if district is None or district.path not in mine:
        raise Forbidden()
    return district.path


def list_assessments(uow: UnitOfWork, cmd: ListAssessments, actor: Actor) -> Page[Assessment]:
    """The assessments of the districts that the actor administers or audits, newest first."""
    paths = {g.path for g in actor.grants if g.role in READERS}
    query = select(ImpactAssessment).where(or_(*(ImpactAssessment.path == p for p in paths)))
    if cmd.cursor:
        query = query.where(ImpactAssessment.id < decode_cursor(cmd.cursor, 1)[0])
    query = query.order_by(ImpactAssessment.id.desc()).limit(cmd.limit + 1)
    rows = list(uow.session.scalars(query))
    page = rows[: cmd.limit]
    return Page[Assessment](
        items=_views(uow, page),
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def _views(uow: UnitOfWork, rows: Sequence[ImpactAssessment]) -> list[Assessment]:
    people = repository.people(uow.session, [row.recorded_by for row in rows])
    return [
        Assessment(
            id=row.id,
            title=row.title,
            purpose=row.purpose,
            data_kinds=list(row.data_kinds),
            risks=row.risks,
            measures=row.measures,
            conclusion=row.conclusion,
            recorded_by=access.named(people, row.recorded_by),
            recorded_at=row.recorded_at,
            review_at=row.review_at,
        )
        for row in rows
    ]
