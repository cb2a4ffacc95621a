"""Binding coverage (居民绑定覆盖率) and badge rate (亮身份率) of places, within one's scope."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor, Role, covers
from services.contracts.operations.identity import FigureRow, Figures, IdentityFigures
from services.contracts.operations.identity.common import ADMINS
from services.identity import figures_rows, repository
from services.identity.domain import figures
from services.identity.handlers import places
from services.identity.handlers.roles import ScopeNotFound
from services.identity.models import Territory
from services.kit.uow import UnitOfWork

READERS = COMMITTEE | ADMINS | {Role.OBSERVER, Role.DISTRICT_ANALYST}


@dataclass(slots=True)
class Counts:
    """The numbers of one community, or of several together."""

    households: int = 0
    bound: int = 0
    members: int = 0
    persons: int = 0
    party: int = 0
    shown: int = 0

    def add(self, other: "Counts") -> None:
        """Take the numbers of another place in."""
        self.households += other.households
        self.bound += other.bound
        self.members += other.members
        self.persons += other.persons
        self.party += other.party
        self.shown += other.shown


def identity_figures(uow: UnitOfWork, cmd: IdentityFigures, actor: Actor, now: datetime) -> Figures:
    """The figures of a district, of its towns, or of communities, as far as the actor's scope goes.

    Raises:
        ScopeNotFound: no such district, or the town is not one of it.
        Forbidden: nothing of what is asked lies in the actor's scope.
    """
    session = uow.session
    root = _root(session, cmd)
    rows = repository.nodes_in(session, root, cmd.level)
    seen = [place for place in rows if actor.holds(READERS, place.path)]
    if not seen:
        actor.require(READERS, root.path)
    # What one may see alone is reckoned alone; else all, so that what is withheld is the same.
    around = seen[0] if len(seen) == 1 else root
    by_community = _counts(session, around.path, now)
    paths = {c.id: c.path for c in repository.nodes_in(session, around, "community")}
    summed = {place.id: Counts() for place in rows}
    by_path = {place.path: place.id for place in rows}
    for community_id, counts in by_community.items():
        for path in repository.ancestors_of(paths[community_id]):
            if path in by_path:
                summed[by_path[path]].add(counts)
    party, badges = _hidden(rows if around is root else seen, summed)
    items = [_row(p, summed[p.id], p.id in party, p.id in badges) for p in seen]
    return Figures(as_of=now, items=items)


def _root(session: Session, cmd: IdentityFigures) -> Territory:
    district = repository.node(session, cmd.did)
    if district is None or district.kind != "district":
        raise ScopeNotFound()
    if cmd.town is None:
        return district
    town = repository.node(session, cmd.town)
    if town is None or town.kind != "town" or not covers(district.path, town.path):
        raise ScopeNotFound()
    return town


def _counts(session: Session, root: str, now: datetime) -> dict[str, Counts]:
    stated = figures_rows.households_stated(session, root)
    bound = figures_rows.households_bound(session, root)
    members = figures_rows.members(session, root)
    register = figures_rows.on_register(session, root)
    party = figures_rows.party(session, root, now)
    found = {}
    for community_id in {*stated, *bound, *members, *register, *party}:
        addresses, persons = register.get(community_id, (0, 0))
        confirmed, shown = party.get(community_id, (0, 0))
        found[community_id] = Counts(
            households=stated.get(community_id, addresses),
            bound=bound.get(community_id, 0),
            members=members.get(community_id, 0),
            persons=persons,
            party=confirmed,
            shown=shown,
        )
    return found


def _hidden(rows: Collection[Territory], summed: dict[str, Counts]) -> tuple[set[str], set[str]]:
    """Whose number of Party members is withheld, and whose number of badges shown.

    Siblings are judged together, as their sum is told: of members and of badges.
    """
    party: set[str] = set()
    badges: set[str] = set()
    for parent in {place.parent_id for place in rows}:
        siblings = [place.id for place in rows if place.parent_id == parent]
        few = figures.withheld({i: summed[i].party for i in siblings})
        party |= few
        badges |= figures.withheld({i: summed[i].shown for i in siblings}, already=few)
    return party, badges


def _row(place: Territory, counts: Counts, no_party: bool, no_badges: bool) -> FigureRow:
    shown = None if no_badges else counts.shown
    return FigureRow(
        place=places.place(place),
        households=counts.households,
        households_bound=counts.bound,
        binding_coverage=figures.share(counts.bound, counts.households),
        members=counts.members,
        register_persons=counts.persons,
        party_members=None if no_party else counts.party,
        badges_shown=shown,
        badge_rate=None if shown is None else figures.share(shown, counts.party),
    )
