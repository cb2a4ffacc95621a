"""The party garden (党建园地): reporting (报到), study."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.events import Event, MemberCardChanged, PersonDeleted
from services.contracts.operations.base import Empty
from services.contracts.operations.feed import OfCommunity, OfPost
from services.contracts.operations.feed import party as ops
from services.feed.domain import party as rules
from services.feed.domain.modules import Module
from services.feed.handlers.common import catalogue, module_of, readable
from services.feed.handlers.works import acted_on, said, said_in
from services.feed.models import Post
from services.feed.repository import party as repository
from services.feed.repository import pledges
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def gardens(uow: UnitOfWork, community: directory.Community) -> list[Module]:
    """The modules in which the Party garden of a community stands, those that are switched on."""
    here = catalogue(uow, community.id).switched_on(community.kind, community.modules)
    return [module for module in here if "party" in module.works]


def check_in_party(uow: UnitOfWork, cmd: ops.CheckInParty, actor: Actor, now: datetime) -> JsonText:
    """Report where one lives, or change what one said.

    Raises:
        NotAPartyMember, NotLivingHere, PartyGardenOff: see there.
        Silenced, WordsRefused: see ``said``.
    """
    community = directory.community(uow, cmd.cid)
    card = directory.require_member(uow, actor, cmd.cid)
    if not rules.is_member(actor, community.path):
        raise rules.NotAPartyMember()
    if card.standing != "active":
        raise rules.NotLivingHere()
    garden = next(iter(gardens(uow, community)), None)
    if garden is None:
        raise rules.PartyGardenOff()
    words = said_in(uow, actor, garden, cmd.cid, community.path, now, offers=cmd.offers)
    report = repository.put_check_in(
        uow.session, cmd.cid, actor.person_id, cmd.kind, words["offers"], now
    )
    return JsonText(report)


def leave_party(uow: UnitOfWork, cmd: OfCommunity, actor: Actor) -> Empty:
    """Take one's report back, whatever one is by now; without one nothing changes."""
    repository.drop_check_ins(uow.session, actor.person_id, cmd.cid)
    return Empty()


def list_party_check_ins(uow: UnitOfWork, cmd: ops.ListOfGarden, actor: Actor) -> JsonText:
    """A page of who has reported, as far as the actor sees them; see ``domain.party``."""
    community = directory.require_reader(uow, actor, cmd.cid)
    whole = rules.sees_members(actor, community.path)
    rows, every = repository.check_ins(
        uow.session,
        community_id=cmd.cid,
        me=actor.eyes,
        whole=whole,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    number = every["number"] if whole else rules.told_number(every["number"], every["badges"])
    page = repository.page_of_members(
        rows,
        cmd.limit,
        "checked_in_at",
        _still_members(uow, cmd.cid, rows),
        {"number": number, "mine": every["mine"]},
    )
    return JsonText(page)


def _still_members(uow: UnitOfWork, community_id: str, rows: Sequence[RowMapping]) -> set[str]:
    """Which of these people the branch confirms now.

    A badge that is shown says so: identity takes it away with the role. Of the others identity is
    asked, which alone knows; while it is away they are left out, not guessed.
    """
    sure = {row["person_id"] for row in rows if row["badge_shown"]}
    others = sorted({row["person_id"] for row in rows} - sure)
    if not others:
        return sure
    try:
        told = uow.ask(
            "identity", "confirm_party_members", community_id=community_id, person_ids=others
        )
    except ShequError:
        return sure
    return sure | set(told["person_ids"])


# -- study ---------------------------------------------------------------------------------------


def complete_study(
    uow: UnitOfWork, cmd: ops.CompleteStudy, actor: Actor, now: datetime
) -> JsonText:
    """Say that one has studied an item, or change the note.

    Raises:
        StudyNotFound: the post is no study item.
        NotAPartyMember: the garden's study is its members'.
        Silenced, WordsRefused: see ``said``.
    """
    head, _ = acted_on(uow, cmd.id, actor, begins=now)
    _require_study(uow, head)
    if not rules.is_member(actor, head.path):
        raise rules.NotAPartyMember()
    words = said(uow, actor, head, now, note=cmd.note)
    completion = repository.put_completion(
        uow.session, head.id, actor.person_id, words["note"], now
    )
    return JsonText(completion)


def withdraw_completion(uow: UnitOfWork, cmd: OfPost, actor: Actor) -> Empty:
    """Take that back, whatever one is by now; without it nothing changes."""
    repository.drop_completions(uow.session, actor.person_id, cmd.id)
    return Empty()


def get_study_progress(uow: UnitOfWork, cmd: ops.ListOfItem, actor: Actor) -> JsonText:
    """How far an item was studied; who has, is told to the committee alone.

    Raises:
        StudyNotFound: the post is no study item.
    """
    head = readable(uow, cmd.id, actor)
    _require_study(uow, head)
    rows, every = repository.completions(
        uow.session,
        post_id=head.id,
        community_id=head.community_id,
        me=actor.eyes,
        whole=rules.is_branch(actor, head.path),
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    number = every["number"]
    if not rules.sees_members(actor, head.path):
        number = rules.told_completions(number)
    page = repository.page_of_members(
        rows,
        cmd.limit,
        "at",
        _still_members(uow, head.community_id, rows),
        {"number": number, "mine": every["mine"]},
    )
    return JsonText(page)


def list_studies(uow: UnitOfWork, cmd: ops.ListOfGarden, actor: Actor) -> JsonText:
    """A page of what there is to study in a community, the newest first."""
    community = directory.require_reader(uow, actor, cmd.cid)
    page = repository.studies(
        uow.session,
        community_id=cmd.cid,
        modules=[module.key for module in gardens(uow, community)],
        me=actor.eyes,
        whole=rules.sees_members(actor, community.path),
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


def _require_study(uow: UnitOfWork, head: PostHead) -> None:
    if not is_kind(uow, head, "study"):
        raise rules.StudyNotFound()


def is_kind(uow: UnitOfWork, head: PostHead, kind: str) -> bool:
    """Whether a post is of this ``kind`` in a module of the party garden."""
    if "party" not in module_of(uow, head).works:
        return False
    return uow.session.get_one(Post, head.id).extra.get("kind") == kind


# -- who has gone --------------------------------------------------------------------------------


def follow(uow: UnitOfWork, event: Event) -> None:
    """Whoever has left the community reports to it no more; who is gone leaves nothing sensitive.

    What she recorded for pledges and saw of others' stays, under the name that her card has then.
    """
    match event:
        case MemberCardChanged(standing="ended"):
            repository.drop_check_ins(uow.session, event.person_id, event.community_id)
        case PersonDeleted():
            repository.drop_check_ins(uow.session, event.person_id, None)
            repository.drop_completions(uow.session, event.person_id, None)
            pledges.drop_keeper(uow.session, event.person_id, None)
