"""Queries: small functions on a session, so that handlers read like the rule they carry out."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import Role
from services.contracts.errors import NotFound
from services.identity.domain.roles import HeldRole
from services.identity.models import (
    Assistance,
    GrantRow,
    Membership,
    PartyBadge,
    PersonRow,
    RealName,
    RefreshTokenRow,
    RegisterPerson,
    SessionRow,
    Territory,
    TotpFactor,
    WechatBinding,
)


class CommunityNotFound(NotFound):
    """There is no such community."""

    code = "identity.community_not_found"
    zh, en = "没有找到这个社区", "There is no such community"


class PersonNotFound(NotFound):
    """There is no such person."""

    code = "identity.person_not_found"
    zh, en = "没有找到这个人", "There is no such person"


# -- territory ---------------------------------------------------------------------------------


def ancestors_of(path: str) -> list[str]:
    """The paths of a node and of all above it: ``a.b`` gives ``a`` and ``a.b``."""
    labels = path.split(".")
    return [".".join(labels[: i + 1]) for i in range(len(labels))]


def node(session: Session, id_or_path: str) -> Territory | None:
    """The node with this id or path."""
    return session.scalars(
        select(Territory).where(or_(Territory.id == id_or_path, Territory.path == id_or_path))
    ).first()


def nodes(session: Session, ids: Iterable[str | None]) -> dict[str, Territory]:
    """Several nodes by id, in one query."""
    wanted = {i for i in ids if i}
    if not wanted:
        return {}
    found = session.scalars(select(Territory).where(Territory.id.in_(wanted)))
    return {t.id: t for t in found}


def nodes_at(session: Session, paths: Iterable[str]) -> dict[str, Territory]:
    """Several nodes by path, in one query."""
    wanted = set(paths)
    if not wanted:
        return {}
    found = session.scalars(select(Territory).where(Territory.path.in_(wanted)))
    return {t.path: t for t in found}


def children(session: Session, parent_ids: Iterable[str], kind: str) -> list[Territory]:
    """The nodes of a kind right below some others, in their order; none that was closed."""
    return list(
        session.scalars(
            select(Territory)
            .where(
                Territory.parent_id.in_(set(parent_ids)),
                Territory.kind == kind,
                Territory.closed_at.is_(None),
            )
            .order_by(Territory.position, Territory.path)
        )
    )


def community(session: Session, community_id: str) -> Territory:
    """The community; :class:`CommunityNotFound` when there is none."""
    found = session.get(Territory, community_id)
    if found is None or found.kind != "community":
        raise CommunityNotFound()
    return found


def nodes_in(session: Session, root: Territory, kind: str) -> list[Territory]:
    """The nodes of a kind that ``root`` is or that lie below it, in their order."""
    return list(
        session.scalars(
            select(Territory)
            .where(Territory.kind == kind, Territory.tree.op("<@")(root.tree))
            .order_by(Territory.position, Territory.path)
        )
    )


def community_around(session: Session, path: str) -> Territory | None:
    """The community that the node at ``path`` is or lies in; None above the communities."""
    return session.scalars(
        select(Territory).where(
            Territory.path.in_(ancestors_of(path)), Territory.kind == "community"
        )
    ).first()


def communities_after(session: Session, after: str | None, limit: int) -> list[Territory]:
    """At most ``limit`` communities by id, those behind ``after``."""
    query = select(Territory).where(Territory.kind == "community")
    if after:
        query = query.where(Territory.id > after)
    return list(session.scalars(query.order_by(Territory.id).limit(limit)))


# -- people ------------------------------------------------------------------------------------


def person(session: Session, person_id: str, *, lock: bool = False) -> PersonRow:
    """The person; :class:`PersonNotFound` when there is none, or the account was deleted.

    Args:
        lock: hold the row until the end, so that changes to one person queue up; what is read
            is what was committed last, also when the row was read before.
    """
    query = select(PersonRow).where(PersonRow.id == person_id, PersonRow.deleted_at.is_(None))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).first()
    if found is None:
        raise PersonNotFound()
    return found


def hold(session: Session, person_id: str) -> None:
    """Hold the person's row until the end, whoever it is and whatever became of it."""
    session.execute(select(PersonRow.id).where(PersonRow.id == person_id).with_for_update())


