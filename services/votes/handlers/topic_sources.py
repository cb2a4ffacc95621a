"""Where a question comes from: a post, an earlier topic, a covenant that is to change."""

from dataclasses import dataclass
from datetime import datetime

from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.votes.topics import RaiseTopic
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain.covenants import CovenantEnded, OthersCovenant
from services.votes.domain.waiting import Locked, NotLocked
from services.votes.handlers.common import of_community
from services.votes.models import CovenantRow, TopicRow
from services.votes.repository.topics import TopicNotFound


class UnknownPost(Invalid):
    """The post is not in this community, or not the caller's to see."""

    code = "votes.unknown_post"
    zh, en = "没有找到这个帖子", "There is no such post here"


class UnknownTopic(Invalid):
    """A topic that was named is not in this community, or is the same one."""

    code = "votes.unknown_topic"
    zh, en = "没有找到所指的议题", "There is no such other topic here"


class UnknownCovenant(Invalid):
    """A covenant to amend or repeal must be named, and be of this community."""

    code = "votes.unknown_covenant"
    zh, en = (
        "请指明要修改或废止的本社区公约",
        "Name the covenant of this community that is to change",
    )


@dataclass(frozen=True, slots=True)
class Source:
    """The post that a question comes from, as the caller sees it."""

    post_id: str
    title: str
    at: datetime


def post_of(uow: UnitOfWork, cmd: RaiseTopic) -> Source | None:
    """The post that the question comes from, read by feed in the caller's name.

    Raises:
        UnknownPost: she cannot see it, it is not shown, or it is of another community.
    """
    if cmd.from_post_id is None:
        return None
    unknown = UnknownPost(errors=[FieldError("from_post_id", "no such post in this community")])
    told = of_community(uow, cmd.cid, "feed", "get_post", cmd.from_post_id, unknown)
    if told.get("state", "shown") != "shown":
        raise unknown
    return Source(cmd.from_post_id, told["title"], datetime.fromisoformat(told["created_at"]))


def again_of(uow: UnitOfWork, cmd: RaiseTopic, now: datetime) -> TopicRow | None:
    """The earlier topic on the same thing, locked.

    Raises:
        UnknownTopic: there is none in this community.
        Locked: it was voted down, and may not come back yet.
    """
    if cmd.again_of is None:
        return None
    earlier = other(uow, cmd.again_of, cmd.cid, "again_of", lock=True)
    until = earlier.locked_until
    if until is not None and now < until:
        raise Locked(f"locked until {until.isoformat()}")
    return earlier


def require_locked(uow: UnitOfWork, topic_id: str, community_id: str, now: datetime) -> TopicRow:
    """The earlier topic that keeps a question from coming, as its lock still lasts.

    Raises:
        UnknownTopic: there is none in this community.
        NotLocked: it was not voted down, or may come back by now.
    """
    earlier = other(uow, topic_id, community_id, "locked_by")
    if earlier.locked_until is None or earlier.locked_until <= now:
        raise NotLocked()
    return earlier


def other(
    uow: UnitOfWork, topic_id: str, community_id: str, field: str, *, lock: bool = False
) -> TopicRow:
    """Another topic of the same community, named in ``field``.

    Raises:
        UnknownTopic: there is none.
    """
    unknown = UnknownTopic(errors=[FieldError(field, "no such topic in this community")])
    try:
        row = repository.topics.topic(uow.session, topic_id, lock=lock)
    except TopicNotFound:
        raise unknown from None
    if row.community_id != community_id:
        raise unknown
    return row


def require_covenant(uow: UnitOfWork, cmd: RaiseTopic) -> None:
    """The covenant that is to be amended or repealed; a new one comes of the topic itself.

    Raises:
        UnknownCovenant: none is named, one is named for nothing, or it is another community's.
        CovenantEnded: it was repealed.
        OthersCovenant: the other body convenes what changes it.
    """
    if cmd.aim == "new" and cmd.covenant_id is None:
        return
    found = uow.session.get(CovenantRow, cmd.covenant_id) if cmd.covenant_id else None
    if cmd.aim == "new" or found is None or found.community_id != cmd.cid:
        raise UnknownCovenant(errors=[FieldError("covenant_id", "a covenant to amend or repeal")])
    if found.state == "repealed":
        raise CovenantEnded()
    if found.convener != cmd.convener:
        raise OthersCovenant()
