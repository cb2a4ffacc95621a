"""Pages of posts: what a community shows, what waits for its moderators, what somebody wrote.

Each page is one statement, and its rows are found by an index that has their order: how many posts
there are besides makes no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.domain.modules import GUIDES, Order
from services.feed.domain.posts import PINNED_FIRST
from services.feed.repository import search
from services.feed.repository.keeping_away import muted
from services.feed.repository.posts import CHECK_BY, LISTED, POST_JOINS
from services.feed.repository.shared import NAMES, NEWEST, check_moment, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor, whole_number
from services.kit.prepared import prepared

Unshown = Literal["waiting", "refused", "taken_down"]
_UNSHOWN: Final[tuple[Unshown, ...]] = ("waiting", "refused", "taken_down")

# What a list shows: shown, not past its end, by nobody whom the reader keeps away from.
_SHOWN: Final = f"""p.state = 'shown' AND (p.expires_at IS NULL OR p.expires_at > :now)
    AND NOT {muted("p.author_id", "p.hide_name", "p.author_role <> ''")}"""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a list is ordered: by which column, from where on, in which direction."""

    column: str
    begins: str
    beyond: str
    direction: str
    cast: str


_WAYS: Final[dict[Order, _Way]] = {
    "newest": _Way("p.created_at", NEWEST, "<", "DESC", "timestamptz"),
    "active": _Way("p.active_at", NEWEST, "<", "DESC", "timestamptz"),
    # by code point: the order of the index, the same in every database
    "title": _Way('p.title COLLATE "C"', "", ">", "ASC", "text"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of posts begins.

    Pinned posts stand on the first page only, and each post on one page only: so a later page
    leaves out the ``pinned`` first ones of those that were pinned when the first page was asked
    for (``as_of``). A post pinned meanwhile still comes at its time.
    """

    key: str
    id: str
    as_of: str
    pinned: int

    @classmethod
    def read(cls, cursor: str, order: Order = "newest") -> "Place":
        """The place that a cursor names; :class:`BadCursor` when it is not one of ours."""
        marks = () if order == "newest" else (order,)
        *found, key, post_id, as_of, pinned = decode_cursor(cursor, 4 + len(marks))
        if tuple(found) != marks:
            raise BadCursor()
        if order != "title":
            check_moment(key)
        check_moment(as_of)
        if not (post_id == "" or is_id(post_id)):
            raise BadCursor()
        return cls(key, post_id, as_of, whole_number(pinned, digits=3))

    def written(self, order: Order = "newest") -> str:
        """The cursor that names this place."""
        marks = () if order == "newest" else (order,)
        return encode_cursor(*marks, self.key, self.id, self.as_of, str(self.pinned))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is asked for: where it begins, how long it is, who reads it, and when."""

    me: str
    now: datetime
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page as JSON text, and the posts on it."""

    text: str
    ids: tuple[str, ...]


def posts_page(
    session: Session,
    asked: Asked,
    *,
    community_id: str,
    modules: Sequence[str],
    words: Sequence[str] = (),
    tag: str | None = None,
    stale: bool = False,
    order: Order = "newest",
) -> Listed:
    """A page of what a community shows; see ``ListPosts``.

    Args:
        modules: one module, or all that the community has switched on.
        words: all must occur in the post's texts; folded (``domain.search``).
        tag: only posts that carry it.
        stale: only service guides that should be looked at again.
        order: ``active`` and ``title`` are of one module. A list that is narrowed by words, tag
            or staleness has no pinned posts first.
    """
    way, first = _WAYS[order], asked.cursor is None
    place = (
        Place(way.begins, "", asked.now.isoformat(), asked.limit)
        if asked.cursor is None
        else Place.read(asked.cursor, order)
    )
    narrowed, values = _narrowed(modules, words, tag, stale)
    flow = _FLOW if not words else search.NEWEST if order == "newest" else search.SORTED
    statement = _filled(
        _PAGE.replace("<flow>", flow),
        way,
        shown=_SHOWN,
        narrowed="".join(f" AND {each}" for each in narrowed),
    )
    rows = _found(
        session,
        statement,
        asked,
        place,
        community=community_id,
        modules=list(modules),
        as_of=place.as_of,
        pinned_limit=0 if words or tag or stale else place.pinned,
        pinned_first=PINNED_FIRST,
        first=first,
        **values,
    )
    shown = rows[: asked.limit]
    following = None
    if len(rows) > asked.limit:
        pinned = sum(row["part"] == 0 for row in shown) if first else place.pinned
        last = shown[-1]
        key, last_id = (way.begins, "") if last["part"] == 0 else (_key(last["key"]), last["id"])
        following = Place(key, last_id, place.as_of, pinned).written(order)
    return Listed(page_json(shown, following), tuple(row["id"] for row in shown))


def unshown_page(
    session: Session, asked: Asked, *, community_id: str, modules: Sequence[str], state: Unshown
) -> str:
    """A page of what is not shown in modules that the reader moderates, newest first."""
    which = f"p.community_id = :community AND p.module = ANY(:modules) AND {_of_state(state)}"
    return _plain(session, asked, which, community=community_id, modules=list(modules))


def written_page(
    session: Session,
    asked: Asked,
    *,
    community_id: str,
    author_id: str,
    modules: Sequence[str] | None,
    state: Unshown | None,
) -> str:
    """A page of what somebody wrote in a community and did not delete, newest first."""
    which = "p.author_id = :author AND p.community_id = :community AND p.state <> 'deleted'"
    if state is not None:
        which += f" AND {_of_state(state)}"
    if modules is not None:
        which += " AND p.module = ANY(:modules)"
    return _plain(
        session, asked, which, community=community_id, author=author_id, modules=modules or []
    )


def _narrowed(
    modules: Sequence[str], words: Sequence[str], tag: str | None, stale: bool
) -> tuple[list[str], dict[str, Any]]:
    """The conditions of a list besides community and modules, and their values."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if len(modules) == 1:
        # an equation besides ANY: only then does the index of the module give the order
        conditions.append("p.module = :module")
        values["module"] = modules[0]
    if words:
        values |= search.values(words)
    if tag is not None:
        conditions.append("p.tags @> ARRAY[cast(:tag AS text)]")
        values["tag"] = tag
    if stale:
        conditions.append(f"p.module = '{GUIDES}' AND {CHECK_BY} <= :now")
    return conditions, values


def _of_state(state: Unshown) -> str:
    """The condition in the words of the index: a parameter would keep a plan from using it."""
    if state not in _UNSHOWN:
        raise ValueError(state)
    return f"p.state = '{state}' AND p.state <> 'shown' AND p.state <> 'deleted'"


def _plain(session: Session, asked: Asked, which: str, **values: Any) -> str:
    way = _WAYS["newest"]
    place = (
        Place(way.begins, "", asked.now.isoformat(), 0)
        if asked.cursor is None
        else Place.read(asked.cursor)
    )
    rows = _found(session, _filled(_PLAIN, way, which=which), asked, place, **values)
    shown = rows[: asked.limit]
    following = None
    if len(rows) > asked.limit:
        last = shown[-1]
        following = Place(_key(last["key"]), last["id"], place.as_of, 0).written()
    return page_json(shown, following)


def _found(
    session: Session, statement: str, asked: Asked, place: Place, **values: Any
) -> Sequence[RowMapping]:
    return (
        session.execute(
            prepared(statement),
            {
                "me": asked.me,
                "now": asked.now,
                "key": place.key,
                "key_id": place.id,
                "take": asked.limit + 1,
                **NAMES,
                **values,
            },
        )
        .mappings()
        .all()
    )


def _filled(statement: str, way: _Way, **parts: str) -> str:
    """The statement with this order and these parts where its marks are."""
    parts |= {
        "column": way.column,
        "direction": way.direction,
        "beyond": f"({way.column}, p.id) {way.beyond} (cast(:key AS {way.cast}), :key_id)",
        "by": f"{way.column} {way.direction}, p.id {way.direction}",
    }
    for mark, part in parts.items():
        statement = statement.replace(f"<{mark}>", part)
    return statement


def _key(value: datetime | str) -> str:
    return value if isinstance(value, str) else value.isoformat()


_MADE: Final = f"SELECT {LISTED}, p.id, <column> AS key, "

_PLAIN: Final = f"""
    {_MADE} 1 AS part
    FROM (SELECT * FROM feed_posts p WHERE <which> AND <beyond> ORDER BY <by> LIMIT :take) p
    {POST_JOINS}
    ORDER BY <by>
"""  # noqa: S608 - all of it stands here

# What flows below the pinned ones; a search has its own (:mod:`services.feed.repository.search`).
_FLOW: Final = """
        SELECT p.id, <column> AS key
        FROM feed_posts p
        WHERE p.community_id = :community AND p.module = ANY(:modules) AND <shown><narrowed>
            AND <beyond>
            AND p.id NOT IN (SELECT id FROM pinned)
        ORDER BY <by>
        LIMIT :take
"""

_PAGE: Final = f"""
    WITH pinned AS (
        SELECT id, row_number() OVER (ORDER BY pinned_at DESC, id DESC) AS place
        FROM (
            SELECT p.id, p.pinned_at, row_number() OVER (
                PARTITION BY p.module ORDER BY p.pinned_at DESC, p.id DESC) AS nth
            FROM feed_posts p
            WHERE p.community_id = :community AND p.module = ANY(:modules)
                AND p.pinned_at <= cast(:as_of AS timestamptz) AND {_SHOWN}
        ) ranked
        WHERE nth <= :pinned_first
        ORDER BY pinned_at DESC, id DESC
        LIMIT :pinned_limit
    ),
    flow AS (<flow>),
    page AS (
        SELECT id, 0 AS part, place FROM pinned WHERE :first
        UNION ALL
        SELECT id, 1, row_number() OVER (ORDER BY key <direction>, id <direction>) FROM flow
        ORDER BY part, place
        LIMIT :take
    )
    {_MADE} page.part
    FROM page JOIN feed_posts p ON p.id = page.id {POST_JOINS}
    ORDER BY page.part, page.place
"""  # noqa: S608 - all of it stands here
