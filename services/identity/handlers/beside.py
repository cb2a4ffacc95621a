"""What the register has beside each of several requests to join: one statement for all rooms."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.contracts.operations.identity import Beside, EntryBeside
from services.identity import register_rows, repository
from services.identity.crypto import Vault
from services.identity.domain import beside, names
from services.identity.domain.beside import Asked, Compared, Known
from services.identity.domain.membership import Applicant, RegisterEntry
from services.identity.handlers import places
from services.identity.handlers.access import Subject
from services.identity.handlers.claims import real_name
from services.identity.handlers.register import name_of
from services.identity.models import Membership, RealName, RegisterPerson, Territory
from services.kit.uow import UnitOfWork


def of_requests(
    uow: UnitOfWork,
    vault: Vault,
    rows: Sequence[Membership],
    claims: Mapping[str, RealName],
) -> tuple[dict[str, Beside], list[Subject]]:
    """The register beside each request, by its id, and whose entries are shown by that."""
    session = uow.session
    entries = register_rows.of_rooms(session, {(r.building_id, r.room_key) for r in rows})
    rooms: dict[tuple[str, str], list[RegisterPerson]] = defaultdict(list)
    for entry in entries:
        rooms[entry.building_id, entry.room_key].append(entry)
    units = repository.nodes(session, [entry.unit_id for entry in entries])
    opened = {entry.id: name_of(vault, entry) for entry in entries}
    found: dict[str, Beside] = {}
    shown: list[Subject] = []
    for row in rows:
        asked = _asked(vault, row, claims.get(row.person_id))
        room = rooms[row.building_id, row.room_key]
        compared = beside.compare_all(asked, [_known(one, opened[one.id]) for one in room])
        nearest = compared[: beside.MOST_SHOWN]
        found[row.id] = Beside(
            verdict=beside.verdict(asked, compared),
            entries=[_view(one, units) for one in nearest],
            more=len(compared) - len(nearest),
        )
        shown += [Subject(one.known.entry.person_id, one.known.entry.id) for one in nearest]
    return found, shown


def _asked(vault: Vault, row: Membership, claim: RealName | None) -> Asked:
    applicant = Applicant(
        row.person_id,
        row.unit_id,
        claim.birth_year if claim else None,
        claim.id_index if claim else None,
    )
    return Asked(applicant, real_name(vault, claim), row.relation, row.register_id)


def _known(entry: RegisterPerson, name: str) -> Known:
    about = RegisterEntry(
        entry.id, entry.unit_id, entry.birth_year, entry.id_index, entry.person_id
    )
    return Known(about, name, entry.relation)


def _view(one: Compared, units: Mapping[str, Territory]) -> EntryBeside:
    entry = one.known.entry
    unit = units.get(entry.unit_id or "")
    return EntryBeside(
        id=entry.id,
        name=names.mask_name(one.known.name),
        birth_year=entry.birth_year,
        relation=one.known.relation,
        unit=places.place(unit) if unit else None,
        likeness=one.likeness,
        differs=list(one.differs),
    )
