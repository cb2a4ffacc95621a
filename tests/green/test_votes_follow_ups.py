"""What became of it: the chain does not end with a vote. Needs: db."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from services.contracts.operations.votes import follow_ups as ops
from services.votes.domain.follow_ups import MOST
from services.votes.handlers import follow_ups
from tests.support.bridge import NEXT_DOOR, SHI, STRANGER, SUN, refused
from tests.support.explained import statements
from tests.support.votes import OWNERS
from tests.support.waiting import until

pytestmark = pytest.mark.db


UPLOADS = {
    "photo": ("p-shi", "image/jpeg"),
    "hers": ("p-sun", "image/jpeg"),
    "list": ("p-shi", "application/pdf"),
}


class Files:
    """Uploads by id: whose, and what they are."""

    def meta(self, upload_id):
        if upload_id not in UPLOADS:
            return None
        owner, content_type = UPLOADS[upload_id]
        return SimpleNamespace(
            id=upload_id,
            owner=owner,
            content_type=content_type,
            url=f"/uploads/{upload_id}",
            bytes=7,
            sha256="0" * 64,
            thumbnail_url=None,
        )


def add(votes, topic_id, who=SHI, **facts):
    facts = {"what": "安装充电棚", "who": "物业", "due_on": date(2026, 3, 20), **facts}
    cmd = ops.AddFollowUp(id=topic_id, **facts)
    return votes.do(follow_ups.add, cmd, who, votes.now)


def update(votes, item_id, who=SHI, **facts):
    cmd = ops.UpdateFollowUp(id=item_id, **{"note": "已进场", **facts})
    return votes.do(follow_ups.update, cmd, who, Files(), votes.now)


def listed(votes, who=SUN, **asked):
    cmd = ops.ListFollowUps(cid="c-shangyuan", **asked)
    return votes.do(follow_ups.list_follow_ups, cmd, who, votes.now)


def told(votes, topic_id):
    return votes.rows(
        "SELECT text, reason, actor_role FROM topic_steps WHERE topic_id = :topic ORDER BY id",
        topic=topic_id,
    )


def test_what_follows_is_told_step_by_step_on_the_topics_timeline_and_when_it_is_late(votes):
    topic_id = votes.topic("closed", outcome="not_passed")
    item = add(votes, topic_id)
    assert (item.state, item.overdue, item.topic_title) == ("planned", False, "电动车不进楼")
    found = update(votes, item.id, state="under_way", attachments=["photo"])
    assert [one.id for one in found.attachments] == ["photo"]
    votes.pass_time(days=19)
    assert votes.do_duties() == 1
    assert [one.id for one in listed(votes, overdue=True).items] == [item.id]
    assert update(votes, item.id, note="等材料").overdue
    assert votes.do_duties() == 0, "said once"
    update(votes, item.id, note="改期", due_on=date(2026, 4, 1))
    assert listed(votes, overdue=True).items == []
    votes.pass_time(days=12)
    votes.do_duties()
    update(votes, item.id, note="建好了", state="done")
    votes.pass_time(days=300)
    assert votes.do_duties() == 0
    assert told(votes, topic_id) == [
        ("后续事项：安装充电棚（物业，2026年3月20日前完成）", None, "secretary"),
        ("后续事项“安装充电棚”：进行中", "已进场", "secretary"),
        ("后续事项“安装充电棚”（物业）应于2026年3月20日前完成，已逾期", None, "clock"),
        ("后续事项“安装充电棚”：进行中", "等材料", "secretary"),
        ("后续事项“安装充电棚”：进行中；2026年4月1日前完成", "改期", "secretary"),
        ("后续事项“安装充电棚”（物业）应于2026年4月1日前完成，已逾期", None, "clock"),
        ("后续事项“安装充电棚”：已完成", "建好了", "secretary"),
    ]


def test_who_says_how_it_goes_waits_for_the_clock_before_she_holds_what_it_wants(votes):
    """The clock has the duty and comes to the item; she must not have it, and want the duty."""
    item = add(votes, votes.topic("adopted")).id
    duty = "SELECT id FROM due WHERE subject_id = :id FOR UPDATE"
    waiting = """
        SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    with votes.units() as clock, ThreadPoolExecutor(1) as pool:
        clock.session.execute(text(duty), {"id": item})
        later = pool.submit(update, votes, item, due_on=date(2026, 4, 1))
        until(lambda: votes.rows(waiting), what="she waits")
        free = "SELECT id FROM follow_ups WHERE id = :id FOR UPDATE NOWAIT"
        assert clock.session.execute(text(free), {"id": item}).all() == [(item,)]
        clock.commit()
        assert later.result(timeout=10).due_on == date(2026, 4, 1)


def test_it_is_the_convening_bodys_to_say_and_only_once_the_topic_has_an_end(votes):
    topic_id = votes.topic("adopted", convener="owners_committee")
    assert refused(add, votes, topic_id, SHI) == "votes.not_your_step"
    assert refused(add, votes, topic_id, SUN) == "auth.forbidden"
    assert refused(add, votes, topic_id, STRANGER) == "votes.topic_not_found"
    item = add(votes, topic_id, OWNERS)
    assert refused(update, votes, item.id, SHI) == "votes.not_your_step"
    assert refused(update, votes, item.id, NEXT_DOOR) == "votes.follow_up_not_found"
    assert refused(update, votes, "none", OWNERS) == "votes.follow_up_not_found"
    assert refused(add, votes, votes.topic("voting")) == "votes.chain_runs"
    yesterday = {"due_on": date(2026, 3, 1)}
    assert refused(add, votes, topic_id, OWNERS, **yesterday) == "votes.bad_due_day"
    assert refused(update, votes, item.id, OWNERS, **yesterday) == "votes.bad_due_day"
    mine = add(votes, votes.topic("refused"))
    for upload in ("hers", "list", "none"):
        code = refused(update, votes, mine.id, attachments=[upload])
        assert code == "votes.no_such_photo"
    update(votes, mine.id, state="dropped")
    assert refused(update, votes, mine.id, state="done") == "votes.follow_up_state"
    assert update(votes, mine.id, state="planned").state == "planned"


def test_a_list_is_one_statement_and_a_topic_never_has_too_many(votes):
    topic_id = votes.topic("adopted")
    first = [add(votes, topic_id, due_on=None).id for _ in range(3)]
    page, sent = statements(votes.engine, lambda: listed(votes, limit=2))
    assert sum("follow_ups" in one for one, _ in sent) == 1
    rest = listed(votes, limit=2, cursor=page.next_cursor, topic_id=topic_id, state="planned")
    assert [one.id for one in (*page.items, *rest.items)] == first[::-1]
    votes.do(
        lambda uow: uow.session.connection().exec_driver_sql(
            "INSERT INTO follow_ups SELECT id || n, topic_id, community_id, what, who, due_on, "
            "state, note, attachments, created_at, created_by, updated_at, updated_by "
            f"FROM follow_ups, generate_series(1, {MOST // 3 - 1}) AS n"
        )
    )

    def one_more(_number):
        try:
            return add(votes, topic_id).state
        except Exception as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(one_more, range(6)))
    assert outcomes.count("planned") == MOST - MOST // 3 * 3
    assert set(outcomes) == {"planned", "votes.follow_up_full"}
