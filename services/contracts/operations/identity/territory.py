"""The territory and the register: communities, places, who lives where, and the figures."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.events.identity import Standing
from services.contracts.operations.base import (
    PERSON,
    PUBLIC,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    Text,
    View,
    holders,
)
from services.contracts.operations.identity.common import (
    COMMITTEE_ONLY,
    COMMITTEE_OR_ADMIN,
    SERVICE,
    CommunityKind,
    CommunityRef,
    Place,
    Residence,
    Short,
)


class ListCommunities(ListCommand):
    """The communities that the caller belongs to or watches over."""


class CommunityView(CommunityRef):
    """A community with its place in the tree."""

    path: str
    code12: str
    district_id: str
    district_name: str
    town_id: str
    town_name: str
    modules: list[str]


class CommunityRecord(View):
    """A community as services keep it; see ``CommunityChanged``."""

    community_id: str
    path: str
    name: str
    kind: CommunityKind
    code12: str
    district_id: str
    district_name: str
    town_id: str
    town_name: str
    modules: list[str]


class GetCommunity(Command):
    """A service asks for a community that its own copy doesn't hold yet."""

    community_id: Id


class GetMemberCard(Command):
    """A service asks how a person stands in a community."""

    person_id: Id
    community_id: Id


class MemberCard(View):
    """How a person appears to one community; see ``MemberCardChanged``."""

    person_id: str
    community_id: str
    path: str
    standing: Standing
    display_name: str
    building_label: str
    badge_shown: bool
    role_badges: list[str]
    residence: Residence = "local"
    home: str = ""


class AskedCard(MemberCard):
    """A card as a service asks for it: what no event tells and no copy keeps comes with it.

    ``minor`` says whether the asking person, of whom the card is, is below 18 today; None when
    that is not known (a network credential gives no birthday) or somebody else asks.
    """

    minor: bool | None = None


# -- the community's sheet -----------------------------------------------------------------------

ModuleKey = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]


class Electorate(View):
    """The community's figures, as its register office or the committee states them.

    ``floor_area`` in m²; ``as_of`` is the day they were true, ``source`` who says so.
    """

    households: int | None = Field(default=None, ge=0, le=1_000_000)
    residents: int | None = Field(default=None, ge=0, le=10_000_000)
    adults: int | None = Field(default=None, ge=0, le=10_000_000)
    owners: int | None = Field(default=None, ge=0, le=10_000_000)
    floor_area: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=2)
    as_of: date | None = None
    source: Annotated[Text, StringConstraints(max_length=200)] = ""


class BuildingOfEstate(Place):
    """A building by the name on its door; ``estate`` is the id of the estate it stands in."""

    estate: str


class CommunityProfile(View):
    """A community with its figures and what its register holds.

    ``buildings`` are those of its estates, in their order: by them a problem says where it is.
    """

    community: CommunityView
    electorate: Electorate
    register_persons: int
    register_households: int
    estates: list[Place]
    buildings: list[BuildingOfEstate] = []


class GetCommunityProfile(Command):
    """The community's own sheet."""

    cid: Id


class UpdateCommunity(Command):
    """Change the name (administrators), the switched-on modules or the figures (committee).

    ``modules`` empty: the usual ones of the community's kind. ``electorate`` replaces all figures.
    """

    cid: Id
    name: Line | None = None
    modules: list[ModuleKey] | None = Field(default=None, max_length=40)
    electorate: Electorate | None = None


# -- the register ------------------------------------------------------------------------------


class ImportRegister(Command):
    """Import the community's register of persons; nothing is half-imported.

    The columns stand in the how-to page of the register. ``replace`` also ends the entries that
    the file does not name any more.
    """

    cid: Id
    dry_run: bool = False
    mode: Literal["add", "replace"] = "add"


class ImportFile(Command):
    """What the gateway hands on of an upload: the file itself, base64."""

    cid: Id
    dry_run: bool = False
    mode: Literal["add", "replace"] = "add"
    filename: Line
    content: Text = Field(repr=False, max_length=14_000_000)


class ImportRow(View):
    """One row of the file (1 is the heading): what came of it, and the column at fault.

    An entry that ends stands in no row of the file: ``row`` is 0 and ``register_id`` names it.
    """

    row: int
    outcome: Literal["added", "changed", "unchanged", "ended", "error"]
    field: str | None = None
    message: str | None = None
    register_id: str | None = None


class ImportReport(View):
    """The whole file: ``imported`` only when there is no error and it is no dry run.

    ``rows`` names every row that is not simply added or unchanged, at most 500, errors first;
    ``errors`` counts the rows at fault. ``ended_with_account`` of the ended entries belong to an
    account, which stays a member. ``linked`` accounts found their entry, ``admitted`` of them
    waited and are members now.
    """

    import_id: str | None
    imported: bool
    dry_run: bool
    total: int
    added: int
    changed: int
    unchanged: int
    ended: int
    ended_with_account: int = 0
    errors: int
    places_added: int
    linked: int
    admitted: int
    rows: list[ImportRow]