def people(session: Session, ids: Iterable[str]) -> dict[str, PersonRow]:
    """Several people by id, in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {p.id: p for p in session.scalars(select(PersonRow).where(PersonRow.id.in_(wanted)))}


def people_around(
    session: Session, community: Territory, after: str | None, limit: int
) -> list[str]:
    """The ids of at most ``limit`` people who belong or belonged to a community, by address or
    by office, those behind ``after``."""
    lived = select(Membership.person_id).where(
        Membership.community_id == community.id, Membership.status.in_(("active", "ended"))
    )
    served = select(GrantRow.person_id).where(
        or_(
            GrantRow.path == community.path,
            GrantRow.path.startswith(f"{community.path}.", autoescape=True),
        )
    )
    people = lived.union(served).subquery()
    query = select(people.c.person_id).order_by(people.c.person_id).limit(limit)
    if after:
        query = query.where(people.c.person_id > after)
    return list(session.scalars(query))


def live_grants(session: Session, person_id: str) -> list[GrantRow]:
    """The person's grants that nobody has revoked, oldest first (some may have expired)."""
    return list(
        session.scalars(
            select(GrantRow)
            .where(GrantRow.person_id == person_id, GrantRow.revoked_at.is_(None))
            .order_by(GrantRow.granted_at, GrantRow.id)
        )
    )


def live_grants_of(session: Session, person_ids: Iterable[str]) -> dict[str, list[GrantRow]]:
    """The same for several people, in one query."""
    found: dict[str, list[GrantRow]] = {}
    for grant in session.scalars(
        select(GrantRow)
        .where(GrantRow.person_id.in_(set(person_ids)), GrantRow.revoked_at.is_(None))
        .order_by(GrantRow.granted_at, GrantRow.id)
    ):
        found.setdefault(grant.person_id, []).append(grant)
    return found


def held_roles(grants: Iterable[GrantRow]) -> list[HeldRole]:
    """Grants as the domain sees them."""
    return [HeldRole(Role(g.role), g.path, g.expires_at) for g in grants]


def member_paths(session: Session, person_id: str) -> list[str]:
    """The paths of the communities where the person is an active member."""
    return list(
        session.scalars(
            select(Territory.path)
            .join(Membership, Membership.community_id == Territory.id)
            .where(Membership.person_id == person_id, Membership.status == "active")
            .distinct()
            .order_by(Territory.path)
        )
    )


def memberships_of(session: Session, person_id: str) -> Sequence[Membership]:
    """All memberships of a person, the newest request first."""
    return session.scalars(
        select(Membership)
        .where(Membership.person_id == person_id)
        .order_by(Membership.requested_at.desc(), Membership.id)
    ).all()


def first_addresses(
    session: Session, person_ids: Iterable[str], community_id: str
) -> dict[str, Membership]:
    """The active membership that each of several people had first in a community.

    One where somebody lives goes before those that she keeps from elsewhere.
    """
    rows = session.scalars(
        select(Membership)
        .where(
            Membership.person_id.in_(set(person_ids)),
            Membership.community_id == community_id,
            Membership.status == "active",
        )
        .order_by(Membership.residence.desc(), Membership.requested_at, Membership.id)
    )
    found: dict[str, Membership] = {}
    for row in rows:
        found.setdefault(row.person_id, row)
    return found


def has_live_membership(session: Session, person_id: str, besides: str = "") -> bool:
    """Whether a membership of the person is active or waits, ``besides`` not counted."""
    return bool(
        session.scalar(
            select(func.count())
            .select_from(Membership)
            .where(
                Membership.person_id == person_id,
                Membership.id != besides,
                Membership.status.in_(("pending", "active")),
            )
        )
    )


