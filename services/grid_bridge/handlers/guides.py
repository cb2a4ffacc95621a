"""The departments' answer guides: written, found beside the answer box, counted."""

from datetime import datetime
from typing import Any

from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import AnswerIssue, Suggestion
from services.contracts.operations.grid_bridge import guides as ops
from services.grid_bridge import repository_guides as repository
from services.grid_bridge import slots
from services.grid_bridge.domain import guides as rules
from services.grid_bridge.domain.guides import (
    GuideChangedMeanwhile,
    GuideNotFound,
    GuideRetired,
    NotYourDepartment,
    UnknownGuide,
)
from services.grid_bridge.handlers.common import Doer, serving, visible
from services.grid_bridge.handlers.districts import serving_in
from services.grid_bridge.models import AnswerGuideRow, IssueRow
from services.grid_bridge.repository_districts import DistrictNotFound
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork

_HIGHEST = 2**63 - 1


def list_guides(
    uow: UnitOfWork, cmd: ops.ListAnswerGuides, actor: Actor
) -> Page[ops.AnswerGuideSummary]:
    """The guides of a district; those that fit an issue first, when there is one.

    Raises:
        DistrictNotFound: the actor serves elsewhere.
        IssueNotFound, Forbidden: the issue is not one of the actor's committee.
    """
    district = serving_in(uow, actor, cmd.did, ops.GUIDE_READERS)
    like = _likeness(uow, cmd.for_issue, actor) if cmd.for_issue else None
    rows = repository.page(
        uow.session,
        district.id,
        words=rules.words(cmd.q),
        category=cmd.category,
        slot=cmd.slot,
        like=like,
        retired=cmd.retired,
        before=_place(cmd.cursor) if cmd.cursor else None,
        limit=cmd.limit,
    )
    shown = rows[: cmd.limit]
    more = encode_cursor(str(shown[-1].rank), shown[-1].id) if len(rows) > cmd.limit else None
    return Page(items=[_summary(row) for row in shown], next_cursor=more)


def get_guide(uow: UnitOfWork, cmd: ops.GetAnswerGuide, actor: Actor) -> ops.AnswerGuide:
    """One guide with its versions; :class:`GuideNotFound` when it is another district's."""
    return _shown(uow, _readable(uow, cmd.id, actor), actor)


def create(
    uow: UnitOfWork, cmd: ops.CreateAnswerGuide, actor: Actor, now: datetime
) -> ops.AnswerGuide:
    """A department writes a guide for where the actor serves.

    Raises:
        DistrictNotFound: the actor serves elsewhere.
        UnknownSlot, SlotNotAllowed: the slot is not in the district's catalogue, or not for 8x.
    """
    district = serving_in(uow, actor, cmd.did, ops.GUIDE_WRITERS)
    grant = rules.scope_of(actor, district.path)
    if grant is None:
        raise DistrictNotFound()
    row = AnswerGuideRow(
        id=new_id(),
        district_id=district.id,
        path=rules.reach_of(grant, district.path),
        department=cmd.department,
        version=0,
        uses=0,
        created_at=now,
    )
    _write(uow, row, cmd, actor, grant.role, now)
    return _shown(uow, row, actor)


def update(
    uow: UnitOfWork, cmd: ops.UpdateAnswerGuide, actor: Actor, now: datetime
) -> ops.AnswerGuide:
    """A new version of a guide.

    Raises:
        GuideNotFound, NotYourDepartment: another district's, or for more than the actor serves.
        GuideRetired, GuideChangedMeanwhile: it is out of use, or not the version that was read.
        UnknownSlot, SlotNotAllowed: as in :func:`create`.
    """
    row, role = _own(uow, cmd.id, actor)
    if row.version != cmd.version:
        raise GuideChangedMeanwhile()
    _write(uow, row, cmd, actor, role, now)
    return _shown(uow, row, actor)


def retire(
    uow: UnitOfWork, cmd: ops.RetireAnswerGuide, actor: Actor, now: datetime
) -> ops.AnswerGuide:
    """Take a guide out of use.

    Raises:
        GuideNotFound, NotYourDepartment, GuideRetired: as in :func:`update`.
    """
    row, _ = _own(uow, cmd.id, actor)
    row.retired_at, row.retired_by, row.retired_reason = now, actor.person_id, cmd.reason
    return _shown(uow, row, actor)


def list_uses(
    uow: UnitOfWork, cmd: ops.ListAnswerGuideUses, actor: Actor
) -> Page[ops.AnswerGuideUse]:
    """What a guide was used for, for those who may write it.

    Raises:
        GuideNotFound, NotYourDepartment: as in :func:`update`.
    """
    row = _readable(uow, cmd.id, actor)
    _require_writer(actor, row)
    before = whole_number(*decode_cursor(cmd.cursor, 1), digits=18) if cmd.cursor else _HIGHEST
    rows = repository.page_of_uses(uow.session, row.id, before=before, limit=cmd.limit)
    shown = rows[: cmd.limit]
    return Page(
        items=[ops.AnswerGuideUse.model_validate(use, from_attributes=True) for use in shown],
        next_cursor=encode_cursor(str(shown[-1].id)) if len(rows) > cmd.limit else None,
    )


