"""The discussion of a topic as its readers see it: the sides in turn, and who moderates."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.votes import discussion as ops
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import discussion as rules
from services.votes.domain.chain import State
from services.votes.handlers import taking_part
from services.votes.handlers.common import convenes, settings_of, visible
from services.votes.models import ModeratorRow, OpinionRow, TopicRow


def list_opinions(uow: UnitOfWork, cmd: ops.ListOpinions, actor: Actor) -> Page[ops.Opinion]:
    """The opinions on a topic; see :class:`ListOpinions` for their order."""
    row = visible(uow, actor, cmd.id)
    if cmd.shown == "waiting":
        return _waiting(uow, row, cmd, actor)
    return _newest(uow, row, cmd, actor) if cmd.order == "newest" else _turns(uow, row, cmd, actor)


def _turns(
    uow: UnitOfWork, row: TopicRow, cmd: ops.ListOpinions, actor: Actor
) -> Page[ops.Opinion]:
    if cmd.cursor:
        until, *after = (whole_number(value) for value in decode_cursor(cmd.cursor, 4))
    else:
        until, after = repository.discussion.last_no(uow.session, row.id), [0, 0, 0]
    found = repository.discussion.alternating(
        uow.session, row.id, until=until, after=(after[0], after[1], after[2]), limit=cmd.limit
    )
    page = found[: cmd.limit]
    more = len(found) > cmd.limit
    last = [until, page[-1].round, page[-1].turn, page[-1][0].no] if more else []
    return Page(
        items=seen(uow, row, [one[0] for one in page], actor),
        next_cursor=encode_cursor(*map(str, last)) if more else None,
    )


def _newest(
    uow: UnitOfWork, row: TopicRow, cmd: ops.ListOpinions, actor: Actor
) -> Page[ops.Opinion]:
    before = whole_number(decode_cursor(cmd.cursor, 1)[0]) if cmd.cursor else None
    found = repository.discussion.newest(uow.session, row.id, before=before, limit=cmd.limit)
    page = found[: cmd.limit]
    return Page(
        items=seen(uow, row, page, actor),
        next_cursor=encode_cursor(str(page[-1].no)) if len(found) > cmd.limit else None,
    )


def _waiting(
    uow: UnitOfWork, row: TopicRow, cmd: ops.ListOpinions, actor: Actor
) -> Page[ops.Opinion]:
    found = repository.discussion.waiting(
        uow.session,
        row.id,
        author_id=None if judges(uow, row, actor) else actor.eyes,
        after=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else "",
        limit=cmd.limit,
    )
    page = found[: cmd.limit]
    return Page(
        items=seen(uow, row, page, actor),
        next_cursor=encode_cursor(page[-1].id) if len(found) > cmd.limit else None,
    )


def get_discussion(
    uow: UnitOfWork, cmd: ops.OfDiscussion, actor: Actor, now: datetime
) -> ops.Discussion:
    """How the discussion of a topic stands, and where the actor stands in it."""
    return standing(uow, visible(uow, actor, cmd.id), actor, now)


def standing(uow: UnitOfWork, row: TopicRow, actor: Actor, now: datetime) -> ops.Discussion:
    """How a discussion stands that the actor may read."""
    settings = settings_of(row)
    leading = repository.discussion.moderators(uow.session, row.id)
    mine = bool(actor.eyes) and any(
        one.person_id == actor.eyes and one.ended_at is None for one in leading
    )
    people = [one.person_id for one in leading if one.person_id] + [actor.person_id]
    cards = directory.cards(uow, people, row.community_id)
    card = cards.get(actor.person_id)
    is_open = State(row.state) in rules.OPEN
    left, at = None, None
    barred = _barred(actor, card, is_open=is_open, moderating=mine)
    if barred is None:
        given, last = repository.discussion.given(uow.session, row.id, actor.person_id)
        left = max(0, settings.speeches - given)
        at = max(now, rules.may_speak_at(settings, last) or now) if left else None
        barred = None if left else "spent"
    return ops.Discussion(
        topic_id=row.id,
        open=is_open,
        opinions_for=row.opinions_for,
        opinions_against=row.opinions_against,
        opinions_neutral=row.opinions_neutral,
        speakers=repository.discussion.speakers(uow.session, row.id),
        moderators=[_moderator(one, cards) for one in leading],
        speeches=settings.speeches,
        minutes=settings.speech_minutes,
        correct_minutes=int(rules.CORRECTION.total_seconds() // 60),
        left=left,
        may_speak_at=at,
        moderating=mine,
        rules=[ops.CivilRule(zh=zh, en=en) for zh, en in rules.CIVIL_ORDER],
        barred=barred,
    )


def _barred(
    actor: Actor, card: directory.Card | None, *, is_open: bool, moderating: bool
) -> ops.SpeechBarred | None:
    """Why the actor gives no opinion here, whatever she has said already."""
    if not is_open:
        return "closed"
    return taking_part.barred(actor, card) or ("moderating" if moderating else None)


def _moderator(one: ModeratorRow, cards: dict[str, directory.Card]) -> ops.Moderator:
    return ops.Moderator(
        person=speaker(cards, one.person_id),
        appointed_role=one.appointed_role,
        appointed_at=one.appointed_at,
        ended_at=one.ended_at,
    )


def judges(uow: UnitOfWork, row: TopicRow, actor: Actor) -> bool:
    """Whether the actor decides about others' opinions: of the desk, or while she moderates."""
    if actor.acted_by:
        return False
    return convenes(actor, row) or (
        repository.discussion.moderating(uow.session, row.id, actor.person_id) is not None
    )