def badge_shown(session: Session, person_id: str) -> bool:
    """Whether the person chose to show the Party badge."""
    row = session.get(PartyBadge, person_id)
    return row is not None and row.shown


def badges_shown(session: Session, person_ids: Iterable[str]) -> set[str]:
    """Who of several people chose to show the Party badge."""
    return set(
        session.scalars(
            select(PartyBadge.person_id).where(
                PartyBadge.person_id.in_(set(person_ids)), PartyBadge.shown
            )
        )
    )


def choose_badge(session: Session, person_id: str, shown: bool, now: datetime) -> None:
    """Remember the choice."""
    statement = insert(PartyBadge).values(person_id=person_id, shown=shown, changed_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id"], set_={"shown": shown, "changed_at": now}
        )
    )
    session.expire_all()


def real_names(session: Session, person_ids: Iterable[str]) -> dict[str, RealName]:
    """Sealed real names by person, in one query."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    found = session.scalars(select(RealName).where(RealName.person_id.in_(wanted)))
    return {r.person_id: r for r in found}


def register_entries(
    session: Session, community_id: str, match_index: str
) -> Sequence[RegisterPerson]:
    """The people of a community's register with this name, building and room; none that ended."""
    return session.scalars(
        select(RegisterPerson)
        .where(
            RegisterPerson.match_index == match_index,
            RegisterPerson.community_id == community_id,
            RegisterPerson.ended_at.is_(None),
        )
        .order_by(RegisterPerson.id)
    ).all()


def link_to_register(session: Session, register_id: str, person_id: str) -> bool:
    """Tie a person of the register to an account; False when another account was faster."""
    taken = session.execute(
        update(RegisterPerson)
        .where(
            RegisterPerson.id == register_id,
            RegisterPerson.ended_at.is_(None),
            or_(RegisterPerson.person_id.is_(None), RegisterPerson.person_id == person_id),
        )
        .values(person_id=person_id)
        .returning(RegisterPerson.id)
    ).first()
    return taken is not None


def rests_on_entry(session: Session, person_id: str, register_id: str) -> bool:
    """Whether a live membership of the person is tied to this entry of the register."""
    tied = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.register_id == register_id,
        Membership.status.in_(("pending", "active")),
    )
    return session.scalar(tied.limit(1)) is not None


def end_session(session: Session, session_id: str, why: str, now: datetime) -> str | None:
    """Revoke a session; whose it was, or None when it had ended before."""
    return session.scalar(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.revoked_at.is_(None))
        .values(revoked_at=now, revoked_why=why)
        .returning(SessionRow.person_id)
    )


def refresh_token_used(session: Session, parent_hash: str | None) -> bool:
    """Whether a token that was given in place of ``parent_hash`` was used."""
    if parent_hash is None:
        return False
    used = select(RefreshTokenRow.token_hash).where(
        RefreshTokenRow.parent_hash == parent_hash, RefreshTokenRow.used_at.is_not(None)
    )
    return session.scalar(used.limit(1)) is not None


def has_factor(session: Session, person_id: str) -> bool:
    """Whether the person has a confirmed second factor."""
    confirmed = select(TotpFactor.confirmed_at).where(TotpFactor.person_id == person_id)
    return session.scalar(confirmed) is not None


def is_wechat_bound(session: Session, person_id: str) -> bool:
    """Whether a WeChat account logs the person in."""
    bound = select(WechatBinding.bound_at).where(WechatBinding.person_id == person_id)
    return session.scalar(bound) is not None


def is_blank(session: Session, person_id: str) -> bool:
    """Whether an account has never had a name, a home, an office or a helper."""
    traces = (
        select(Membership.id).where(Membership.person_id == person_id),
        select(GrantRow.id).where(GrantRow.person_id == person_id),
        select(RealName.person_id).where(RealName.person_id == person_id),
        select(RegisterPerson.id).where(RegisterPerson.person_id == person_id),
        select(Assistance.id).where(
            or_(Assistance.helper_id == person_id, Assistance.subject_id == person_id)
        ),
    )
    return all(session.scalar(trace.limit(1)) is None for trace in traces)
