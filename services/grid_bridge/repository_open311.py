"""What Open311 asks: jurisdictions, keys, reports, and the public list in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.grid_bridge.domain import open311 as rules
from services.grid_bridge.models import (
    IssuePublicationRow,
    IssueRow,
    Open311CommunityRow,
    Open311KeyRow,
    Open311RequestRow,
)
from services.grid_bridge.models.issues import SORTED


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A node of the territory; ``division`` is the six digits of its district.

    ``community`` is its id when it is a single community.
    """

    path: str
    district_id: str
    division: str
    community: str | None


# 6, 9 and 12 digits of the statistical code are those of district, town and community.
_JURISDICTION = text(
    """
    SELECT path, district_id, left(code12, 6) AS division, id,
           CASE WHEN :asked IN (id, code12) THEN 0
                WHEN :asked IN (town_id, left(code12, 9)) THEN 1 ELSE 2 END AS above
    FROM directory_communities
    WHERE :asked IN (id, code12, town_id, left(code12, 9), district_id, left(code12, 6))
    ORDER BY above, path COLLATE "C" LIMIT 1
    """
)
_DISTRICTS = text(
    """
    SELECT district_id, min(path COLLATE "C") AS path, min(left(code12, 6)) AS division
    FROM directory_communities GROUP BY district_id LIMIT 2
    """
)
_COMMUNITIES = text(
    """
    SELECT id, code12, name, town_name FROM directory_communities
    WHERE path COLLATE "C" = :path
       OR (path COLLATE "C" > :path || '.' AND path COLLATE "C" < :path || '/')
    ORDER BY path COLLATE "C"
    """
)


def jurisdiction(session: Session, asked: str) -> Jurisdiction:
    """The node that a request names; the only district of the installation when it names none.

    Raises:
        JurisdictionRequired: it names none, and there are several districts.
        JurisdictionNotFound: there is none.
    """
    if not asked:
        found = session.execute(_DISTRICTS).all()
        if len(found) > 1:
            raise rules.JurisdictionRequired()
        if not found:
            raise rules.JurisdictionNotFound()
        only = found[0]
        return Jurisdiction(only.path.rsplit(".", 2)[0], only.district_id, only.division, None)
    row = session.execute(_JURISDICTION, {"asked": asked}).first()
    if row is None:
        raise rules.JurisdictionNotFound()
    path = row.path.rsplit(".", row.above)[0]
    return Jurisdiction(path, row.district_id, row.division, None if row.above else row.id)


def communities(session: Session, path: str) -> Sequence[Row[Any]]:
    """The communities of a node, in the order of the tree."""
    return session.execute(_COMMUNITIES, {"path": path}).all()


# -- keys ----------------------------------------------------------------------------------------


def keys(session: Session, district_id: str) -> Sequence[Open311KeyRow]:
    """The keys of a district, newest first."""
    table = Open311KeyRow
    query = select(table).where(table.district_id == district_id).order_by(table.id.desc())
    return session.scalars(query).all()


def key(session: Session, district_id: str, key_id: str) -> Open311KeyRow:
    """A key, locked.

    Raises:
        KeyNotFound: the district has none of this id.
    """
    row = session.get(Open311KeyRow, key_id, with_for_update=True)
    if row is None or row.district_id != district_id:
        raise rules.KeyNotFound()
    return row


def key_by_hash(session: Session, digest: str) -> Open311KeyRow | None:
    """The key with this hash, locked: what is sent in with one key comes one after the other."""
    table = Open311KeyRow
    return session.scalar(select(table).where(table.hash == digest).with_for_update())


def sent_since(session: Session, key_id: str, since: datetime) -> int:
    """How many reports came in with a key after ``since``."""
    table = Open311RequestRow
    query = select(func.count()).where(table.key_id == key_id, table.at > since)
    return session.scalar(query) or 0


def sent_alike(session: Session, key_id: str, fingerprint: str, since: datetime) -> str | None:
    """The issue that the same report became, when it came after ``since``."""
    table = Open311RequestRow
    return session.scalar(
        select(table.issue_id)
        .where(table.key_id == key_id, table.fingerprint == fingerprint, table.at > since)
        .order_by(table.at)
        .limit(1)
    )


# -- whose words ---------------------------------------------------------------------------------


def lets_words(session: Session, community_id: str) -> bool:
    """Whether the committee lets words be published that nobody's account stands behind."""
    row = session.get(Open311CommunityRow, community_id)
    return row is not None and row.words


def let_words(session: Session, community_id: str, words: bool, by: str, now: datetime) -> None:
    """Keep what the committee decided."""
    session.merge(
        Open311CommunityRow(community_id=community_id, words=words, decided_by=by, decided_at=now)
    )


def consent(session: Session, issue_id: str, person_id: str, words: bool, now: datetime) -> None:
    """Keep what the reporter wants; that a thread was removed stays."""
    _keep(session, issue_id=issue_id, person_id=person_id, words=words, at=now)


def remove(session: Session, post_id: str, now: datetime) -> None:
    """The thread of an issue is no longer visible: none of its words is published any more."""
    issue_id = session.scalar(select(IssueRow.id).where(IssueRow.post_id == post_id))
    if issue_id is not None:
        _keep(session, issue_id=issue_id, words=False, removed=True, at=now)


def _keep(session: Session, **values: Any) -> None:
    """What is said of an issue; what is not said stays."""
    session.execute(
        insert(IssuePublicationRow)
        .values(values)
        .on_conflict_do_update(index_elements=["issue_id"], set_=values)
    )


