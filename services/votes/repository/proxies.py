"""Written proxies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.votes.domain.proxies import ProxyNotFound
from services.votes.models import ProxyRow, RollEntryRow, RollPersonRow

_P, _E = ProxyRow, RollEntryRow
_ITS_ENTRY = (_E.poll_id == _P.poll_id) & (_E.code == _P.code)


def hold_place(session: Session, poll_id: str, holder_id: str) -> None:
    """Until the commit nobody else gives this person a proxy in this poll."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"proxy {poll_id} {holder_id}"},
    )


def principals(session: Session, poll_id: str, holder_id: str, besides: RollEntryRow) -> int:
    """For how many others somebody may vote; the owner of several units is one.

    Args:
        besides: an entry whose principal is not counted.
    """
    whose = func.coalesce(func.nullif(_E.head_group, ""), _E.code)
    counted = (
        select(func.count(whose.distinct()))
        .select_from(_P)
        .join(_E, _ITS_ENTRY)
        .where(
            _P.poll_id == poll_id,
            _P.holder_id == holder_id,
            _P.revoked_at.is_(None),
            whose != (besides.head_group or besides.code),
        )
    )
    return session.scalar(counted) or 0


def may_vote(session: Session, poll_id: str, person_id: str, code: str | None = None) -> bool:
    """Whether the roll knows an entry of the account; ``code`` asks for that one."""
    mine = select(RollPersonRow.code).where(
        RollPersonRow.poll_id == poll_id, RollPersonRow.person_id == person_id
    )
    if code is not None:
        mine = mine.where(RollPersonRow.code == code)
    return session.scalar(select(mine.exists())) or False


def add(session: Session, values: dict[str, Any]) -> ProxyRow | None:
    """A new proxy; None when somebody holds one for the entry already."""
    statement = insert(_P).values(values).on_conflict_do_nothing().returning(_P)
    return session.scalars(statement).first()


def proxy(session: Session, proxy_id: str, *, lock: bool = False) -> ProxyRow:
    """A proxy; ``lock`` waits for a vote that is being cast with it.

    Raises:
        ProxyNotFound: there is none.
    """
    row = session.get(ProxyRow, proxy_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise ProxyNotFound()
    return row


_STANDING = text(
    """
    SELECT p.id, p.holder_id, p.code, p.choice, e.state, e.area, e.head_n, e.head_d
    FROM proxies AS p JOIN roll_entries AS e ON e.poll_id = p.poll_id AND e.code = p.code
    WHERE p.poll_id = :poll AND p.revoked_at IS NULL AND (p.holder_id, p.code) IN (
        SELECT * FROM unnest(cast(:holders AS text[]), cast(:codes AS text[]))
    )
    ORDER BY p.id FOR SHARE OF p
    """
)


def standing(session: Session, poll_id: str, wanted: Sequence[tuple[str, str]]) -> list[Any]:
    """The proxies that stand, of these pairs of holder and code, with their entries.

    None of them can be taken back until the commit.
    """
    holders, codes = zip(*wanted, strict=True)
    values = {"poll": poll_id, "holders": list(holders), "codes": list(codes)}
    return list(session.execute(_STANDING, values))


def revoke(session: Session, row: ProxyRow, by: str, at: datetime) -> None:
    """It holds no longer."""
    row.revoked_at, row.revoked_by = at, by
    session.flush()


def given(session: Session, poll_id: str, codes: Sequence[str]) -> list[tuple[ProxyRow, Any]]:
    """The proxies for these entries, each with its entry, the newest first."""
    return _listed(session, _P.poll_id == poll_id, _P.code.in_(list(codes)))


def held(session: Session, poll_id: str, holder_id: str) -> list[tuple[ProxyRow, Any]]:
    """The proxies that somebody holds and that stand."""
    return _listed(
        session, _P.poll_id == poll_id, _P.holder_id == holder_id, _P.revoked_at.is_(None)
    )


def written(session: Session, poll_id: str) -> list[tuple[ProxyRow, Any]]:
    """The proxies that the desk recorded."""
    return _listed(session, _P.poll_id == poll_id, _P.written)


def _listed(session: Session, *wanted: Any) -> list[tuple[ProxyRow, Any]]:
    rows = session.execute(
        select(_P, _E).join(_E, _ITS_ENTRY).where(*wanted).order_by(_P.id.desc())
    )
    return [(row, entry) for row, entry in rows]


def forget(session: Session, person_id: str) -> None:
    """The account is gone: its proxies that were not used hold no longer."""
    session.execute(
        text(
            "UPDATE proxies AS p SET revoked_at = now(), revoked_by = :person "
            "FROM roll_entries AS e WHERE e.poll_id = p.poll_id AND e.code = p.code "
            "AND p.revoked_at IS NULL AND e.state <> 'proxy' "
            "AND :person IN (p.holder_id, p.principal_id)"
        ),
        {"person": person_id},
    )