def speaker(cards: dict[str, directory.Card], person_id: str | None) -> ops.Speaker | None:
    """Somebody as the neighbours know her; None when she has left for good."""
    card = cards.get(person_id or "")
    if card is None:
        return None
    return ops.Speaker(
        person_id=card.person_id,
        display_name=card.display_name,
        building_label=card.building_label,
        badge_shown=card.badge_shown,
        role_badges=list(card.role_badges),
    )


def seen(
    uow: UnitOfWork, row: TopicRow, opinions: Sequence[OpinionRow], actor: Actor
) -> list[ops.Opinion]:
    """Opinions as the actor may read them; two statements for a page."""
    people = {one.author_id for one in opinions} | {one.decided_by for one in opinions}
    cards = directory.cards(uow, people - {None}, row.community_id)  # type: ignore[arg-type]
    judge = None
    if judges(uow, row, actor):
        judge = rules.Judge(actor.person_id, desk=convenes(actor, row))
    is_open = State(row.state) in rules.OPEN
    return [_shown(one, cards, actor, judge, is_open=is_open) for one in opinions]


def _shown(
    one: OpinionRow,
    cards: dict[str, directory.Card],
    actor: Actor,
    judge: rules.Judge | None,
    *,
    is_open: bool,
) -> ops.Opinion:
    mine = one.author_id is not None and one.author_id == actor.eyes
    office = judge is not None
    inside = mine or office or one.state == "shown"
    return ops.Opinion(
        id=one.id,
        topic_id=one.topic_id,
        stance=cast("ops.Stance | None", one.stance),
        moderator=one.stance is None,
        body=one.body if inside else "",
        state=cast(ops.OpinionState, one.state),
        author=speaker(cards, one.author_id),
        mine=mine,
        nth=one.nth,
        proposal=one.proposal,
        assisted=one.assisted_by is not None,
        created_at=one.created_at,
        corrected_at=one.corrected_at,
        earlier=[ops.EarlierWords.model_validate(was) for was in one.earlier] if inside else [],
        hidden=_trace(one, cards, told=mine or office) if one.state == "hidden" else None,
        correct_until=_correctable(one, is_open=is_open) if mine else None,
        actions=_actions(one) if mine else [],
        decisions=_decisions(one, judge) if judge else [],
    )


def _decisions(one: OpinionRow, judge: rules.Judge) -> list[ops.OpinionDecision]:
    """What the reader may decide of it, by the rules that judge the decision itself."""
    return rules.decisions(
        cast(ops.OpinionState, one.state),
        judge,
        author_id=one.author_id,
        hid=one.decided_by,
        appealed=one.appealed_at is not None and not one.final,
        final=one.final,
    )


def _correctable(one: OpinionRow, *, is_open: bool) -> datetime | None:
    """Until when its author may correct it, as it stands; a moderator's word has no closing."""
    if not is_open and one.stance is not None:
        return None
    return rules.correctable_until(one.state, one.created_at, len(one.earlier))


def _actions(one: OpinionRow) -> list[ops.OpinionAction]:
    """What its author may do with it besides."""
    if one.state == "withdrawn":
        return []
    return ["withdraw", "appeal"] if rules.appealable(one.state, one.appealed_at) else ["withdraw"]


def _trace(
    one: OpinionRow, cards: dict[str, directory.Card], *, told: bool
) -> ops.OpinionHidden | None:
    if one.decided_at is None:
        return None
    return ops.OpinionHidden(
        role=one.decided_role or "",
        by=speaker(cards, one.decided_by),
        reason=one.decision_reason or "",
        at=one.decided_at,
        final=one.final,
        appealed_at=one.appealed_at,
        appeal=one.appeal if told else None,
    )
