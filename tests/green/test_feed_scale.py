"""A list of posts reads what it shows, whatever else stands in the table. Needs: db."""

import pytest
from sqlalchemy import text

from tests.support.explained import analyze, rows_read
from tests.support.feed_street import CID, NOON, PATH, VILLAGE, VILLAGE_PATH, WANG, Street

pytestmark = pytest.mark.db

POSTS = 4_000


@pytest.fixture
def street(db) -> Street:
    """Two communities with many posts: one in ten past its end, one in twenty waiting."""
    street = Street(db("feed"))
    with street.units() as uow:
        for cid, path in ((CID, PATH), (VILLAGE, VILLAGE_PATH)):
            uow.session.execute(
                text(
                    """
                    INSERT INTO feed_posts (id, community_id, path, module, author_id, title, body,
                                            state, expires_at, created_at, active_at)
                    SELECT gen_random_uuid(), :cid, :path,
                        (ARRAY['idle', 'hall', 'guides', 'nearby'])[1 + n % 4], 'lu', '帖' || n,
                        '正文', CASE WHEN n % 20 = 7 THEN 'waiting' ELSE 'shown' END,
                        CASE WHEN n % 10 = 3 THEN at + interval '1 hour' END, at, at
                    FROM (
                        SELECT n, cast(:now AS timestamptz) - interval '2 hours'
                            - n * interval '1 minute' AS at
                        FROM generate_series(1, :count) AS n
                    ) made
                    """
                ),
                {"cid": cid, "path": path, "now": NOON, "count": POSTS},
            )
        uow.commit()
    analyze(street.units.engine, "feed_posts")
    return street


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"module": "idle"},
        {"module": "hall", "order": "active"},
        {"module": "guides", "order": "title"},
    ],
    ids=str,
)
def test_a_page_reads_what_it_shows(street, fields):
    def ask(**more):
        return street.posts(WANG, limit=20, **fields, **more)

    cursor = None
    for _ in range(3):  # the first page, and later ones
        page, read = rows_read(street.units.engine, "feed_posts", lambda c=cursor: ask(cursor=c))
        assert len(page["items"]) == 20
        assert read <= 70, f"{read} posts read for a page of 20"
        cursor = page["next_cursor"]


def test_pinned_posts_cost_what_they_are(street):
    for post in street.posts(WANG, module="idle", limit=5)["items"]:
        street.update(post["id"], WANG, pinned=True)
    analyze(street.units.engine, "feed_posts")
    page, read = rows_read(street.units.engine, "feed_posts", lambda: street.posts(WANG))
    assert sum(post["pinned"] for post in page["items"][:3]) == 3
    assert read <= 80