class ListRegister(ListCommand):
    """The register, by address; names are masked, looking is written down.

    ``q`` finds a whole name or a room; ``account`` asks for people with or without one; ``ended``
    for the entries that have ended instead of those that stand.
    """

    cid: Id
    q: Short | None = Field(default=None, repr=False)
    building: Id | None = None
    account: bool | None = None
    ended: bool = False


class RegisterEntryView(View):
    """A person of the register."""

    id: str
    name: str = Field(repr=False)
    birth_year: int | None
    relation: str
    estate: Place
    building: Place
    unit: Place | None
    room: str = Field(repr=False)
    has_account: bool
    person_id: str | None = None
    ended_at: datetime | None = None


class RevealRegisterEntry(Command):
    """The full name of one entry, for a stated purpose, which the person can read."""

    id: Id
    purpose: Reason


class RegisterName(View):
    """One person's full name and address."""

    id: str
    name: str = Field(repr=False)
    address: str = Field(repr=False)


class LinkRegister(Command):
    """Tie a membership to its person on the register, also later; ends an earlier tie."""

    id: Id
    register_id: Id


# -- figures -----------------------------------------------------------------------------------


class IdentityFigures(Command):
    """Binding coverage and badge rate of a district: whole, per town, or per community.

    ``town`` asks for the part of the district that this town is. Only places within the caller's
    scope are told of: a committee asks for ``level=community`` and gets its own.
    """

    did: Id
    town: Id | None = None
    level: Literal["district", "town", "community"] = "town"


class FigureRow(View):
    """One place's figures, each as numerator and denominator; rates are strings ``"n/d"``.

    Binding coverage (居民绑定覆盖率) = households with an active member / households: as many as
    the community states, or else the addresses of its register. Badge rate (亮身份率) = Party
    members who show the badge / Party members confirmed; numbers below ten are withheld (null),
    and another beside them where a sum would tell them. People count once in each community.
    """

    place: Place
    households: int
    households_bound: int
    binding_coverage: str
    members: int
    register_persons: int
    party_members: int | None
    badges_shown: int | None
    badge_rate: str | None


class Figures(View):
    """The figures and when they were reckoned."""

    as_of: datetime
    items: list[FigureRow]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listCommunities", "GET /communities", SERVICE, PERSON, ListCommunities,
        Page[CommunityView], "The communities that I belong to or watch over", assisted=True,
    ),
    Operation(
        "getCommunityProfile", "GET /communities/{cid}", SERVICE, PERSON, GetCommunityProfile,
        CommunityProfile, "A community with its figures",
    ),
    Operation(
        "updateCommunity", "PATCH /communities/{cid}", SERVICE, COMMITTEE_OR_ADMIN,
        UpdateCommunity, CommunityProfile, "Change modules or figures of a community",
    ),
    Operation(
        "importRegister", "POST /communities/{cid}/register:import", SERVICE, COMMITTEE_ONLY,
        ImportRegister, ImportReport, "Import the register of persons", multipart=True,
        timeout=30.0,
    ),
    Operation(
        "listRegister", "GET /communities/{cid}/register", SERVICE, COMMITTEE_ONLY, ListRegister,
        Page[RegisterEntryView], "The register of persons", audited=True,
    ),
    Operation(
        "revealRegisterEntry", "POST /register/{id}/reveal", SERVICE, COMMITTEE_ONLY,
        RevealRegisterEntry, RegisterName, "One person's full name", secret=True,
    ),
    Operation(
        "linkRegister", "PUT /memberships/{id}/register", SERVICE, COMMITTEE_ONLY, LinkRegister,
        RegisterEntryView, "Tie a membership to its person on the register", secret=True,
    ),
    Operation(
        "identityFigures", "GET /districts/{did}/identity-figures", SERVICE,
        holders(*COMMITTEE, *COMMITTEE_OR_ADMIN.roles, Role.OBSERVER, Role.DISTRICT_ANALYST),
        IdentityFigures, Figures, "Binding coverage and badge rate",
    ),
    # Between services, and between the gateway and identity. ``own``: observers may cause them.
    Operation(
        "importRegisterFile", "INTERNAL", SERVICE, COMMITTEE_ONLY, ImportFile, ImportReport,
        "Import an uploaded register", timeout=30.0, audited=True,
    ),
    Operation(
        "getMemberCard", "INTERNAL", SERVICE, PERSON, GetMemberCard, AskedCard,
        "How a person stands in a community", own=True, assisted=True,
    ),
    Operation(
        "getCommunity", "INTERNAL", SERVICE, PUBLIC, GetCommunity, CommunityRecord,
        "A community with its place in the tree", own=True, assisted=True,
    ),
)  # fmt: skip
