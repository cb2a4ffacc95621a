"""Granting and revoking roles, and ending those whose time is over."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import Actor, Role
from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.contracts.events import RightsNarrowed, RoleGranted, RoleRevoked
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import (
    ConfirmedPartyMembers,
    ConfirmPartyMembers,
    GrantRole,
    ListRoles,
    Person,
    RevokeRole,
    RoleHolder,
    RolesPage,
    RoleView,
)
from services.identity import repository, role_rows
from services.identity.domain import roles
from services.identity.handlers import access, badge, cards, places
from services.identity.models import GrantRow, Territory
from services.kit.pages import decode_cursor, decode_moment, encode_cursor
from services.kit.uow import UnitOfWork


class ScopeNotFound(NotFound):
    """There is no such node of the tree."""

    code = "identity.scope_not_found"
    zh, en = "没有找到这个区域", "There is no such place"


class CommunityHasLeft(Conflict):
    """The community has been off-boarded: nobody takes office in it any more."""

    code = "identity.community_has_left"
    zh, en = "该社区已退出平台", "This community has left the platform"


class RoleNotFound(NotFound):
    """There is no such grant, or it is not the actor's to take."""

    code = "identity.role_not_found"
    zh, en = "没有找到这项角色", "There is no such role"


def grant_role(uow: UnitOfWork, cmd: GrantRole, actor: Actor, now: datetime) -> RoleView:
    """Give a role, within what the actor may give and where.

    Raises:
        ScopeNotFound, PersonNotFound: no such node or person.
        RoleNotGrantable, OwnRole, TooManyRoles, RoleHeld: see the domain.
        CommunityHasLeft: nobody works there any more.
        Forbidden: the role is not the actor's to give there.
    """
    session = uow.session
    scope = repository.node(session, cmd.scope)
    if scope is None:
        raise ScopeNotFound()
    roles.require_may_grant(actor, cmd.role, scope.path)
    around = repository.community_around(session, scope.path)
    if around is not None and around.closed_at is not None:
        raise CommunityHasLeft()
    if cmd.expires_at is not None and cmd.expires_at <= now:
        raise Invalid(errors=[FieldError("expires_at", "有效期必须晚于现在")])
    person = repository.person(session, cmd.person_id, lock=True)
    held = [
        h for h in repository.held_roles(repository.live_grants(session, person.id)) if h.live(now)
    ]
    roles.require_grantable(actor, person.id, cmd.role, scope.kind, held)
    row = GrantRow(
        id=new_id(),
        person_id=person.id,
        role=cmd.role.value,
        path=scope.path,
        territory_id=scope.id,
        granted_by=actor.person_id,
        granted_at=now,
        expires_at=cmd.expires_at,
        reason=cmd.reason,
    )
    columns = {c.key: getattr(row, c.key) for c in GrantRow.__table__.columns}
    added = session.execute(
        insert(GrantRow).values(**columns).on_conflict_do_nothing().returning(GrantRow.id)
    ).first()
    if added is None:
        raise roles.RoleHeld()
    if roles.is_told(cmd.role):
        uow.emit(
            RoleGranted(
                grant_id=row.id,
                person_id=person.id,
                role=row.role,
                path=row.path,
                expires_at=row.expires_at,
            )
        )
    cards.announce_around(uow, person.id, row.path, now)
    return views(session, [row])[0]


def revoke_role(uow: UnitOfWork, cmd: RevokeRole, actor: Actor, now: datetime) -> Empty:
    """Take a role back, by those who may give it, or lay down one's own.

    Raises:
        RoleNotFound: none such, or not the actor's to take.
        LastAdmin: see the domain.
    """
    session = uow.session
    row = session.get(GrantRow, cmd.id)
    admin_of = row.path if row is not None and row.role == Role.DISTRICT_ADMIN else None
    lasting = _lasting_admins(session, [admin_of]) if admin_of else []  # locked before the row
    row = session.get(GrantRow, cmd.id, with_for_update=True, populate_existing=True)
    if row is None or row.revoked_at is not None:
        raise RoleNotFound()
    if row.person_id != actor.person_id:
        try:
            roles.require_may_grant(actor, Role(row.role), row.path)
        except Forbidden:
            raise RoleNotFound() from None
    if admin_of:
        roles.require_successors(row.person_id, [admin_of], lasting)
    end(uow, row, actor.person_id, now)
    return Empty()


