"""Mutual aid and idle things: what of a post is one, what fits, what the committee watches over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import FieldError, Forbidden, Invalid
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import aid as ops
from services.feed.domain import aid as rules
from services.feed.domain import texts
from services.feed.domain.modules import Module
from services.feed.handlers.common import changed, readable, require_going_on
from services.feed.models import NoShowClearance, Post
from services.feed.repository import aid as repository
from services.feed.repository import matches
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def check_edit(uow: UnitOfWork, post: Post, changes: Mapping[str, Any]) -> None:
    """Whether a locked post may say this from now on.

    Raises:
        PriceAgreed: it is a thing that somebody has reserved at its price.
    """
    if "extra" in changes:
        aid = repository.aid_head(uow.session, post.id)
        if aid is not None and aid.kind == "idle":
            rules.check_price(aid.state, post.extra, changes["extra"])


def follow(uow: UnitOfWork, post: Post, module: Module, *, new: bool = False) -> None:
    """Keep what a post that was written or edited is: an offer, a need, a thing, or words.

    Raises:
        NameNeeded: help that concerns children is offered without a name.
    """
    aid = rules.aid_of(module.works, post.extra)
    if aid is None:
        if not new:
            repository.close_aid(uow.session, post.id)
        return
    rules.check_named(aid, hide_name=post.hide_name)
    repository.put_aid(uow.session, post, aid)


def get_aid(uow: UnitOfWork, cmd: OfPost, actor: Actor) -> JsonText:
    """How an offer, need or thing stands, with its public thanks.

    Raises:
        NoAid: the post is only words.
    """
    head = readable(uow, cmd.id, actor)
    return _aid(uow, head.id, actor)


def update_aid(uow: UnitOfWork, cmd: ops.UpdateAid, actor: Actor, now: datetime) -> JsonText:
    """Close an offer, need or thing, or open it again.

    Raises:
        NotYourAid: only its author may.
        PostOver, ModuleOff: nothing is opened there; see ``require_going_on``.
        Reserved, AidClosed: a thing that somebody has, or will have, is not the author's to move.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    if head.author_id != actor.person_id:
        raise rules.NotYourAid()
    if cmd.open:
        require_going_on(uow, head, now)
    aid = repository.aid_head(uow.session, head.id, lock=True)
    if aid is None:
        raise rules.NoAid()
    if aid.state == "reserved":
        raise rules.Reserved()
    if aid.state == "gone":
        raise rules.AidClosed()
    state = "open" if cmd.open else "closed"
    if aid.state != state:
        repository.set_state(uow.session, head.id, state)
        uow.emit(changed(head))
    return _aid(uow, head.id, actor)


def _aid(uow: UnitOfWork, post_id: str, actor: Actor) -> JsonText:
    found = repository.aid_json(uow.session, post_id, actor.eyes)
    if found is None:
        raise rules.NoAid()
    return JsonText(found)


def list_matches(uow: UnitOfWork, cmd: ops.ListMatches, actor: Actor, now: datetime) -> JsonText:
    """Offers that fit my need, or needs that fit my offer, the best first.

    Raises:
        MatchesAreTheAuthors: the post is somebody else's.
        NoAid: nothing is looked for by it.
    """
    head = readable(uow, cmd.id, actor)
    mine = directory.require_member(uow, actor, head.community_id)
    if head.author_id != actor.person_id:
        raise rules.MatchesAreTheAuthors()
    aid = repository.aid_head(uow.session, head.id)
    if aid is None or aid.kind not in rules.OPPOSITE:
        raise rules.NoAid()
    wanted = matches.Wanted(
        community_id=head.community_id,
        author_id=actor.person_id,
        kind=rules.OPPOSITE[aid.kind],
        skill=aid.skill,
        hours=aid.hours,
        home=mine.home,
    )
    page = matches.matches_page(uow.session, wanted, now=now, limit=cmd.limit, cursor=cmd.cursor)
    return JsonText(page)


# -- the committee --------------------------------------------------------------------------


def list_minors_aid(uow: UnitOfWork, cmd: ops.ListOfCommunity, actor: Actor) -> JsonText:
    """Help that concerns children; where somebody did not come last comes first."""
    _require_committee(uow, cmd.cid, actor)
    page = repository.minors_page(
        uow.session, cmd.cid, me=actor.eyes, limit=cmd.limit, cursor=cmd.cursor
    )
    return JsonText(page)


def list_no_shows(
    uow: UnitOfWork, cmd: ops.ListOfCommunity, actor: Actor, now: datetime
) -> JsonText:
    """Who did not come too often and waits for the committee's word."""
    _require_committee(uow, cmd.cid, actor)
    page = repository.no_shows_page(
        uow.session,
        cmd.cid,
        since=rules.counts_since(now, None),
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


def clear_no_shows(uow: UnitOfWork, cmd: ops.ClearNoShows, actor: Actor, now: datetime) -> Empty:
    """Give the committee's word that somebody may ask and agree again."""
    _require_committee(uow, cmd.cid, actor)
    if cmd.person_id == actor.person_id:
        raise Forbidden()  # of oneself somebody else speaks
    if directory.card(uow, cmd.person_id, cmd.cid) is None:
        raise Invalid(errors=[FieldError("person_id", "本社区没有此人")])
    uow.session.add(
        NoShowClearance(
            id=new_id(),
            community_id=cmd.cid,
            person_id=cmd.person_id,
            note=texts.required("note", texts.clean_text(cmd.note)),
            by=actor.person_id,
            at=now,
        )
    )
    return Empty()


def _require_committee(uow: UnitOfWork, community_id: str, actor: Actor) -> None:
    community = directory.require_reader(uow, actor, community_id)
    actor.require(COMMITTEE, community.path)
