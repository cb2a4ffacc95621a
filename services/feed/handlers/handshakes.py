"""Handshakes: asked, moved on, ended by time."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy.exc import IntegrityError

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import FieldError, ShequError
from services.contracts.events import HandshakeChanged
from services.contracts.ids import new_id
from services.contracts.operations.feed import aid as ops
from services.feed.domain import aid, distances, fields, handshake, posts, texts
from services.feed.handlers import keeping_away, moderation
from services.feed.handlers.common import changed, readable, require_open
from services.feed.handlers.works import why_not, with_more
from services.feed.models import Handshake, HandshakeStep, Post
from services.feed.repository import aid as aid_rows
from services.feed.repository import handshakes as repository
from services.feed.repository.aid import AidHead
from services.feed.repository.moderation import open_case
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

BATCH = 50  # handshakes that a timer ends at a time


def create_handshake(
    uow: UnitOfWork, cmd: ops.CreateHandshake, actor: Actor, now: datetime
) -> JsonText:
    """Ask the author of an offer or need, or reserve a thing.

    Raises:
        OwnAid, NoAid, AidClosed, ModuleOff: there is nothing to ask for.
        Reserved: somebody else was faster.
        AlreadyAsked: one at a time.
        MinorMayNot, HelperNotVerified, SafetyNotConfirmed: see :mod:`services.feed.domain.aid`.
        TooManyNoShows: the committee's word is needed first.
        KeptAway, YouKeepAway: one of the two has blocked the other.
        Silenced, WordsRefused: she may not write here now, or not this.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    if head.author_id == actor.person_id:
        raise aid.OwnAid()
    keeping_away.require_voice(uow, actor, head.community_id, now)
    note = _said(cmd.note)
    slots = fields.read_slots("slots", [s.model_dump(by_alias=True) for s in cmd.slots])
    standing = _grown_up(uow, actor, head.community_id)  # before a lock: it may take a while
    locked = aid_rows.aid_head(uow.session, head.id, lock=True)
    if repository.open_handshake(uow.session, head.id, actor.person_id):
        raise handshake.AlreadyAsked()
    found = _open(locked, now)
    require_open(uow, head, now)
    kind = cast(handshake.Kind, found.kind)
    _check_apart(uow, head, actor.person_id, actor)
    _check_comes(uow, actor, head.community_id, now)
    if found.minors:
        helps = handshake.helper(kind) == "asker"
        _check_safety(standing if helps else None, confirmed=cmd.confirmed_safety)
    shake = Handshake(
        id=new_id(),
        post_id=head.id,
        community_id=head.community_id,
        kind=kind,
        author_id=head.author_id,
        asker_id=actor.person_id,
        helper_id=actor.person_id if kind == "need" else head.author_id,
        state="asked",
        minors=found.minors,
        slots=slots,
        note=note,
        asked_at=now,
        changed_at=now,
        due_at=handshake.due(kind, "asked", now),
    )
    uow.session.add(shake)
    try:
        uow.session.flush()
    except IntegrityError:  # the database keeps to one whatever happens
        raise (aid.Reserved if kind == "idle" else handshake.AlreadyAsked)() from None
    _moved(uow, head, shake, actor.person_id, note, now)
    _thing_follows(uow, head, shake, found)
    return _handshake(uow, shake.id, actor)


def step_handshake(
    uow: UnitOfWork, cmd: ops.StepHandshake, actor: Actor, now: datetime
) -> JsonText:
    """Move a handshake on; see :mod:`services.feed.domain.handshake` for who may what.

    Raises:
        HandshakeNotFound: it is between others.
        StepNotPossible, NotYourStep, TooLateToObject, TooLateToCancel: see the table.
        MinorMayNot, HelperNotVerified, SafetyNotConfirmed, TooManyNoShows, KeptAway, YouKeepAway,
            NoAid, PostOver, ModuleOff: with ``agree``, as in :func:`create_handshake`.
        Silenced, WordsRefused: she may not write here now, or not this.
    """
    shake, party = _mine(uow, cmd.id, actor)
    directory.require_member(uow, actor, shake.community_id)
    note = _said(cmd.note)
    standing = _grown_up(uow, actor, shake.community_id) if cmd.step == "agree" else None
    found = aid_rows.aid_head(uow.session, shake.post_id, lock=True)
    shake = uow.session.get_one(Handshake, shake.id, with_for_update=True, populate_existing=True)
    state = handshake.step_to(_known(shake), cmd.step, party, now)
    head = _head(uow, shake)
    if note:
        keeping_away.require_voice(uow, actor, head.community_id, now)
    if cmd.step == "agree":
        _check_agreement(uow, head, shake, found, standing, cmd, actor, now)
    elif cmd.step == "done":
        shake.done_by = actor.person_id
    elif cmd.step == "thank":
        shake.thanks = note
    elif cmd.step == "no_show":
        shake.missed_by = shake.asker_id if party == "author" else shake.author_id
        if shake.minors:
            _tell_committee(uow, shake, now)
    _to(shake, state, now)
    _moved(uow, head, shake, actor.person_id, note, now)
    _thing_follows(uow, head, shake, found)
    if cmd.step == "agree" and cmd.close_post and shake.kind != "idle":
        aid_rows.set_state(uow.session, shake.post_id, "closed")
        uow.emit(changed(head))
    return _handshake(uow, shake.id, actor)


