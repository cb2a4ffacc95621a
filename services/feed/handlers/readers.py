"""Who else may be told the same: what is said of answers, and of people, to whoever keeps answers.

::

    an answer ──▶ of her own? ──no──▶ shared: place · kind of reader · what it is about
    a person  ──▶ her pass: kind of reader · in which posts she has a part

An answer may be given to whom its place and kind are right for and who has no part in what it is
about. Both are read in one snapshot with what they speak of.
"""

from collections.abc import Sequence
from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import (
    CommunityChanged,
    CommunityClosed,
    Event,
    MemberCardChanged,
    PersonDeleted,
    ViewChanged,
)
from services.contracts.operations import feed as ops
from services.contracts.operations.feed import passes
from services.directory.queries import PRESENT
from services.feed.domain import readers
from services.feed.handlers.common import catalogue
from services.feed.repository import own_parts as repository
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText, Shared, SharedText

_SECONDS = 60.0


def said(
    uow: UnitOfWork,
    page: str,
    actor: Actor,
    place: directory.Community,
    posts: Sequence[str],
    now: datetime,
    *,
    threads: bool = False,
) -> JsonText:
    """``page`` as an answer; shared when nothing in it is the actor's own.

    Args:
        posts: those that it shows.
        threads: whether it shows comments of theirs, too.
    """
    kind = readers.kind_of(catalogue(uow, place.id), actor, place.path)
    if not kind:
        return JsonText(page)
    own = repository.parts(uow.session, actor.eyes, place.id, posts, now, threads=threads)
    if own.standing not in PRESENT or own.away or own.touched:
        return JsonText(page)
    seconds = _SECONDS if own.ends is None else min(_SECONDS, own.ends.total_seconds())
    about = [*posts, *(passes.thread(post) for post in posts if threads)]
    return SharedText.of(page, Shared(place.id, kind, tuple(about), seconds))


def get_feed_pass(uow: UnitOfWork, cmd: ops.OfCommunity, actor: Actor, now: datetime) -> JsonText:
    """What the actor may be given of what was said to others in a community."""
    place = directory.require_reader(uow, actor, cmd.cid)
    kind = readers.kind_of(catalogue(uow, place.id), actor, place.path)
    if kind:
        own = repository.parts(uow.session, actor.eyes, place.id, (), now)
        kind = "" if own.away or own.standing not in PRESENT else kind
    if not kind:
        return JsonText(passes.FeedPass().model_dump_json())
    posts, threads, since = repository.own_parts(uow.session, actor.eyes)
    own_ids = [*posts, *map(passes.thread, threads)]
    return JsonText(passes.FeedPass(reader=kind, own=own_ids, since=since).model_dump_json())


def follow(uow: UnitOfWork, event: Event) -> None:
    """Tell that what is shown changed with the directory; once its copy here says so, too."""
    match event:
        case CommunityChanged() | CommunityClosed():
            uow.emit(ViewChanged(community_id=event.community_id))
        case MemberCardChanged():
            uow.emit(ViewChanged(community_id=event.community_id, person_id=event.person_id))
        case PersonDeleted():
            for community in repository.homes(uow.session, event.person_id):
                uow.emit(ViewChanged(community_id=community, person_id=event.person_id))