def use(
    uow: UnitOfWork, cmd: AnswerIssue, row: IssueRow, doer: Doer, now: datetime
) -> dict[str, Any] | None:
    """Count that an issue is answered by a guide; the guide as the answer remembers it.

    Raises:
        UnknownGuide: no such guide is in use where the issue is.
    """
    if cmd.guide_id is None:
        return None
    try:
        guide = repository.count_use(uow.session, cmd.guide_id, row.path, now)
    except UnknownGuide:
        raise UnknownGuide(errors=[FieldError("guide_id", "not in use here")]) from None
    repository.add_use(
        uow.session,
        guide_id=cmd.guide_id,
        version=guide["version"],
        issue_id=row.id,
        community_id=row.community_id,
        category=row.category,
        slot=row.slot,
        outcome=cmd.outcome,
        answered_by=doer.person_id,
        at=now,
    )
    return guide


def _likeness(uow: UnitOfWork, issue_id: str, actor: Actor) -> repository.Likeness:
    row = visible(uow, actor, issue_id)
    serving(actor, row.path)
    said = rules.fold(f"{row.title[: rules.ISSUE_READ]}\n{row.body[: rules.ISSUE_READ]}")
    category, slot = row.category, row.slot
    if category is None and row.suggestion:  # nobody has decided: the classifier's advice will do
        advice = slots.as_here(
            Suggestion.model_validate(row.suggestion), slots.current(uow, row.community_id)
        )
        category, slot = advice.category, advice.slot
    return repository.Likeness(row.path, category, slot, rules.pairs(said))


def _readable(uow: UnitOfWork, guide_id: str, actor: Actor) -> AnswerGuideRow:
    row = repository.guide(uow.session, guide_id)
    try:
        serving_in(uow, actor, row.district_id, ops.GUIDE_READERS)
    except DistrictNotFound:
        raise GuideNotFound() from None
    return row


def _own(uow: UnitOfWork, guide_id: str, actor: Actor) -> tuple[AnswerGuideRow, str]:
    """The guide under its lock, and the role by which the actor writes it."""
    role = _require_writer(actor, _readable(uow, guide_id, actor))
    row = repository.guide(uow.session, guide_id, lock=True)
    if row.retired_at is not None:
        raise GuideRetired()
    return row, role


def _require_writer(actor: Actor, row: AnswerGuideRow) -> str:
    role = _writes_as(actor, row)
    if role is None:
        raise NotYourDepartment()
    return role


def _writes_as(actor: Actor, row: AnswerGuideRow) -> str | None:
    return next(
        (role for role in sorted(ops.GUIDE_WRITERS) if actor.holds(frozenset({role}), row.path)),
        None,
    )


def _write(
    uow: UnitOfWork,
    row: AnswerGuideRow,
    cmd: ops.CreateAnswerGuide | ops.UpdateAnswerGuide,
    actor: Actor,
    role: str,
    now: datetime,
) -> None:
    category = rules.kind_of(cmd.category, cmd.slot)
    if cmd.slot and cmd.slot != row.slot:  # one that it had may stay, whatever became of it
        slots.current_in(uow, row.district_id).get(cmd.slot)
    repository.write(
        uow.session,
        row,
        title=cmd.title,
        body=cmd.body,
        category=category,
        slot=cmd.slot,
        by=actor.person_id,
        role=role,
        now=now,
    )


def _place(cursor: str) -> tuple[int, str]:
    rank, guide_id = decode_cursor(cursor, 2)
    return whole_number(rank, digits=18), guide_id


def _summary(row: Any) -> ops.AnswerGuideSummary:
    fits = {"slot": row.fits_slot, "category": row.fits_category, "words": row.fits_words}
    return ops.AnswerGuideSummary(
        **_facts(row), excerpt=row.excerpt, fits=[name for name, so in fits.items() if so]
    )


def _facts(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "did": row.district_id,
        "department": row.department,
        "title": row.title,
        "category": row.category,
        "slot": row.slot,
        "version": row.version,
        "uses": row.uses,
        "last_used_at": row.last_used_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "retired_at": row.retired_at,
    }


def _shown(uow: UnitOfWork, row: AnswerGuideRow, actor: Actor) -> ops.AnswerGuide:
    uow.session.flush()
    writes = _writes_as(actor, row) is not None
    return ops.AnswerGuide(
        **_facts(row),
        excerpt=row.body[:200],
        body=row.body,
        retired_reason=row.retired_reason,
        may_write=writes,
        versions=[
            ops.AnswerGuideVersion(
                version=one.version,
                title=one.title,
                body=one.body,
                category=one.category,
                slot=one.slot,
                at=one.at,
                role=one.role,
                by=one.written_by if writes else None,
            )
            for one in repository.versions(uow.session, row.id)
        ],
    )
