"""Labels, versions of the classifier and refits: the queries.

Versions change one at a time (:func:`one_change_at_a_time`); a refit is held by its lease.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.grid_bridge.domain.drift import Cell
from services.grid_bridge.domain.learning import OVERTAKEN, ModelState
from services.grid_bridge.models import BlobRow, LabelRow, LeftOutRow, ModelRow, RefitRow, UseRow


class ModelNotFound(NotFound):
    """There is no such version."""

    code = "grid.model_not_found"
    zh, en = "没有这个版本", "There is no such version"


# -- labels ------------------------------------------------------------------------------------


def keep_label(session: Session, label: LabelRow) -> None:
    """Keep what was decided about an issue, in place of what was decided earlier."""
    columns = LabelRow.__table__.columns.keys()
    values = {name: getattr(label, name) for name in columns}
    session.execute(
        insert(LabelRow)
        .values(values)
        .on_conflict_do_update(index_elements=["issue_id"], set_=values)
    )


@dataclass(frozen=True, slots=True)
class Labelled:
    """A decision with the text that it is about, and the name that its reporter goes by."""

    title: str
    body: str
    category: str
    slot: str | None
    decided_at: datetime
    name: str | None


# What a child wrote is not learned from (PIPL art. 31), nor what somebody wrote who has left or
# withdrew a consent. The newest, so that a large district learns from what it is today.
_TO_LEARN = text(
    """
    SELECT title, body, label.category, label.slot, label.decided_at, card.display_name AS name
    FROM classifier_labels AS label
    JOIN issues ON issues.id = label.issue_id
    LEFT JOIN directory_cards AS card
        ON card.person_id = issues.reporter_id AND card.community_id = issues.community_id
    WHERE NOT EXISTS (SELECT FROM classifier_left_out WHERE person_id = issues.reporter_id)
      AND card.standing IS DISTINCT FROM 'child'
    ORDER BY label.decided_at DESC, label.issue_id DESC LIMIT :most
    """
)


def to_learn(session: Session, most: int) -> list[Labelled]:
    """The newest decisions that may be learned from, in the order of time."""
    return [Labelled(*row) for row in session.execute(_TO_LEARN, {"most": most})][::-1]


def count_labels(session: Session, since: datetime | None) -> tuple[int, int]:
    """How many decisions there are, and how many were taken after that moment."""
    newer = func.count() if since is None else func.count().filter(LabelRow.decided_at > since)
    row = session.execute(select(func.count(), newer).select_from(LabelRow)).one()
    return int(row[0]), int(row[1])


def leave_out(session: Session, person_id: str, since: datetime) -> None:
    """Learn from nothing of hers any more."""
    values = {"person_id": person_id, "since": since}
    session.execute(insert(LeftOutRow).values(values).on_conflict_do_nothing())


def take_in_again(session: Session, person_id: str) -> None:
    """She consents again."""
    session.execute(
        text("DELETE FROM classifier_left_out WHERE person_id = :id"), {"id": person_id}
    )


# -- versions ----------------------------------------------------------------------------------


def one_change_at_a_time(session: Session) -> None:
    """Wait until nobody else changes which version is in use; until the commit."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('classifier_models', 0))"))


def model(session: Session, version: str, *, lock: bool = False) -> ModelRow:
    """A version; :class:`ModelNotFound` when there is none."""
    row = session.get(ModelRow, version, with_for_update=True if lock else None)
    if row is None:
        raise ModelNotFound()
    return row


def in_use(session: Session) -> ModelRow | None:
    """The version in use; none before the first was entered."""
    return session.scalar(select(ModelRow).where(ModelRow.state == ModelState.IN_USE))


