"""How a community leads its topics: settings in versions, each with the reason for it."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import Conflict
from services.contracts.operations.base import Page
from services.contracts.operations.votes import chain as ops
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.models import ChainSettingsRow

KEEPERS = frozenset({Role.SECRETARY})


class SettingsChangedMeanwhile(Conflict):
    """A colleague changed the settings since the caller read them."""

    code = "votes.settings_changed"
    zh, en = "设置刚刚被其他人修改，请重新查看", "Somebody changed the settings meanwhile"


def get_settings(uow: UnitOfWork, cmd: ops.OfChain, actor: Actor) -> ops.ChainVersion:
    """The settings for topics that are raised now; version 0 before the community chose any."""
    community = directory.require_reader(uow, actor, cmd.cid)
    row = repository.topics.newest_settings(uow.session, community.id)
    may_change = actor.holds(KEEPERS, community.path)
    if row is None:
        return ops.ChainVersion(
            version=0,
            settings=ops.ChainSettings(),
            note=None,
            changed_at=None,
            changed_by_name=None,
            may_change=may_change,
        )
    changer = directory.card(uow, row.changed_by or "", community.id)
    return _version(row, changer.display_name if changer else None, may_change=may_change)


def put_settings(
    uow: UnitOfWork, cmd: ops.PutChainSettings, actor: Actor, now: datetime
) -> ops.ChainVersion:
    """The secretary chooses the next version; topics that were raised before keep theirs.

    Raises:
        CommunityNotFound, Forbidden: she serves elsewhere.
        SettingsChangedMeanwhile: they were not made upon the newest version.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    actor.require(KEEPERS, community.path)
    newest = repository.topics.newest_settings(uow.session, community.id)
    if cmd.version != (newest.version if newest else 0):
        raise SettingsChangedMeanwhile()
    added = repository.topics.add_settings(
        uow.session,
        ChainSettingsRow(
            community_id=community.id,
            version=cmd.version + 1,
            settings=cmd.settings.model_dump(mode="json"),
            changed_at=now,
            changed_by=actor.person_id,
            note=cmd.note,
        ),
    )
    if not added:
        raise SettingsChangedMeanwhile()
    return get_settings(uow, ops.OfChain(cid=cmd.cid), actor)


def list_versions(
    uow: UnitOfWork, cmd: ops.ListChainVersions, actor: Actor
) -> Page[ops.ChainVersion]:
    """All versions of the settings, the newest first; one statement."""
    community = directory.require_reader(uow, actor, cmd.cid)
    rows = repository.topics.settings_page(
        uow.session,
        community.id,
        before=whole_number(decode_cursor(cmd.cursor, 1)[0]) if cmd.cursor else None,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=[_version(row, row.changed_by_name) for row in page],
        next_cursor=encode_cursor(str(page[-1].version)) if len(rows) > cmd.limit else None,
    )


def _version(row: object, changer: str | None, *, may_change: bool = False) -> ops.ChainVersion:
    return ops.ChainVersion.model_validate(
        {
            **{name: getattr(row, name) for name in ("version", "settings", "note", "changed_at")},
            "changed_by_name": changer,
            "may_change": may_change,
        }
    )
