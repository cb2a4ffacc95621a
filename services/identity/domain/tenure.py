"""How long a membership runs, where its member lives, and what ends with it.

::

    pending ──the person takes it back──▶ ended
    active ──┬─ moved out: the person, or the committee with a reason ──▶ ended
             └─ its time ran out ──▶ ended

A villager who lives in town keeps membership and vote with residence ``away`` (离村不离心), an
owner who lets the flat stays a member with it likewise. Those who are there for a time can have
an end (``expires_at``).
"""

from datetime import datetime
from typing import Final

from services.contracts.actor import Role, covers
from services.contracts.errors import Conflict, FieldError, Invalid
from services.contracts.operations.identity import CommunityKind, Relation, Residence
from services.identity.domain.membership import LIVE, ReasonNeeded, Status
from services.identity.domain.roles import HeldRole

# What somebody usually is to an address, by the kind of the community: what is offered to choose
# from. Others are taken, too, but for a villager there has to be a village.
RELATIONS: Final[dict[CommunityKind, tuple[Relation, ...]]] = {
    "urban": ("owner", "family", "tenant", "operator"),
    "village": ("villager", "family", "tenant", "operator", "away", "migrant"),
}
_VILLAGERS: Final = frozenset[Relation]({"villager", "away"})
_MAY_LIVE_ELSEWHERE: Final = frozenset[Relation]({"owner", "family", "villager", "away"})
_FOR_A_TIME: Final = frozenset[Relation]({"tenant", "operator", "migrant"})

# What somebody is in a community because she lives there or owns something there, and is no
# longer with the last tie: owners and their committee (民法典 art. 277, 278: from among the
# owners), elected representatives and supervisors of the residents (居委会组织法,
# 村委会组织法), the neighbourhood's volunteers. An owner who lives elsewhere keeps the tie, as
# ``away``. Party membership stays: it follows from the branch, which confirms it and takes it back
# (for its secretary the one above). Offices that somebody works in (committee, police, doctor)
# follow from no address.
ENDS_WITH_TIE: Final = frozenset(
    {
        Role.OWNER,
        Role.OWNERS_COMMITTEE,
        Role.GROUP_REPRESENTATIVE,
        Role.SUPERVISOR,
        Role.VOLUNTEER,
    }
)


class RelationImpossible(Invalid):
    """An urban community has no villagers."""

    code = "identity.relation_impossible"
    zh, en = "该社区没有这种身份", "One cannot be this in such a community"


class ResidenceImpossible(Invalid):
    """Who is a tenant lives there; who is an away member does not."""

    code = "identity.residence_impossible"
    zh, en = "居住情况与所选身份不符", "This relation does not go with that residence"


class ExpiryImpossible(Invalid):
    """Only tenants, operators and migrants are there for a time, which lies ahead."""

    code = "identity.expiry_impossible"
    zh = "只有租户、经营者、外来人员可以填写到期时间，且必须晚于现在"
    en = "Only tenants, operators and migrants may have an end, and it must lie ahead"


class MembershipOver(Conflict):
    """The membership has ended or was refused: nothing more can be done with it."""

    code = "identity.membership_over"
    zh, en = "该成员关系已结束", "This membership is over"


class NotDecidedYet(Conflict):
    """The request waits: it is approved or refused, not ended or extended."""

    code = "identity.not_decided_yet"
    zh, en = "该申请尚未审核，请先作出决定", "This request waits for a decision first"


def residence(kind: str | None, relation: Relation, given: Residence | None) -> Residence:
    """Where a member lives: as given, or as the relation says.

    Raises:
        RelationImpossible: nobody is that in a community of this ``kind``.
        ResidenceImpossible: the two contradict each other.
    """
    if relation in _VILLAGERS and kind != "village":
        raise RelationImpossible(errors=[FieldError("relation", RelationImpossible.zh)])
    usual: Residence = "away" if relation == "away" else "local"
    found = given or usual
    if found != usual and (relation == "away" or relation not in _MAY_LIVE_ELSEWHERE):
        raise ResidenceImpossible(errors=[FieldError("residence", ResidenceImpossible.zh)])
    return found


def is_for_a_time(relation: str) -> bool:
    """Whether somebody of this relation is there for a time, which can be moved."""
    return relation in _FOR_A_TIME


def require_expiry(relation: str, expires_at: datetime | None, now: datetime) -> None:
    """Raise :class:`ExpiryImpossible` unless a membership may end then; None is always possible."""
    if expires_at is not None and (relation not in _FOR_A_TIME or expires_at <= now):
        raise ExpiryImpossible(errors=[FieldError("expires_at", ExpiryImpossible.zh)])


def require_extendable(
    status: Status, relation: str, expires_at: datetime | None, now: datetime
) -> None:
    """Raise unless the membership runs and may end at ``expires_at``.

    Raises:
        MembershipOver, NotDecidedYet: it does not run.
        ExpiryImpossible: it has no end to move, or the new one is not ahead.
    """
    if status is Status.PENDING:
        raise NotDecidedYet()
    if status is not Status.ACTIVE:
        raise MembershipOver()
    if relation not in _FOR_A_TIME:
        raise ExpiryImpossible(errors=[FieldError("id", ExpiryImpossible.zh)])
    require_expiry(relation, expires_at, now)


def require_endable(status: Status, *, own: bool, reason: str | None) -> None:
    """Raise unless it can be ended: by the person herself (``own``), or by the committee.

    Raises:
        MembershipOver: it has ended or was refused.
        NotDecidedYet: the committee has to decide a request, not to end it.
        ReasonNeeded: nobody is moved out without being told why.
    """
    if status not in LIVE:
        raise MembershipOver()
    if own:
        return
    if status is Status.PENDING:
        raise NotDecidedYet()
    if not (reason or "").strip():
        raise ReasonNeeded(errors=[FieldError("reason", ReasonNeeded.zh)])


def ends_with_tie(held: HeldRole, community: str) -> bool:
    """Whether a role goes with the last tie to the community at path ``community``."""
    return held.role in ENDS_WITH_TIE and covers(community, held.path)
