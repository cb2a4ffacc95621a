"""One community, one plan (一小区一方案): how a plan and its items go on.

::

             open              adopt              begin                   finish
    draft ─────────▶ open ──────────▶ adopted ──────────▶ in_progress ──────────▶ finished
      ▲               │                  │                     │
      ├── write: the  └── redraft ──▶ draft                    │
      │   next version                   │                     │
      └───────────────┴──────────────────┴─────────────────────┴──▶ withdrawn

    planned ──▶ doing ──▶ done          an item, while its plan is in progress;
       └──────────┴──▶ dropped          done and dropped ones may be taken up again

What residents comment on stays as they read it: a plan that lies open is not written; it goes back
to the draft first, with a reason. It is adopted when the period is over and nobody waits for an
answer, as the version that lay open, and that text stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound
from services.contracts.events.plans import PlanState
from services.contracts.operations.grid_bridge.plan_items import ItemState, PlanItemDraft

SHORTEST: Final = timedelta(days=3)
LONGEST: Final = timedelta(days=90)
"""How long a plan lies open; public notices in neighbourhoods hang for three to thirty days."""

LATEST_OPENING: Final = timedelta(days=90)
MOST_COMMENTS: Final = 20
"""Comments of one person on one plan."""


@dataclass(frozen=True, slots=True)
class Move:
    """One way from a state to another; ``because``: everybody reads why."""

    origin: PlanState
    to: PlanState
    because: bool = False


MOVES: Final = (
    Move("draft", "open"),
    Move("open", "draft", because=True),
    Move("open", "adopted"),
    Move("adopted", "in_progress"),
    Move("in_progress", "finished"),
    Move("draft", "withdrawn", because=True),
    Move("open", "withdrawn", because=True),
    Move("adopted", "withdrawn", because=True),
    Move("in_progress", "withdrawn", because=True),
)
_MOVES: Final[Mapping[tuple[PlanState, PlanState], Move]] = {(m.origin, m.to): m for m in MOVES}


def next_steps(state: str) -> list[PlanState]:
    """Where a plan may be led from here, onwards first."""
    return [one.to for one in sorted(MOVES, key=lambda m: m.because) if one.origin == state]


ITEM_MOVES: Final[Mapping[ItemState, frozenset[ItemState]]] = {
    "planned": frozenset({"doing", "done", "dropped"}),
    "doing": frozenset({"done", "dropped"}),
    "done": frozenset({"doing"}),
    "dropped": frozenset({"planned", "doing"}),
}
ENDED_ITEMS: Final[frozenset[str]] = frozenset({"done", "dropped"})


class PlanNotFound(NotFound):
    """There is no such plan, or it is a draft of another committee."""

    code = "grid.plan_not_found"
    zh, en = "没有找到这份方案", "There is no such plan"


class PlanVersionNotFound(NotFound):
    """The plan has no such version, or the reader may not see it."""

    code = "grid.plan_version_not_found"
    zh, en = "没有找到方案的这个版本", "The plan has no such version"


class PlanChangedMeanwhile(Conflict):
    """The plan has another version than the one that was read."""

    code = "grid.plan_changed"
    zh, en = "方案已被他人修改，请重新查看", "Somebody else has changed the plan meanwhile"


class WrongPlanState(Conflict):
    """The plan, or the item, cannot go there from where it stands."""

    code = "grid.plan_state"
    zh, en = "方案目前的状态不能这样操作", "The plan does not allow this where it stands"


class PlanFrozen(Conflict):
    """Only a draft is written; what lies open or was adopted stays as it was read."""

    code = "grid.plan_frozen"
    zh, en = "只有草案可以修改", "Only a draft can be changed"


class PlanIncomplete(Invalid):
    """A plan that is opened has items, and each of them an owner and evidence."""

    code = "grid.plan_incomplete"
    zh, en = "方案还不完整：每一项都要有依据和责任人", "Each item needs evidence and an owner"


class PlanReasonNeeded(Invalid):
    """Going back and giving up are explained to everybody."""

    code = "grid.plan_reason_needed"
    zh, en = "请说明理由", "Please give a reason"


class BadCommentPeriod(Invalid):
    """The comment period is too short, too long, or lies wrongly in time."""

    code = "grid.bad_comment_period"
    zh, en = "征求意见的时间不合规定（3 至 90 天）", "The comment period must be 3 to 90 days"


class CommentPeriodRuns(Conflict):
    """Residents may still comment."""

    code = "grid.comment_period_runs"
    zh, en = "征求意见尚未结束", "The comment period is not over yet"


class CommentsUnanswered(Conflict):
    """Somebody waits for an answer."""

    code = "grid.plan_comments_unanswered"
    zh, en = "还有居民意见没有答复", "There are comments without an answer"


class NoCommentsNow(Conflict):
    """The plan does not lie open at this moment."""

    code = "grid.no_comments_now"
    zh, en = "现在不在征求意见期内", "The plan is not open for comments now"


class TooManyPlanComments(Conflict):
    """One person has said enough about one plan."""

    code = "grid.too_many_plan_comments"
    zh, en = "您对这份方案的意见已达上限", "You have commented on this plan often enough"


class PlanCommentNotFound(NotFound):
    """There is no such comment, or it is not the actor's to see."""

    code = "grid.plan_comment_not_found"
    zh, en = "没有找到这条意见", "There is no such comment"


