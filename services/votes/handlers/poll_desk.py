"""A poll from behind the desk: what comes next with it, and what may not be done with it now.

What is told beforehand asks the same rules as doing it does, so neither says what the other denies.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from services.contracts.actor import Actor, Role
from services.contracts.errors import ShequError
from services.contracts.operations.votes import polls as ops
from services.kit.uow import UnitOfWork
from services.votes import repository, texts_polls
from services.votes.domain import polls as rules_of_life
from services.votes.domain import proxies, publicity
from services.votes.domain import rolls as roll_rules
from services.votes.domain.chain import NotYourStep
from services.votes.domain.chain import State as TopicState
from services.votes.domain.poll_tasks import Decided, Next, Running, task
from services.votes.domain.polls import NotClosed, State
from services.votes.handlers import polls
from services.votes.handlers.common import DESKS, convenes, settings_of
from services.votes.models import PollRow, ResultRow

Do = Literal["correct_roll", "record_proxy", "void", "annul", "file", "sign_off", "audit"]
_OFFICES: Final[Mapping[Do, frozenset[Role]]] = {
    "correct_roll": DESKS,
    "record_proxy": DESKS,
    "void": DESKS,
    "annul": DESKS,
    "file": DESKS,
    "sign_off": frozenset({Role.SUPERVISOR}),
    "audit": frozenset({Role.AUDITOR}),
}
"""Whose each step is; which body convenes, is asked besides."""


def tasks(uow: UnitOfWork, rows: Sequence[PollRow], now: datetime) -> dict[str, Next]:
    """What comes next with each of these polls: one statement for all that have a result."""
    ended = [row.id for row in rows if row.state == State.PUBLISHED]
    found = repository.results.standing(uow.session, ended) if ended else {}
    return {row.id: task(_running(row), _decided(found.get(row.id)), now) for row in rows}


def _running(row: PollRow) -> Running:
    return Running(
        state=row.state,
        roll_state=row.roll_state,
        held=(row.held or {}).get("missing", ()),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
    )


def _decided(row: Any) -> Decided | None:
    if row is None:
        return None
    return Decided(
        passed=row.passed,
        ends_at=row.ends_at,
        waits=(row.waits or {}).get("missing", ()),
        sign_by=row.sign_by,
        adopted_at=row.adopted_at,
        file_by=row.file_by,
        filed=row.filed_at is not None,
        annulled=row.annulled_at is not None,
    )


def steps(
    uow: UnitOfWork, poll: PollRow, actor: Actor, now: datetime, language: str
) -> list[ops.PollStep]:
    """What the actor's offices do with a poll, each with why it may not be done now.

    Nobody else is told of any; a helper acts for a neighbour, not in an office.
    """
    offered: list[Do] = [do for do, roles in _OFFICES.items() if actor.holds(roles, poll.path)]
    if not offered or actor.acted_by:
        return []
    result = repository.results.result(uow.session, poll.id)
    checks: dict[Do, Callable[[], None]] = {
        "correct_roll": lambda: roll_rules.require_open(poll.state, poll.roll_state),
        "record_proxy": lambda: _for_proxies(poll, now),
        "void": lambda: rules_of_life.require_running(poll.state),
        "annul": lambda: _annullable(uow, poll, result),
        "file": lambda: _to_file(result),
        "sign_off": lambda: _to_sign(uow, poll, result, actor),
        "audit": lambda: _over(poll),
    }
    return [
        ops.PollStep(do=do, why_not=_why_not(do, poll, actor, checks[do], language))
        for do in offered
    ]


def _why_not(
    do: Do, poll: PollRow, actor: Actor, check: Callable[[], None], language: str
) -> ops.WhyNot | None:
    try:
        if _OFFICES[do] is DESKS and not convenes(actor, poll):
            raise NotYourStep()
        check()
    except ShequError as error:
        said = (error.zh, error.en)
        if isinstance(error, rules_of_life.PollRefuses):
            said = texts_polls.REFUSED.get((do, poll.state), said)
        return ops.WhyNot(code=error.code, text=said[language.startswith("en")])
    return None


def _for_proxies(poll: PollRow, now: datetime) -> None:
    if polls.rules_of(poll).proxies == "none":
        raise proxies.NoProxies()
    proxies.check_time(poll.state, poll.roll_state, poll.closes_at, now)


def _annullable(uow: UnitOfWork, poll: PollRow, result: ResultRow | None) -> None:
    topic = repository.topics.topic(uow.session, poll.topic_id)
    there = result is not None and result.adopted_at is None
    if poll.state != State.PUBLISHED or topic.poll_id != poll.id or not there:
        raise rules_of_life.PollRefuses()


def _to_file(result: ResultRow | None) -> None:
    if result is None or result.adopted_at is None:
        raise publicity.NothingToFile()
    publicity.require_to_file(due=result.file_by is not None, filed=result.filed_at is not None)


def _to_sign(uow: UnitOfWork, poll: PollRow, result: ResultRow | None, actor: Actor) -> None:
    if convenes(actor, poll):
        raise NotYourStep()
    topic = repository.topics.topic(uow.session, poll.topic_id)
    publicity.require_to_sign(
        settings_of(topic),
        in_publicity=result is not None and topic.state == TopicState.PUBLICITY,
        signed=result.sign_off if result else None,
    )


def _over(poll: PollRow) -> None:
    if poll.state in (State.ANNOUNCED, State.OPEN):
        raise NotClosed()
