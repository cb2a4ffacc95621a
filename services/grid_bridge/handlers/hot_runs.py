"""Runs of the hot ten: by the clock, or asked for; reckoned beside all calls, then published.

::

    every night ───────────── nightly ──┐                       the running month, version 0
    on the first of a month ─ monthly ──┼─▶ asked ─▶ taken ─▶ reckoned ─▶ published, and told
    an administrator ──────── again ────┘            by one     aside       version 1, 2, …

What a run needs is read in the transaction that takes it, and no transaction is open while it is
reckoned. It is published under a lock of its place, unless another reader has taken it meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.events import HotTopicsPublished
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import hot_topics as ops
from services.grid_bridge import advice
from services.grid_bridge import repository_hot_runs as store
from services.grid_bridge import repository_hot_topics as topics
from services.grid_bridge.classifier import background
from services.grid_bridge.classifier.lexicon import GROUPS
from services.grid_bridge.domain import hot_topics as rules
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.clustering import Kept
from services.grid_bridge.domain.hot_ten import Found, Known, Message, Topic, reckon
from services.grid_bridge.domain.hot_topics import BACK, Level, Month, Standing
from services.grid_bridge.domain.labels import Said
from services.grid_bridge.models import ConcernRow, HotTopicRow, HotTopicRunRow
from services.grid_bridge.repository_districts import DistrictNotFound
from services.grid_bridge.repository_hot_runs import Written
from services.grid_bridge.repository_hot_topics import HotTopicRunNotFound, Node, NodeNotFound
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

PUBLISHERS: Final = frozenset({Role.TOWN_ADMIN, Role.DISTRICT_ADMIN})
NIGHT_HOUR: Final = 2
"""In China; what was written until midnight has its vector by then."""

PROBLEM: Final = 0.5
"""Share from which an ordinary post is read as a concern; what neighbours chat about is none."""

FIELD_WORDS: Final = frozenset(word for words in GROUPS.values() for word in words)

Aside = Callable[..., Any]


def ask_by_clock(uow: UnitOfWork, now: datetime) -> int:
    """Ask for what the clock wants: the month that has ended, and the one that runs.

    Months that ended while the clock stood still come first, the oldest one before the others.
    What failed is asked for again on the next day; a night that nobody has reckoned is left out.
    """
    here = now.astimezone(sla.ZONE)
    if here.hour < NIGHT_HOUR:
        return 0
    session, month = uow.session, Month.of(now)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = store.ask_failed(session, month, midnight, now)
    over = store.newest_month(session, month.plus(-1))
    while over < month:
        asked += store.ask_by_clock(session, "monthly", over, over.plus(1).first_day, now)
        over = over.plus(1)
    store.forget_nights(session, here.date(), now)
    return asked + store.ask_by_clock(session, "nightly", month, here.date(), now)


def start(
    uow: UnitOfWork, cmd: ops.StartHotTopicRun, actor: Actor, now: datetime
) -> ops.HotTopicRun:
    """Have a month reckoned anew; who asks while one waits gets that one.

    Raises:
        CommunityNotFound, NodeNotFound, DistrictNotFound: there is no such place.
        Forbidden: the actor administers another.
        MonthNotOver
    """
    place = _place(uow, Level(cmd.level), cmd.node)
    actor.require(PUBLISHERS, place.path)
    month = Month.parse(cmd.month)
    rules.check_over(month, now)
    store.one_at_a_time(uow.session, place, month)
    row = store.waiting(uow.session, place, month) or store.ask(
        uow.session, place, month, now.astimezone(sla.ZONE).date(), now,
        actor.person_id, cmd.reason,
    )  # fmt: skip
    return view(row)


def get(uow: UnitOfWork, cmd: ops.GetHotTopicRun, actor: Actor) -> ops.HotTopicRun:
    """A run of a place that the actor administers."""
    row = topics.run(uow.session, cmd.id)
    if not actor.holds(PUBLISHERS, row.path):
        raise HotTopicRunNotFound()
    return view(row)


def run_next(uow: UnitOfWork, aside: Aside, now: datetime) -> int:
    """Reckon and publish one run that waits; how many there were."""
    run = store.take(uow.session, now)
    if run is None:
        return 0
    place, month = Node(Level(run.level), run.node_id, run.path), Month.around(run.month)
    written = store.written(uow.session, place, month.plus(-BACK).begins, month.ends)
    known = store.concerns(uow.session, place, month)
    uow.commit()
    try:
        messages, found = aside(_reckon, month, place.level, written, _known(known))
    except Exception as error:
        log.exception("hot topics not reckoned", run=run.id)
        _failed(uow, run, type(error).__name__)
        return 1
    store.one_at_a_time(uow.session, place, month)
    mine = store.still_mine(uow.session, run)
    if mine is not None:
        _publish(uow, mine, place, month, messages, found, {one.id: one for one in known}, now)
    return 1


def _reckon(
    month: Month, level: Level, written: Sequence[Written], known: Sequence[Known]
) -> tuple[list[Message], Found]:
    messages = list(_messages(written))
    found = reckon(
        month,
        level,
        messages,
        known,
        background.background(),
        besides=background.said(),
        field_words=FIELD_WORDS,
    )
    return messages, found


def _messages(written: Sequence[Written]) -> Iterator[Message]:
    for one in written:
        if one.kind == "post" and advice.likelihood(one.title, one.body) < PROBLEM:
            continue
        author = one.author_id or ""
        yield Message(
            kind=one.kind,
            id=one.id,
            community_id=one.community_id,
            town_id=one.town_id,
            said=Said(one.title, one.body, author),
            words=background.words(one.title, one.body),
            people=tuple(sorted({*one.supporters, author} - {""})),
            vector=one.embedding,
            written_at=one.written_at,
        )


def _known(rows: Sequence[ConcernRow]) -> list[Known]:
    return [Known(row.id, Kept(row.vector, dict(row.pairs))) for row in rows]


def _failed(uow: UnitOfWork, run: HotTopicRunRow, error: str) -> None:
    mine = store.still_mine(uow.session, run)
    if mine is not None:
        tried = mine.attempts >= store.ATTEMPTS
        mine.state = (Standing.FAILED if tried else Standing.ASKED).value
        mine.error = error


def _publish(
    uow: UnitOfWork,
    run: HotTopicRunRow,
    place: Node,
    month: Month,
    messages: Sequence[Message],
    found: Found,
    known: dict[str, ConcernRow],
    now: datetime,
) -> None:
    session = uow.session
    store.drop_nightly(session, run)
    nightly = run.kind == "nightly"
    run.version = 0 if nightly else topics.count_editions(session, place, run.month) + 1
    run.state, run.published_at, run.error = Standing.PUBLISHED.value, now, None
    run.messages, run.without_vector = found.messages, found.without_vector
    run.digest = found.digest
    session.flush()
    names = []
    for rank, topic in enumerate(found.topics, 1):
        concern = known.get(topic.concern or "")
        if concern is None:
            concern = _concern(place, month, topic)
            session.add(concern)
        elif not nightly:
            concern.first_month = min(concern.first_month, month.first_day)
            concern.last_month = max(concern.last_month, month.first_day)
            concern.vector, concern.pairs = topic.centre.vector, topic.centre.pairs
        session.flush()
        names.append(concern.id)
        row = _row(run, concern.id, rank, topic)
        session.add(row)
        session.flush()
        store.rest_on(session, _lines(row.id, topic, messages))
    store.assign(
        session,
        place,
        [
            (
                names[to] if isinstance(to, int) else to,
                messages[at].kind,
                messages[at].id,
                messages[at].written_at,
            )
            for to, at in found.assigned
        ],
    )
    store.forget_loose(session, place)
    if not nightly:
        uow.emit(
            HotTopicsPublished(
                run_id=run.id,
                level=place.level.value,
                node_id=place.id,
                path=place.path,
                month=str(month),
                edition=run.version,
                topics=len(found.topics),
                published_at=now,
            )
        )
    log.info(
        "hot topics published",
        run=run.id,
        level=run.level,
        month=str(month),
        version=run.version,
        topics=len(found.topics),
        messages=found.messages,
        without_vector=found.without_vector,
    )


def _concern(place: Node, month: Month, topic: Topic) -> ConcernRow:
    return ConcernRow(
        id=new_id(),
        level=place.level.value,
        node_id=place.id,
        first_month=month.first_day,
        last_month=month.first_day,
        vector=topic.centre.vector,
        pairs=topic.centre.pairs,
    )


def _row(run: HotTopicRunRow, concern_id: str, rank: int, topic: Topic) -> HotTopicRow:
    told = topic.outside
    return HotTopicRow(
        id=new_id(),
        run_id=run.id,
        concern_id=concern_id,
        rank=rank,
        label=topic.label,
        words=list(topic.words),
        people=topic.people,
        messages=topic.messages,
        before=list(topic.before),
        spread=topic.spread,
        outside=told
        and {
            "people": told.people,
            "before": list(told.before),
            "label": told.label,
            "words": list(told.words),
            "phrases": list(told.phrases),
        },
    )


def _lines(topic_id: str, topic: Topic, messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    for place, (at, likeness) in enumerate(zip(topic.members, topic.likeness, strict=True)):
        yield {
            "topic_id": topic_id,
            "kind": messages[at].kind,
            "message_id": messages[at].id,
            "place": place,
            "likeness": likeness,
        }


def _place(uow: UnitOfWork, level: Level, node_id: str) -> Node:
    found = topics.node(uow.session, level, node_id)
    if found is not None:
        return found
    if level is Level.COMMUNITY:
        return Node(level, node_id, directory.community(uow, node_id).path)
    raise NodeNotFound() if level is Level.TOWN else DistrictNotFound()


def view(row: HotTopicRunRow) -> ops.HotTopicRun:
    """A run as administrators see it."""
    return ops.HotTopicRun(
        id=row.id,
        level=row.level,
        node=row.node_id,
        month=str(Month.around(row.month)),
        version=row.version,
        state=row.state,
        reason=row.reason,
        asked_at=row.asked_at,
        published_at=row.published_at,
        messages=row.messages,
        without_vector=row.without_vector,
        error=row.error,
    )
