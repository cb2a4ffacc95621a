"""Events that one signs up for: held for a change, and as those see them who look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, RowMapping, select, text
from sqlalchemy.orm import Session

from services.feed.domain.sign_ups import STANDING, WITHOUT_AN_END, Event, Terms
from services.feed.models import SignUp
from services.feed.repository.shared import NAMES, author_json, page_json
from services.kit.pages import decode_cursor, encode_cursor, whole_number

_TERMS = tuple(Terms.__slots__)
_EVENT = f"""
    SELECT e.post_id, {", ".join(f"e.{name}" for name in _TERMS)}, e.taken, e.waiting, e.turns,
        e.closed_at, e.code, p.expires_at, p.community_id, p.path, p.module,
        p.author_id AS organiser_id"""
_FROM = " FROM feed_sign_up_events e JOIN feed_posts p ON p.id = e.post_id"


@dataclass(frozen=True, slots=True)
class Found:
    """An event as it stands, and what its post says of it."""

    event: Event
    turns: int
    code: str
    community_id: str
    path: str
    module: str
    organiser_id: str


def _found(row: Row[Any]) -> Found:
    told = row._mapping
    event = Event(
        terms=Terms(**{name: told[name] for name in _TERMS}),
        **{name: told[name] for name in Event.__slots__ if name != "terms"},
    )
    return Found(event, **{name: told[name] for name in Found.__slots__ if name != "event"})


def hold(session: Session, post_id: str) -> Found | None:
    """Lock an event until the commit, as all do who change a part in it; None without one."""
    row = session.execute(
        text(f"{_EVENT} {_FROM} WHERE e.post_id = :post FOR NO KEY UPDATE OF e"),
        {"post": post_id},
    ).first()
    return _found(row) if row else None


def hold_one_due(session: Session, now: datetime) -> Found | None:
    """Lock one event that is due; None without one."""
    row = session.execute(
        text(
            f"{_EVENT} {_FROM} WHERE e.next_due_at <= :now "
            "ORDER BY e.next_due_at LIMIT 1 FOR NO KEY UPDATE OF e SKIP LOCKED"
        ),
        {"now": now},
    ).first()
    return _found(row) if row else None


def renew_due(session: Session, post_id: str) -> None:
    """Write when an event is due, if the post has one; after each change of its times."""
    session.execute(
        text(
            "UPDATE feed_sign_up_events e SET next_due_at = CASE WHEN e.closed_at IS NULL THEN "
            "least(p.expires_at, coalesce(e.ends_at, e.starts_at + :without_an_end)) END "
            "FROM feed_posts p WHERE e.post_id = :post AND p.id = e.post_id"
        ),
        {"post": post_id, "without_an_end": WITHOUT_AN_END},
    )


def add_event(session: Session, post_id: str, community_id: str, terms: Terms, code: str) -> None:
    """Write the event of a post that has none yet."""
    names = ("post_id", "community_id", "code", *_TERMS)
    session.execute(
        text(
            f"INSERT INTO feed_sign_up_events ({', '.join(names)}) "  # noqa: S608
            f"VALUES ({', '.join(f':{name}' for name in names)}) ON CONFLICT DO NOTHING"
        ),
        {"post_id": post_id, "community_id": community_id, "code": code, **_values(terms)},
    )


def change_event(session: Session, post_id: str, terms: Terms, closed_at: datetime | None) -> None:
    """Write other terms of an event that is held; its code and counts stay."""
    settings = ", ".join(f"{name} = :{name}" for name in (*_TERMS, "closed_at"))
    session.execute(
        text(f"UPDATE feed_sign_up_events SET {settings} WHERE post_id = :post"),  # noqa: S608
        {"post": post_id, "closed_at": closed_at, **_values(terms)},
    )
    renew_due(session, post_id)


def _values(terms: Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in _TERMS}


def write_counts(session: Session, post_id: str, taken: int, waiting: int, turns: int) -> None:
    """Write the counts of an event that is held."""
    session.execute(
        text(
            "UPDATE feed_sign_up_events SET taken = :taken, waiting = :waiting, turns = :turns "
            "WHERE post_id = :post"
        ),
        {"post": post_id, "taken": taken, "waiting": waiting, "turns": turns},
    )


def close(session: Session, post_id: str, now: datetime) -> None:
    """Take no more sign-ups; the first time of closing stays."""
    session.execute(
        text(
            "UPDATE feed_sign_up_events SET closed_at = coalesce(closed_at, :now) "
            "WHERE post_id = :post"
        ),
        {"post": post_id, "now": now},
    )
    renew_due(session, post_id)


def reopen(session: Session, post_id: str) -> None:
    """Take sign-ups again."""
    session.execute(
        text("UPDATE feed_sign_up_events SET closed_at = NULL WHERE post_id = :post"),
        {"post": post_id},
    )
    renew_due(session, post_id)


# -- parts, of an event that is held --------------------------------------------------------------


def part_of(session: Session, post_id: str, person_id: str) -> SignUp | None:
    """Somebody's part, cancelled or not."""
    return session.scalars(
        select(SignUp).where(SignUp.post_id == post_id, SignUp.person_id == person_id)
    ).first()


