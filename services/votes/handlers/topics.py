"""Topics: raised, read, worded anew, handed from one convening body to the other."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import Conflict
from services.contracts.events import TopicHandedOver, TopicRaised
from services.contracts.ids import new_id
from services.contracts.operations.votes import topics as ops
from services.contracts.operations.votes.chain import ChainSettings
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_chain as texts
from services.votes.domain.chain import FROZEN, ChainRefuses, Hand, NotYourStep, State, step
from services.votes.domain.covenants import OthersCovenant
from services.votes.domain.waiting import MOST_WAITING, TooManyQuestions, Waits
from services.votes.domain.way import STAGES, stages
from services.votes.handlers import taking_part, topic_sources
from services.votes.handlers.common import (
    CLOCK,
    Doer,
    about,
    desk,
    lead,
    renew,
    settings_of,
    standing_of,
    tell,
    visible,
    wind,
)
from services.votes.handlers.topic_views import facts, reads_all, shown
from services.votes.models import TopicRow, TopicWordingRow


class NotReturned(Conflict):
    """Only a question that was returned to its author is worded anew."""

    code = "votes.not_returned"
    zh, en = "只有退回修改的问题才能修改", "Only a question that was returned can be worded anew"


class ConvenesAlready(Conflict):
    """The body that it is handed to has it already."""

    code = "votes.convenes_already"
    zh, en = "该议题已由其办理", "That body convenes the topic already"


def raise_topic(uow: UnitOfWork, cmd: ops.RaiseTopic, actor: Actor, now: datetime) -> ops.Topic:
    """A neighbour raises a question; of the community's chain she gets the newest settings.

    Raises:
        NotAMember, ObserverReadOnly: she does not belong here.
        Silenced, WordsRefused: feed's word; she may not say it, or not here and now.
        TooManyQuestions: enough of hers wait to be screened.
        UnknownPost, UnknownTopic, Locked, UnknownCovenant, CovenantEnded, OthersCovenant: see
            :mod:`services.votes.handlers.topic_sources`.
    """
    directory.require_member(uow, actor, cmd.cid)
    community = directory.community(uow, cmd.cid)
    held = taking_part.must_wait(uow, community.id, _words(cmd))
    post = topic_sources.post_of(uow, cmd)
    topic_sources.require_covenant(uow, cmd)
    if repository.topics.waiting_of(uow.session, community.id, actor.person_id) >= MOST_WAITING:
        raise TooManyQuestions()
    earlier = topic_sources.again_of(uow, cmd, now)
    chosen = repository.topics.newest_settings(uow.session, community.id)
    settings = ChainSettings.model_validate(chosen.settings if chosen else {})
    row = TopicRow(
        id=new_id(),
        community_id=community.id,
        path=community.path,
        title=cmd.title,
        body=cmd.body,
        state=State.RAISED.value,
        convener=cmd.convener,
        aim=cmd.aim,
        covenant_id=cmd.covenant_id,
        author_id=actor.person_id,
        assisted_by=actor.acted_by or None,
        from_post_id=cmd.from_post_id,
        again_of=cmd.again_of,
        held=held,
        settings=settings.model_dump(mode="json"),
        settings_version=chosen.version if chosen else 0,
        since=now,
        created_at=now,
    )
    uow.session.add(row)
    uow.session.flush()
    author = Doer(Role.RESIDENT, actor.person_id)
    word(uow, row, "question", author, now)
    if post is not None:
        text = texts.FROM_POST.format(title=post.title)
        tell(uow, row, "post", Doer(Role.RESIDENT), text, post.at, ref={"post_id": post.post_id})
    wind(uow, row, now)
    _tell_raised(uow, row, author, earlier, now)
    uow.emit(TopicRaised(**about(row), from_post_id=row.from_post_id))
    return shown(uow, row, actor, now)


def _tell_raised(
    uow: UnitOfWork, row: TopicRow, author: Doer, earlier: TopicRow | None, now: datetime
) -> None:
    text = texts.RAISED[row.convener]
    wanted = standing_of(row).seconders_wanted
    if wanted:
        text += texts.WANTS_SECONDERS.format(wanted=wanted)
    ref = {"again_of": earlier.id} if earlier else None
    tell(uow, row, "raised", author, text, now, ref=ref)
    if earlier is not None:
        tell(uow, earlier, "raised_again", author, texts.AGAIN, now, ref={"topic_id": row.id})


def word(uow: UnitOfWork, row: TopicRow, kind: str, doer: Doer, now: datetime) -> None:
    """Keep how the topic is worded now as its next version; its lock is the caller's."""
    before = repository.topics.wordings(uow.session, row.id)
    uow.session.add(
        TopicWordingRow(
            topic_id=row.id,
            version=len(before) + 1,
            kind=kind,
            title=row.title,
            body=row.body,
            written_by=doer.person_id,
            role=str(doer.role),
            at=now,
            held=row.held,
        )
    )


