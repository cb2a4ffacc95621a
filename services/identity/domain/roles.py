"""Roles: who may give which, where they may hold, and what they show.

``resident`` stands in no grant: it follows from an active membership. ``service`` is for our own
processes. Neither can be given to anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.contracts.actor import COMMITTEE, SENSITIVE, Actor, Role, covers
from services.contracts.errors import Conflict, FieldError, Forbidden, RuleBroken
from services.identity.domain import offices

MAX_GRANTS = 20  # as many as an access token carries
NOWHERE = "-"  # a path that covers no node of the tree

_DISTRICT = frozenset({Role.DISTRICT_ADMIN})
_TOWN = _DISTRICT | {Role.TOWN_ADMIN}
_SECRETARY = _TOWN | {Role.SECRETARY}
_COMMITTEE = _SECRETARY | {Role.COMMITTEE_STAFF}

# Role -> who may give and take it, within their own scope.
GRANTED_BY: dict[Role, frozenset[Role]] = {
    Role.DISTRICT_ADMIN: _DISTRICT,
    Role.DISTRICT_ANALYST: _DISTRICT,
    Role.AUDITOR: _DISTRICT,
    Role.GRID_OPERATOR: _DISTRICT,
    Role.TOWN_ADMIN: _DISTRICT,
    Role.DEPARTMENT_STAFF: _TOWN,
    Role.OBSERVER: _TOWN,
    Role.SECRETARY: _TOWN,
    Role.COMMITTEE_STAFF: _SECRETARY,
    # The branch confirms; its own secretary is confirmed by the one above it (上级党组织).
    Role.PARTY_MEMBER: frozenset({Role.SECRETARY, Role.TOWN_ADMIN}),
    Role.SUPERVISOR: _SECRETARY,
    Role.COMMUNITY_POLICE: _SECRETARY,
    Role.FAMILY_DOCTOR: _SECRETARY,
    Role.PROPERTY_MANAGER: _SECRETARY,
    Role.OWNERS_COMMITTEE: _SECRETARY,
    Role.OWNER: _COMMITTEE,
    Role.VOLUNTEER: _COMMITTEE,
    Role.GROUP_REPRESENTATIVE: _COMMITTEE,
}

# Role -> the kinds of node it may hold at; every other role holds in a community or below.
_ABOVE = {
    Role.DISTRICT_ADMIN: frozenset({"district"}),
    Role.DISTRICT_ANALYST: frozenset({"district"}),
    Role.AUDITOR: frozenset({"district"}),
    Role.TOWN_ADMIN: frozenset({"town"}),
    Role.GRID_OPERATOR: frozenset({"district", "town"}),
    Role.DEPARTMENT_STAFF: frozenset({"district", "town", "community"}),
    Role.OBSERVER: frozenset({"district", "town", "community"}),
}
_LOCAL = frozenset({"community", "estate", "building"})

# Who may see who holds which role, within their own scope.
LIST_ROLES = _COMMITTEE | {Role.AUDITOR}
# How the access log calls what such a list shows of each person.
SHOWS_ROLES = "您的显示名和担任的角色"
SHOWS_PARTY = "您的显示名和党员身份"
LISTING = "查看各处由谁担任何种角色"

# Who belongs to a community by office, without living there.
STAFF = frozenset(
    {
        Role.COMMITTEE_STAFF,
        Role.SECRETARY,
        Role.PROPERTY_MANAGER,
        Role.COMMUNITY_POLICE,
        Role.FAMILY_DOCTOR,
    }
)
# Shown beside the name, in this order. Party membership is shown by the badge alone.
SHOWN = (
    Role.SECRETARY,
    Role.COMMITTEE_STAFF,
    Role.OWNERS_COMMITTEE,
    Role.SUPERVISOR,
    Role.PROPERTY_MANAGER,
    Role.COMMUNITY_POLICE,
    Role.FAMILY_DOCTOR,
    Role.GROUP_REPRESENTATIVE,
    Role.VOLUNTEER,
)


class RoleNotGrantable(RuleBroken):
    """The role is nobody's to give, or may not hold at such a node."""

    code = "identity.role_not_grantable"
    zh, en = "该角色不能这样授予", "This role cannot be granted like that"


class OwnRole(Forbidden):
    """Nobody gives a role to themselves."""

    code = "identity.own_role"
    zh, en = "不能给自己授予角色", "You may not grant a role to yourself"


class TooManyRoles(Conflict):
    """An access token has room for 20."""

    code = "identity.too_many_roles"
    zh, en = "该人员的角色已达上限", "This person holds as many roles as possible"


class RoleHeld(Conflict):
    """The person holds this very role here already."""

    code = "identity.role_held"
    zh, en = "该人员已有此角色", "This person holds the role already"


class LastAdmin(Conflict):
    """Nobody could appoint anybody in the district any more."""

    code = "identity.last_admin"
    zh = "本区不能没有长期有效的管理员，请先指定接任者"
    en = "The district needs an administrator without an end: appoint a successor first"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that a person holds at a path, until it expires (never, when None)."""

    role: Role
    path: str
    expires_at: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Whether it holds at ``now``."""
        return self.expires_at is None or self.expires_at > now

    def concerns(self, path: str) -> bool:
        """Whether it holds at ``path``, above it or in it."""
        return covers(self.path, path) or covers(path, self.path)


