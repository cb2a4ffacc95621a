"""Written proxies: given by a principal or recorded at the desk, taken back, voted with.

A proxy that is being voted with is locked until the ballot is in the box, so either it was taken
back before, or it was used: never both.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.votes import polls as poll_ops
from services.contracts.operations.votes import proxies as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import ballots
from services.votes.domain import proxies as rules
from services.votes.domain.ballots import Entry
from services.votes.domain.proxies import (
    Authority,
    NoAuthority,
    ProxyHeld,
    ProxyNotFound,
    ProxyUsed,
)
from services.votes.domain.rolls import Mark
from services.votes.files import Files, attach
from services.votes.handlers import polls, rolls, taking_part
from services.votes.handlers.common import convenes, desk
from services.votes.models import PollRow, ProxyRow, RollEntryRow

# -- voted with ----------------------------------------------------------------------------------


def held(
    uow: UnitOfWork, poll_id: str, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Authority, Entry]]:
    """Of these pairs of holder and code those by which she votes for it, each with the entry.

    None of the proxies can be taken back until the commit.
    """
    rows = repository.proxies.standing(uow.session, poll_id, wanted) if wanted else []
    return {
        (row.holder_id, row.code): (Authority(row.id, row.code, row.choice), _as_entry(row))
        for row in rows
    }


def entry_for(
    proxies: Mapping[tuple[str, str], tuple[Authority, Entry]],
    actor: Actor,
    cmd: poll_ops.CastBallot,
) -> Entry:
    """The entry that the actor votes for as ``on_behalf_of`` says, when she may.

    Raises:
        NoAuthority: she holds no proxy for it, whether there is such an entry or not.
        BoundOtherwise: the principal stated another choice.
    """
    found = proxies.get((actor.person_id, cmd.on_behalf_of or ""))
    if found is None:
        raise NoAuthority()
    authority, entry = found
    authority.check(cmd.choice)
    return entry


def _as_entry(row: RollEntryRow) -> Entry:
    return Entry(row.code, row.state, row.area, rolls.heads(row))


# -- given ---------------------------------------------------------------------------------------


def grant(uow: UnitOfWork, cmd: ops.GrantProxy, actor: Actor) -> ops.Proxy:
    """A principal lets somebody vote for an entry of hers.

    Raises:
        PollNotFound, NotAMember, NotForChildren: she takes no part here.
        NotOnRoll, SubjectNeeded, SubjectNotFound: which entry it is, is not clear.
        NoProxies, BadProxyChoice, NotForProxies, ProxyUnfit, ProxyLimit, ProxyHeld: see the rules.
        AlreadyVoted, PaperOut: there is nothing left to vote for.
    """
    poll = polls.visible(uow, actor, cmd.id)
    taking_part.grown_up(uow, actor, poll.community_id)
    mine = {row.code: row for row in rolls.subjects(uow, actor, poll)}
    chosen = ballots.own_entry({c: _as_entry(row) for c, row in mine.items()}, cmd.subject_id)
    return _give(uow, poll, mine[chosen.code], cmd, actor.person_id, principal=actor.person_id)


def record(uow: UnitOfWork, cmd: ops.RecordProxy, actor: Actor, files: Files) -> ops.Proxy:
    """The desk records a written authority that was shown to it.

    Raises:
        PollNotFound, Forbidden, NotYourStep: she does not work at the desk of this poll.
        SubjectNotFound: there is no such entry.
        NoSuchPhoto: the photo is no picture that she uploaded.
        NoProxies, BadProxyChoice, NotForProxies, ProxyUnfit, ProxyLimit, ProxyHeld: see the rules.
        AlreadyVoted, PaperOut: there is nothing left to vote for.
    """
    poll = polls.visible(uow, actor, cmd.id)
    desk(actor, poll)
    ids = [cmd.photo_id] if cmd.photo_id else []
    photos = attach(files, ids, actor.person_id, "photo_id")
    row = repository.rolls.entry(uow.session, poll.id, cmd.subject_id)
    photo = photos[0].model_dump(mode="json") if photos else None
    return _give(uow, poll, row, cmd, actor.person_id, written=True, photo=photo)


def _give(
    uow: UnitOfWork,
    poll: PollRow,
    entry: RollEntryRow,
    cmd: ops.GrantProxy | ops.RecordProxy,
    by: str,
    *,
    principal: str | None = None,
    written: bool = False,
    photo: dict[str, Any] | None = None,
) -> ops.Proxy:
    session = uow.session
    chosen = polls.rules_of(poll)
    rules.check_choice(chosen, cmd.choice)
    now = _while_it_matters(uow, poll)
    ballots.check_entry(_as_entry(entry), chosen, changes=False)
    card = directory.cards(uow, [cmd.holder_id], poll.community_id).get(cmd.holder_id)
    rules.check_holder(
        poll.convener,
        chosen.electorate.who,
        card.role_badges if card else (),
        neighbour=card is not None and card.standing == "active",
        on_roll=repository.proxies.may_vote(session, poll.id, cmd.holder_id),
        herself=repository.proxies.may_vote(session, poll.id, cmd.holder_id, entry.code),
    )
    repository.proxies.hold_place(session, poll.id, cmd.holder_id)
    others = repository.proxies.principals(session, poll.id, cmd.holder_id, entry)
    rules.check_limit(chosen, others)
    row = repository.proxies.add(
        session,
        {
            "id": new_id(),
            "poll_id": poll.id,
            "code": entry.code,
            "principal_id": principal,
            "holder_id": cmd.holder_id,
            "choice": cmd.choice,
            "written": written,
            "photo": photo,
            "recorded_by": by if written else None,
            "granted_at": now,
        },
    )
    if row is None:
        raise ProxyHeld()
    return shown(row, entry, card)


def _while_it_matters(uow: UnitOfWork, poll: PollRow) -> datetime:
    """The time, by the database's clock, while proxies are given and taken back."""
    now = repository.clock.legal_now(uow.session)
    rules.check_time(poll.state, poll.roll_state, poll.closes_at, now)
    return now


