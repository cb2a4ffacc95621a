"""Events that one signs up for: offered, looked at, signed up for, given up, shared."""

from dataclasses import fields as fields_of
from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.events import Event, MemberCardChanged, PersonDeleted
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import sign_ups as ops
from services.directory.queries import PRESENT
from services.feed.domain import posts, texts
from services.feed.domain import sign_ups as rules
from services.feed.handlers import keeping_away, moderation
from services.feed.handlers.common import (
    changed,
    module_is_on,
    module_of,
    readable,
    require_going_on,
    require_open,
    standing_of,
)
from services.feed.handlers.places import Places, draw_code, held
from services.feed.models import SignUp
from services.feed.repository import sign_ups as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

MINE = 50
"""Of one's own events, so many are told."""


def put_event(
    uow: UnitOfWork, cmd: ops.PutSignUpEvent, actor: Actor, now: datetime
) -> ops.SignUpEvent:
    """Let neighbours sign up for a post, or change how; more places let those who wait move up.

    Raises:
        NotForSignUps: the module's posts carry none.
        NotTheOrganiser: the actor neither wrote the post nor moderates the module.
        PostOver, ModuleOff: see ``require_going_on``; it can still be closed.
        BelowTaken, UnitInUse, Invalid: see ``rules.check_change`` and ``rules.check_terms``.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    _require_manager(uow, head, actor)
    if head.state not in ("shown", "waiting"):
        raise posts.PostNotFound()
    if "sign_up" not in module_of(uow, head).works:
        raise rules.NotForSignUps()
    if not cmd.closed:
        require_going_on(uow, head, now)
    terms = rules.Terms(**{f.name: getattr(cmd, f.name) for f in fields_of(rules.Terms)})
    rules.check_terms(terms)
    repository.add_event(uow.session, head.id, head.community_id, terms, draw_code())
    event = held(uow, head.id, now).event
    rules.check_change(event, terms)
    closed_at = (event.closed_at or now) if cmd.closed else None
    repository.change_event(uow.session, head.id, terms, closed_at)
    held(uow, head.id, now).settle()
    if head.state == "shown":
        uow.emit(changed(head))  # lists say that one signs up for it
    return _look(uow, head, actor, now)


def get_event(uow: UnitOfWork, cmd: OfPost, actor: Actor, now: datetime) -> ops.SignUpEvent:
    """An event in numbers, the actor's part, and whether she may sign up now."""
    return _look(uow, readable(uow, cmd.id, actor), actor, now)


def list_mine(uow: UnitOfWork, actor: Actor, now: datetime) -> JsonText:
    """What the actor has a part in and that is not over, wherever it is."""
    return JsonText(repository.my_events(uow.session, actor.person_id, now, MINE))


def sign_up(uow: UnitOfWork, cmd: ops.PutSignUp, actor: Actor, now: datetime) -> ops.SignUpEvent:
    """Sign up, accept an invitation, or change what one said of one's part.

    Raises:
        SignUpClosed, EventStarted, SignUpNotOpen, DeadlinePassed: see ``rules.why_not``.
        ModuleOff: see ``require_open``; who has a place keeps it.
        KeptAway: the organiser has blocked her.
        ComesTooOften: see ``rules.coming``.
        WordsRefused: the note holds what is not said here.
        Invalid: so many people do not fit a place.
    """
    head, places = _for_a_neighbour(uow, cmd.id, actor, now)
    part = places.part_of(actor.person_id)
    if cmd.heads is not None and (part is None or cmd.heads != part.heads):
        rules.check_heads(places.event, cmd.heads)
    note = None if cmd.note is None else texts.clean_text(cmd.note)
    if note:
        moderation.check({"note": note}, waits=False)
    if part is None:
        keeping_away.require_welcome(uow, actor, head.path, head.id)
        rules.check_open(places.event, now)
        require_open(uow, head, now)
        places.enter(actor.person_id, heads=cmd.heads or 1, note=note or "", helper=actor.acted_by)
    else:
        _change(places, part, cmd.heads, note, actor, now)
    places.settle()
    return _look(uow, head, actor, now)


def cancel(uow: UnitOfWork, cmd: OfPost, actor: Actor, now: datetime) -> ops.SignUpEvent:
    """Give one's part up, or decline an invitation; without a part nothing changes.

    Raises:
        EventStarted: who comes does not change any more.
    """
    head, places = _for_a_neighbour(uow, cmd.id, actor, now)
    part = places.part_of(actor.person_id)
    if part is not None:
        rules.check_not_started(places.event, now)
        places.cancel(part, helper=actor.acted_by)
        places.settle()
    return _look(uow, head, actor, now)


