"""The districts' catalogues: read, written anew, and published by somebody else."""

from datetime import datetime

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import StandardCodeView
from services.contracts.operations.grid_bridge import catalogue as ops
from services.contracts.operations.grid_bridge.orders import DepartmentView
from services.grid_bridge import catalogue as built_in
from services.grid_bridge import repository_catalogue as repository
from services.grid_bridge import slots, texts
from services.grid_bridge.domain.catalogue_lists import checked
from services.grid_bridge.domain.catalogues import (
    DraftChangedMeanwhile,
    NoDraft,
    NoSuchVersion,
    Slot,
    Version,
    may_publish,
)
from services.grid_bridge.domain.sla import Urgency, share_of
from services.grid_bridge.handlers.districts import ADMINS, administered, belonging
from services.grid_bridge.models import CatalogueDraftRow, CatalogueVersionRow
from services.grid_bridge.repository_districts import district_of_path
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork

_HIGHEST = 2**31 - 1


def list_catalogue(uow: UnitOfWork, cmd: ops.ListCatalogue, actor: Actor) -> ops.Catalogue:
    """The slots to choose from: of a community's district, or where the actor serves."""
    if cmd.cid:
        here = slots.current(uow, cmd.cid)
    else:
        where = min(grant.path for grant in actor.grants if grant.role in COMMITTEE)
        district = district_of_path(uow.session, where)
        here = slots.current_in(uow, district) if district else built_in.BUILT_IN
    return ops.Catalogue(
        version=here.version,
        notice=_notice(here),
        items=[
            ops.CatalogueEntry(slot=slot.key, name=slot.name, department=slot.department.name)
            for slot in here.slots.values()
        ],
    )


def get_catalogue(uow: UnitOfWork, cmd: ops.GetCatalogue, actor: Actor) -> ops.DistrictCatalogue:
    """A district's catalogue: in a version that it had, or as it stands.

    Raises:
        DistrictNotFound: it is not the actor's district.
        NoSuchVersion: the district never had it.
    """
    district = belonging(uow, actor, cmd.did)
    newest = repository.newest(uow.session, district.id)
    name = cmd.version or (newest.version if newest else built_in.VERSION)
    if name == built_in.VERSION:
        return _built_in(district.id, current=newest is None)
    row = newest if newest and newest.version == name else repository.version(uow.session, name)
    if row is None or row.district_id != district.id:
        raise NoSuchVersion()
    return _published(row, current=row is newest)


def list_versions(
    uow: UnitOfWork, cmd: ops.ListCatalogueVersions, actor: Actor
) -> Page[ops.CatalogueVersion]:
    """The versions of a district's catalogue, newest first, down to the built-in list."""
    district = belonging(uow, actor, cmd.did)
    below = whole_number(*decode_cursor(cmd.cursor, 1)) if cmd.cursor else _HIGHEST
    rows = repository.page_of_versions(uow.session, district.id, below=below, limit=cmd.limit)
    shown, told = rows[: cmd.limit], actor.holds(ADMINS, district.path)
    items = [
        ops.CatalogueVersion(
            version=row.version,
            current=below == _HIGHEST and at == 0,
            built_in=False,
            slots=row.slots,
            note=row.note,
            published_at=row.published_at,
            drafted_by=row.drafted_by if told else None,
            published_by=row.published_by if told else None,
        )
        for at, row in enumerate(shown)
    ]
    if len(shown) < cmd.limit:
        items.append(
            ops.CatalogueVersion(
                version=built_in.VERSION,
                current=below == _HIGHEST and not shown,
                built_in=True,
                slots=len(built_in.SLOTS),
            )
        )
        return Page(items=items)
    return Page(items=items, next_cursor=encode_cursor(str(shown[-1].number)))


def get_draft(uow: UnitOfWork, cmd: ops.OfDistrict, actor: Actor) -> ops.CatalogueDraft:
    """The next version as it is being written.

    Raises:
        Forbidden: the actor administers another district.
        NoDraft: nobody is writing one.
    """
    district = administered(uow, actor, cmd.did)
    return _draft(repository.draft(uow.session, district.id), actor)


