"""Posts for measuring: made of the sentences that the project has, and bare ones in any number."""

import json
import random
import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import text

from services.feed import search_schema
from services.feed.seed_posts import POSTS
from tests.support.feed_street import CID, NOON, PATH, Street

CORPUS = Path("services/grid_bridge/classifier/corpus")
MESSAGES = Path("tests/e2e/messages.jsonl")
LENGTHS = (1, 2, 2, 3, 3, 4, 5, 8)  # sentences of a body
BATCH = 5_000
_SENTENCE = re.compile(r"(?<=[。！？])")
_MIXED = ("5G", "WiFi", "12345", "ETC", "A栋", "LED", "APP", "POS")


def written(count: int, seed: int = 21) -> Iterator[tuple[str, str]]:
    """``count`` titles and bodies, the same for the same seed."""
    titles, sentences = _said()
    dice = random.Random(seed)
    for _ in range(count):
        body = "".join(dice.choices(sentences, k=dice.choice(LENGTHS)))
        if dice.random() < 0.06:
            room = f"{dice.randrange(1, 40)}号楼{dice.randrange(1, 20)}0{dice.randrange(1, 5)}室"
            body += f"{dice.choice(_MIXED)}信号也不好，{room}。"
        yield dice.choice(titles), body


def _said() -> tuple[list[str], list[str]]:
    """Titles and sentences of the classifier's corpus, the replay's messages and the demo."""
    titles = [post.title for post in POSTS]
    bodies = [post.body for post in POSTS]
    for file in (*sorted(CORPUS.rglob("*.jsonl")), MESSAGES):
        for line in file.read_text().splitlines():
            message = json.loads(line)
            titles.append(message["title"])
            bodies.append(message["body"])
    return titles, [one for body in bodies for one in _SENTENCE.split(body) if len(one) > 3]


def put_written(street: Street, count: int, communities: int) -> None:
    """Written posts, a minute after each other, dealt out to so many communities in turn.

    They enter the search as migration 0004 has old posts enter it: all at once.
    """
    run = partial(_run, street)
    run("ALTER TABLE feed_posts DISABLE TRIGGER feed_posts_search", "DROP INDEX feed_search_grams")
    made = written(count)
    for start in range(0, count, BATCH):
        batch = [next(made) for _ in range(min(BATCH, count - start))]
        with street.units() as uow:
            uow.session.execute(
                text(
                    """
                    INSERT INTO feed_posts (id, community_id, path, module, author_id, title,
                                            body, created_at, active_at)
                    SELECT gen_random_uuid(),
                        CASE WHEN number % :communities = 0 THEN :cid
                            ELSE 'c' || number % :communities END,
                        :path, (ARRAY['neighbours', 'idle', 'hall', 'nearby'])[1 + number % 4],
                        'lu', title, body, at, at
                    FROM (
                        SELECT :start + place AS number, title, body,
                            cast(:now AS timestamptz)
                                - (:count - :start - place) * interval '1 minute' AS at
                        FROM unnest(cast(:titles AS text[]), cast(:bodies AS text[]))
                            WITH ORDINALITY AS said (title, body, place)
                    ) made
                    """
                ),
                {
                    "cid": CID,
                    "path": PATH,
                    "communities": communities,
                    "start": start,
                    "count": count,
                    "now": NOON,
                    "titles": [title for title, _ in batch],
                    "bodies": [body for _, body in batch],
                },
            )
            uow.commit()
    run(*(each for each in search_schema.DDL if "INSERT INTO feed_search (" in each))
    run(*(each for each in search_schema.DDL if "INDEX feed_search_grams" in each))
    run("ALTER TABLE feed_posts ENABLE TRIGGER feed_posts_search")


def _run(street: Street, *statements: str) -> None:
    with street.units() as uow:
        uow.session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in statements:
            uow.session.execute(text(statement))
        uow.commit()


def put_bare(street: Street, community: str, count: int, communities: int = 1) -> None:
    """Posts without words worth searching, spread over the last 60 days.

    One in ten is past its end, one in twenty waits for a moderator. They are kept out of the
    search, which has figures of its own.
    """
    with street.units() as uow:
        uow.session.execute(text("ALTER TABLE feed_posts DISABLE TRIGGER feed_posts_search"))
        uow.session.execute(text("SET LOCAL statement_timeout = 0"))
        uow.session.execute(
            text(
                """
                INSERT INTO feed_posts (id, community_id, path, module, author_id, title, body,
                                        state, expires_at, created_at, active_at)
                SELECT gen_random_uuid(), :community || CASE WHEN :communities = 1 THEN ''
                        ELSE cast(n % :communities AS text) END,
                    :path, (ARRAY['neighbours', 'idle', 'hall', 'nearby'])[1 + n % 4], 'lu',
                    '帖' || n, repeat('大家好', 20),
                    CASE WHEN n % 20 = 7 THEN 'waiting' ELSE 'shown' END,
                    CASE WHEN n % 10 = 3 THEN at + interval '1 hour' END, at, at
                FROM (
                    SELECT n, cast(:now AS timestamptz) - interval '2 hours'
                        - n * interval '60 days' / :count AS at
                    FROM generate_series(1, :count) AS n
                ) made
                """
            ),
            {
                "community": community,
                "communities": communities,
                "path": PATH,
                "count": count,
                "now": NOON,
            },
        )
        uow.session.execute(text("ALTER TABLE feed_posts ENABLE TRIGGER feed_posts_search"))
        uow.commit()


def put_comments(street: Street, post_id: str, count: int, at: datetime) -> None:
    """A thread of ``count`` comments, seven of ten of them replies."""
    with street.units() as uow:
        uow.session.execute(
            text(
                """
                WITH roots AS (
                    INSERT INTO feed_comments (id, post_id, author_id, body, created_at)
                    SELECT gen_random_uuid(), :post, 'lu', '第' || n || '句：大家商量一下怎么办',
                        cast(:at AS timestamptz) + n * interval '10 seconds'
                    FROM generate_series(1, :roots) AS n
                    RETURNING id
                ),
                numbered AS (SELECT id, row_number() OVER () AS place FROM roots)
                INSERT INTO feed_comments (id, post_id, author_id, body, reply_to, root_id,
                                           created_at)
                SELECT gen_random_uuid(), :post, 'sun', '回复' || n, numbered.id, numbered.id,
                    cast(:at AS timestamptz) + n * interval '4 seconds'
                FROM generate_series(1, :replies) AS n
                JOIN numbered ON numbered.place = 1 + n % :roots
                """
            ),
            {"post": post_id, "at": at, "roots": count * 3 // 10, "replies": count * 7 // 10},
        )
        uow.session.execute(
            text(
                "UPDATE feed_comments c SET reply_count = "
                "(SELECT count(*) FROM feed_comments r WHERE r.root_id = c.id)"
            )
        )
        uow.session.execute(
            text("UPDATE feed_posts SET comment_count = :count WHERE id = :post"),
            {"post": post_id, "count": count},
        )
        uow.commit()