def _words(cmd: ops.RaiseTopic | ops.AmendTopic) -> str:
    """What feed judges; a text that is as long as may be is judged without its last words."""
    return f"{cmd.title}\n{cmd.body}"[:20_000]


def list_topics(uow: UnitOfWork, cmd: ops.ListTopics, actor: Actor, now: datetime) -> ops.TopicPage:
    """The topics of a community, newest first, in one statement; another one counts them all."""
    community = directory.require_reader(uow, actor, cmd.cid)
    rows = repository.topics.page(
        uow.session,
        community.id,
        me=actor.eyes,
        mine=cmd.part or ("both" if cmd.mine else None),
        states=sorted(STAGES[cmd.stage]) if cmd.stage else None,
        reads_all=reads_all(actor, community.path),
        limit=cmd.limit,
        state=cmd.state,
        convener=cmd.convener,
        words=cmd.q,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
    )
    page = rows[: cmd.limit]
    return ops.TopicPage(
        stages=stages(repository.topics.by_state(uow.session, community.id)),
        items=[
            ops.TopicSummary(
                **facts(row, actor, now, author_name=row.author_name, my_second=row.my_second)
            )
            for row in page
        ],
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def get_topic(uow: UnitOfWork, cmd: ops.OfTopic, actor: Actor, now: datetime) -> ops.Topic:
    """A topic with its whole way; :class:`TopicNotFound` when it is not the actor's to see."""
    return shown(uow, visible(uow, actor, cmd.id), actor, now)


def amend(uow: UnitOfWork, cmd: ops.AmendTopic, actor: Actor, now: datetime) -> ops.Topic:
    """The author words a returned question anew, and the desk screens it again.

    Raises:
        NotYourStep: it is somebody else's.
        NotReturned: it does not wait for her.
    """
    found = visible(uow, actor, cmd.id)
    directory.require_member(uow, actor, found.community_id)
    if actor.person_id != found.author_id:
        raise NotYourStep()
    _require_returned(found)
    held = taking_part.must_wait(uow, found.community_id, _words(cmd))  # before anything is locked
    row = repository.topics.topic(uow.session, cmd.id, lock=True)
    _require_returned(row)
    author = Doer(Role.RESIDENT, actor.person_id)
    row.title, row.body, row.returned, row.held = cmd.title, cmd.body, False, held
    word(uow, row, "question", author, now)
    renew(uow, row, "amended", author, now, text=texts.AMENDED)
    return shown(uow, row, actor, now)


def _require_returned(row: TopicRow) -> None:
    if row.state != State.RAISED or not row.returned:
        raise NotReturned()


def hand_over(uow: UnitOfWork, cmd: ops.HandTopic, actor: Actor, now: datetime) -> ops.Topic:
    """The body that has a topic hands it to the other one, which has the whole time for it.

    Raises:
        Forbidden, NotYourStep: it is not the actor's body that has it.
        ChainRefuses: the text is frozen.
        ConvenesAlready: it has it already.
        OthersCovenant: the topic changes a covenant, which is for the body that convened it.
    """
    row = visible(uow, actor, cmd.id, lock=True)
    doer = desk(actor, row)
    if State(row.state) in FROZEN:
        raise ChainRefuses()
    if row.convener == cmd.convener:
        raise ConvenesAlready()
    if row.covenant_id is not None:
        raise OthersCovenant()
    was, row.convener = row.convener, cmd.convener
    text = texts.HANDED.format(was=texts.BODIES[was], to=texts.BODIES[row.convener])
    ref = {"was": was, "convener": row.convener}
    renew(
        uow,
        row,
        "handed_over",
        doer,
        now,
        text=text,
        reason=cmd.reason,
        ref=ref,
        whole_time=standing_of(row).waits is Waits.DESK,
    )
    uow.emit(
        TopicHandedOver(
            **about(row),
            was_convener=was,
            reason=cmd.reason,
            deadline_at=row.deadline_at,
            actor_id=actor.person_id,
        )
    )
    return shown(uow, row, actor, now)


def forget(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """Somebody has left for good: what she asked in words that only the desk has read goes with
    her, and waits for nobody any more. What everybody has read stays."""
    for topic_id in repository.topics.held_of(uow.session, person_id):
        row = repository.topics.topic(uow.session, topic_id, lock=True)
        if not row.held:
            continue  # it was accepted this moment
        if row.state == State.RAISED:
            step(settings_of(row), State.RAISED, State.CLOSED, {Hand.CLOCK}, None)
            row.outcome = "withdrawn"
            lead(uow, row, State.CLOSED, CLOCK, now, text=texts.AUTHOR_LEFT)
        row.title, row.body = texts.WITHHELD, ""
    repository.topics.forget_held_wordings(uow.session, person_id)