def forget(session: Session, person_id: str, now: datetime) -> None:
    """Somebody has left for good: her consents have ended."""
    table = IssuePublicationRow
    session.execute(
        update(table)
        .where(table.person_id == person_id)
        .values(person_id=None, words=False, at=now)
    )


# -- the public list -----------------------------------------------------------------------------

_CLOSED = (
    "(issue.status IN ('answered', 'solved', 'closed')"
    " OR (issue.status = 'merged' AND issue.result IS NOT NULL))"
)
# What a human sorted it into, as the index of it says it; a matter's digits without the district's.
_SORTED = f"({SORTED})"
_SENT = "(SELECT service_code FROM open311_requests WHERE issue_id = issue.id)"
# Her own words by her own consent; what nobody's account stands behind by the committee's, and
# what was sent in besides by its sender's. Nothing before a human has looked at it.
_WORDS = """
    page.status <> 'reported' AND NOT coalesce(public.removed, false)
    AND CASE WHEN page.reporter_id IS NOT NULL THEN coalesce(public.words, false)
             ELSE coalesce(allowed.words, false) AND coalesce(sent.words, true) END"""


def requests(
    session: Session,
    here: Jurisdiction,
    *,
    ids: Sequence[str] = (),
    codes: Sequence[str] = (),
    closed: bool | None = None,
    requested: tuple[datetime, datetime] | None = None,
    changed: tuple[datetime | None, datetime | None] = (None, None),
    limit: int,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Requests as they may be published, the latest first; one statement.

    Which they are is asked of the issues alone; what stands beside them is read for those that are
    shown, not for those that were passed over.

    Args:
        codes: service codes, in the district's own way.
        requested: when they were made, from and to.
        changed: when they last changed; then the list is in that order.
    """
    values: dict[str, Any] = {
        "limit": limit,
        "offset": offset,
        "path": here.path,
        "division": here.division,
    }
    within = "issue.path > :path || '.' AND issue.path < :path || '/'"
    conditions = ["issue.path = :path" if here.community else f"({within})"]
    if ids:
        conditions.append("issue.id = ANY(:ids)")
        values["ids"] = list(ids)
    if codes:
        conditions.append(
            f"({_SORTED} = ANY(:sorted)"
            f" OR ({_SORTED} IS NULL AND coalesce({_SENT}, 'general') = ANY(:codes)))"
        )
        values["codes"] = list(codes)
        values["sorted"] = [rules.without_division(code, here.division) for code in codes]
    if closed is not None:
        conditions.append(_CLOSED if closed else f"NOT {_CLOSED}")
    if requested is not None:
        conditions.append("issue.created_at BETWEEN :start AND :end")
        values["start"], values["end"] = requested
    for name, sign, moment in zip(("after", "before"), (">=", "<="), changed, strict=True):
        if moment is not None:
            conditions.append(f"issue.updated_at {sign} :{name}")
            values[name] = moment
    order = "updated_at" if any(changed) else "created_at"
    query = f"""
        WITH page AS (
            SELECT issue.id, issue.status, issue.result, issue.category, issue.slot,
                   issue.slot_name, issue.standard_code ->> 'name' AS matter, issue.order_state,
                   issue.location, issue.created_at, issue.updated_at, issue.work_order_no,
                   issue.community_id, issue.reporter_id, issue.title, issue.body,
                   {_SORTED} AS sorted, {_CLOSED} AS closed
            FROM issues AS issue
            WHERE {" AND ".join(conditions)}
            ORDER BY issue.{order} DESC, issue.id DESC LIMIT :limit OFFSET :offset
        )
        SELECT page.id, page.status, page.result, page.category, page.slot, page.slot_name,
               page.matter, page.order_state, page.location, page.created_at, page.updated_at,
               page.closed, here.name AS community, here.town_name AS town, here.code12,
               CASE WHEN page.sorted ~ '^[0-9]' THEN :division || page.sorted
                    ELSE coalesce(page.sorted, sent.service_code, 'general') END AS code,
               CASE WHEN {_WORDS} THEN page.title || E'\\n' || page.body END AS words,
               promise.due_at, promise.ended_at, ordered.department_name AS department
        FROM page
        JOIN directory_communities AS here ON here.id = page.community_id
        LEFT JOIN open311_requests AS sent ON sent.issue_id = page.id
        LEFT JOIN issue_publications AS public ON public.issue_id = page.id
        LEFT JOIN open311_communities AS allowed ON allowed.community_id = page.community_id
        LEFT JOIN LATERAL (
            SELECT due_at, ended_at FROM promises WHERE issue_id = page.id
            ORDER BY id DESC LIMIT 1
        ) AS promise ON true
        LEFT JOIN work_orders AS ordered ON ordered.no = page.work_order_no
        ORDER BY page.{order} DESC, page.id DESC
        """  # noqa: S608 (made of our own words)
    return session.execute(text(query), values).all()


def steps(session: Session, ids: Sequence[str], kinds: Sequence[str]) -> Sequence[Row[Any]]:
    """The steps of these issues that may be told, in their order: what and when, not who."""
    return session.execute(
        text(
            "SELECT issue_id, at, kind FROM issue_timeline WHERE issue_id = ANY(:ids)"
            " AND NOT staff_only AND kind = ANY(:kinds) ORDER BY issue_id, id"
        ),
        {"ids": list(ids), "kinds": list(kinds)},
    ).all()