def invite(
    uow: UnitOfWork, cmd: ops.InviteToSignUp, actor: Actor, now: datetime
) -> ops.SignUpEvent:
    """Invite a neighbour to share one's stall; both are counted, each may cancel the own part.

    Raises:
        NotSignedUp: the actor has no place that she could share.
        NotShareable: stalls are not shared here, or this one is.
        CannotInvite: the neighbour is not of the community, or has a place or an invitation.
        KeptAway: the neighbour does not want to hear from her.
        ComesTooOften: see ``rules.coming``.
    """
    if cmd.person_id == actor.person_id:
        raise Invalid(errors=[FieldError("person_id", "不能邀请自己")])
    head = _shown(readable(uow, cmd.id, actor))
    card = repository.hold_card(uow.session, head.community_id, cmd.person_id)
    places = _held_by_a_neighbour(uow, head, actor, now)
    rules.check_open(places.event, now)
    require_open(uow, head, now)
    mine = places.part_of(actor.person_id)
    if mine is None or mine.state != "in":
        raise rules.NotSignedUp()
    others = places.others_on(mine)
    if any(other.person_id == cmd.person_id for other in others):
        return _look(uow, head, actor, now)  # it stands already
    there = 1 + sum(other.state == "in" for other in others)
    if not places.event.terms.shareable or there >= rules.FAMILIES_ON_A_STALL:
        raise rules.NotShareable()
    if card not in PRESENT:
        raise rules.CannotInvite()
    keeping_away.require_welcome_with(uow, actor, cmd.person_id)
    places.invite(cmd.person_id, mine)
    for other in others:
        places.withdraw(other)
    places.settle()
    return _look(uow, head, actor, now)


# -- what comes from elsewhere --------------------------------------------------------------------


def follow_directory(uow: UnitOfWork, event: Event, now: datetime) -> None:
    """Whoever does not belong to a community any more frees her place there."""
    match event:
        case MemberCardChanged(standing=standing) if standing not in PRESENT:
            _leave(uow, event.person_id, event.community_id, now)
        case PersonDeleted():
            _leave(uow, event.person_id, None, now)
            repository.forget_notes(uow.session, event.person_id)


def _leave(uow: UnitOfWork, person_id: str, community_id: str | None, now: datetime) -> None:
    for post_id in repository.events_with(uow.session, person_id, community_id):
        places = held(uow, post_id, now)
        part = places.part_of(person_id)
        if part is not None and not rules.started(places.event, now):
            places.cancel(part, "left")
            places.settle()


# -- parts of the above ---------------------------------------------------------------------------


def _shown(head: PostHead) -> PostHead:
    if head.state != "shown":
        raise posts.PostNotFound()
    return head


def _require_manager(uow: UnitOfWork, head: PostHead, actor: Actor) -> None:
    standing = standing_of(uow, head, actor)
    if not (standing.author or standing.moderator):
        raise rules.NotTheOrganiser()


def _for_a_neighbour(
    uow: UnitOfWork, post_id: str, actor: Actor, now: datetime
) -> tuple[PostHead, Places]:
    head = _shown(readable(uow, post_id, actor))
    return head, _held_by_a_neighbour(uow, head, actor, now)


def _held_by_a_neighbour(uow: UnitOfWork, head: PostHead, actor: Actor, now: datetime) -> Places:
    repository.hold_card(uow.session, head.community_id, actor.person_id)
    directory.require_member(uow, actor, head.community_id)
    return held(uow, head.id, now)


def _change(
    places: Places,
    part: SignUp,
    heads: int | None,
    note: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """An invitation is accepted; what was left out, and what is the same, stays."""
    pending = part.state != "in" and part.invited_by is not None
    changes = {
        name: value
        for name, value in (("heads", heads), ("note", note))
        if value is not None and value != getattr(part, name)
    }
    if pending or changes:
        rules.check_not_started(places.event, now)
    for name, value in changes.items():
        setattr(part, name, value)
    if pending:
        places.accept(part, helper=actor.acted_by)


def _look(uow: UnitOfWork, head: PostHead, actor: Actor, now: datetime) -> ops.SignUpEvent:
    found = repository.look(uow.session, head.id, actor.person_id)
    if found is None:
        raise rules.NoSignUp()
    stands, totals, mine = found
    event, standing = stands.event, standing_of(uow, head, actor)
    manages = standing.author or standing.moderator
    hindrance = rules.why_not(event, now)
    if head.state != "shown" or not module_is_on(uow, head):
        hindrance = rules.SignUpClosed
    terms = {f.name: getattr(event.terms, f.name) for f in fields_of(event.terms)}
    return ops.SignUpEvent(
        post_id=event.post_id,
        **terms,
        closed=event.closed_at is not None,
        taken=event.taken,
        waiting=event.waiting,
        **totals,
        full=event.full,
        may_sign_up=hindrance is None and mine is None and not actor.is_observer,
        why_not=hindrance.code if hindrance else None,
        may_manage=manages,
        code=stands.code if manages else None,
        mine=ops.MySignUp.model_validate(mine) if mine else None,
    )
