"""Lists of cases as the committee asks for them; referrals, absences, minutes, reminders."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import NotFound
from services.contracts.operations.grid_bridge import ListIssues
from services.grid_bridge.domain.handling import ENDED, PARTY_ROLES
from services.grid_bridge.domain.sla import ZONE, first_rung
from services.grid_bridge.models import (
    AbsenceRow,
    HotTopicMessageRow,
    IssueRow,
    LookAlikeRow,
    MergeRow,
    MinutesRow,
    PromiseRow,
    ReferralRow,
    SelfGovernanceRow,
)
from services.grid_bridge.models.issues import UNFINISHED
from services.grid_bridge.repository import under

SHEET = 100
"""Entries of a time sheet that are shown."""


class ReferralNotFound(NotFound):
    """There is no such referral, or it is not the actor's to see."""

    code = "grid.referral_not_found"
    zh, en = "没有找到这条转办", "There is no such referral"


# -- issues --------------------------------------------------------------------------------------


def page_of_issues(
    session: Session,
    cmd: ListIssues,
    *,
    assignee: str | None,
    now: datetime,
    before: str | None,
    after: tuple[datetime, str] | None = None,
    mine: ColumnElement[bool] | None = None,
    among: Select[str] | None = None,
) -> Sequence[IssueRow]:
    """Issues of a community, newest first; ids are ordered by time. One more than asked for.

    ``mine`` says which are the reader's own, ``among`` are the ids to which she is confined;
    ``after`` is where a list by limits goes on.
    """
    query = select(IssueRow).where(IssueRow.community_id == cmd.cid)
    if mine is not None:
        query = query.where(mine)
    if among is not None:
        query = query.where(IssueRow.id.in_(among))
    for column, wanted in (
        (IssueRow.status, cmd.status),
        (IssueRow.category, cmd.category),
        (IssueRow.source, cmd.source),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if assignee is not None:
        handlers = handled_by(session, cmd.cid, assignee, now.astimezone(ZONE).date())
        query = query.where(IssueRow.assignee_id.in_(handlers))
    if cmd.has_duplicates is not None:
        # from the open ones on: however many have ended, few are looked at
        pairs = select(LookAlikeRow.other_id).join(_OTHER, _OTHER.c.id == LookAlikeRow.issue_id)
        alike = pairs.where(_OTHER.c.community_id == cmd.cid, text(f"other.{UNFINISHED}"))
        query = query.where(IssueRow.id.in_(alike) if cmd.has_duplicates else ~_has_duplicates())
    if cmd.due_before is not None:
        query = query.where(
            exists().where(
                PromiseRow.issue_id == IssueRow.id,
                PromiseRow.ended_at.is_(None),
                PromiseRow.due_at < cmd.due_before,
            )
        )
    if cmd.clock is not None or cmd.level is not None:
        query = query.where(_promise_is(cmd, now))
    if cmd.open is not None:
        query = query.where(text(UNFINISHED) if cmd.open else IssueRow.status.in_(ENDED))
    if cmd.merging:
        asked = (MergeRow.issue_id == IssueRow.id, MergeRow.state == "asked")
        query = query.where(exists().where(*asked))
    if cmd.topic is not None:
        of_topic = (HotTopicMessageRow.topic_id == cmd.topic, HotTopicMessageRow.kind == "issue")
        query = query.where(IssueRow.id.in_(select(HotTopicMessageRow.message_id).where(*of_topic)))
    for word in (cmd.q or "").split():
        query = query.where(
            IssueRow.title.icontains(word, autoescape=True)
            | IssueRow.body.icontains(word, autoescape=True)
        )
    if cmd.sort == "due":
        return session.scalars(_by_limit(query, after).limit(cmd.limit + 1)).all()
    if before is not None:
        query = query.where(IssueRow.id < before)
    return session.scalars(query.order_by(IssueRow.id.desc()).limit(cmd.limit + 1)).all()


def _by_limit(query: Select[IssueRow], after: tuple[datetime, str] | None) -> Select[IssueRow]:
    """Those whose promise runs, the limit that ends first first."""
    running = PromiseRow.__table__.alias("running")
    query = query.join(running, (running.c.issue_id == IssueRow.id) & running.c.ended_at.is_(None))
    if after is not None:
        query = query.where(tuple_(running.c.due_at, IssueRow.id) > after)
    return query.order_by(running.c.due_at, IssueRow.id)


def own(actor: Actor) -> ColumnElement[bool]:
    """What somebody reported; to a helper only what she reported for the person."""
    reported = IssueRow.reporter_id == actor.person_id
    return and_(reported, IssueRow.assisted_by == actor.acted_by) if actor.acted_by else reported


def _risk_time() -> ColumnElement[datetime]:
    """As ``domain.sla.risk_time`` has it."""
    return literal_column(
        "promises.started_at + (promises.due_at - promises.started_at) * promises.warn / 100"
    )


def _promise_is(cmd: ListIssues, now: datetime) -> ColumnElement[bool]:
    """Whether the running promise is as asked; see ``domain.sla`` for the words."""
    table = PromiseRow
    wanted = [table.issue_id == IssueRow.id, table.ended_at.is_(None)]
    if cmd.clock is not None:
        wanted.append(table.paused_at.is_(None))
    if cmd.clock == "overdue":
        wanted.append(table.due_at < now)
    elif cmd.clock == "at_risk":
        wanted += [_risk_time() <= now, table.due_at >= now]
    if cmd.level is not None:
        wanted.append(table.rung > first_rung(cmd.level))
    return exists().where(*wanted)


def handled_by(session: Session, community_id: str, person_id: str, today: date) -> list[str]:
    """Whose issues somebody handles today: hers unless she is away, and of whom she covers for."""
    away = session.scalars(
        select(AbsenceRow).where(
            AbsenceRow.community_id == community_id,
            or_(AbsenceRow.person_id == person_id, AbsenceRow.cover_id == person_id),
            AbsenceRow.from_day <= today,
            AbsenceRow.to_day >= today,
        )
    ).all()
    covered = [row.person_id for row in away if row.cover_id == person_id]
    is_away = any(row.person_id == person_id for row in away)
    return covered if is_away else [person_id, *covered]


_OTHER = IssueRow.__table__.alias("other")


def _has_duplicates() -> ColumnElement[bool]:
    return exists().where(
        LookAlikeRow.issue_id == IssueRow.id,
        LookAlikeRow.other_id == _OTHER.c.id,
        _OTHER.c.status.not_in(ENDED),
    )


# -- referrals -----------------------------------------------------------------------------------


def referral(session: Session, referral_id: str, *, lock: bool = False) -> ReferralRow:
    """The referral; :class:`ReferralNotFound` when there is none."""
    row = session.get(
        ReferralRow, referral_id, with_for_update=lock or None, populate_existing=lock
    )
    if row is None:
        raise ReferralNotFound()
    return row


def open_referral(session: Session, issue_id: str) -> ReferralRow | None:
    """The referral of an issue that has not ended; the caller holds the issue's lock."""
    return session.scalar(
        select(ReferralRow)
        .where(ReferralRow.issue_id == issue_id, ReferralRow.state == "open")
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def page_of_referrals(
    session: Session,
    actor: Actor,
    *,
    state: str | None,
    department: str | None,
    before: str | None,
    limit: int,
) -> Sequence[tuple[ReferralRow, IssueRow]]:
    """Referrals to the actor's offices and of the communities that she serves, newest first."""
    query = (
        select(ReferralRow, IssueRow)
        .join(IssueRow, IssueRow.id == ReferralRow.issue_id)
        .where(_concerning(actor))
    )
    if state is not None:
        query = query.where(ReferralRow.state == state)
    if department is not None:
        query = query.where(ReferralRow.department == department)
    if before is not None:
        query = query.where(ReferralRow.id < before)
    rows = session.execute(query.order_by(ReferralRow.id.desc()).limit(limit + 1))
    return [(one, issue) for one, issue in rows]


def _concerning(actor: Actor) -> ColumnElement[bool]:
    """See ``domain.handling.party_of``; the committee sees what it referred."""
    reach: list[ColumnElement[bool]] = []
    for grant in actor.grants:
        if grant.role in COMMITTEE:
            reach.append(under(ReferralRow.path, grant.path))
        for party, role in PARTY_ROLES.items():
            if grant.role is role:
                around = or_(
                    under(ReferralRow.path, grant.path), ReferralRow.path.in_(_above(grant.path))
                )
                reach.append(and_(ReferralRow.party == party, around))
    return or_(false(), *reach)


def _above(path: str) -> list[str]:
    labels = path.split(".")
    return [".".join(labels[:count]) for count in range(1, len(labels))]


# -- absences ------------------------------------------------------------------------------------


def one_absence_at_a_time(session: Session, community_id: str) -> None:
    """Wait until nobody else says who is away in this community."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('absence ' || :community, 0))"),
        {"community": community_id},
    )


def absences(session: Session, community_id: str, from_day: date) -> Sequence[AbsenceRow]:
    """Who is away on this day or later, the first to go first."""
    return session.scalars(
        select(AbsenceRow)
        .where(AbsenceRow.community_id == community_id, AbsenceRow.to_day >= from_day)
        .order_by(AbsenceRow.from_day, AbsenceRow.person_id)
    ).all()


def absence_on(session: Session, community_id: str, person_id: str, day: date) -> AbsenceRow | None:
    """Somebody's absence, when she is away on this day."""
    row = session.get(AbsenceRow, (community_id, person_id))
    return row if row is not None and row.from_day <= day <= row.to_day else None


def put_absence(session: Session, **values: Any) -> None:
    """Write somebody's absence; it takes the place of the last."""
    put = insert(AbsenceRow).values(values)
    session.execute(
        put.on_conflict_do_update(
            index_elements=["community_id", "person_id"],
            set_={name: put.excluded[name] for name in values},
        )
    )


_TELL_ALL_OF_ASSIGNEE = text(
    """
    INSERT INTO issue_timeline (issue_id, at, kind, actor_id, actor_role, text, attachments,
                                staff_only)
    SELECT id, :at, :kind, :actor, :role, :words, '[]', true FROM issues
    WHERE community_id = :community AND assignee_id = :assignee AND status <> ALL(:ended)
    ORDER BY id
    """
)


def tell_all_of_assignee(
    session: Session, community_id: str, assignee_id: str, **line: Any
) -> None:
    """Add the same line, for the committee, to each unfinished issue that somebody handles."""
    values = {"community": community_id, "assignee": assignee_id, "ended": sorted(ENDED), **line}
    session.execute(_TELL_ALL_OF_ASSIGNEE, values)


# -- minutes -------------------------------------------------------------------------------------


def minutes(session: Session, issue_id: str) -> Sequence[MinutesRow]:
    """The newest entries of an issue's time sheet."""
    return session.scalars(
        select(MinutesRow)
        .where(MinutesRow.issue_id == issue_id)
        .order_by(MinutesRow.id.desc())
        .limit(SHEET)
    ).all()


# -- undertakings --------------------------------------------------------------------------------


def reminders(
    session: Session, now: datetime, limit: int
) -> Iterable[tuple[IssueRow, SelfGovernanceRow]]:
    """Undertakings whose date has come, with their issues, both locked; others' are skipped.

    The step is locked, too: whoever waited for the issue must not remind a second time.
    """
    rows = session.execute(
        select(IssueRow, SelfGovernanceRow)
        .join(SelfGovernanceRow, SelfGovernanceRow.issue_id == IssueRow.id)
        .where(SelfGovernanceRow.remind_at <= now)
        .order_by(SelfGovernanceRow.remind_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [(issue, step) for issue, step in rows]
