"""The reference district as rows, sealed and blind-indexed as the handlers do it.

What identity keeps, table by table in an order that satisfies the foreign keys, and what the
others keep a copy of. Everything but the envelopes is the same for the same seed and vault.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from services.contracts.actor import SENSITIVE, Role
from services.identity.crypto import Vault
from services.identity.domain import names, roles
from services.identity.domain.membership import Finding
from services.identity.domain.roles import HeldRole
from services.identity.handlers.joining import match_index
from services.identity.register_rows import name_index
from services.identity.seed.buildings import Place
from services.identity.seed.neighbourhood import Adult, Member, Neighbourhood
from services.identity.seed.reference import MADE_AT, Frame, Grant, Officer

Row = tuple[Any, ...]
AT = MADE_AT.isoformat()
SOURCE = "参照区样例数据"


class Table(NamedTuple):
    """Rows of a table, their columns named once."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]


_TERRITORY = (
    "id", "kind", "parent_id", "path", "name", "position", "code12", "community_kind",
    "floor_area",
)  # fmt: skip
_PERSONS = ("id", "phone_sealed", "phone_index", "display_name", "created_at")
_REAL_NAMES = (
    "person_id", "name_sealed", "id_number_sealed", "id_index", "birth_year", "given_at",
)  # fmt: skip
_REGISTER = (
    "id", "community_id", "building_id", "unit_id", "room_id", "name_sealed", "match_index",
    "name_index", "room_key", "birth_year", "relation", "person_id",
)  # fmt: skip
_MEMBERSHIPS = (
    "id", "person_id", "community_id", "estate_id", "building_id", "unit_id", "room", "room_key",
    "relation", "residence", "status", "finding", "register_id", "qr_id", "requested_at",
    "decided_at",
)  # fmt: skip
_GRANTS = ("id", "person_id", "role", "path", "territory_id", "granted_by", "granted_at")
_FIGURES = (
    "community_id", "households", "residents", "adults", "owners", "floor_area", "as_of", "source",
    "changed_at",
)  # fmt: skip
_COMMUNITIES = (
    "id", "path", "name", "kind", "code12", "district_id", "district_name", "town_id",
    "town_name", "modules",
)  # fmt: skip
_CARDS = (
    "person_id", "community_id", "path", "standing", "display_name", "building_label",
    "badge_shown", "role_badges", "residence", "home",
)  # fmt: skip


# -- identity's own --------------------------------------------------------------------------------


def frame_tables(frame: Frame, vault: Vault) -> Iterator[Table]:
    """The district, its towns, and who works above the communities."""
    yield Table("territory", _TERRITORY, [_place(p) for p in (frame.district, *frame.towns)])
    yield Table("persons", _PERSONS, [_person(vault, o) for o in frame.officers])
    yield Table("grants", _GRANTS, [_grant(g) for g in frame.grants])


def identity_tables(hood: Neighbourhood, vault: Vault) -> Iterator[Table]:
    """Everything that identity knows of a community."""
    qr = {code.estate_id: code.id for code in hood.qr}
    community_id = hood.record.community_id
    people = [_person(vault, m) for m in hood.members]
    people += [_person(vault, o) for o in hood.officers]
    yield Table("territory", _TERRITORY, [_place(p) for p in hood.places])
    yield Table("persons", _PERSONS, people)
    yield Table("real_names", _REAL_NAMES, [_real_name(vault, m) for m in hood.members])
    yield Table(
        "register_persons", _REGISTER, [_adult(vault, a, community_id) for a in hood.register]
    )
    yield Table(
        "qr_tokens",
        ("id", "community_id", "estate_id", "created_at"),
        [(code.id, community_id, code.estate_id, AT) for code in hood.qr],
    )
    yield Table(
        "memberships", _MEMBERSHIPS, [_membership(m, community_id, qr) for m in hood.members]
    )
    yield Table("grants", _GRANTS, [_grant(g) for g in hood.grants])
    yield Table(
        "party_badges",
        ("person_id", "shown", "changed_at"),
        [(person_id, shown, AT) for person_id, shown in hood.badges],
    )
    figures = tuple(hood.figures[name] for name in _FIGURES[1:6])
    yield Table(
        "community_figures",
        _FIGURES,
        [(community_id, *figures, MADE_AT.date().isoformat(), SOURCE, AT)],
    )


