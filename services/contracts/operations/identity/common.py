"""What several of identity's operations share: small types, and people and places in short."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import Text, View, Who, check_storable, holders

SERVICE = "identity"

MembershipStatus = Literal["pending", "active", "refused", "ended"]
Relation = Literal["owner", "family", "tenant", "operator", "villager", "away", "migrant"]
Residence = Literal["local", "away"]
CommunityKind = Literal["urban", "village"]
PlaceKind = Literal["district", "town", "community", "estate", "building", "unit", "room"]

Short = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=50),
    AfterValidator(check_storable),
]
Secret = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
Room = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=30),
    AfterValidator(check_storable),
]
DisplayName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20),
    AfterValidator(check_storable),
]
TreePath = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_.-]+$")]

ADMINS = frozenset({Role.TOWN_ADMIN, Role.DISTRICT_ADMIN})
COMMITTEE_ONLY: Who = holders(*COMMITTEE)
COMMITTEE_OR_ADMIN: Who = holders(*COMMITTEE, *ADMINS)


class Person(View):
    """A person as everybody may see them."""

    id: str
    display_name: str


class Place(View):
    """A node of the territory tree."""

    id: str
    name: str


class CommunityRef(View):
    """A community (居村), in short."""

    id: str
    name: str
    kind: CommunityKind