def expire_handshakes(uow: UnitOfWork, now: datetime) -> int:
    """End what waited too long, and make the things free again; how many there were."""
    overdue = repository.take_overdue(uow.session, now, BATCH)
    for shake in overdue:
        found = aid_rows.aid_head(uow.session, shake.post_id)
        head = _head(uow, shake)
        _to(shake, "cancelled", now)
        _moved(uow, head, shake, None, "", now)
        _thing_follows(uow, head, shake, found)
    return len(overdue)


def end_with(uow: UnitOfWork, person_id: str, community_id: str | None, now: datetime) -> None:
    """End what somebody who has left had asked, agreed on or offered; the others are told.

    The posts are locked.

    Args:
        community_id: where she has left; None: everywhere.
    """
    for shake in repository.take_open_of(uow.session, person_id, community_id):
        found = aid_rows.aid_head(uow.session, shake.post_id)
        head = _head(uow, shake)
        _to(shake, "cancelled", now)
        _moved(uow, head, shake, person_id, "", now)
        _thing_follows(uow, head, shake, found)
    for post_id in aid_rows.close_all_of(uow.session, person_id, community_id):
        uow.emit(changed(_head_of(uow, post_id)))


# -- reading --------------------------------------------------------------------------------


def get_handshake(uow: UnitOfWork, cmd: ops.OfHandshake, actor: Actor, now: datetime) -> JsonText:
    """A handshake with its steps: to the two, and to the committee when it concerns children."""
    shake = uow.session.get(Handshake, cmd.id)
    if shake is None or not _sees(uow, shake, actor):
        raise handshake.HandshakeNotFound()
    shown = repository.handshake_json(uow.session, shake.id, actor.eyes, steps=True)
    party = _party(shake, actor.person_id)
    found = {} if party is None else handshake.actions(_known(shake), party, now)
    actions = [
        ops.HandshakeAction(step=step, may=why is None, why_not=why_not(why)).model_dump()
        for step, why in found.items()
    ]
    advice = [{"zh": zh, "en": en} for zh, en in aid.ADVICE] if shake.minors else []
    return with_more(shown, actions=actions, advice=advice)


def _sees(uow: UnitOfWork, shake: Handshake, actor: Actor) -> bool:
    if _party(shake, actor.person_id) is not None:
        directory.require_member(uow, actor, shake.community_id)
        return True
    path = directory.community(uow, shake.community_id).path
    return shake.minors and actor.holds(COMMITTEE, path)


def list_handshakes(uow: UnitOfWork, cmd: ops.ListHandshakes, actor: Actor) -> JsonText:
    """The handshakes of a post: all to its author, her own to anybody else."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    page = repository.handshakes_page(
        uow.session, head.id, me=actor.person_id, limit=cmd.limit, cursor=cmd.cursor
    )
    return JsonText(page)


def list_my_handshakes(uow: UnitOfWork, cmd: ops.ListMyHandshakes, actor: Actor) -> JsonText:
    """Handshakes of mine, on my posts and on others'."""
    page = repository.my_handshakes_page(
        uow.session, actor.person_id, open_only=cmd.open, limit=cmd.limit, cursor=cmd.cursor
    )
    return JsonText(page)


def _handshake(uow: UnitOfWork, handshake_id: str, actor: Actor) -> JsonText:
    uow.session.flush()
    return JsonText(repository.handshake_json(uow.session, handshake_id, actor.eyes))


# -- the parts ------------------------------------------------------------------------------


def _grown_up(uow: UnitOfWork, actor: Actor, community_id: str) -> str:
    """How the actor stands, as identity says this moment; a minor is sent to her guardian.

    Whether somebody is a minor is asked for each time: no event tells it and nobody keeps it.
    """
    try:
        told: dict[str, Any] = uow.ask(
            "identity", "get_member_card", person_id=actor.person_id, community_id=community_id
        )
    except ShequError as error:
        if error.status in (403, 404):
            raise directory.NotAMember() from None
        raise  # identity is away: nobody knows
    if told.get("minor") or told["standing"] == "child":
        raise aid.MinorMayNot()
    return str(told["standing"])


def _open(found: AidHead | None, now: datetime) -> AidHead:
    if found is None:
        raise aid.NoAid()
    if not found.shown:
        raise posts.PostNotFound()
    if found.state == "reserved":
        raise aid.Reserved()
    if found.state != "open" or (found.expires_at is not None and found.expires_at <= now):
        raise aid.AidClosed()
    return found


def _said(note: str) -> str:
    """A note as it is kept; as nobody looks at it before, what would be held is refused."""
    note = texts.clean_text(note)
    moderation.check({"note": note}, waits=False)
    return note


