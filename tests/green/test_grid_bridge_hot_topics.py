"""The hot ten on a real database: asked for, reckoned, published, read, acted upon. Needs: db."""

from datetime import datetime, timedelta

import eventlet
import pytest
from sqlalchemy import text

from services.contracts.errors import Forbidden, NotFound
from services.contracts.events import HotTopicsPublished
from services.grid_bridge import repository_vectors
from services.grid_bridge.classifier import ModelUnavailable
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.handlers import hot_runs
from tests.support.bridge import (
    ADMIN,
    JUYUAN,
    NEXT_DOOR,
    PATHS,
    SHANGYUAN,
    SHI,
    SUN,
    TOWN,
    Bridge,
    refused,
)
from tests.support.hot_topics import Street

pytestmark = pytest.mark.db
HOME = (SHANGYUAN, PATHS[SHANGYUAN])
NEXT = (JUYUAN, PATHS[JUYUAN])


def on(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


@pytest.fixture
def street(db, tmp_path) -> Street:
    return Street(Bridge(db("grid_bridge"), tmp_path))


def test_a_month_is_asked_for_by_the_clock_reckoned_and_told(street):
    """From what neighbours wrote to the ranked list with its trend, in three levels."""
    for month, people in ((12, 0), (1, 4), (2, 12)):
        if people:
            street.write(*HOME, "noise", people, on(month, 3))
    street.write(*HOME, "lift", 5, on(1, 9))
    street.write(*HOME, "lift", 5, on(2, 9), each=3)
    street.write(*HOME, "dogs", 2, on(2, 11), each=6)  # two people are no concern of many
    street.bridge.now = on(3, 1, 1)
    assert street.ask_by_clock() == 0  # the night's vectors are still being reckoned
    street.bridge.now = on(3, 1, 2)
    assert street.ask_by_clock() == 3  # community, town, district; March has no message yet
    assert street.ask_by_clock() == 0
    assert street.reckon() == 3

    seen = street.ten(SUN, cid=SHANGYUAN)
    assert (seen.month, seen.version, seen.exact, seen.reason) == ("2026-02", 1, True, None)
    noise, lift = seen.items
    assert (noise.rank, noise.people, noise.since) == (1, 12, "2026-02")
    assert (noise.trend.previous, noise.trend.direction) == (4, "rising")
    assert noise.trend.mean_of_three == round(4 / 3, 2)
    assert noise.trend.burst == round((12 - 4 / 3) / (4 / 3 + 1) ** 0.5, 2)
    assert (lift.rank, lift.people, lift.trend.previous) == (2, 5, 5)
    assert lift.messages is None  # how often one wrote is the committee's to know
    assert street.ten(SHI, cid=SHANGYUAN).items[1].messages == 15
    assert "夜间施工" in noise.label
    assert "电梯" in lift.label
    examples = [one.text for one in noise.examples]
    assert len(examples) == 3
    assert all(text.startswith("夜间施工噪音扰民") for text in examples)

    told = street.bridge.told(HotTopicsPublished)
    assert {(one.level, one.node_id, one.edition) for one in told} == {
        ("community", SHANGYUAN, 1), ("town", "t-yuepu", 1), ("district", "demo", 1),
    }  # fmt: skip
    assert refused(street.ten, SUN, cid=SHANGYUAN, month="2026-01") == (
        "grid.hot_topics_not_published"
    )


def test_what_was_published_does_not_change_and_a_new_edition_says_why(street):
    first = street.write(*HOME, "noise", 6, on(2, 3))
    street.bridge.now = on(3, 2)
    street.ask_by_clock()
    street.reckon()
    before = street.ten(SUN, cid=SHANGYUAN)
    street.write(*HOME, "noise", 3, on(2, 20), prefix="late")
    assert street.ten(SUN, cid=SHANGYUAN) == before

    assert refused(street.again, "community", SHANGYUAN, "2026-03") == "grid.month_not_over"
    asked = street.again("community", SHANGYUAN, "2026-02")
    assert street.again("community", SHANGYUAN, "2026-02", TOWN).id == asked.id
    assert street.reckon() == 1
    after = street.ten(SUN, cid=SHANGYUAN)
    assert (after.version, after.reason, after.versions) == (2, "补录后重算", [2, 1])
    assert after.items[0].people == 9
    assert after.items[0].concern_id == before.items[0].concern_id
    assert street.ten(SUN, cid=SHANGYUAN, version=1).items == before.items

    same = street.again("community", SHANGYUAN, "2026-02")
    street.reckon()
    digests = street.bridge.rows(
        "SELECT digest FROM hot_topic_runs WHERE level = 'community' ORDER BY version"
    )
    assert digests[1] == digests[2] != digests[0]
    third = street.ten(SUN, cid=SHANGYUAN)
    facts = [(one.label, one.people, one.words, one.trend, one.examples) for one in third.items]
    assert facts == [
        (one.label, one.people, one.words, one.trend, one.examples) for one in after.items
    ]
    with pytest.raises(Forbidden):
        street.again("district", "demo", "2026-02", TOWN)
    assert refused(street.again, "town", "t-none", "2026-02") == "grid.town_not_found"
    assert refused(street.again, "district", "none", "2026-02") == "grid.district_not_found"
    with street.bridge.units() as uow:
        cmd = hot_runs.ops.GetHotTopicRun(id=same.id)
        assert hot_runs.get(uow, cmd, ADMIN).state == "published"
        assert refused(hot_runs.get, uow, cmd, SHI) == "grid.hot_topic_run_not_found"
    assert len(first) == 6


def test_the_running_month_is_reckoned_every_night_for_those_inside(street):
    street.bridge.now = on(3, 10, 3)
    street.write(*HOME, "noise", 12, on(3, 3))
    street.ask_by_clock()
    street.reckon()
    assert street.ten(SUN, cid=SHANGYUAN, version=0).items[0].people == 12
    assert refused(street.ten, SUN, cid=SHANGYUAN) == "grid.hot_topics_not_published"
    assert street.ten(TOWN, tid="t-yuepu", version=0).items[0].people == 12
    # from one night to the next a single person would show
    assert refused(street.ten, SUN, tid="t-yuepu", version=0) == "grid.hot_topics_not_published"
    street.bridge.now = on(3, 11, 3)
    street.write(*HOME, "noise", 1, on(3, 10), prefix="new")
    assert street.ask_by_clock() == 3
    street.reckon()
    assert street.ten(SUN, cid=SHANGYUAN, version=0).items[0].people == 13
    assert street.bridge.rows("SELECT count(*) FROM hot_topic_runs")[0][0] == 3
    assert street.bridge.told(HotTopicsPublished) == []


def test_a_concern_goes_on_over_the_months(street):
    for month, people in ((1, 12), (2, 6), (3, 3)):
        street.write(*HOME, "water", people, on(month, 5))
        street.write(*HOME, "parking", 4, on(month, 8))
        street.bridge.now = on(month + 1, 1, 3)
        street.ask_by_clock()
        street.reckon()
    names = {}
    for month in ("2026-01", "2026-02", "2026-03"):
        for one in street.ten(SUN, cid=SHANGYUAN, month=month).items:
            names.setdefault(one.concern_id, []).append((one.people, one.since))
    assert sorted(names.values()) == [
        [(4, "2026-01")] * 3,
        [(12, "2026-01"), (6, "2026-01"), (3, "2026-01")],
    ]
    falling = next(one for one in street.ten(SUN, cid=SHANGYUAN).items if one.people == 3)
    assert (falling.trend.previous, falling.trend.direction) == (6, "falling")


def test_an_action_is_linked_and_its_effect_told_when_enough_days_have_passed(street):
    street.write(*HOME, "noise", 12, on(2, 10))
    street.bridge.now = on(3, 1, 3)
    street.ask_by_clock()
    street.reckon()
    (topic,) = street.ten(SHI, cid=SHANGYUAN).items
    assert refused(street.act, topic.id, SUN) == "auth.forbidden"
    assert refused(street.act, topic.id, NEXT_DOOR) == "grid.hot_topic_not_found"
    assert refused(street.act, topic.id, SHI, ends_at=on(2, 1)) == "grid.action_ends_before_start"
    act = street.act(topic.id, SHI, ref="p-123", note="夜查工地", starts_at=on(3, 5))
    assert (act.state, act.effect, act.effect_from) == ("planned", None, on(3, 19))

    street.write(*HOME, "noise", 3, on(3, 12), prefix="after", each=2)
    street.write(*HOME, "dogs", 4, on(3, 13), prefix="after")
    street.bridge.now = on(3, 25, 3)  # 19 full days since
    street.ask_by_clock()
    street.reckon()
    (seen,) = street.ten(SUN, cid=SHANGYUAN, month="2026-02").items
    assert seen.people == 12  # as it was published
    (told,) = seen.actions
    assert (told.state, told.effect.before, told.effect.days) == ("running", 12, 19)
    assert told.effect.after == round(3 * 30 / 19, 1)  # people, and not their six messages
    assert told.effect.change == round(round(3 * 30 / 19, 1) / 12 - 1, 3)
    assert "30" in told.effect.formula

    ended = street.finish(act.id, SHI, note="整改完成")
    assert (ended.state, ended.note) == ("finished", "夜查工地\n整改完成")
    assert refused(street.finish, act.id, SHI) == "grid.action_over"
    assert refused(street.remove, act.id, NEXT_DOOR) == "grid.hot_topic_action_not_found"
    street.remove(act.id, SHI)
    assert street.ten(SUN, cid=SHANGYUAN, month="2026-02").items[0].actions == []
    assert refused(street.remove, act.id, SHI) == "grid.hot_topic_action_not_found"


def test_words_of_who_has_left_and_of_what_was_removed_are_no_examples(street):
    ids = street.write(*HOME, "noise", 5, on(2, 3), say=lambda one: f"，我叫第{one}号，13912345678")
    street.bridge.now = on(3, 1, 3)
    street.ask_by_clock()
    street.reckon()
    (topic,) = street.ten(SUN, cid=SHANGYUAN).items
    assert len(street.topic(topic.id, SUN).evidence.issues) == 5
    shown = [one.text for one in street.topic(topic.id, SUN).evidence.issues]
    assert not any("139123" in one for one in shown)
    with street.bridge.units() as uow:
        repository_vectors.forget_author(uow.session, f"p-{SHANGYUAN}-0")
        repository_vectors.drop(uow.session, ids[1])
        uow.commit()
    left = {one.issue_id for one in street.topic(topic.id, SUN).evidence.issues}
    assert left == set(ids[2:])
    assert street.ten(SUN, cid=SHANGYUAN).items[0].people == 5  # figures stay as published
    kept = " ".join(
        str(row)
        for table in ("hot_topics", "hot_topic_messages", "concerns", "concern_messages")
        for row in street.bridge.rows(f"SELECT t::text FROM {table} AS t")
    )
    assert f"p-{SHANGYUAN}" not in kept
    assert "13912345678" not in kept


def test_a_message_without_vector_is_counted_by_its_words(street):
    street.write(*HOME, "parking", 4, on(2, 3))
    street.write(*HOME, "parking", 3, on(2, 5), prefix="bare", embedded=False)
    street.bridge.now = on(3, 1, 3)
    street.ask_by_clock()
    street.reckon()
    assert street.ten(SUN, cid=SHANGYUAN).items[0].people == 7
    ((bare,),) = street.bridge.rows(
        "SELECT without_vector FROM hot_topic_runs WHERE level = 'community'"
    )
    assert bare == 3


def test_each_run_is_taken_by_one_reader_and_taken_again_when_that_one_died(street):
    street.write(*HOME, "noise", 4, on(2, 3))
    street.bridge.now = on(3, 1, 3)
    street.ask_by_clock()
    turns = [eventlet.spawn(street.reckon) for _ in range(4)]
    assert sum(turn.wait() for turn in turns) == 3
    assert len(street.bridge.told(HotTopicsPublished)) == 3

    street.again("community", SHANGYUAN, "2026-02")

    def dies(*_):
        raise MemoryError

    def attempt(aside) -> int:
        with street.bridge.units() as uow:
            handled = hot_runs.run_next(uow, aside, street.bridge.now)
            uow.commit()
        return handled

    with street.bridge.units() as uow:  # taken, and its reader is gone
        assert hot_runs.store.take(uow.session, street.bridge.now) is not None
        uow.commit()
    assert attempt(dies) == 0
    street.bridge.now += timedelta(minutes=31)
    assert attempt(dies) == 1
    assert attempt(dies) == 1
    assert attempt(dies) == 0
    with street.bridge.units() as uow:
        state = uow.session.execute(
            text("SELECT state, error, attempts FROM hot_topic_runs WHERE kind = 'again'")
        ).one()
    assert tuple(state) == ("failed", "MemoryError", 3)


def test_what_neighbours_post_counts_when_it_is_a_concern(street, monkeypatch):
    """A problem told in nearby is a concern as a report is; chat, needs and offers are none."""
    street.write(*HOME, "noise", 2, on(2, 3))
    posts = street.write(*HOME, "noise", 3, on(2, 4), kind="post", prefix="post")
    street.write(*HOME, "chat", 6, on(2, 5), kind="post", prefix="chat")
    aid = street.write(*HOME, "noise", 4, on(2, 6), kind="post", prefix="aid")
    with street.bridge.units() as uow:
        uow.session.execute(
            text("UPDATE vectors SET module = 'mutual_aid' WHERE id = ANY(:ids)"), {"ids": aid}
        )
        uow.commit()
    street.bridge.now = on(3, 1, 3)
    street.ask_by_clock()
    with monkeypatch.context() as patched:  # without the model nobody knows, and nothing is told
        patched.setattr(hot_runs.advice, "likelihood", unavailable)
        street.reckon()
    assert refused(street.ten, SUN, cid=SHANGYUAN) == "grid.hot_topics_not_published"
    assert failures(street) == [("failed", "ModelUnavailable", 3)] * 3
    assert street.ask_by_clock() == 0  # not on the same day
    street.bridge.now = on(3, 2, 3)
    assert street.ask_by_clock() == 3
    assert street.reckon() == 3
    (topic,) = street.ten(SUN, cid=SHANGYUAN).items
    assert (topic.people, street.ten(SHI, cid=SHANGYUAN).items[0].messages) == (5, 5)
    evidence = street.topic(topic.id, SUN).evidence.issues
    assert sorted(one.issue_id is None for one in evidence) == [False] * 2 + [True] * 3
    resting = street.bridge.rows("SELECT message_id FROM hot_topic_messages WHERE kind = 'post'")
    assert {one for (one,) in resting} == set(posts)
    assert street.topic(topic.id, TOWN).evidence.communities[0].people == 5


def unavailable(*_: str) -> float:
    raise ModelUnavailable("none")


def failures(street: Street) -> list[tuple[object, ...]]:
    return street.bridge.rows(
        "SELECT state, error, attempts FROM hot_topic_runs WHERE state = 'failed' ORDER BY id"
    )


def test_months_that_ended_while_the_clock_stood_still_are_made_up_for(street):
    """A gap of months, one of them silent, and a night that nobody reckoned."""
    street.write(*HOME, "noise", 3, datetime(2024, 11, 3, tzinfo=ZONE))  # before there was a clock
    street.write(*HOME, "noise", 4, on(1, 3))
    street.bridge.now = on(2, 1, 3)
    assert street.ask_by_clock() == 3
    street.reckon()
    street.write(*HOME, "noise", 8, on(2, 10))
    street.bridge.now = on(2, 20, 3)
    assert street.ask_by_clock() == 3  # and nobody reckons
    street.write(*HOME, "noise", 7, on(4, 3))
    street.bridge.now = on(5, 9, 3)
    assert street.ask_by_clock() == 6  # February, April: of March there is nothing
    assert street.ask_by_clock() == 0
    assert street.reckon() == 6  # February's night is left out
    told = {}
    for month in ("2026-01", "2026-02", "2026-04"):
        (topic,) = street.ten(SUN, cid=SHANGYUAN, month=month).items
        told[month] = (topic.people, topic.since, topic.trend.previous)
    assert told == {
        "2026-01": (4, "2026-01", 0),
        "2026-02": (8, "2026-01", 4),
        "2026-04": (7, "2026-01", 0),
    }
    published = [one.month for one in street.bridge.told(HotTopicsPublished)]
    assert published == ["2026-01"] * 3 + ["2026-02"] * 3 + ["2026-04"] * 3
    street.bridge.now = datetime(2028, 3, 1, 3, tzinfo=ZONE)
    street.write(*HOME, "noise", 3, datetime(2026, 6, 3, tzinfo=ZONE))
    assert street.ask_by_clock() == 0  # more than a year ago


def test_a_run_that_kills_its_readers_stops_nobody(street):
    street.write(*HOME, "noise", 4, on(2, 3))
    street.bridge.now = on(3, 1, 3)
    street.ask_by_clock()
    taken = set()
    for _ in range(hot_runs.store.ATTEMPTS):
        with street.bridge.units() as uow:
            run = hot_runs.store.take(uow.session, street.bridge.now)
            taken.add(run.id)
            uow.commit()
        street.bridge.now += timedelta(minutes=31)
    assert len(taken) == 1
    assert street.reckon() == 2
    assert failures(street) == [("failed", "its reader was lost", 3)]
    street.bridge.now = on(3, 2, 3)
    assert street.ask_by_clock() == 1
    assert street.reckon() == 1
    assert street.ten(SUN, cid=SHANGYUAN).items[0].people == 4


def test_nobody_from_elsewhere_reads_it(street):
    street.write(*HOME, "noise", 12, on(2, 3))
    street.bridge.now = on(3, 1, 3)
    street.ask_by_clock()
    street.reckon()
    (topic,) = street.ten(SUN, cid=SHANGYUAN).items
    with pytest.raises(NotFound):
        street.ten(NEXT_DOOR, cid=SHANGYUAN)
    with pytest.raises(NotFound):
        street.topic(topic.id, NEXT_DOOR)
    stranger = street.member("p-else", "c-else", street.community("c-else", "luodian"))
    assert refused(street.ten, stranger, tid="t-yuepu") == "grid.town_not_found"
    assert street.ten(stranger, did="demo").items[0].people == 10
