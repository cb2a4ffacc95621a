"""Opening a whole town from sheets: places, figures, offices, one QR code per estate.

All or nothing, in one transaction, with the events that tell the other services. A dry run does
the very same and is not committed, so it finds what the database alone would refuse, too.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.contracts.errors import FieldError, Invalid
from services.contracts.ids import new_id
from services.identity.crypto import Vault
from services.identity.domain.town import TOWNS, Draft, Fault
from services.identity.domain.town_plan import Known, fit
from services.identity.handlers.town_making import Line, Making, Team
from services.identity.models import ImportRecord, Territory
from services.kit.uow import UnitOfWork


class DistrictNeeded(Invalid):
    """There is no district yet, or more than one, and nothing says which is meant."""

    code = "identity.district_needed"
    zh, en = "请说明是哪个区（--district 区名）", "Please say which district (--district NAME)"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an import came from: who carries it out, and the file's hash (hex)."""

    by: str
    sha256: str

    @classmethod
    def of(cls, data: bytes, by: str) -> "Source":
        """The source with these bytes."""
        return cls(by, hashlib.sha256(data).hexdigest())


@dataclass(slots=True)
class TownReport:
    """What an import made: numbers by kind, and the rows worth a word. With errors: nothing."""

    import_id: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many rows are wrong."""
        return sum(line.outcome == "error" for line in self.lines)


def import_town(
    uow: UnitOfWork,
    vault: Vault,
    draft: Draft,
    source: Source,
    now: datetime,
    *,
    district: str | None = None,
) -> TownReport:
    """Make everything that the sheets name, or nothing when one row is wrong.

    Args:
        district: name or id of the district of towns that name none; may be omitted when there
            is one district. One that is not there yet is made.

    Raises:
        DistrictNeeded: it cannot be omitted.
    """
    session = uow.session
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('identity.town'))"))
    plan = fit(draft, _known(session), _district(session, draft, district))
    team = Team(session, vault, plan, now)
    faults = [*plan.faults, *team.faults]
    if faults:
        return TownReport(lines=_error_lines(faults))
    work = Making(uow, new_id(), plan, team, now)
    work.places()
    work.offices()
    work.codes()
    record = {
        "by": source.by,
        "counts": work.counts,
        "people": [row["id"] for row in team.fresh],
        "qr": [row["id"] for row in work.qr],
    }
    session.get_one(ImportRecord, work.import_id).report = record
    session.get_one(ImportRecord, work.import_id).file_sha256 = source.sha256
    return TownReport(work.import_id, work.counts, work.lines)


def _error_lines(faults: Iterable[Fault]) -> list[Line]:
    return [
        Line(f.sheet, f.row, "error", f.column, f.message)
        for f in sorted(faults, key=lambda f: (f.sheet, f.row))
    ]


def _known(session: Session) -> Known:
    nodes = session.execute(
        select(
            Territory.id, Territory.kind, Territory.parent_id, Territory.name,
            Territory.code12, Territory.closed_at,
        ).where(Territory.kind.in_(("district", "town", "community")))
    ).all()  # fmt: skip
    by_id = {node.id: node for node in nodes}
    towns = {n.id: (by_id[n.parent_id].name, n.name) for n in nodes if n.kind == "town"}
    communities = [n for n in nodes if n.kind == "community"]
    return Known(
        frozenset(n.name for n in nodes if n.kind == "district"),
        frozenset(towns.values()),
        frozenset(n.code12 for n in communities if n.code12 and n.closed_at is None),
        frozenset((*towns[n.parent_id], n.name) for n in communities),
    )


def _district(session: Session, draft: Draft, given: str | None) -> str:
    there = session.execute(
        select(Territory.id, Territory.name).where(Territory.kind == "district")
    ).all()
    if given:
        return next((d.name for d in there if given in (d.id, d.name)), given)
    if len(there) == 1:
        return str(there[0].name)
    named = {line.district for line in draft.towns if line.district}
    if len(named) == 1:
        return named.pop()
    raise DistrictNeeded(errors=[FieldError(TOWNS.heading("district"), DistrictNeeded.zh)])
