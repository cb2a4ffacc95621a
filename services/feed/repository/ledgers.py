"""Accounts with their sums, and their lines; each list is one statement."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.domain.ledgers import Entry
from services.feed.repository.shared import NAMES, author_json, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor, whole_number

_SUM = "coalesce(sum(amount) FILTER (WHERE section = '{}'), 0)"
_MONEY = "to_char({}, 'FM999999999990.00')"

_SUMS = f"""
    LEFT JOIN LATERAL (
        SELECT {_SUM.format("income")} AS income, {_SUM.format("spending")} AS spending,
            {_SUM.format("asset")} AS assets, {_SUM.format("liability")} AS liabilities,
            count(*) AS lines, count(cancels) AS corrected
        FROM feed_ledger_lines line WHERE line.post_id = l.post_id
    ) total ON true
    LEFT JOIN directory_cards checker
        ON checker.community_id = l.community_id AND checker.person_id = l.checked_by"""  # noqa: S608 - all of it stands here

_JSON = f"""
    json_build_object(
        'post_id', l.post_id,
        'community_id', l.community_id,
        'module', p.module,
        'kind', l.kind,
        'title', l.title,
        'starts_on', l.starts_on,
        'ends_on', l.ends_on,
        'state', l.state,
        'opening', {_MONEY.format("l.opening")},
        'income', {_MONEY.format("total.income")},
        'spending', {_MONEY.format("total.spending")},
        'closing', {_MONEY.format("l.opening + total.income - total.spending")},
        'assets', {_MONEY.format("total.assets")},
        'liabilities', {_MONEY.format("total.liabilities")},
        'lines', total.lines,
        'corrected', total.corrected,
        'published_at', l.published_at,
        'check', CASE WHEN l.checked_at IS NULL THEN NULL ELSE json_build_object(
            'by', {author_json("false", "l.checked_by", "''", "checker")},
            'at', l.checked_at, 'note', l.check_note) END,
        'may_write', :writes AND l.state = 'draft',
        'may_publish', :writes AND l.state = 'draft' AND total.lines > 0,
        'may_correct', :writes AND l.state = 'published',
        'may_check', :checks AND l.state = 'published' AND l.made_by <> :me
    )::text AS item"""

_FROM = f"FROM feed_ledgers l JOIN feed_posts p ON p.id = l.post_id {_SUMS}"


def ledger_json(session: Session, post_id: str, me: str, *, writes: bool, checks: bool) -> str:
    """An account with its sums as JSON text."""
    found: str = session.execute(
        text(f"SELECT {_JSON} {_FROM} WHERE l.post_id = :id"),
        {"id": post_id, "me": me, "writes": writes, "checks": checks, **NAMES},
    ).scalar_one()
    return found


def ledgers_page(
    session: Session,
    community_id: str,
    state: str,
    kind: str | None,
    modules: Sequence[str],
    limit: int,
    cursor: str | None,
) -> str:
    """A page of accounts in this state and these modules, the latest period first."""
    before, before_id = "infinity", ""
    if cursor is not None:
        before, before_id = decode_cursor(cursor, 2)
        _check_day(before)
        if not is_id(before_id):
            raise BadCursor()
    rows = session.execute(
        text(
            f"""
            SELECT {_JSON}, l.ends_on, l.post_id {_FROM}
            WHERE l.community_id = :community AND l.state = :state AND p.state = 'shown'
                AND p.module = ANY(:modules)
                AND (cast(:kind AS text) IS NULL OR l.kind = :kind)
                AND (l.ends_on, l.post_id) < (cast(:before AS date), :before_id)
            ORDER BY l.ends_on DESC, l.post_id DESC LIMIT :take
            """
        ),
        {
            "community": community_id,
            "state": state,
            "modules": list(modules),
            "kind": kind,
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            "me": "",
            "writes": False,
            "checks": False,
            **NAMES,
        },
    ).mappings()
    found = rows.all()
    shown = found[:limit]
    following = None
    if len(found) > limit:
        following = encode_cursor(shown[-1]["ends_on"].isoformat(), shown[-1]["post_id"])
    return page_json(shown, following)


def _check_day(value: str) -> None:
    try:
        if date.fromisoformat(value).isoformat() != value:
            raise BadCursor()
    except ValueError:
        raise BadCursor() from None


def lines_page(
    session: Session, post_id: str, section: str | None, limit: int, cursor: str | None
) -> str:
    """A page of lines in their order."""
    after = 0
    if cursor is not None:
        after = whole_number(*decode_cursor(cursor, 1), digits=7)
    rows = _lines(session, post_id, section, after, limit + 1)
    shown = rows[:limit]
    following = encode_cursor(str(shown[-1]["number"])) if len(rows) > limit else None
    return page_json(shown, following)


def all_lines(session: Session, post_id: str) -> Sequence[RowMapping]:
    """Every line with its raw columns, for an export."""
    return _lines(session, post_id, None, 0, 1_000_000)


def _lines(
    session: Session, post_id: str, section: str | None, after: int, take: int
) -> Sequence[RowMapping]:
    statement = text(
        f"""
        SELECT json_build_object(
                'number', n.number, 'section', n.section, 'on_date', n.on_date,
                'subject', n.subject, 'amount', {_MONEY.format("n.amount")}, 'party', n.party,
                'note', n.note, 'attachments', n.attachments, 'cancels', n.cancels,
                'cancelled', taken.number IS NOT NULL
            )::text AS item,
            n.number, n.section, n.on_date, n.subject, n.amount, n.party, n.note, n.cancels
        FROM feed_ledger_lines n
        LEFT JOIN feed_ledger_lines taken
            ON taken.post_id = n.post_id AND taken.cancels = n.number
        WHERE n.post_id = :post AND n.number > :after
            AND (cast(:section AS text) IS NULL OR n.section = :section)
        ORDER BY n.number LIMIT :take
        """  # noqa: S608 - all of it stands here
    )
    values: dict[str, Any] = {"post": post_id, "after": after, "section": section, "take": take}
    return session.execute(statement, values).mappings().all()


def receipts(session: Session, post_id: str) -> dict[str, dict[str, Any]]:
    """The files of all lines of an account, by their ids."""
    found = session.scalars(
        text(
            "SELECT DISTINCT file FROM feed_ledger_lines, jsonb_array_elements(attachments) file "
            "WHERE post_id = :post"
        ),
        {"post": post_id},
    )
    return {file["id"]: file for file in found}


def entries(session: Session, post_id: str) -> list[Entry]:
    """What the sums want to know of each line."""
    rows = session.execute(
        text("SELECT section, amount FROM feed_ledger_lines WHERE post_id = :post"),
        {"post": post_id},
    )
    return [Entry(*row) for row in rows]


def last_number(session: Session, post_id: str) -> int:
    """The number of the last line; 0 when there is none."""
    found = session.scalar(
        text("SELECT max(number) FROM feed_ledger_lines WHERE post_id = :post"), {"post": post_id}
    )
    return int(found or 0)
