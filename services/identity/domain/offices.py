"""In which office somebody acts, for the access log and for whatever else names it."""

from services.contracts.actor import Actor, Role, covers

# No office: what somebody is, not what they were appointed to.
_PRIVATE = frozenset(
    {Role.RESIDENT, Role.OWNER, Role.PARTY_MEMBER, Role.VOLUNTEER, Role.GROUP_REPRESENTATIVE}
)
# Of several offices at one place, the first of these; the others as they come.
_WEIGHTIEST = (Role.SECRETARY, Role.COMMITTEE_STAFF, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN)


def is_office(role: Role) -> bool:
    """Whether somebody is appointed to the role, rather than simply being it."""
    return role not in _PRIVATE


def held(actor: Actor, path: str | None) -> Role:
    """The office in which ``actor`` looks at what lies at ``path``: the nearest, then weightiest.

    Args:
        path: of the tree; None for what lies in no community.

    Returns:
        ``resident`` for somebody without an office there.
    """
    reach = [
        grant
        for grant in actor.grants
        if grant.role not in _PRIVATE and (path is None or covers(grant.path, path))
    ]
    if not reach:
        return Role.RESIDENT
    return min(reach, key=lambda g: (-g.path.count("."), _weight(g.role))).role


def _weight(role: Role) -> int:
    return _WEIGHTIEST.index(role) if role in _WEIGHTIEST else len(_WEIGHTIEST)
