"""Mutes and blocks among neighbours; silences by the committee."""

from datetime import datetime

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.events import DistancesChanged, SilenceChanged, ViewChanged
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, ListCommand
from services.contracts.operations.feed import keeping_away as ops
from services.feed.domain import comments as comment_rules
from services.feed.domain import distances, silences, speaking
from services.feed.domain import moderation as rules
from services.feed.handlers.common import module_of, readable
from services.feed.handlers.moderation import log
from services.feed.repository import comments as comment_rows
from services.feed.repository import keeping_away as repository
from services.feed.repository.keeping_away import Ended, Met
from services.feed.repository.posts import post_head
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

_AT_A_TIME = 200


# -- distances --------------------------------------------------------------------------------


def require_welcome(
    uow: UnitOfWork, actor: Actor, path: str, post_id: str, comment_id: str | None = None
) -> None:
    """Let somebody act on a post, or on a comment of it, unless its author has blocked her.

    Who acts there in office answers everybody.

    Raises:
        KeptAway: the author does not want to hear from her.
    """
    if not repository.kept_away(uow.session, actor.person_id, post_id, comment_id):
        return
    head = post_head(uow.session, post_id)
    if head is None or speaking.office_in(module_of(uow, head), actor, path) is None:
        raise distances.KeptAway()


def require_welcome_with(
    uow: UnitOfWork, actor: Actor, person_id: str, *, hidden: bool = False
) -> None:
    """Let somebody turn to a person by name, unless that person has blocked her.

    Args:
        hidden: the actor does so without her own name.

    Raises:
        KeptAway: the person does not want to hear from her.
    """
    if repository.blocked_by(uow.session, person_id, actor.person_id, hidden=hidden):
        raise distances.KeptAway()


def set_distance(uow: UnitOfWork, cmd: ops.SetDistance, actor: Actor, now: datetime) -> JsonText:
    """Keep away from somebody known by name.

    Raises:
        NotFromOneself: the actor herself.
        PersonNotFound: nobody of a community of hers.
    """
    if cmd.person_id != actor.person_id and not repository.share_a_community(
        uow.session, actor.person_id, cmd.person_id
    ):
        raise distances.PersonNotFound()
    met = Met(cmd.person_id, hidden=False, veiled=False, official=False)
    return _keep_away(uow, met, cmd.kind, actor, now)