def part_by_code(session: Session, post_id: str, code: str) -> SignUp | None:
    """The part with this code."""
    return session.scalars(
        select(SignUp).where(SignUp.post_id == post_id, SignUp.code == code)
    ).first()


def others_on_place(session: Session, part: SignUp) -> Sequence[SignUp]:
    """Those who share a part's place, and those who are invited to."""
    return session.scalars(
        select(SignUp)
        .where(SignUp.place_id == part.place_id, SignUp.id != part.id, SignUp.state.in_(STANDING))
        .order_by(SignUp.turn)
    ).all()


def standing(session: Session, post_id: str) -> Sequence[SignUp]:
    """All parts that stand, in the order of their arrival."""
    return session.scalars(
        select(SignUp)
        .where(SignUp.post_id == post_id, SignUp.state.in_(STANDING))
        .order_by(SignUp.turn)
    ).all()


def first_in_line(session: Session, post_id: str, count: int) -> Sequence[SignUp]:
    """The ``count`` who have waited longest."""
    return session.scalars(
        select(SignUp)
        .where(SignUp.post_id == post_id, SignUp.state == "waiting")
        .order_by(SignUp.turn)
        .limit(count)
    ).all()


def stalls_in_use(session: Session, post_id: str) -> Sequence[int]:
    """The numbers that stalls have."""
    return session.scalars(
        select(SignUp.stall)
        .where(SignUp.post_id == post_id, SignUp.state == "in", SignUp.stall.is_not(None))
        .distinct()
    ).all()  # type: ignore[return-value]


def hold_card(session: Session, community_id: str, person_id: str) -> str | None:
    """Somebody's standing in a community, which does not change until the commit.

    A card is locked before an event, also by the reaction to somebody's leaving: so nobody gets a
    place whose leaving has been dealt with already.
    """
    return session.scalar(
        text(
            "SELECT standing FROM directory_cards "
            "WHERE community_id = :community AND person_id = :person FOR SHARE"
        ),
        {"community": community_id, "person": person_id},
    )


def events_with(session: Session, person_id: str, community_id: str | None) -> Sequence[str]:
    """The events in which somebody has a part that stands; in one community, or everywhere."""
    found = session.scalars(
        text(
            "SELECT s.post_id FROM feed_sign_ups s "
            "JOIN feed_sign_up_events e ON e.post_id = s.post_id "
            "WHERE s.person_id = :person AND s.state <> 'cancelled' "
            "AND (:everywhere OR e.community_id = :community) ORDER BY s.post_id"
        ),
        {
            "person": person_id,
            "everywhere": community_id is None,
            "community": community_id or "",
        },
    )
    return found.all()


def forget_notes(session: Session, person_id: str) -> None:
    """Drop what somebody wrote to organisers."""
    session.execute(
        text("UPDATE feed_sign_ups SET note = '' WHERE person_id = :person AND note <> ''"),
        {"person": person_id},
    )


# -- as those see them who look -------------------------------------------------------------------

_HELPER = """
    CASE WHEN s.assisted_by IS NULL THEN NULL
        ELSE json_build_object('id', s.assisted_by,
            'display_name', coalesce(helper.display_name, :helper)) END"""
_INVITER = """
    CASE WHEN s.invited_by IS NULL THEN NULL ELSE coalesce(inviter.display_name, :unknown) END"""
