"""The register in full, for exports; whoever calls has seen to it that it may be done."""

from collections.abc import Iterator

from services.identity import register_rows, repository
from services.identity.crypto import Vault
from services.identity.exchange import Ground, Line
from services.identity.handlers import places
from services.identity.models import Territory
from services.kit.uow import UnitOfWork


def register_lines(uow: UnitOfWork, vault: Vault, community: Territory) -> Iterator[Line]:
    """Every live entry of a community with the full name, in the order of the addresses."""
    for row in register_rows.lines(uow.session, community.id):
        yield Line(
            estate=row.estate,
            building=row.building,
            unit=row.unit or "",
            room=row.room or row.room_key,
            name=vault.open(row.name_sealed, purpose="register.name", owner=row.id),
            birth_year=row.birth_year,
            relation=row.relation,
            floor_area=row.floor_area,
        )


def ground_lines(uow: UnitOfWork, root: Territory) -> Iterator[Ground]:
    """Every building below a node with the community that is responsible for it; no person."""
    session = uow.session
    communities = repository.nodes_in(session, root, "community")
    responsible = {r.community_id: r for r in places.records(session, communities)}
    estates = {e.id: e for e in repository.children(session, responsible, "estate")}
    for building in repository.children(session, estates, "building"):
        estate = estates[building.parent_id or ""]
        record = responsible[estate.parent_id or ""]
        yield Ground(
            district=record.district_name,
            town=record.town_name,
            community=record.name,
            code12=record.code12,
            estate=estate.name,
            building=building.name,
        )