def wanted(session: Session) -> tuple[str, str, str | None] | None:
    """Version, base and digest of the one in use: what a process compares with what it has."""
    row = session.execute(
        select(ModelRow.version, ModelRow.base, ModelRow.sha256).where(
            ModelRow.state == ModelState.IN_USE
        )
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def blob(session: Session, version: str) -> bytes | None:
    """A version's model, packed; None of a shipped one."""
    return session.scalar(select(BlobRow.content).where(BlobRow.version == version))


def has_blob(session: Session, version: str) -> bool:
    """Whether a version's model is still there."""
    return session.scalar(select(BlobRow.version).where(BlobRow.version == version)) is not None


def versions(session: Session) -> list[str]:
    """The names of all versions."""
    return list(session.scalars(select(ModelRow.version)))


def newest_models(session: Session, limit: int) -> list[ModelRow]:
    """The versions, the newest first; of one moment the refit before what it was made from."""
    order = (ModelRow.made_at.desc(), ModelRow.parent.is_(None), ModelRow.version)
    return list(session.scalars(select(ModelRow).order_by(*order).limit(limit)))


def uses(session: Session, of: Sequence[str]) -> dict[str, list[UseRow]]:
    """When and why each of these versions was put to use, the last time first."""
    found: dict[str, list[UseRow]] = {version: [] for version in of}
    rows = session.scalars(select(UseRow).where(UseRow.version.in_(of)).order_by(UseRow.id.desc()))
    for row in rows:
        found[row.version].append(row)
    return found


def overtake(session: Session, base: str) -> int:
    """Retire every version of another corpus or code; how many of them had been refits in use."""
    rows = session.scalars(
        select(ModelRow).where(ModelRow.base != base, ModelRow.state.in_(OVERTAKEN))
    ).all()
    refitted = sum(row.state == ModelState.IN_USE and row.parent is not None for row in rows)
    for row in rows:
        row.state = ModelState.RETIRED
    session.flush()
    return refitted


def drop_old_blobs(session: Session, base: str) -> None:
    """The models that no process can use any more; their figures stay."""
    session.execute(
        text(
            "DELETE FROM classifier_blobs USING classifier_models AS model "
            "WHERE model.version = classifier_blobs.version AND model.base <> :base "
            "AND model.state <> 'in_use'"
        ),
        {"base": base},
    )


def baselines(session: Session) -> dict[str, float]:
    """The mean confidence of each version on the held-out messages, where it is known."""
    rows = session.execute(
        text(
            "SELECT version, (figures #>> '{held_out,mean_confidence}')::float8 "
            "FROM classifier_models WHERE figures #> '{held_out,mean_confidence}' IS NOT NULL"
        )
    )
    return {version: float(mean) for version, mean in rows}


# -- refits ------------------------------------------------------------------------------------

_ASK = text(
    """
    INSERT INTO classifier_refits (id, cause, state, asked_at, asked_by, attempts)
    VALUES (:id, :cause, 'waiting', :now, :by, 0)
    ON CONFLICT ((true)) WHERE state IN ('waiting', 'running') DO NOTHING
    """
)


def ask_refit(session: Session, refit_id: str, cause: str, by: str | None, now: datetime) -> bool:
    """Want a refit; False when one is wanted or under way already."""
    asked = {"id": refit_id, "cause": cause, "by": by, "now": now}
    return bool(session.execute(_ASK, asked).rowcount)  # type: ignore[attr-defined]


def open_refit(session: Session) -> RefitRow | None:
    """The refit that is wanted or under way."""
    return session.scalar(select(RefitRow).where(RefitRow.state.in_(("waiting", "running"))))


def last_refit(session: Session) -> RefitRow | None:
    """The refit that was asked for last."""
    order = (RefitRow.asked_at.desc(), RefitRow.id.desc())
    return session.scalar(select(RefitRow).order_by(*order).limit(1))


def learned_until(session: Session) -> datetime | None:
    """The moment up to which the newest version has learned."""
    return session.scalar(select(func.max(ModelRow.labels_until)))


def free_refit(session: Session, now: datetime) -> RefitRow | None:
    """A refit that nobody does (any more), locked."""
    free = (RefitRow.state == "waiting") | (
        (RefitRow.state == "running") & (RefitRow.lease_until <= now)
    )
    return session.scalar(select(RefitRow).where(free).with_for_update(skip_locked=True).limit(1))


def held_refit(session: Session, lease: str) -> RefitRow | None:
    """The refit that this lease still holds, locked."""
    mine = (RefitRow.lease == lease) & (RefitRow.state == "running")
    return session.scalar(select(RefitRow).where(mine).with_for_update())


def stretch_lease(session: Session, lease: str, until: datetime) -> bool:
    """Say that it is being done still; False when another has taken it over."""
    row = held_refit(session, lease)
    if row is not None:
        row.lease_until = until
    return row is not None


# -- drift -------------------------------------------------------------------------------------

_CELLS = text(
    """
    SELECT date_trunc(:by, decided_at AT TIME ZONE 'Asia/Shanghai')::date AS span,
           category, slot, advised_category, advised_slot,
           least(floor(confidence * 10), 9)::integer AS bin, model_version,
           count(*) AS n, coalesce(sum(confidence), 0)::float8 AS confidence
    FROM classifier_labels
    WHERE (path = :path OR (path > :path || '.' AND path < :path || '/'))
      AND decided_at >= (cast(:first AS date)::timestamp AT TIME ZONE 'Asia/Shanghai')
      AND decided_at < ((cast(:last AS date) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    """
)


def cells(session: Session, path: str, first: date, last: date, by: str) -> dict[date, list[Cell]]:
    """The decisions at a node and beneath it, in these days (China's), by week or month."""
    asked = {"path": path, "first": first, "last": last, "by": by}
    found: dict[date, list[Cell]] = {}
    for row in session.execute(_CELLS, asked):
        found.setdefault(row[0], []).append(Cell(*row[1:]))
    return found
