"""Polls as they are shown: rules in words, roll, turnout, where the reader stands."""

from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import refusal
from services.contracts.operations import BY_ID
from services.contracts.operations.base import Page
from services.contracts.operations.votes import polls as ops
from services.contracts.operations.votes.rules import RuleSet
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_polls as texts
from services.votes.domain import ballots
from services.votes.domain import rules as rule_sets
from services.votes.domain.count_words import Language, exact
from services.votes.domain.poll_tasks import Next
from services.votes.domain.polls import Hold, State
from services.votes.domain.results import square_metres
from services.votes.domain.rolls import VOTED, Mark
from services.votes.handlers import poll_desk, polls, rolls
from services.votes.handlers.telling import Told
from services.votes.models import PollRow, RollEntryRow
from services.votes.repository.polls import Turnout

_Moving = tuple[ops.Turnout, str | None]
"""What moves while voting goes on: the turnout, and the hash of the chain's end."""

_told: Told[_Moving] = Told()


def list_polls(
    uow: UnitOfWork, cmd: ops.ListPolls, actor: Actor, now: datetime, language: str
) -> Page[ops.Poll]:
    """A community's polls, newest first; as a calendar those that touch a span of time.

    Raises:
        CommunityNotFound: it is not the actor's to see.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    rows = repository.polls.page(
        uow.session,
        community.id,
        state=cmd.state,
        begins=cmd.from_,
        ends=cmd.until,
        to_do=cmd.to_do,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit + 1,
    )
    page = rows[: cmd.limit]
    mine = repository.polls.subjects(uow.session, actor.eyes, [row.id for row in page])
    moving, tasks = _moving(uow, page, now), poll_desk.tasks(uow, page, now)
    items = [
        shown(row, mine.get(row.id, []), *moving[row.id], tasks[row.id], now, language)
        for row in page
    ]
    return Page(
        items=items,
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def get_poll(
    uow: UnitOfWork, cmd: ops.OfPoll, actor: Actor, now: datetime, language: str
) -> ops.Poll:
    """A poll, with all entries of its roll that the actor may vote for; a helper sees none.

    Raises:
        PollNotFound: it is not the actor's to see.
    """
    row = polls.visible(uow, actor, cmd.id)
    mine = [] if actor.acted_by else rolls.subjects(uow, actor, row)
    return _whole(uow, row, actor, mine, now, language)


def of(uow: UnitOfWork, row: PollRow, actor: Actor, now: datetime, language: str) -> ops.Poll:
    """The poll as the actor sees it, with what is known of her entries; nobody else is asked."""
    mine = repository.polls.subjects(uow.session, actor.eyes, [row.id]).get(row.id, [])
    return _whole(uow, row, actor, mine, now, language)


def _whole(
    uow: UnitOfWork,
    row: PollRow,
    actor: Actor,
    mine: Sequence[RollEntryRow],
    now: datetime,
    language: str,
) -> ops.Poll:
    moving, task = _moving(uow, [row], now)[row.id], poll_desk.tasks(uow, [row], now)[row.id]
    told = shown(row, mine, *moving, task, now, language)
    told.steps = poll_desk.steps(uow, row, actor, now, language)
    told.why_not = _why_not(language, lambda: _may_vote(row, actor, mine, now))
    return told


def _moving(uow: UnitOfWork, rows: Sequence[PollRow], now: datetime) -> dict[str, _Moving]:
    """What moves of each poll, as it was told last in this second, or as it is."""
    running = [row.id for row in rows if row.state == State.OPEN]
    told = _told.fresh(running, now)
    asked = [row.id for row in rows if row.id not in told]
    counted = repository.polls.turnouts(uow.session, asked)
    heads = repository.polls.heads(uow.session, asked)
    found = {
        row.id: (_turnout(row, counted[row.id]), heads.get(row.id))
        for row in rows
        if row.id not in told
    }
    _told.keep({poll_id: found[poll_id] for poll_id in running if poll_id in found}, now)
    return {**told, **found}


def _turnout(row: PollRow, counted: Turnout) -> ops.Turnout:
    return ops.Turnout(
        roll=row.roll_size,
        online=counted.online,
        paper=counted.paper,
        paper_out=counted.paper_out,
    )


def shown(
    row: PollRow,
    subjects: Sequence[RollEntryRow],
    turnout: ops.Turnout,
    head: str | None,
    task: Next,
    now: datetime,
    language: str,
) -> ops.Poll:
    """The poll as it is told; ``subjects`` are entries of its roll, the reader's."""
    rules = polls.rules_of(row)
    words: Language = "en" if language.startswith("en") else "zh"
    mine = [_subject(row, rules, entry, now, language) for entry in subjects]
    return ops.Poll(
        id=row.id,
        topic_id=row.topic_id,
        community_id=row.community_id,
        state=row.state,
        title=row.title,
        convener=row.convener,
        proposal=row.proposal,
        rules=rule_sets.in_words(rules, words),
        arithmetic=rule_sets.arithmetic(rules, words),
        rule_set=rules,
        rules_hash=row.rules_hash,
        verified=rules.verified,
        secrecy=row.secrecy,
        roll_state=row.roll_state,
        roll_size=row.roll_size,
        roll_hash=row.roll_hash,
        my_subjects=mine,
        my_state=_my_state([one.state for one in mine]),
        why_not=_why_not(language, lambda: _in_time(row, rules, now)),
        turnout=turnout,
        head_hash=head,
        held=_held(row),
        announced_at=row.announced_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        extended=row.extended,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        published_at=row.published_at,
        void_reason=row.void_reason,
        task=task[0].value,
        task_due_at=task[1],
    )


def _subject(
    row: PollRow, rules: RuleSet, entry: RollEntryRow, now: datetime, language: str
) -> ops.PollSubject:
    standing = ballots.Entry(entry.code, entry.state)

    def check(*, changes: bool) -> None:
        _in_time(row, rules, now)
        ballots.check_entry(standing, rules, changes=changes)

    return ops.PollSubject(
        subject_id=entry.code,
        kind=entry.kind,
        building=entry.building,
        place=entry.place,
        area=square_metres(entry.area),
        heads=exact(Fraction(entry.head_n, entry.head_d)),
        state=entry.state,
        why_not=_why_not(language, lambda: check(changes=False)),
        may_change=_why_not(language, lambda: check(changes=True)) is None,
    )


def _in_time(row: PollRow, rules: RuleSet, now: datetime) -> None:
    """Whether ballots are taken on the phone now, as the box asks it."""
    ballots.check_time(row.state, row.opens_at, row.closes_at, now)
    ballots.check_online(rules)


def _may_vote(row: PollRow, actor: Actor, mine: Sequence[RollEntryRow], now: datetime) -> None:
    """Whether the actor could cast a ballot here, for one entry or another."""
    BY_ID["castBallot"].permit(actor)
    _in_time(row, polls.rules_of(row), now)
    if all(entry.state == Mark.STRUCK for entry in mine):
        raise ballots.NotOnRoll()


def _why_not(language: str, check: Callable[[], None]) -> ops.WhyNot | None:
    error = refusal(check)
    if error is None:
        return None
    said = error.en if language.startswith("en") else error.zh
    return ops.WhyNot(code=error.code, text=said)


def _my_state(states: Sequence[str]) -> Any:
    for state in (Mark.FREE, Mark.PAPER_OUT):
        if state in states:
            return state.value
    return "voted" if VOTED & set(states) else None


def _held(row: PollRow) -> list[ops.PollHold]:
    missing = (row.held or {}).get("missing", [])
    return [ops.PollHold(what=one, text=texts.HOLDS[Hold(one)]) for one in missing]