def require_may_grant(actor: Actor, role: Role, path: str) -> None:
    """Raise unless ``actor`` may give or take ``role`` at ``path``."""
    if role not in GRANTED_BY:
        raise RoleNotGrantable(errors=[FieldError("role", RoleNotGrantable.zh)])
    actor.require(GRANTED_BY[role], path)


def may_grant(actor: Actor, role: Role, path: str) -> bool:
    """Whether ``actor`` may give or take ``role`` at ``path``."""
    return actor.holds(GRANTED_BY.get(role, frozenset()), path)


def grantable(actor: Actor, path: str, kind: str) -> list[Role]:
    """The roles that ``actor`` may give at a node of ``kind``, the weightiest first."""
    return [r for r in GRANTED_BY if may_grant(actor, r, path) and may_hold_at(r, kind)]


def party_members_seen(actor: Actor, path: str) -> frozenset[str] | None:
    """Confirmed by whom ``actor`` sees Party members at ``path``; None: by whomever.

    It is sensitive (PIPL art. 28): the branch's own secretary sees it, the branch above those
    whom it has confirmed itself, nobody else.
    """
    if actor.holds(frozenset({Role.SECRETARY}), path):
        return None
    above = actor.holds(GRANTED_BY[Role.PARTY_MEMBER], path)
    return frozenset({actor.person_id} if above else ())


def may_ask_for_members(actor: Actor, path: str) -> bool:
    """Whether ``actor`` may learn who of those that said so is a Party member at ``path``."""
    return actor.holds(COMMITTEE, path) or any(
        g.role is Role.PARTY_MEMBER and (covers(g.path, path) or covers(path, g.path))
        for g in actor.grants
    )


def is_party_member(held: Iterable[HeldRole], path: str, now: datetime) -> bool:
    """Whether a branch at ``path``, above it or in it confirms the membership."""
    return any(h.role is Role.PARTY_MEMBER and h.live(now) and h.concerns(path) for h in held)


def is_told(role: Role) -> bool:
    """Whether other services hear who holds the role."""
    return role not in SENSITIVE


def may_hold_at(role: Role, kind: str) -> bool:
    """Whether ``role`` may hold at a node of ``kind``."""
    return kind in _ABOVE.get(role, _LOCAL)


def require_grantable(
    actor: Actor, person_id: str, role: Role, kind: str, held: Iterable[HeldRole]
) -> None:
    """Raise unless ``person_id`` can be given ``role`` at a node of ``kind``."""
    if person_id == actor.person_id:
        raise OwnRole()
    if not may_hold_at(role, kind):
        raise RoleNotGrantable(errors=[FieldError("scope", RoleNotGrantable.zh)])
    if len(list(held)) >= MAX_GRANTS:
        raise TooManyRoles()


def require_successors(
    person_id: str, paths: Iterable[str], lasting: Iterable[tuple[str, str]]
) -> None:
    """Raise :class:`LastAdmin` when a district would be left without an administrator.

    Whoever holds the office for a time is no successor: it ends by itself, when nobody can be
    asked to appoint another first.

    Args:
        paths: of the districts where ``person_id`` gives up the office.
        lasting: path and person of every live grant of it there that has no end.
    """
    staying = {path for path, holder in lasting if holder != person_id}
    if not staying.issuperset(paths):
        raise LastAdmin()


def token_grants(
    held: Iterable[HeldRole], member_paths: Iterable[str], now: datetime
) -> list[tuple[str, str]]:
    """What the access token carries: offices first, then where the person lives; at most 20."""
    grants = [(h.role.value, h.path) for h in held if h.live(now)]
    grants += [(Role.RESIDENT.value, path) for path in member_paths]
    return sorted(dict.fromkeys(grants), key=_offices_first)[:MAX_GRANTS]


def holds_office(held: Iterable[HeldRole], now: datetime) -> bool:
    """Whether somebody holds an office, which a second factor may be asked for."""
    return any(offices.is_office(h.role) and h.live(now) for h in held)


def without_offices(held: Iterable[HeldRole]) -> list[HeldRole]:
    """What is left while the second factor is missing.

    An observer stays one, but nowhere: watching restricts, too, and who only watches must not
    be able to speak by leaving the factor out.
    """
    left = []
    for one in held:
        if not offices.is_office(one.role):
            left.append(one)
        elif one.role is Role.OBSERVER:
            left.append(HeldRole(one.role, NOWHERE, one.expires_at))
    return left


def _offices_first(grant: tuple[str, str]) -> tuple[bool, str, str]:
    role, path = grant
    return role == Role.RESIDENT.value, path, role


def standing(
    is_member: bool,
    held: Iterable[HeldRole],
    community: str,
    now: datetime,
    *,
    is_child: bool = False,
) -> str:
    """How somebody stands in the community at path ``community``."""
    if is_member:
        return "child" if is_child else "active"
    at_work = any(h.role in STAFF and h.live(now) and covers(community, h.path) for h in held)
    return "staff" if at_work else "ended"


def badges(held: Iterable[HeldRole], community: str, now: datetime) -> list[str]:
    """The offices shown beside a name in the community, the weightiest first."""
    here = {h.role for h in held if h.live(now) and covers(community, h.path)}
    return [role.value for role in SHOWN if role in here]


def may_show_party_badge(held: Iterable[HeldRole], now: datetime) -> bool:
    """Whether a branch has confirmed the membership: the grant is the confirmation."""
    return any(h.role is Role.PARTY_MEMBER and h.live(now) for h in held)