_PEOPLE = """
    LEFT JOIN directory_cards helper
        ON helper.community_id = e.community_id AND helper.person_id = s.assisted_by
    LEFT JOIN directory_cards inviter
        ON inviter.community_id = e.community_id AND inviter.person_id = s.invited_by"""
# To those who share a place: a hidden organiser invites without her name, but whom somebody has
# invited by name is known to her by it, and to hide it then would tell whose event it is.
_MY_INVITER = f"""
    CASE WHEN p.hide_name AND s.invited_by = p.author_id THEN :anonymous ELSE {_INVITER} END"""
_MY_COMPANY = """
    CASE WHEN p.hide_name AND other.person_id = p.author_id
            AND other.invited_by IS DISTINCT FROM s.person_id THEN :anonymous
        ELSE coalesce(card.display_name, :unknown) END"""
_LOOK = f"""
    {_EVENT},
        (
            SELECT json_build_object('parties', count(*), 'heads', coalesce(sum(s.heads), 0),
                'checked_in', count(s.checked_in_at))
            FROM feed_sign_ups s WHERE s.post_id = e.post_id AND s.state = 'in'
        ) AS totals,
        (
            SELECT json_build_object(
                'id', s.id, 'state', s.state, 'heads', s.heads, 'note', s.note,
                'stall', s.stall,
                'place_in_line', CASE WHEN s.state = 'waiting' THEN (
                    SELECT count(*) FROM feed_sign_ups w
                    WHERE w.post_id = s.post_id AND w.state = 'waiting' AND w.turn <= s.turn) END,
                'shares_with', CASE WHEN s.state <> 'in' THEN '[]'::json ELSE (
                    SELECT coalesce(json_agg({_MY_COMPANY} ORDER BY other.turn), '[]')
                    FROM feed_sign_ups other LEFT JOIN directory_cards card
                        ON card.community_id = e.community_id AND card.person_id = other.person_id
                    WHERE other.place_id = s.place_id AND other.id <> s.id
                        AND other.state = 'in') END,
                'invited_by', CASE WHEN s.state <> 'in' THEN {_MY_INVITER} END,
                'assisted_by', {_HELPER},
                'signed_at', s.signed_at, 'moved_up_at', s.moved_up_at,
                'checked_in_at', s.checked_in_at)
            FROM feed_sign_ups s {_PEOPLE}
            WHERE s.post_id = e.post_id AND s.person_id = :me AND s.state <> 'cancelled'
        ) AS mine
    {_FROM} WHERE e.post_id = :post
"""  # noqa: S608 - all of it stands here


def look(
    session: Session, post_id: str, me: str
) -> tuple[Found, dict[str, int], dict[str, Any] | None] | None:
    """An event, who comes in numbers (parties, heads, checked_in), and the part of ``me``."""
    row = session.execute(text(_LOOK), {"post": post_id, "me": me, **NAMES}).first()
    return (_found(row), row.totals, row.mine) if row else None


_SIGN_UP_JSON = f"""
    json_build_object(
        'id', s.id,
        'person', {author_json("false", "s.person_id", "''")},
        'state', s.state, 'heads', s.heads, 'note', s.note,
        'place_id', s.place_id, 'stall', s.stall,
        'place_in_line', CASE WHEN s.state = 'waiting' THEN :ahead +
            row_number() OVER (PARTITION BY s.state ORDER BY s.turn) END,
        'invited_by', {_INVITER},
        'assisted_by', {_HELPER},
        'signed_at', s.signed_at, 'moved_up_at', s.moved_up_at,
        'checked_in_at', s.checked_in_at
    )::text AS item"""
_SIGN_UP_JOINS = f"""
    JOIN feed_sign_up_events e ON e.post_id = s.post_id
    LEFT JOIN directory_cards card
        ON card.community_id = e.community_id AND card.person_id = s.person_id
    {_PEOPLE}"""
_AHEAD = """(SELECT count(*) FROM feed_sign_ups w
        WHERE w.post_id = :post AND w.state = 'waiting' AND w.turn <= :after)"""