def draft(
    uow: UnitOfWork, cmd: ops.DraftCatalogue, actor: Actor, now: datetime
) -> ops.CatalogueDraft:
    """Write the next version as a whole, in place of the draft that was read.

    Raises:
        Forbidden: the actor administers another district.
        BadCatalogue: the list cannot be a catalogue; what is wrong is named.
        DraftChangedMeanwhile: the draft is another one than was read.
    """
    district = administered(uow, actor, cmd.did)
    wanted = checked(cmd.slots)
    repository.lock(uow.session, district.id)
    if cmd.revision != _revision(uow, district.id):
        raise DraftChangedMeanwhile()
    row = repository.keep_draft(
        uow.session,
        district.id,
        revision=new_id(),
        slots=wanted,
        note=cmd.note,
        by=actor.person_id,
        now=now,
    )
    return _draft(row, actor)


def publish(
    uow: UnitOfWork, cmd: ops.PublishCatalogue, actor: Actor, now: datetime
) -> ops.DistrictCatalogue:
    """Make the draft the district's catalogue, by somebody else than its author.

    Raises:
        Forbidden: the actor administers another district.
        NoDraft: there is none, or it is published already.
        DraftChangedMeanwhile: it is not the one that was read.
        OwnDraft: the actor wrote it.
    """
    district = administered(uow, actor, cmd.did)
    repository.lock(uow.session, district.id)
    row = repository.draft(uow.session, district.id)
    if row.revision != cmd.revision:
        raise DraftChangedMeanwhile()
    may_publish(row.drafted_by, actor.person_id)
    return _published(repository.publish(uow.session, row, actor.person_id, now), current=True)


def _revision(uow: UnitOfWork, district_id: str) -> str | None:
    try:
        return repository.draft(uow.session, district_id).revision
    except NoDraft:
        return None


def _notice(here: Version) -> str:
    return built_in.NOTICE if here.built_in else texts.own_catalogue(here.number)


def _built_in(district_id: str, *, current: bool) -> ops.DistrictCatalogue:
    return ops.DistrictCatalogue(
        did=district_id,
        version=built_in.VERSION,
        current=current,
        built_in=True,
        notice=built_in.NOTICE,
        items=[_slot(slot, built_in.note_of(slot)) for slot in built_in.SLOTS.values()],
    )


def _published(row: CatalogueVersionRow, *, current: bool) -> ops.DistrictCatalogue:
    return ops.DistrictCatalogue(
        did=row.district_id,
        version=row.version,
        current=current,
        built_in=False,
        notice=texts.own_catalogue(row.number),
        note=row.note,
        published_at=row.published_at,
        items=[_slot(slot, slot.note) for slot in repository.as_slots(row.slots)],
    )


def _draft(row: CatalogueDraftRow, actor: Actor) -> ops.CatalogueDraft:
    return ops.CatalogueDraft(
        did=row.district_id,
        revision=row.revision,
        note=row.note,
        drafted_at=row.drafted_at,
        drafted_by=row.drafted_by,
        mine=row.drafted_by == actor.person_id,
        items=[_slot(slot, slot.note) for slot in repository.as_slots(row.slots)],
    )


def _slot(slot: Slot, note: str) -> ops.SlotView:
    return ops.SlotView(
        key=slot.key,
        core=slot.is_core,
        name=slot.name,
        meaning=slot.meaning,
        not_here=slot.not_here,
        law=slot.law,
        law_sure=slot.law_sure,
        department=DepartmentView(code=slot.department.code, name=slot.department.name),
        code=StandardCodeView(
            standard=slot.code.standard,
            kind=slot.code.kind,
            code=slot.code.code,
            name=slot.code.name,
        ),
        local=slot.is_local,
        limits=ops.SlotLimits(
            on_site=slot.limits.on_site,
            disposed=slot.limits.disposed,
            removal=slot.limits.removal,
            urgent=_pace(slot, "urgent"),
            critical=_pace(slot, "critical"),
        ),
        note=note,
        redefined=slot.redefined,
    )


def _pace(slot: Slot, urgency: Urgency) -> ops.PaceView:
    pace, share = slot.limits.of(urgency)
    return ops.PaceView(
        on_site=share_of(pace.on_site, share), disposed=share_of(pace.disposed, share)
    )