def keep_from_author(
    uow: UnitOfWork, cmd: ops.KeepFromAuthor, actor: Actor, now: datetime
) -> JsonText:
    """Keep away from the author of a post, without learning who she is.

    Raises:
        NotFromOneself: the post is the actor's own.
        OfficialVoice: an office wrote it.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    met = repository.met_in_post(uow.session, head.id)
    return _keep_away(uow, met, cmd.kind, actor, now, post_id=head.id)


def keep_from_commenter(
    uow: UnitOfWork, cmd: ops.KeepFromCommenter, actor: Actor, now: datetime
) -> JsonText:
    """Keep away from the author of a comment, without learning who she is.

    Raises:
        NotFromOneself: the comment is the actor's own, or an office's without an account.
        OfficialVoice: an office wrote it.
    """
    found = comment_rows.comment_head(uow.session, cmd.id)
    if found is None or found.state != "shown":
        raise comment_rules.CommentNotFound()
    head = readable(uow, found.post_id, actor)
    directory.require_member(uow, actor, head.community_id)
    met = repository.met_in_comment(uow.session, found.id, actor.person_id)
    return _keep_away(uow, met, cmd.kind, actor, now, post_id=head.id, comment_id=found.id)


def _keep_away(
    uow: UnitOfWork,
    met: Met | None,
    kind: ops.DistanceKind,
    actor: Actor,
    now: datetime,
    post_id: str | None = None,
    comment_id: str | None = None,
) -> JsonText:
    if met is None or met.author_id == actor.person_id:
        raise distances.NotFromOneself()
    if met.official:
        raise distances.OfficialVoice()
    repository.hold_distances(uow.session, actor.person_id)
    distance_id = repository.put_distance(
        uow.session,
        me=actor.person_id,
        other=met.author_id,
        hidden=met.hidden,
        veiled=met.veiled,
        id=new_id(),
        kind=kind,
        post=post_id if met.hidden or met.veiled else None,
        comment=comment_id if met.hidden or met.veiled else None,
        now=now,
    )
    _tell_distances(uow, actor.person_id)
    return JsonText(repository.distance_json(uow.session, actor.person_id, distance_id))


def drop_distance(uow: UnitOfWork, cmd: ops.DropDistance, actor: Actor) -> Empty:
    """Keep away no longer; without a distance nothing changes."""
    repository.hold_distances(uow.session, actor.person_id)
    repository.drop_distance(uow.session, actor.person_id, cmd.person_id)
    _tell_distances(uow, actor.person_id)
    return Empty()


def _tell_distances(uow: UnitOfWork, person_id: str) -> None:
    """Everybody who keeps answers hears that her view changed, and notify alone from whom."""
    named, hidden = repository.others(uow.session, person_id)
    uow.emit(ViewChanged(person_id=person_id))
    uow.emit(DistancesChanged(person_id=person_id, named=named, hidden=hidden))


def list_distances(uow: UnitOfWork, cmd: ListCommand, actor: Actor) -> JsonText:
    """Whom the actor keeps away from; nobody else ever sees this."""
    page = repository.distances_page(
        uow.session, me=actor.person_id, limit=cmd.limit, cursor=cmd.cursor
    )
    return JsonText(page)


# -- silences ---------------------------------------------------------------------------------


def require_voice(
    uow: UnitOfWork,
    actor: Actor,
    community_id: str,
    now: datetime,
    *,
    in_office: bool = False,
) -> None:
    """Let somebody speak to the neighbours, unless she is silenced here.

    Args:
        in_office: what she says is her office's, which nobody silences.

    Raises:
        Silenced: until when is said.
    """
    if in_office:
        return
    until = repository.silenced_until(uow.session, community_id, actor.person_id, now)
    if until is not None:
        raise silences.Silenced.until(until)


def silence_person(
    uow: UnitOfWork, cmd: ops.SilencePerson, actor: Actor, now: datetime
) -> JsonText:
    """Keep somebody from writing for a time.

    Raises:
        PersonNotFound: she does not belong here.
        NotImpartial: the actor herself.
        InOffice: she is of the committee.
        AlreadySilenced: one silence at a time.
        Invalid: it ends before now or after 30 days.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    actor.require(COMMITTEE, community.path)
    silences.check_until(cmd.until, now)
    if cmd.person_id == actor.person_id:
        raise rules.NotImpartial()
    card = directory.card(uow, cmd.person_id, community.id)
    if card is None or not card.present:
        raise distances.PersonNotFound()
    if set(card.role_badges) & COMMITTEE:
        raise silences.InOffice()
    for ended in repository.end_due_silences(uow.session, now, _AT_A_TIME, cmd.person_id):
        _over(uow, ended, None, now)
    silence_id = new_id()
    if not repository.put_silence(
        uow.session,
        id=silence_id,
        community=community.id,
        path=community.path,
        person=cmd.person_id,
        reason=cmd.reason,
        by=actor.person_id,
        now=now,
        until=cmd.until,
    ):
        raise silences.AlreadySilenced()
    log(
        uow,
        "silenced",
        actor,
        now,
        target="person",
        target_id=cmd.person_id,
        community_id=community.id,
        path=community.path,
        reason=cmd.reason,
        details={"silence_id": silence_id, "until": cmd.until.isoformat()},
    )
    uow.emit(
        SilenceChanged(
            silence_id=silence_id,
            person_id=cmd.person_id,
            community_id=community.id,
            path=community.path,
            until=cmd.until,
        )
    )
    return JsonText(repository.silence_json(uow.session, silence_id, now))


def lift_silence(uow: UnitOfWork, cmd: ops.OfSilence, actor: Actor, now: datetime) -> JsonText:
    """Let somebody write again before the time is over.

    Raises:
        SilenceNotFound: none of the actor's community, or it is over.
    """
    place = repository.silence_place(uow.session, cmd.id)
    if place is None or not actor.holds(COMMITTEE, place[1]):
        raise silences.SilenceNotFound()
    ended = repository.end_silence(uow.session, cmd.id, actor.person_id, now)
    if ended is None:
        raise silences.SilenceNotFound()
    _over(uow, ended, actor, now)
    return JsonText(repository.silence_json(uow.session, ended.id, now))


def end_silences(uow: UnitOfWork, now: datetime) -> int:
    """End the silences whose time is over; how many there were."""
    over = repository.end_due_silences(uow.session, now, _AT_A_TIME)
    for ended in over:
        _over(uow, ended, None, now)
    return len(over)


def _over(uow: UnitOfWork, ended: Ended, actor: Actor | None, now: datetime) -> None:
    log(
        uow,
        "silence_ended",
        actor,
        now,
        target="person",
        target_id=ended.person_id,
        community_id=ended.community_id,
        path=ended.path,
        details={"silence_id": ended.id},
    )
    uow.emit(
        SilenceChanged(
            silence_id=ended.id,
            person_id=ended.person_id,
            community_id=ended.community_id,
            path=ended.path,
            until=None,
        )
    )


def list_silences(uow: UnitOfWork, cmd: ops.ListSilences, actor: Actor, now: datetime) -> JsonText:
    """The silences of a community, for its committee."""
    community = directory.require_reader(uow, actor, cmd.cid)
    actor.require(COMMITTEE, community.path)
    page = repository.silences_page(
        uow.session, now=now, limit=cmd.limit, cursor=cmd.cursor, community_id=community.id
    )
    return JsonText(page)


def list_my_silences(uow: UnitOfWork, cmd: ListCommand, actor: Actor, now: datetime) -> JsonText:
    """Where the actor may not write or might not, and why."""
    page = repository.silences_page(
        uow.session, now=now, limit=cmd.limit, cursor=cmd.cursor, person_id=actor.person_id
    )
    return JsonText(page)