def _place(place: Place) -> Row:
    return tuple(getattr(place, column) for column in _TERRITORY)


def _person(vault: Vault, who: Member | Officer) -> Row:
    sealed = vault.seal(who.phone, purpose="person.phone", owner=who.person_id)
    joined = who.asked_at.isoformat() if isinstance(who, Member) else AT
    return (who.person_id, sealed, vault.index("phone", who.phone), who.display_name, joined)


def _real_name(vault: Vault, who: Member) -> Row:
    owner = who.person_id
    return (
        owner,
        vault.seal(who.name, purpose="real_name.name", owner=owner),
        vault.seal(who.id_number, purpose="real_name.id_number", owner=owner),
        vault.index("id_number", who.id_number),
        who.birth.year,
        who.asked_at.isoformat(),
    )


def _adult(vault: Vault, who: Adult, community_id: str) -> Row:
    home = who.home
    return (
        who.id,
        community_id,
        home.building_id,
        home.unit_id,
        home.room_id,
        vault.seal(who.name, purpose="register.name", owner=who.id),
        match_index(vault, home.building_id, home.room, who.name),
        name_index(vault, community_id, who.name),
        names.room_key(home.room),
        who.birth_year,
        who.relation,
        who.person_id,
    )


def _membership(who: Member, community_id: str, qr: dict[str, str]) -> Row:
    home = who.home
    asked = who.asked_at.isoformat()
    active = who.status == "active"
    return (
        who.membership_id,
        who.person_id,
        community_id,
        home.estate_id,
        home.building_id,
        home.unit_id,
        home.room,
        names.room_key(home.room),
        who.relation,
        _residence(who),
        who.status,
        (Finding.MATCH if active else Finding.NOT_ON_REGISTER).value,
        who.register_id,
        qr[home.estate_id],
        asked,
        asked if active else None,
    )


def _residence(who: Member) -> str:
    return "away" if who.relation == "away" else "local"


def _grant(grant: Grant) -> Row:
    return (
        grant.id,
        grant.person_id,
        grant.role.value,
        grant.path,
        grant.territory_id,
        grant.granted_by,
        AT,
    )


# -- what the others keep a copy of ----------------------------------------------------------------


def directory_tables(hood: Neighbourhood) -> Iterator[Table]:
    """The community and its member cards, as every other service keeps them."""
    told = hood.record.model_dump()
    row = (told["community_id"], *(told[name] for name in _COMMUNITIES[1:]))
    yield Table("directory_communities", _COMMUNITIES, [row])
    yield Table("directory_cards", _CARDS, list(_cards(hood)))


def duties_table(grants: Iterable[Grant]) -> Table:
    """Who serves where, as notify keeps it: nothing sensitive among it."""
    columns = ("grant_id", "person_id", "role", "path")
    told = [g for g in grants if g.role not in SENSITIVE]
    return Table("duties", columns, [(g.id, g.person_id, g.role.value, g.path) for g in told])


def _cards(hood: Neighbourhood) -> Iterator[Row]:
    community_id, path = hood.record.community_id, hood.record.path
    held: dict[str, list[HeldRole]] = {}
    for grant in hood.grants:
        held.setdefault(grant.person_id, []).append(HeldRole(grant.role, grant.path))
    flags = {person_id for person_id, shown in hood.badges if shown}
    for member in hood.members:
        if member.status != "active":
            continue
        mine = held.get(member.person_id, [])
        shown = member.person_id in flags and any(h.role is Role.PARTY_MEMBER for h in mine)
        yield (
            member.person_id,
            community_id,
            path,
            "active",
            member.display_name,
            member.home.label,
            shown,
            roles.badges(mine, path, MADE_AT),
            _residence(member),
            member.home.building,
        )
    for officer in hood.officers:
        badges = roles.badges(held[officer.person_id], path, MADE_AT)
        standing = roles.standing(False, held[officer.person_id], path, MADE_AT)
        yield (
            officer.person_id, community_id, path, standing, officer.display_name, "", False,
            badges, "local", "",
        )  # fmt: skip