def _check_apart(uow: UnitOfWork, head: PostHead, asker_id: str, actor: Actor) -> None:
    apart = aid_rows.apart(uow.session, head.id, asker_id)
    asks = actor.person_id == asker_id
    if apart.by_author if asks else apart.by_asker:
        raise distances.KeptAway()
    if apart.by_asker if asks else apart.by_author:
        raise aid.YouKeepAway()


def _check_comes(uow: UnitOfWork, actor: Actor, community_id: str, now: datetime) -> None:
    cleared = aid_rows.cleared_at(uow.session, community_id, actor.person_id)
    since = aid.counts_since(now, cleared)
    aid.check_comes(aid_rows.no_shows(uow.session, community_id, actor.person_id, since))


def _check_safety(helpers_standing: str | None, *, confirmed: bool) -> None:
    if helpers_standing is not None and helpers_standing != "active":
        raise aid.HelperNotVerified()
    if not confirmed:
        raise aid.SafetyNotConfirmed(
            errors=[FieldError("confirmed_safety", aid.SafetyNotConfirmed.zh)]
        )


def _check_agreement(
    uow: UnitOfWork,
    head: PostHead,
    shake: Handshake,
    found: AidHead | None,
    standing: str | None,
    cmd: ops.StepHandshake,
    actor: Actor,
    now: datetime,
) -> None:
    if found is None:
        raise aid.NoAid()
    if not found.shown:
        raise posts.PostNotFound()
    require_open(uow, head, now)
    _check_apart(uow, head, shake.asker_id, actor)
    _check_comes(uow, actor, head.community_id, now)
    if found.minors or shake.minors:
        helps = shake.helper_id == shake.author_id
        # When the post came to concern children after she asked, the other one has not confirmed.
        both = cmd.confirmed_safety and shake.minors
        _check_safety(standing if helps else None, confirmed=both)


def _tell_committee(uow: UnitOfWork, shake: Handshake, now: datetime) -> None:
    """Somebody did not come where children are concerned: that is looked at at once."""
    aid_rows.flag(uow.session, shake.post_id, now)
    post = uow.session.get_one(Post, shake.post_id)
    if post.state == "shown" and open_case(uow.session, "post", post.id) is None:
        moderation.open_case(
            uow, moderation.Content(post), "report", now, was_shown=True, held=False
        )


def _known(shake: Handshake) -> handshake.Handshake:
    """What the rules want to know of it."""
    return handshake.Handshake(
        kind=cast(handshake.Kind, shake.kind),
        state=cast(handshake.State, shake.state),
        changed_at=shake.changed_at,
        done_by=_party(shake, shake.done_by),
        hours=aid.hours(shake.slots),
    )


def _to(shake: Handshake, state: handshake.State, now: datetime) -> None:
    shake.state = state
    shake.changed_at = now
    shake.due_at = handshake.due(cast(handshake.Kind, shake.kind), state, now)


def _moved(
    uow: UnitOfWork, head: PostHead, shake: Handshake, by: str | None, note: str, now: datetime
) -> None:
    """Write the step down and tell it."""
    uow.session.add(
        HandshakeStep(
            id=new_id(), handshake_id=shake.id, state=shake.state, by=by, note=note, at=now
        )
    )
    uow.session.flush()
    uow.emit(
        HandshakeChanged(
            handshake_id=shake.id,
            post_id=head.id,
            community_id=head.community_id,
            path=head.path,
            module=head.module,
            kind=cast(handshake.Kind, shake.kind),
            state=cast(handshake.State, shake.state),
            author_id=shake.author_id,
            asker_id=shake.asker_id,
            by=by,
        )
    )


def _thing_follows(
    uow: UnitOfWork, head: PostHead, shake: Handshake, found: AidHead | None
) -> None:
    """An idle thing is reserved, gone or free again as its handshake goes."""
    if shake.kind != "idle" or found is None:
        return
    state = handshake.thing_after(cast(handshake.State, shake.state))
    if state != found.state:
        aid_rows.set_state(uow.session, head.id, state)
        uow.emit(changed(head))


def _mine(uow: UnitOfWork, handshake_id: str, actor: Actor) -> tuple[Handshake, handshake.Party]:
    shake = uow.session.get(Handshake, handshake_id)
    party = _party(shake, actor.person_id) if shake is not None else None
    if shake is None or party is None:
        raise handshake.HandshakeNotFound()
    return shake, party


def _party(shake: Handshake, person_id: str | None) -> handshake.Party | None:
    if person_id == shake.author_id:
        return "author"
    return "asker" if person_id == shake.asker_id else None


def _head(uow: UnitOfWork, shake: Handshake) -> PostHead:
    """The post, deleted or not: what two have agreed on goes on without it."""
    return _head_of(uow, shake.post_id)


def _head_of(uow: UnitOfWork, post_id: str) -> PostHead:
    post = uow.session.get_one(Post, post_id)
    return PostHead(**{name: getattr(post, name) for name in PostHead.__slots__})
