"""Search on a real database: complete, newest first, of what is shown. Needs: db."""

import random

import pytest
from sqlalchemy import create_engine, text

from services.feed.domain import search
from services.feed.domain.texts import like_pattern
from services.feed.repository.search import NEAR
from services.kit import migrate
from tests.support.explained import analyze, rows_read
from tests.support.feed_street import CID, LU, PATH, SUN, VILLAGE, VILLAGE_PATH, WANG, Street

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


def found(street: Street, q: str, **fields) -> list[str]:
    """The titles of all pages, one after the other."""
    titles: list[str] = []
    cursor = None
    while True:
        page = street.posts(q=q, cursor=cursor, **fields)
        titles += [post["title"] for post in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return titles


def fill(street: Street, bodies: list[str], cid: str = CID, path: str = PATH) -> None:
    """A post for each body, a second after the one before; titled by its number."""
    with street.units() as uow:
        uow.session.execute(
            text(
                """
                INSERT INTO feed_posts (id, community_id, path, module, author_id, title, body,
                                        created_at, active_at)
                SELECT gen_random_uuid(), :cid, :path, 'neighbours', 'lu', place, body, at, at
                FROM (
                    SELECT place, body,
                        timestamptz '2026-01-01 00:00+00' + place * interval '1 second' AS at
                    FROM unnest(cast(:bodies AS text[])) WITH ORDINALITY AS b (body, place)
                ) made
                """
            ),
            {"cid": cid, "path": path, "bodies": bodies},
        )
        uow.commit()


def ilike(street: Street, word: str) -> list[str]:
    """What the database finds by reading everything, newest first."""
    with street.units() as uow:
        rows = uow.session.scalars(
            text(
                "SELECT title FROM feed_posts WHERE community_id = :cid AND state = 'shown' "
                "AND (title ILIKE :word OR body ILIKE :word) ORDER BY created_at DESC, id DESC"
            ),
            {"cid": CID, "word": like_pattern(word)},
        )
        return list(rows)


# -- what is found


def test_every_text_of_a_post_is_searched(street):
    street.post(module="idle", title="婴儿床", body="实木", extra={"condition": "九成新"})
    street.post(title="别的", body="没有")
    for q in ("婴儿", "实木", "九成", "成新", "床", "婴儿 九成"):
        assert found(street, q) == ["婴儿床"], q
    for q in ("床实", "木九", "婴床"):
        assert found(street, q) == [], f"{q}: a phrase does not span two texts"


def test_a_search_sees_no_difference_of_case_and_width(street):
    street.post(title="５Ｇ 基站", body="WiFi 也不好")
    for q in ("5g", "5G", "５ｇ", "wifi", "ＷＩＦＩ", "5G 基站"):
        assert found(street, q) == ["５Ｇ 基站"], q


def test_the_database_folds_as_the_domain_does(street):
    every = search.FOLDED + "停车É\u00df'\\%_"
    with street.units() as uow:
        told = uow.session.scalar(
            text("SELECT feed_words(:every, 'x', '{}', '{}')"), {"every": every}
        )
    assert told == search.fold(every) + "\nx"


def test_only_what_is_shown_is_found(street):
    kept = street.post(title="停车位")["id"]
    assert found(street, "停车") == ["停车位"]
    for state in ("taken_down", "waiting", "refused"):
        street_state(street, kept, state)
        assert found(street, "停车") == []
        street_state(street, kept, "shown")
        assert found(street, "停车") == ["停车位"]
    street.delete(kept)
    assert found(street, "停车") == []
    assert kept_words(street) == []


def street_state(street: Street, post_id: str, state: str) -> None:
    with street.units() as uow:
        uow.session.execute(
            text("UPDATE feed_posts SET state = :state WHERE id = :id"),
            {"state": state, "id": post_id},
        )
        uow.commit()


def kept_words(street: Street) -> list[tuple[str, str]]:
    """What the search has: the words of each post, and the transaction that wrote them."""
    with street.units() as uow:
        rows = uow.session.execute(
            text("SELECT words, cast(xmin AS text) FROM feed_search ORDER BY created_at")
        )
        return [tuple(row) for row in rows]


def test_an_edited_post_is_found_by_its_new_words_alone(street):
    post = street.post(title="电梯坏了", body="三天了")["id"]
    street.update(post, title="电梯修好了", body="谢谢物业")
    assert found(street, "修好") == found(street, "物业") == ["电梯修好了"]
    assert found(street, "坏了") == found(street, "三天") == []


def test_talk_and_likes_enter_nothing_into_the_search(street):
    post = street.post(title="电梯")["id"]
    before = kept_words(street)
    street.like(post)
    street.like_comment(street.comment(post, LU)["id"])
    street.update(post, WANG, pinned=True)
    assert kept_words(street) == before


def test_a_search_stays_in_its_community_and_module(street):
    fill(street, ["停车"], VILLAGE, VILLAGE_PATH)
    street.post(title="停车位")
    street.post(title="停车票", module="idle")
    assert found(street, "停车") == ["停车票", "停车位"]
    assert found(street, "停车", module="idle") == ["停车票"]


# -- complete, in order


def test_it_finds_what_reading_everything_finds(street):
    """Beside and beyond those that are read one by one: the same posts, in the same order."""
    dice = random.Random(21)
    letters = "停车位电梯坏aB5'\\%_& :*|!()\n"
    bodies = ["".join(dice.choices(letters, k=dice.randrange(1, 30))) for _ in range(NEAR + 500)]
    fill(street, bodies)
    missed = []
    for length in (1, 1, 2, 2, 2, 2, 2, 3, 4):
        for _ in range(6):
            word = "".join(dice.choices(letters.replace(" ", "").replace("\n", ""), k=length))
            if found(street, word, limit=100) != ilike(street, word):
                missed.append(word)
    assert missed == []


@pytest.mark.parametrize("every", [2, 40, 700])
def test_pages_go_on_where_the_last_one_ended(street, every):
    """However often it is said: among the newest, beyond them, or across both."""
    count = 2 * NEAR + 100
    fill(street, ["停车难" if n % every == 0 else "没有什么" for n in range(count)])
    told = [str(n + 1) for n in range(count) if n % every == 0]
    assert found(street, "停车", limit=100) == told[::-1]
    assert found(street, "停车难", limit=100) == told[::-1]


@pytest.mark.parametrize("q", ["%", "_", "'", "\\", "&", ":*", "'a':*", "a & b | !c", "((", "<->"])
def test_a_search_takes_signs_literally(street, q):
    street.post(title="普通帖子", body="aXb")
    assert found(street, q) == []
    street.post(title="有" + q + "的")
    assert len(found(street, q)) == 1


def test_a_search_for_the_longest_query_answers(street):
    street.post(title="停车")
    assert found(street, "停车" * 50) == []
    assert found(street, " ".join("停车电梯垃圾")) == []


# -- what is read for it


@pytest.mark.parametrize(("q", "most"), [("常见", 150), ("少见", NEAR + 50), ("没有过", NEAR + 20)])
def test_a_search_reads_little_besides_what_it_shows(street, q, most):
    fill(street, ["常见" if n % 2 else "少见" if n % 500 == 0 else "别的" for n in range(6_000)])
    analyze(street.units.engine, "feed_search", "feed_posts")
    engine = street.units.engine
    _, read = rows_read(engine, "feed_search", lambda: street.posts(SUN, q=q))
    assert read <= most
    _, posts = rows_read(engine, "feed_posts", lambda: street.posts(SUN, q=q))
    assert posts <= 100


# -- what was there before


def test_posts_from_before_are_found_too(make_database):
    """The migration enters what stands in the tables, and orders old talk into levels."""
    url = make_database(None)
    migrate.upgrade("feed", url, "0003")
    engine = create_engine(url)
    with engine.begin() as link:
        link.execute(
            text(
                "INSERT INTO feed_posts (id, community_id, path, module, author_id, title, body, "
                "created_at, removed_at) VALUES "
                "('a', 'c', 'd.c', 'hall', 'sun', '停车ABC', '难', now(), NULL), "
                "('b', 'c', 'd.c', 'hall', 'sun', '没了', '啊', now(), now())"
            )
        )
        link.execute(
            text(
                "INSERT INTO feed_comments (id, post_id, body, reply_to, created_at) VALUES "
                "('1', 'a', '一', NULL, now()), ('2', 'a', '二', '1', now()), "
                "('3', 'a', '三', '2', now())"
            )
        )
    migrate.upgrade("feed", url)
    with engine.connect() as link:
        words = link.execute(text("SELECT post_id, words FROM feed_search")).all()
        levels = link.execute(
            text("SELECT id, root_id, reply_count FROM feed_comments ORDER BY id")
        ).all()
    engine.dispose()
    assert [tuple(row) for row in words] == [("a", "停车abc\n难")]
    assert [tuple(row) for row in levels] == [("1", None, 2), ("2", "1", 0), ("3", "1", 0)]
