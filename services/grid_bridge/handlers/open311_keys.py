"""Who may send reports in by Open311, and whose words are published there."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import open311 as ops
from services.grid_bridge import repository_open311 as repository
from services.grid_bridge.domain.open311 import NotHerOwnWords
from services.grid_bridge.handlers.common import for_reporter, serving
from services.grid_bridge.handlers.districts import administered
from services.grid_bridge.models import Open311KeyRow
from services.kit.uow import UnitOfWork

_SECRET_BYTES = 32
_HINT = 10  # the first characters: enough to tell keys apart, too few to guess one


def digest(api_key: str) -> str:
    """What is kept of a key: it is random enough that no slow hash is needed."""
    return hashlib.sha256(api_key.encode()).hexdigest()


def create(
    uow: UnitOfWork, cmd: ops.CreateOpen311Key, actor: Actor, now: datetime
) -> ops.NewOpen311Key:
    """A new key, shown this once.

    Raises:
        DistrictNotFound, Forbidden: there is none, or the actor administers another.
    """
    district = administered(uow, actor, cmd.did)
    api_key = f"o311_{secrets.token_urlsafe(_SECRET_BYTES)}"
    row = Open311KeyRow(
        id=new_id(),
        district_id=district.id,
        name=cmd.name,
        hint=api_key[:_HINT],
        hash=digest(api_key),
        per_minute=cmd.per_minute,
        per_day=cmd.per_day,
        created_by=actor.person_id,
        created_at=now,
        used_at=None,
        revoked_by=None,
        revoked_at=None,
    )
    uow.session.add(row)
    uow.session.flush()
    return ops.NewOpen311Key(**_facts(row), api_key=api_key)


def list_keys(uow: UnitOfWork, cmd: ops.ListOpen311Keys, actor: Actor) -> ops.Open311Keys:
    """The keys of the actor's district."""
    district = administered(uow, actor, cmd.did)
    rows = repository.keys(uow.session, district.id)
    return ops.Open311Keys(items=[ops.Open311Key(**_facts(row)) for row in rows])


def revoke(
    uow: UnitOfWork, cmd: ops.RevokeOpen311Key, actor: Actor, now: datetime
) -> ops.Open311Key:
    """The key opens nothing any more; a second time changes nothing.

    Raises:
        KeyNotFound: the district has none of this id.
    """
    district = administered(uow, actor, cmd.did)
    row = repository.key(uow.session, district.id, cmd.id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, actor.person_id
    return ops.Open311Key(**_facts(row))


def get_publication(
    uow: UnitOfWork, cmd: ops.GetOpen311Publication, actor: Actor
) -> ops.Open311Publication:
    """Whether the community lets words be published."""
    community = directory.require_reader(uow, actor, cmd.cid)
    serving(actor, community.path)
    return ops.Open311Publication(words=repository.lets_words(uow.session, community.id))


def put_publication(
    uow: UnitOfWork, cmd: ops.PutOpen311Publication, actor: Actor, now: datetime
) -> ops.Open311Publication:
    """The committee decides for what nobody's account stands behind; never for a resident."""
    community = directory.require_reader(uow, actor, cmd.cid)
    serving(actor, community.path)
    repository.let_words(uow.session, community.id, cmd.words, actor.person_id, now)
    return ops.Open311Publication(words=cmd.words)


def put_consent(
    uow: UnitOfWork, cmd: ops.PutIssuePublication, actor: Actor, now: datetime
) -> ops.Open311Publication:
    """The reporter agrees, or does not any more; who has moved away can still take it back.

    Raises:
        IssueNotFound, OnlyReporter: it is not hers.
        NotHerOwnWords: she agrees, and is a child (PIPL art. 31).
    """
    row, _ = for_reporter(uow, actor, cmd.id)
    card = directory.card(uow, actor.person_id, row.community_id)
    if cmd.words and (card is None or card.standing == "child"):
        raise NotHerOwnWords()
    repository.consent(uow.session, row.id, actor.person_id, cmd.words, now)
    return ops.Open311Publication(words=cmd.words)


def _facts(row: Open311KeyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "per_minute": row.per_minute,
        "per_day": row.per_day,
        "created_at": row.created_at,
        "used_at": row.used_at,
        "revoked_at": row.revoked_at,
    }
