"""Trying to learn of fewer than ten people from the hot ten of a town or a district. Needs: db."""

from datetime import datetime

import pytest
from sqlalchemy import text

from services.contracts.errors import ShequError
from services.grid_bridge.domain.sla import ZONE
from tests.support.bridge import ADMIN, JUYUAN, LU, PATHS, SHANGYUAN, SHI, SUN, TOWN, Bridge
from tests.support.bridge_table import URBAN
from tests.support.hot_topics import Street

pytestmark = pytest.mark.db
HOME = (SHANGYUAN, PATHS[SHANGYUAN])
NEXT = (JUYUAN, PATHS[JUYUAN])
FEBRUARY = datetime(2026, 2, 5, 9, tzinfo=ZONE)


@pytest.fixture
def street(db, tmp_path) -> Street:
    made = Street(Bridge(db("grid_bridge"), tmp_path))
    made.bridge.now = datetime(2026, 3, 1, 3, tzinfo=ZONE)
    return made


def publish(street: Street) -> None:
    street.ask_by_clock()
    street.reckon()


def everything_told(street: Street, who, **query) -> str:
    """All that somebody can read of a list, each of its topics too."""
    seen = street.ten(who, **query)
    return seen.model_dump_json() + "".join(
        street.topic(one.id, who).model_dump_json() for one in seen.items
    )


def test_a_town_less_ones_own_community_leaves_nobody(street):
    """Twelve at home and one next door: the town's twelve are not thirteen."""
    street.write(*HOME, "noise", 12, FEBRUARY)
    street.write(*NEXT, "noise", 1, FEBRUARY)
    street.write(*HOME, "lift", 9, FEBRUARY)
    street.write(*NEXT, "lift", 9, FEBRUARY)  # neither is ten without the other
    publish(street)
    assert [one.people for one in street.ten(SUN, cid=SHANGYUAN).items] == [12, 9]
    for query in ({"tid": "t-yuepu"}, {"did": "demo"}):
        assert [one.people for one in street.ten(SUN, **query).items] == [10]
        assert "电梯" not in everything_told(street, SUN, **query)
    exact = street.ten(TOWN, tid="t-yuepu")
    assert exact.exact
    assert [one.people for one in exact.items] == [18, 13]
    shares = street.topic(exact.items[1].id, TOWN).evidence.communities
    assert [(one.community_id, one.people) for one in shares] == [(SHANGYUAN, 12), (JUYUAN, 1)]


def test_many_small_communities_are_told_together_and_one_of_them_learns_little(street):
    for number in range(6):
        name = f"c-small-{number}"
        street.write(name, street.community(name), "water", 3, FEBRUARY)
    path = street.community("c-far", "luodian")
    street.write("c-far", path, "water", 4, FEBRUARY)
    publish(street)
    neighbour = street.member("p-in", "c-small-0", "demo.yuepu.c-small-0")
    (town,) = street.ten(neighbour, tid="t-yuepu").items
    assert town.people == 10  # 18, in tens; without her own three there are still ten
    # the other town's four would be the district less this town
    (district,) = street.ten(neighbour, did="demo").items
    assert district.people == 10
    assert [one.people for one in street.ten(ADMIN, did="demo").items] == [22]
    far = street.member("p-far", "c-far", path)
    assert street.ten(far, tid="t-luodian").items == []


def test_the_next_edition_does_not_show_who_came_between(street):
    street.write(*HOME, "noise", 14, FEBRUARY)
    publish(street)
    before = everything_told(street, LU, tid="t-yuepu")
    street.write(*HOME, "noise", 1, FEBRUARY, prefix="late")
    street.again("town", "t-yuepu", "2026-02")
    street.reckon()
    first, second = (street.ten(LU, tid="t-yuepu", version=one).items[0] for one in (1, 2))
    assert first.people == second.people == 10
    assert before.count('"people":10') == 2
    with pytest.raises(ShequError):
        street.ten(LU, tid="t-yuepu", version=0)


def test_nothing_is_said_outside_in_words_that_fewer_than_ten_wrote(street):
    """One complains of a neighbour by name and number; nine say the same odd thing."""
    street.write(
        *HOME, "noise", 12, FEBRUARY, say=lambda one: "，包工头王大锤13800138000" * (one < 9)
    )
    street.write(*NEXT, "noise", 11, FEBRUARY)
    publish(street)
    outsider = street.member("p-out", "c-out", street.community("c-out"))
    told = everything_told(street, outsider, tid="t-yuepu")
    assert "夜间施工噪音扰民" in told
    for secret in ("王大锤", "包工头", "13800138000", 'issue_id":"', "c-shangyuan"):
        assert secret not in told
    # a member of one community sees the issues of that one, which she may read anyway
    (topic,) = street.ten(SUN, tid="t-yuepu").items
    of = {one.community_id for one in street.topic(topic.id, SUN).evidence.issues}
    assert of == {SHANGYUAN}
    assert street.topic(topic.id, SUN).evidence.communities is None
    assert len(street.topic(topic.id, TOWN).evidence.issues) == 23
    # a department reads no community, whatever its grant covers
    assert street.topic(topic.id, URBAN).evidence.issues == []


def test_one_person_who_writes_forty_times_is_one(street):
    street.write(*HOME, "dogs", 1, FEBRUARY, each=40)
    street.write(*HOME, "parking", 9, FEBRUARY, each=4)
    publish(street)
    assert [one.people for one in street.ten(SHI, cid=SHANGYUAN).items] == [9]
    assert street.ten(SUN, tid="t-yuepu").items == []
    topic_ids = street.bridge.rows("SELECT id FROM hot_topics")
    for (topic_id,) in topic_ids:  # the town's and the district's rows are there, for nobody else
        with street.bridge.units() as uow:
            level = uow.session.scalar(
                text(
                    "SELECT level FROM hot_topic_runs AS run JOIN hot_topics ON run_id = run.id "
                    "WHERE hot_topics.id = :id"
                ),
                {"id": topic_id},
            )
        if level != "community":
            with pytest.raises(ShequError, match="hot topic"):
                street.topic(topic_id, SUN)


def test_the_trend_and_the_effect_keep_the_same_rule(street):
    january = datetime(2026, 1, 20, 9, tzinfo=ZONE)
    street.write(*HOME, "noise", 9, january)
    street.write(*HOME, "noise", 23, FEBRUARY)
    publish(street)
    (topic,) = street.ten(SUN, tid="t-yuepu").items
    assert (topic.people, topic.trend.previous, topic.trend.mean_of_three) == (20, None, None)
    assert topic.trend.burst is None
    street.act(topic.id, TOWN, starts_at=datetime(2026, 2, 10, tzinfo=ZONE))
    (told,) = street.ten(SUN, tid="t-yuepu").items[0].actions
    assert (told.effect.before, told.effect.after, told.effect.change) == (20, None, None)
    (exact,) = street.ten(TOWN, tid="t-yuepu").items[0].actions
    assert (exact.effect.before, exact.effect.after) == (23, 0.0)
