"""The districts' catalogues: versions, which are never changed, and the draft of the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.grid_bridge.domain import codes
from services.grid_bridge.domain.catalogues import (
    Department,
    Limits,
    NoDraft,
    Pace,
    Slot,
    Version,
    version_name,
)
from services.grid_bridge.models import CatalogueDraftRow, CatalogueVersionRow

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('grid_catalogues'), hashtext(:district))")
# One question for the district of a community and its newest version; a row without a version
# says that the community is known and its district has published none.
_OF_COMMUNITY = text(
    """
    SELECT newest.version, newest.number, newest.slots
    FROM directory_communities AS here
    LEFT JOIN LATERAL (
        SELECT version, number, slots FROM catalogue_versions
        WHERE district_id = here.district_id ORDER BY number DESC LIMIT 1
    ) AS newest ON true
    WHERE here.id = :community
    """
)


def lock(session: Session, district_id: str) -> None:
    """Let nobody else write or publish the district's draft until the transaction ends."""
    session.execute(_LOCK, {"district": district_id})


def of_community(session: Session, community_id: str) -> tuple[bool, Version | None]:
    """Whether the community is known here, and its district's newest version if there is one."""
    row = session.execute(_OF_COMMUNITY, {"community": community_id}).first()
    if row is None:
        return False, None
    return True, Version(row.version, row.number, _slots(row.slots)) if row.version else None


def newest(session: Session, district_id: str) -> CatalogueVersionRow | None:
    """The district's current version; None when it has published none."""
    return session.scalar(
        select(CatalogueVersionRow)
        .where(CatalogueVersionRow.district_id == district_id)
        .order_by(CatalogueVersionRow.number.desc())
        .limit(1)
    )


def version(session: Session, name: str) -> CatalogueVersionRow | None:
    """The version of this name, of whichever district."""
    return session.scalar(select(CatalogueVersionRow).where(CatalogueVersionRow.version == name))


def page_of_versions(
    session: Session, district_id: str, *, below: int, limit: int
) -> Sequence[Any]:
    """Versions with the number of their slots, newest first; one more than ``limit``."""
    table = CatalogueVersionRow
    return session.execute(
        select(
            table.version,
            table.number,
            table.note,
            table.published_at,
            table.drafted_by,
            table.published_by,
            func.jsonb_array_length(table.slots).label("slots"),
        )
        .where(table.district_id == district_id, table.number < below)
        .order_by(table.number.desc())
        .limit(limit + 1)
    ).all()


def draft(session: Session, district_id: str) -> CatalogueDraftRow:
    """The draft; :class:`NoDraft` when there is none."""
    row = session.get(CatalogueDraftRow, district_id, populate_existing=True)
    if row is None:
        raise NoDraft()
    return row


def keep_draft(
    session: Session,
    district_id: str,
    *,
    revision: str,
    slots: Sequence[Slot],
    note: str,
    by: str,
    now: datetime,
) -> CatalogueDraftRow:
    """Write the draft, in place of what was there; the caller holds the lock."""
    return session.merge(
        CatalogueDraftRow(
            district_id=district_id,
            revision=revision,
            slots=[asdict(slot) for slot in slots],
            note=note,
            drafted_by=by,
            drafted_at=now,
        )
    )


def publish(
    session: Session, draft: CatalogueDraftRow, by: str, now: datetime
) -> CatalogueVersionRow:
    """The draft becomes the next version; the caller holds the lock."""
    table = CatalogueVersionRow
    number = 1 + (
        session.scalar(select(func.max(table.number)).where(table.district_id == draft.district_id))
        or 0
    )
    row = CatalogueVersionRow(
        district_id=draft.district_id,
        number=number,
        version=version_name(draft.district_id, number),
        slots=draft.slots,
        note=draft.note,
        drafted_by=draft.drafted_by,
        drafted_at=draft.drafted_at,
        published_by=by,
        published_at=now,
    )
    session.add(row)
    session.delete(draft)
    session.flush()
    return row


def as_version(row: CatalogueVersionRow) -> Version:
    """A stored version as the rules know it."""
    return Version(row.version, row.number, _slots(row.slots))


def as_slots(stored: Sequence[Mapping[str, Any]]) -> list[Slot]:
    """Stored slots as the rules know them."""
    return list(_slots(stored).values())


def _slots(stored: Sequence[Mapping[str, Any]]) -> Mapping[str, Slot]:
    return MappingProxyType({facts["key"]: _slot(facts) for facts in stored})


def _slot(facts: Mapping[str, Any]) -> Slot:
    limits = dict(facts["limits"])
    for urgency in ("urgent", "critical"):
        limits[urgency] = Pace(**limits[urgency]) if limits.get(urgency) else None
    return Slot(
        **{
            **facts,
            "department": Department(**facts["department"]),
            "code": codes.Code(**facts["code"]),
            "limits": Limits(**limits),
        }
    )
