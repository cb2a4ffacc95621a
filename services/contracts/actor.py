"""Who acts: the verified claims of an access token, and what they allow.

Grants stand in the token as (role, path): a role holds in the node of the territory tree
that ``path`` names and in all beneath it, so scope is a prefix match and needs no look-up
(``demo.yuepu`` covers ``demo.yuepu.shangyuan``). At most 20 grants are carried.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from services.contracts.errors import Forbidden, ObserverReadOnly


class Role(StrEnum):
    """The roles that a grant may name. A grant has a scope in the tree and an expiry."""

    RESIDENT = "resident"
    OWNER = "owner"
    PARTY_MEMBER = "party_member"
    COMMITTEE_STAFF = "committee_staff"
    SECRETARY = "secretary"
    OWNERS_COMMITTEE = "owners_committee"
    PROPERTY_MANAGER = "property_manager"
    COMMUNITY_POLICE = "community_police"
    FAMILY_DOCTOR = "family_doctor"
    VOLUNTEER = "volunteer"
    GROUP_REPRESENTATIVE = "group_representative"
    SUPERVISOR = "supervisor"
    DEPARTMENT_STAFF = "department_staff"
    OBSERVER = "observer"
    GRID_OPERATOR = "grid_operator"
    TOWN_ADMIN = "town_admin"
    DISTRICT_ANALYST = "district_analyst"
    DISTRICT_ADMIN = "district_admin"
    AUDITOR = "auditor"
    SERVICE = "service"  # our own processes, with a service token


COMMITTEE = frozenset({Role.COMMITTEE_STAFF, Role.SECRETARY})
NEIGHBOURS = frozenset({Role.RESIDENT, Role.OWNER, Role.PARTY_MEMBER})
# Who holds nothing but these reads as a neighbour among others; the rest is in office somewhere.
UNOFFICIAL = NEIGHBOURS | {Role.VOLUNTEER, Role.GROUP_REPRESENTATIVE}
# Who comes as a guest: the grant says where somebody may be asked for help, not what she reads.
# She sees the cases that she was invited to, or that were referred to her, and nothing beside.
GUESTS = frozenset({Role.DEPARTMENT_STAFF})
# What somebody believes in (PIPL art. 28): her token carries it, no event names it, and no service
# but identity keeps it. The badge that she chooses to show is another matter.
SENSITIVE = frozenset({Role.PARTY_MEMBER})


def covers(scope: str, path: str) -> bool:
    """Whether a grant at ``scope`` reaches ``path``: the same node, or one above it."""
    return path == scope or path.startswith(scope + ".")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and the node of the tree where it holds."""

    role: Role
    path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or one of our processes) with verified grants.

    ``person_id`` is the subject of the token, ``session_id`` its family; ``token`` is kept so
    that a service that must ask another can ask in the actor's own name. ``acted_by`` is the
    helper who really calls, in assisted mode (the token's ``act`` claim, RFC 8693); ``guards``
    says that the helper is the guardian of the person, a child below 14.
    """

    person_id: str
    session_id: str
    grants: tuple[Grant, ...]
    expires_at: int
    token: str = field(default="", repr=False, compare=False)
    acted_by: str = ""
    guards: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held anywhere."""
        return frozenset(g.role for g in self.grants)

    @property
    def hand(self) -> str:
        """Who really calls: the helper in assisted mode, otherwise the person. Limits count it."""
        return self.acted_by or self.person_id

    @property
    def eyes(self) -> str:
        """Whose own things are shown as own: nobody's to a helper, as they may be hidden ones."""
        return "" if self.acted_by else self.person_id

    @property
    def is_observer(self) -> bool:
        """Whether this account belongs to somebody who only watches."""
        return Role.OBSERVER in self.roles

    def holds(self, roles: frozenset[Role], path: str) -> bool:
        """Whether one of ``roles`` reaches ``path``."""
        return any(g.role in roles and covers(g.path, path) for g in self.grants)

    def require(self, roles: frozenset[Role], path: str) -> None:
        """Raise :class:`Forbidden` unless one of ``roles`` reaches ``path``."""
        if not self.holds(roles, path):
            raise ObserverReadOnly() if self.is_observer else Forbidden()