class PlanCommentSettled(Conflict):
    """The comment was taken back, or stands as it was asked for already."""

    code = "grid.plan_comment_settled"
    zh, en = "这条意见已处理或已撤回", "The comment was settled or taken back"


class UnknownPlanItem(Invalid):
    """The plan has no such item."""

    code = "grid.unknown_plan_item"
    zh, en = "方案里没有这一项", "The plan has no such item"


class UnknownEvidence(Invalid):
    """An issue or a survey that is named as evidence is not one of this community."""

    code = "grid.unknown_evidence"
    zh, en = "作为依据的问题或问卷不在本社区", "What is named as evidence is not of this community"


class PlanItemsOpen(Conflict):
    """A plan is finished when each item is done or was dropped."""

    code = "grid.plan_items_open"
    zh, en = "还有事项没有完成或说明放弃", "There are items that are neither done nor dropped"


def move(state: PlanState, to: PlanState, reason: str | None) -> Move:
    """The way from ``state`` to ``to``.

    Raises:
        WrongPlanState: there is none.
        PlanReasonNeeded: it wants a reason.
    """
    found = _MOVES.get((state, to))
    if found is None:
        raise WrongPlanState()
    if found.because and not reason:
        raise PlanReasonNeeded(errors=[FieldError("reason", "everybody reads why")])
    return found


def item_move(state: ItemState, to: ItemState) -> None:
    """Let an item go from ``state`` to ``to``; :class:`WrongPlanState` when it cannot."""
    if to != state and to not in ITEM_MOVES[state]:
        raise WrongPlanState()


def period(
    opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """When a plan that is opened now takes comments, from and until.

    Raises:
        BadCommentPeriod: it is shorter than three days or longer than ninety, lies in the past, or
            begins more than ninety days from now.
    """
    if closes_at is None:
        raise BadCommentPeriod(errors=[FieldError("closes_at", "needed when a plan is opened")])
    begins = max(opens_at or now, now)
    if begins > now + LATEST_OPENING:
        raise BadCommentPeriod(errors=[FieldError("opens_at", "at most 90 days ahead")])
    if not SHORTEST <= closes_at - begins <= LONGEST:
        raise BadCommentPeriod(errors=[FieldError("closes_at", "3 to 90 days after the opening")])
    return begins, closes_at


def takes_comments(
    state: str, opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> bool:
    """Whether residents may comment at this moment."""
    if state != "open" or opens_at is None or closes_at is None:
        return False
    return opens_at <= now < closes_at


def require_complete(items: Sequence[Mapping[str, Any]]) -> None:
    """Let a plan be opened: it has items, and each says why and by whom.

    Raises:
        PlanIncomplete: the fields that are missing are named.
    """
    missing = [] if items else [FieldError("items", "at least one")]
    for number, item in enumerate(items):
        for name in ("evidence", "owner"):
            if not item[name]:
                missing.append(FieldError(f"items.{number}.{name}", "needed before it is opened"))
    if missing:
        raise PlanIncomplete(errors=missing)


def keyed(
    items: Sequence[PlanItemDraft], before: Iterable[str], fresh: int
) -> list[dict[str, Any]]:
    """Items as a version keeps them; those without a key get the next numbers from ``fresh``.

    Raises:
        UnknownPlanItem: a key is none of the version before, or stands there twice.
    """
    known = set(before)
    kept = []
    for number, item in enumerate(items):
        if item.key is None:
            key, fresh = f"i{fresh}", fresh + 1
        elif item.key in known:
            key = item.key
            known.discard(key)
        else:
            raise UnknownPlanItem(
                errors=[FieldError(f"items.{number}.key", "none of this plan, or twice")]
            )
        kept.append({**item.model_dump(mode="json"), "key": key})
    return kept


def budget_of(items: Iterable[Mapping[str, Any]]) -> int:
    """What all items may cost together, in fen."""
    return sum(item["budget"]["amount_fen"] for item in items if item["budget"])
