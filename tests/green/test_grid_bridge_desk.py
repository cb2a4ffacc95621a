"""The committee's desk: its numbers, the queue's filters, what may be done. Needs: db."""

import pytest
from sqlalchemy import text

from services.contracts.errors import Forbidden
from services.grid_bridge.models import HotTopicMessageRow
from tests.support.bridge import LU, NEXT_DOOR, SHI, STRANGER, SUN, WANG, refused
from tests.support.bridge_desk import PROPERTY, Desk

pytestmark = pytest.mark.db


@pytest.fixture
def desk(db, tmp_path) -> Desk:
    return Desk(db("grid_bridge"), tmp_path)


def ids(page) -> list[str]:
    return [one.id for one in page.items]


# -- the numbers -------------------------------------------------------------------------------


def test_an_empty_desk_names_who_sits_at_it(desk):
    view = desk.desk()
    assert {one.person_id for one in view.colleagues} == {"p-shi", "p-wang"}
    numbers = view.model_dump(exclude={"as_of", "district_id", "colleagues"})
    assert set(numbers.values()) == {0}


def test_what_lies_there_is_counted_where_it_lies(desk):
    new, tried, referred = desk.report().id, desk.triaged(), desk.triaged(LU)
    hard = desk.escalated().issue_id
    desk.assign(new, WANG.person_id)
    desk.step(tried, "undertaking", due_at=desk.now)
    desk.settle_referral(desk.refer(referred).id, PROPERTY, "declined")
    asked = desk.refer(referred)
    view = desk.desk(WANG)
    assert (view.waiting, view.working, view.escalated) == (1, 2, 1)
    assert (view.mine, desk.desk(SHI).mine) == (1, 0)
    assert view.undertakings_due == 1
    assert (view.referrals_open, view.referrals_back) == (1, 1)
    assert hard not in (new, tried)
    desk.recall(asked.id)
    desk.pass_days(8)
    assert desk.desk().referrals_back == 0


def test_a_promise_is_due_on_its_day_and_overdue_after_its_hour(desk):
    desk.report()
    due_at = desk.issues(SHI).items[0].promise.due_at
    desk.now = due_at.replace(hour=0, minute=30)  # 08:30 in China
    assert (desk.desk().due_today, desk.desk().overdue) == (1, 0)
    desk.pass_days(1)
    assert (desk.desk().due_today, desk.desk().overdue) == (0, 1)


def test_whoever_covers_has_the_others_cases_and_who_is_away_is_told(desk):
    desk.assign(desk.report().id, WANG.person_id)
    desk.away(WANG, SHI.person_id, "2026-03-02", "2026-03-03")
    assert (desk.desk(SHI).mine, desk.desk(WANG).mine, desk.desk().away) == (1, 0, 1)


def test_the_desk_is_the_committees_own(desk):
    for who in (SUN, STRANGER, NEXT_DOOR, PROPERTY):
        assert refused(desk.desk, who) in ("auth.forbidden", "identity.community_not_found")


# -- the queue ---------------------------------------------------------------------------------


def test_the_queue_is_searched_by_words_wherever_they_stand(desk):
    lamp = desk.report(title="路灯不亮", body="3号楼前").id
    desk.report(title="树枝", body="挡住了100%的路灯")
    assert ids(desk.issues(SHI, q="3号楼 路灯")) == [lamp]
    assert len(ids(desk.issues(SHI, q="路灯"))) == 2
    assert ids(desk.issues(SHI, q="100%路")) == []
    assert len(ids(desk.issues(SHI, q="100%"))) == 1


def test_open_ones_and_those_with_an_outcome(desk):
    done, open_ = desk.triaged(), desk.report().id
    desk.answer(done)
    assert ids(desk.issues(SHI, open=True)) == [open_]
    assert ids(desk.issues(SHI, open=False)) == [done]


def test_what_waits_for_a_reporters_yes_is_found_and_the_last_step_is_told(desk):
    into, asked = desk.triaged(), desk.report(LU).id
    desk.merge(asked, into)
    desk.step(into, "site_visit")
    desk.step(into, "talk")
    assert ids(desk.issues(SHI, merging=True)) == [asked]
    assert [one.last_step for one in desk.issues(SHI).items] == [None, "talk"]


def test_by_the_limit_page_by_page_and_without_those_that_have_none(desk):
    first = desk.report().id
    desk.pass_days(1)
    second, ended = desk.report().id, desk.triaged()
    desk.answer(ended)
    page = desk.issues(SHI, sort="due", limit=1)
    assert ids(page) == [first]
    page = desk.issues(SHI, sort="due", limit=1, cursor=page.next_cursor)
    assert ids(page) == [second]
    assert page.next_cursor is None


def test_what_a_hot_topic_rests_on_is_the_committees_to_list(desk):
    hot = desk.report().id
    desk.report(title="别的事", body="与此无关")
    with desk.units() as uow:
        uow.session.execute(
            text("SET LOCAL session_replication_role = replica")  # its topic is of no matter here
        )
        uow.session.add(
            HotTopicMessageRow(topic_id="t-1", kind="issue", message_id=hot, place=1, likeness=0.9)
        )
        uow.commit()
    assert ids(desk.issues(SHI, topic="t-1")) == [hot]
    with pytest.raises(Forbidden):
        desk.issues(SUN, topic="t-1")


# -- what may be done --------------------------------------------------------------------------


def test_an_issue_says_to_its_committee_alone_what_may_be_done(desk):
    issue_id = desk.report().id
    assert desk.issue(issue_id, SUN).acts is None
    assert desk.issue(issue_id, SHI).acts == ["triage", "merge"]
    desk.triage(issue_id, "consult", None)
    assert desk.issue(issue_id, SHI).acts == ["triage", "answer", "refer", "merge", "convene"]
    desk.triage(issue_id)
    assert "escalate" in desk.issue(issue_id, SHI).acts
    referral = desk.refer(issue_id)
    referred = desk.issue(issue_id, SHI)
    assert (referred.referral_id, referred.acts) == (referral.id, ["convene"])


def test_what_has_not_left_for_the_platform_stands_beside_the_order(desk):
    order = desk.escalated()
    said = desk.order(order.no).unsent
    assert [(one.what, one.attempts) for one in said] == [("opened", 0)]
    assert desk.order(order.no, SUN).unsent == []
    assert desk.order(order.no).open
    with desk.units() as uow:
        uow.session.execute(text("UPDATE kit_outbox SET published_at = now()"))
        uow.commit()
    assert desk.order(order.no).unsent == []