def require_successors(uow: UnitOfWork, person_id: str) -> None:
    """Raise :class:`LastAdmin` when a person who goes leaves a district without anybody."""
    mine = {
        grant.path
        for grant in repository.live_grants(uow.session, person_id)
        if grant.role == Role.DISTRICT_ADMIN
    }
    if mine:
        roles.require_successors(person_id, mine, _lasting_admins(uow.session, mine))


def _lasting_admins(session: Session, paths: Iterable[str]) -> list[tuple[str, str]]:
    """Path and person of the administrators without an end.

    Locked, so that of the last two who leave at once one stays.
    """
    held = session.scalars(
        select(GrantRow)
        .where(
            GrantRow.path.in_(set(paths)),
            GrantRow.role == Role.DISTRICT_ADMIN.value,
            GrantRow.revoked_at.is_(None),
        )
        .order_by(GrantRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [(g.path, g.person_id) for g in held if g.expires_at is None]


def list_roles(uow: UnitOfWork, cmd: ListRoles, actor: Actor, now: datetime) -> RolesPage:
    """Who holds which role at a node and beneath it, or held it; names, and who gave it why.

    Each of them can read in the access log that she was seen, and whether as a Party member.

    Raises:
        ScopeNotFound: no such node.
        Forbidden: it is not the actor's to look at.
    """
    session = uow.session
    scope = repository.node(session, cmd.scope)
    if scope is None:
        raise ScopeNotFound()
    actor.require(roles.LIST_ROLES, scope.path)
    confirmed_by = roles.party_members_seen(actor, scope.path)
    if cmd.role is Role.PARTY_MEMBER and confirmed_by == frozenset():
        raise Forbidden()
    asked: dict[str, Any] = {"role": cmd.role, "confirmed_by": confirmed_by, "limit": cmd.limit + 1}
    if cmd.ended:
        over = decode_moment(cmd.cursor) if cmd.cursor else None
        rows = role_rows.ended(session, scope, now, after=over, **asked)
    else:
        after = decode_cursor(cmd.cursor, 3) if cmd.cursor else None
        rows = role_rows.holding(session, scope, now, after=after, **asked)
    page = rows[: cmd.limit]
    _write_down(uow, page, scope, actor, now)
    return RolesPage(
        items=_holders(session, page, actor, now),
        next_cursor=_next(page[-1], ended=cmd.ended) if len(rows) > cmd.limit else None,
        may_grant=roles.grantable(actor, scope.path, scope.kind),
    )


def _holders(
    session: Session, rows: Sequence[GrantRow], actor: Actor, now: datetime
) -> list[RoleHolder]:
    """Grants with the people that they name, in one query for any number."""
    named = {i for row in rows for i in (row.person_id, row.granted_by, row.revoked_by) if i}
    people = repository.people(session, named)

    def person(person_id: str | None) -> Person | None:
        return access.named(people, person_id) if person_id else None

    return [
        RoleHolder(
            **view.model_dump(),
            person=access.named(people, row.person_id),
            granted_at=row.granted_at,
            granted_by=person(row.granted_by),
            reason=row.reason,
            ended_at=row.revoked_at or (None if _holds(row, now) else row.expires_at),
            ended_by=person(row.revoked_by),
            may_revoke=_holds(row, now)
            and (
                row.person_id == actor.person_id or roles.may_grant(actor, Role(row.role), row.path)
            ),
        )
        for row, view in zip(rows, views(session, rows), strict=True)
    ]


def _holds(row: GrantRow, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def _next(row: GrantRow, *, ended: bool) -> str:
    over = row.revoked_at or row.expires_at
    if ended and over is not None:
        return encode_cursor(over.isoformat(), row.id)
    return encode_cursor(row.path, row.role, row.id)


def confirm_party_members(
    uow: UnitOfWork, cmd: ConfirmPartyMembers, actor: Actor, now: datetime
) -> ConfirmedPartyMembers:
    """Which of these people, who said so themselves, are Party members in a community now.

    Raises:
        CommunityNotFound: no such community.
        Forbidden: the actor is neither of its committee nor a member there.
    """
    path = repository.community(uow.session, cmd.community_id).path
    if not roles.may_ask_for_members(actor, path):
        raise Forbidden()
    grants = repository.live_grants_of(uow.session, cmd.person_ids)
    return ConfirmedPartyMembers(
        person_ids=[
            person
            for person, held in sorted(grants.items())
            if roles.is_party_member(repository.held_roles(held), path, now)
        ]
    )


def _write_down(
    uow: UnitOfWork, page: Iterable[GrantRow], scope: Territory, actor: Actor, now: datetime
) -> None:
    seen: dict[str, list[access.Subject]] = {}
    for row in page:
        what = roles.SHOWS_ROLES if roles.is_told(Role(row.role)) else roles.SHOWS_PARTY
        seen.setdefault(what, []).append(access.Subject(person_id=row.person_id))
    community = repository.community_around(uow.session, scope.path)
    for what, subjects in seen.items():
        access.write_down(
            uow, actor, now,
            subjects=subjects, community=community, path=scope.path,
            what=what, purpose=roles.LISTING,
        )  # fmt: skip


def expire_grants(uow: UnitOfWork, now: datetime) -> int:
    """End the grants whose time is over; how many there were."""
    rows = uow.session.scalars(
        select(GrantRow)
        .where(GrantRow.revoked_at.is_(None), GrantRow.expires_at <= now)
        .order_by(GrantRow.person_id, GrantRow.id)
        .limit(50)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        end(uow, row, None, now)
    return len(rows)


def end(uow: UnitOfWork, row: GrantRow, by: str | None, now: datetime) -> None:
    """End a grant that holds, ``by`` somebody or by itself, and tell whom it concerns."""
    row.revoked_at, row.revoked_by = now, by
    uow.session.flush()
    if roles.is_told(Role(row.role)):
        told = RoleRevoked(grant_id=row.id, person_id=row.person_id, role=row.role, path=row.path)
        uow.emit(told)
    else:  # gateways drop her tokens; what she was is not said
        uow.emit(RightsNarrowed(person_id=row.person_id))
    if row.role == Role.PARTY_MEMBER:
        _withdraw_badge(uow, row.person_id, now)
    cards.announce_around(uow, row.person_id, row.path, now)


def _withdraw_badge(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """What the branch no longer confirms is no longer shown."""
    held = repository.held_roles(repository.live_grants(uow.session, person_id))
    if not roles.may_show_party_badge(held, now) and repository.badge_shown(uow.session, person_id):
        badge.hide(uow, person_id, now)


def views(session: Session, rows: Iterable[GrantRow]) -> list[RoleView]:
    """Grants with the names of their places, in one query for any number."""
    grants = list(rows)
    around = repository.nodes_at(
        session, {p for g in grants for p in repository.ancestors_of(g.path)}
    )
    found = []
    for grant in grants:
        community = next(
            (
                around[p]
                for p in repository.ancestors_of(grant.path)
                if p in around and around[p].kind == "community"
            ),
            None,
        )
        found.append(
            RoleView(
                id=grant.id,
                person_id=grant.person_id,
                role=Role(grant.role),
                scope=grant.path,
                scope_name=around[grant.path].name,
                community=places.community_ref(community) if community else None,
                expires_at=grant.expires_at,
            )
        )
    return found
