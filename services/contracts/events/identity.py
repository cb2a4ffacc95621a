"""What identity tells: who lives where, and what they may do."""

from datetime import datetime
from typing import Literal

from services.contracts.events.base import Event

Standing = Literal["active", "staff", "child", "ended"]


class CommunityChanged(
    Event, source="identity", type="community.changed", version=1, subject="community_id"
):
    """A community (居村) of the territory was made or changed; ``path`` is its place in the tree.

    ``modules`` lists the switched-on module keys; empty means the usual ones of its kind.
    ``code12`` is the statistical code of the community (12 digits).
    """

    community_id: str
    path: str
    name: str
    kind: Literal["urban", "village"]
    code12: str
    district_id: str
    district_name: str
    town_id: str
    town_name: str
    modules: list[str] = []


class CommunityClosed(
    Event, source="identity", type="community.closed", version=1, subject="community_id"
):
    """A community is no more: nobody belongs to it, nothing new is written in it.

    ``why`` ``undone``: its import was taken back before anybody used it, so it is forgotten;
    ``offboarded``: it has left the platform, and what was written stays for those above it.
    """

    community_id: str
    path: str
    why: Literal["undone", "offboarded"]


class MemberCardChanged(
    Event,
    source="identity",
    type="member.card_changed",
    version=1,
    subject=("person_id", "community_id"),
):
    """How a person appears to one community: every service keeps its member table from this.

    ``standing`` is ``active`` for a resident with a verified membership, ``staff`` for somebody
    who only works there, ``child`` for a member below 14, who belongs there, speaks through the
    guardian alone and is on nobody's roll, ``ended`` when none holds any more. ``display_name``
    was chosen for the neighbours; ``role_badges`` are role keys shown beside it. ``residence``
    ``away`` is a member who lives elsewhere and keeps the vote (离村不离心). ``home`` is the place
    of the building in the tree, never the room: who is near by.
    """

    person_id: str
    community_id: str
    path: str
    standing: Standing
    display_name: str
    building_label: str = ""
    badge_shown: bool = False
    role_badges: list[str] = []
    residence: Literal["local", "away"] = "local"
    home: str = ""


class PersonRegistered(
    Event, source="identity", type="person.registered", version=1, subject="person_id"
):
    """Somebody logged in for the first time."""

    person_id: str


class MembershipRequested(
    Event, source="identity", type="membership.requested", version=1, subject="membership_id"
):
    """Somebody asked to join and waits for the committee (no match in the register)."""

    membership_id: str
    person_id: str
    community_id: str
    path: str


class MembershipDecided(
    Event, source="identity", type="membership.decided", version=1, subject="membership_id"
):
    """A membership became active (by register or committee) or was refused."""

    membership_id: str
    person_id: str
    community_id: str
    path: str
    status: Literal["active", "refused"]
    by: Literal["register", "committee"]


class MembershipEnded(
    Event, source="identity", type="membership.ended", version=1, subject="membership_id"
):
    """A membership is over: moved out, its time ran out, or the account was deleted."""

    membership_id: str
    person_id: str
    community_id: str
    path: str
    why: Literal["moved_out", "expired", "deleted", "offboarded"]


class ConsentChanged(
    Event, source="identity", type="consent.changed", version=1, subject=("person_id", "purpose")
):
    """A consent was given or withdrawn; whoever relies on it stops at once."""

    person_id: str
    purpose: str
    given: bool


class AssistanceEnded(
    Event, source="identity", type="assistance.ended", version=1, subject="assistance_id"
):
    """``helper_id`` acts for ``subject_id`` no more; tokens made for it must be dropped at once."""

    assistance_id: str
    helper_id: str
    subject_id: str


class RoleGranted(Event, source="identity", type="role.granted", version=1, subject="grant_id"):
    """A role was granted for a node of the tree; never Party membership, which is sensitive."""

    grant_id: str
    person_id: str
    role: str
    path: str
    expires_at: datetime | None = None


class RoleRevoked(Event, source="identity", type="role.revoked", version=1, subject="grant_id"):
    """A grant ended; tokens that carry it must be dropped at once.

    Of a sensitive one (Party membership) ``RightsNarrowed`` tells instead.
    """

    grant_id: str
    person_id: str
    role: str
    path: str


class RightsNarrowed(
    Event, source="identity", type="rights.narrowed", version=1, subject="person_id"
):
    """Somebody may do less than her tokens say, and which right it was is nobody else's to know.

    Tokens made before must be dropped at once.
    """

    person_id: str


class BadgeChanged(Event, source="identity", type="badge.changed", version=1, subject="person_id"):
    """A party member chose to show the flag beside the name (党员亮身份), or withdrew it."""

    person_id: str
    shown: bool


class PersonDeleted(
    Event, source="identity", type="person.deleted", version=1, subject="person_id"
):
    """An account was deleted; others drop or pseudonymise what they hold."""

    person_id: str


class SessionRevoked(
    Event, source="identity", type="session.revoked", version=1, subject="session_id"
):
    """A session ended before its tokens ran out (logout, reuse of a refresh token)."""

    session_id: str
    person_id: str


class QrRevoked(Event, source="identity", type="qr.revoked", version=1, subject="qr_id"):
    """A QR token no longer lets anybody in."""

    qr_id: str
    community_id: str