def sign_up_json(session: Session, part_id: str) -> str:
    """Somebody's part as JSON text, for the organiser; not of one who waits."""
    found: str = session.execute(
        text(
            f"SELECT {_SIGN_UP_JSON} FROM feed_sign_ups s {_SIGN_UP_JOINS} "  # noqa: S608
            "WHERE s.id = :id"
        ),
        {"id": part_id, "ahead": 0, **NAMES},
    ).scalar_one()
    return found


def sign_ups_page(
    session: Session, *, post_id: str, state: str | None, limit: int, cursor: str | None
) -> str:
    """A page of an event's parts as JSON text, in the order of arrival.

    Args:
        state: only these; None: all that stand.
    """
    after = 0
    if cursor is not None:
        after = whole_number(*decode_cursor(cursor, 1))
    values = {
        "post": post_id,
        "states": list(STANDING) if state is None else [state],
        "after": after,
        "take": limit + 1,
        **NAMES,
    }
    rows = session.execute(text(_PAGE), values).mappings().all()
    shown = rows[:limit]
    following = encode_cursor(str(shown[-1]["turn"])) if len(rows) > limit else None
    return page_json(shown, following)


_PAGE = f"""
    SELECT {_SIGN_UP_JSON.replace(":ahead", _AHEAD)}, s.turn
    FROM (
        SELECT * FROM feed_sign_ups
        WHERE post_id = :post AND state = ANY(:states) AND turn > :after
        ORDER BY turn
        LIMIT :take
    ) s {_SIGN_UP_JOINS}
    ORDER BY s.turn
"""  # noqa: S608 - all of it stands here


def export_rows(session: Session, post_id: str) -> Sequence[RowMapping]:
    """All who come or wait, by their names; those with a place first, by stall."""
    return (
        session.execute(
            text(
                f"""
                SELECT p.title, coalesce(card.display_name, :unknown) AS name,
                    coalesce(card.building_label, '') AS building, s.state, s.stall, s.heads,
                    s.note, {_INVITER} AS inviter, coalesce(helper.display_name,
                        CASE WHEN s.assisted_by IS NOT NULL THEN :helper END, '') AS assisted,
                    s.signed_at, s.checked_in_at
                FROM feed_sign_up_events e JOIN feed_posts p ON p.id = e.post_id
                LEFT JOIN feed_sign_ups s
                    ON s.post_id = e.post_id AND s.state = ANY(:states)
                LEFT JOIN directory_cards card
                    ON card.community_id = e.community_id AND card.person_id = s.person_id
                {_PEOPLE}
                WHERE e.post_id = :post
                ORDER BY array_position(cast(:states AS text[]), s.state), s.stall, s.turn
                """  # noqa: S608 - all of it stands here
            ),
            {"post": post_id, "states": list(STANDING), **NAMES},
        )
        .mappings()
        .all()
    )


_MY_EVENTS = text(
    """
    SELECT json_build_object(
        'post_id', s.post_id,
        'community_id', e.community_id,
        'module', p.module,
        'title', p.title,
        'state', s.state,
        'heads', s.heads,
        'stall', s.stall,
        'place_in_line', CASE WHEN s.state = 'waiting' THEN (
            SELECT count(*) FROM feed_sign_ups before
            WHERE before.post_id = s.post_id AND before.state = 'waiting' AND before.turn <= s.turn
        ) END,
        'starts_at', e.starts_at,
        'ends_at', e.ends_at
    )::text AS item
    FROM feed_sign_ups s
    JOIN feed_sign_up_events e ON e.post_id = s.post_id
    JOIN feed_posts p ON p.id = s.post_id
    WHERE s.person_id = :me AND s.state = ANY(:standing) AND p.state = 'shown'
        AND (p.expires_at IS NULL OR p.expires_at > :now)
        AND coalesce(e.ends_at, e.starts_at + :without_an_end, 'infinity') > :now
    ORDER BY e.starts_at, s.signed_at
    LIMIT :most
    """
)


def my_events(session: Session, me: str, now: datetime, most: int) -> str:
    """What somebody has a part in that is not over, the next first, as JSON text."""
    values = {"me": me, "now": now, "most": most}
    kept = {"standing": list(STANDING), "without_an_end": WITHOUT_AN_END}
    items = ",".join(session.scalars(_MY_EVENTS, {**values, **kept}))
    return f'{{"items":[{items}]}}'