# -- taken back ----------------------------------------------------------------------------------


def revoke(uow: UnitOfWork, cmd: ops.OfProxy, actor: Actor) -> ops.Proxy:
    """Whoever may vote for the entry takes the proxy back, or the desk one that it recorded.

    Doing so again changes nothing.

    Raises:
        ProxyNotFound: it is neither the actor's nor her desk's.
        NotForProxies: voting is over.
        ProxyUsed: it was voted with.
    """
    session = uow.session
    row = repository.proxies.proxy(session, cmd.id)
    poll = repository.polls.poll(session, row.poll_id)
    own = repository.proxies.may_vote(session, poll.id, actor.person_id, row.code)
    if not (own or row.principal_id == actor.person_id or (row.written and convenes(actor, poll))):
        raise ProxyNotFound()
    row = repository.proxies.proxy(session, cmd.id, lock=True)
    entry = repository.rolls.entry(session, poll.id, row.code)
    if row.revoked_at is None:
        now = _while_it_matters(uow, poll)
        if entry.state == Mark.PROXY:
            raise ProxyUsed()
        repository.proxies.revoke(session, row, actor.person_id, now)
    return _named(uow, poll, [(row, entry)])[0]


# -- shown ---------------------------------------------------------------------------------------


def list_proxies(uow: UnitOfWork, cmd: poll_ops.OfPoll, actor: Actor) -> ops.Proxies:
    """The proxies for the actor's entries, those that she holds, and those that her desk recorded.

    Raises:
        PollNotFound: the poll is not hers to see.
    """
    poll = polls.visible(uow, actor, cmd.id)
    if actor.acted_by:
        return ops.Proxies(given=[], held=[], written=[])
    codes = [row.code for row in rolls.subjects(uow, actor, poll)]
    given = repository.proxies.given(uow.session, poll.id, codes)
    held = repository.proxies.held(uow.session, poll.id, actor.person_id)
    at_desk = convenes(actor, poll)
    written = repository.proxies.written(uow.session, poll.id) if at_desk else []
    told = iter(_named(uow, poll, [*given, *held, *written]))
    return ops.Proxies(
        given=list(islice(told, len(given))), held=list(islice(told, len(held))), written=list(told)
    )


def _named(
    uow: UnitOfWork, poll: PollRow, rows: Sequence[tuple[ProxyRow, RollEntryRow]]
) -> list[ops.Proxy]:
    """Each proxy with its holder's name, asked for together."""
    holders = {row.holder_id for row, _ in rows}
    cards = directory.cards(uow, holders, poll.community_id) if holders else {}
    return [shown(row, entry, cards.get(row.holder_id)) for row, entry in rows]


def shown(row: ProxyRow, entry: RollEntryRow, holder: directory.Card | None) -> ops.Proxy:
    """A proxy as those concerned see it."""
    return ops.Proxy.model_validate(
        {
            "id": row.id,
            "poll_id": row.poll_id,
            "subject_id": row.code,
            "building": entry.building,
            "place": entry.place,
            "holder_id": row.holder_id,
            "holder_name": holder.display_name if holder else "",
            "holder_building": holder.building_label if holder else "",
            "choice": row.choice,
            "written": row.written,
            "photo": row.photo,
            "granted_at": row.granted_at,
            "revoked_at": row.revoked_at,
            "used": row.revoked_at is None and entry.state == Mark.PROXY,
        }
    )
