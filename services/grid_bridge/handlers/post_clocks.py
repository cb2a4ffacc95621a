"""Ordinary posts that wait for an answer in office (发帖必响应).

What feed tells of a post may come in any order: each fact is kept at its own time, see
:mod:`services.grid_bridge.domain.post_clocks`.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.events import (
    CommentPublished,
    Envelope,
    PostChanged,
    PostPublished,
    PostRemoved,
    PostUnanswered,
)
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import clocks as ops
from services.grid_bridge import clocks
from services.grid_bridge import repository_posts as store
from services.grid_bridge.domain import post_clocks as rules
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.post_clocks import MODULES, Clock, End, PostCounts
from services.grid_bridge.domain.sla import Stage
from services.grid_bridge.models import IssueRow, PostClockRow
from services.grid_bridge.texts import POST_FORMULAS
from services.kit.pages import decode_moment, encode_cursor
from services.kit.uow import UnitOfWork

LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
PostEvent = PostPublished | PostChanged | PostRemoved | CommentPublished


class SpanOfDays(Invalid):
    """A span has a last day not before its first, and is at most a year long."""

    code = "grid.span_of_days"
    zh, en = "请核对起止日期（最长一年）", "Check the days of the span; a year at most"


# -- what feed tells -------------------------------------------------------------------------------


def follow(uow: UnitOfWork, event: PostEvent, envelope: Envelope) -> None:
    """Take what feed tells of a post."""
    match event:
        case PostPublished():
            _published(uow, event, envelope)
        case CommentPublished():
            _commented(uow, event, envelope)
        case PostRemoved():
            _removed(uow, event, envelope)
        case PostChanged():
            _changed(uow, event, envelope)


def hand_over(uow: UnitOfWork, row: IssueRow, now: datetime) -> None:
    """A post became an issue, whose own clock runs: the post is counted there alone.

    Where the post itself was not heard of yet, that is remembered.
    """
    found = store.lock_clock(
        uow.session, row.post_id, community_id=row.community_id, path=row.path, module=""
    )
    _keep(uow, found, lambda clock: rules.end(clock, now, End.ISSUE))


def forget(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """Somebody has left for good: nobody waits for the answers any more."""
    hers = store.forget_author(uow.session, person_id)
    clocks.look_up(uow, [found.community_id for found in hers])
    changes = []
    for found in hers:
        before = store.as_clock(found)
        after = rules.end(before, now, End.LEFT)
        changes.append((found, before, after))
        store.keep(found, after, clocks.at(uow, found.community_id).calendar)
    store.count(uow.session, changes)


def _published(uow: UnitOfWork, event: PostPublished, envelope: Envelope) -> None:
    if event.module not in MODULES or event.issue_id or event.official:
        return
    found = store.lock_clock(uow.session, event.post_id, **_whose(event))
    found.module, found.author_id, found.title = event.module, event.author_id, event.title
    place = clocks.at(uow, event.community_id)
    limit = place.limits[Stage.POST]
    _keep(uow, found, lambda clock: rules.publish(clock, envelope.time, place.calendar, limit))


def _commented(uow: UnitOfWork, event: CommentPublished, envelope: Envelope) -> None:
    own = event.author_id == event.post_author_id
    if event.module not in MODULES or event.issue_id or own:
        return
    found = store.lock_clock(uow.session, event.post_id, **_whose(event))
    _keep(uow, found, lambda clock: rules.reply(clock, envelope.time, staff=event.official))


def _removed(uow: UnitOfWork, event: PostRemoved, envelope: Envelope) -> None:
    if event.module not in MODULES:
        return
    found = store.lock_clock(uow.session, event.post_id, **_whose(event))
    if _is_news(found, envelope):
        _keep(uow, found, lambda clock: rules.end(clock, envelope.time, End.REMOVED))


def _changed(uow: UnitOfWork, event: PostChanged, envelope: Envelope) -> None:
    moved = event.module not in MODULES
    if not (moved or event.shown_again):
        return
    if moved:
        found = store.find_clock(uow.session, event.post_id)
        if found is not None and found.published_at is not None:
            _keep(uow, found, lambda clock: rules.end(clock, envelope.time, End.MOVED))
        return
    found = store.lock_clock(uow.session, event.post_id, **_whose(event))
    if _is_news(found, envelope):
        place = clocks.at(uow, event.community_id)
        limit = place.limits[Stage.POST]
        _keep(
            uow, found, lambda clock: rules.show_again(clock, envelope.time, place.calendar, limit)
        )


def _whose(event: PostEvent) -> dict[str, str]:
    return {"community_id": event.community_id, "path": event.path, "module": event.module}


def _is_news(found: PostClockRow, envelope: Envelope) -> bool:
    """Whether nothing later was heard of whether the neighbours see it; it is kept if so."""
    told = (envelope.epoch, envelope.subject_version)
    if told <= (found.seen_epoch, found.seen_version):
        return False
    found.seen_epoch, found.seen_version = told
    return True


def _keep(uow: UnitOfWork, found: PostClockRow, change: Callable[[Clock], Clock]) -> None:
    before = store.as_clock(found)
    after = change(before)
    store.keep(found, after, clocks.at(uow, found.community_id).calendar)
    uow.session.flush()
    store.count(uow.session, [(found, before, after)])


# -- what time brings ------------------------------------------------------------------------------


def chase(uow: UnitOfWork, now: datetime, *, limit: int = 50) -> int:
    """Say one rung of each clock that has reached it; how many there were."""
    due = store.alarms(uow.session, now, limit)
    clocks.look_up(uow, [found.community_id for found in due])
    for found in due:
        clock, rung = rules.climb(store.as_clock(found))
        store.keep(found, clock, clocks.at(uow, found.community_id).calendar)
        uow.emit(
            PostUnanswered(
                post_id=found.post_id,
                community_id=found.community_id,
                path=found.path,
                module=found.module,
                standing=rung.kind,
                level=rung.level,
                due_at=rules.as_promise(clock).due_at,
            )
        )
    return len(due)


def renew(uow: UnitOfWork, until: datetime, now: datetime, *, limit: int) -> int:
    """Reckon running clocks anew that their calendar has left behind; how many there were."""
    stale = store.stale(uow.session, until, limit)
    clocks.look_up(uow, [found.community_id for found in stale])
    for found in stale:  # an open clock counts the same whenever it ends: no counter moves
        calendar = clocks.at(uow, found.community_id).calendar
        store.keep(found, rules.renew(store.as_clock(found), calendar, now), calendar)
    return len(stale)


# -- what is asked ---------------------------------------------------------------------------------


def list_unanswered(
    uow: UnitOfWork, cmd: ops.ListUnansweredPosts, actor: Actor, now: datetime
) -> Page[ops.UnansweredPost]:
    """The posts that wait for an answer in office, for those who watch over it.

    Raises:
        CommunityNotFound: the actor's offices do not reach it.
    """
    community = _watched(uow, actor, cmd.cid)
    rows = store.unanswered(
        uow.session,
        community.id,
        overdue=cmd.overdue,
        now=now,
        after=decode_moment(cmd.cursor) if cmd.cursor else None,
        limit=cmd.limit,
    )
    shown = rows[: cmd.limit]
    return Page(
        items=[_view(found, now) for found in shown],
        next_cursor=_cursor(shown[-1]) if len(rows) > cmd.limit else None,
    )


def response(
    uow: UnitOfWork, cmd: ops.GetPostResponse, actor: Actor, now: datetime
) -> ops.PostResponse:
    """How a community's posts were answered, in office and by neighbours.

    Raises:
        CommunityNotFound: the actor's offices do not reach it.
        SpanOfDays: the days are in the wrong order, or more than a year.
    """
    community = _watched(uow, actor, cmd.cid)
    if not EARLIEST <= cmd.from_ <= cmd.to <= LATEST or cmd.to - cmd.from_ > LONGEST:
        raise SpanOfDays(errors=[FieldError("to", "not before from, at most a year")])
    found = post_counts(uow, community.path, cmd.from_, cmd.to, now)
    return ops.PostResponse(
        cid=community.id,
        posts=found.posts,
        handed_over=found.handed_over,
        left_out=found.left_out,
        open=found.open,
        open_overdue=found.open_overdue,
        staff_in_time=_rate("staff_in_time", found.staff_in_time, found),
        staff=_rate("staff", found.staff_in_time + found.staff_late, found),
        neighbour_in_time=_rate("neighbour_in_time", found.neighbour_in_time, found),
        neighbour=_rate("neighbour", found.neighbour_in_time + found.neighbour_late, found),
        as_of=now,
    )


def post_counts(uow: UnitOfWork, scope: str, first: date, last: date, now: datetime) -> PostCounts:
    """How the posts of these days (China's, both included) came out, at ``scope`` and beneath it.

    Whoever reckons figures of a community, town or district asks here; permission is the caller's.
    """
    return store.post_counts(uow.session, scope, first, last, now)


def _watched(uow: UnitOfWork, actor: Actor, community_id: str) -> directory.Community:
    community = directory.require_reader(uow, actor, community_id)
    actor.require(ops.WATCHERS.roles, community.path)
    return community


def _rate(name: str, numerator: int, found: PostCounts) -> ops.RateView:
    return ops.RateView(formula=POST_FORMULAS[name], numerator=numerator, denominator=found.judged)


def _view(found: PostClockRow, now: datetime) -> ops.UnansweredPost:
    promise = rules.as_promise(store.as_clock(found))
    overdue = promise.due_at < now
    return ops.UnansweredPost(
        post_id=found.post_id,
        module=found.module,
        title=found.title,
        published_at=found.published_at,
        due_at=promise.due_at,
        overdue=overdue,
        at_risk=not overdue and sla.risk_time(promise) <= now,
        provisional=found.provisional,
        neighbour_replied_at=found.neighbour_replied_at,
        told_to=sla.told_to(found.rung),
    )


def _cursor(found: PostClockRow) -> str:
    due_at = rules.as_promise(store.as_clock(found)).due_at
    return encode_cursor(due_at.isoformat(), found.post_id)
