"""The demo's past of problems: walked through once, by the use-cases, and told. Needs: db."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from services.contracts import demo
from services.contracts.operations.grid_bridge import ListIssues
from services.contracts.operations.grid_bridge import hot_topics as hot
from services.contracts.operations.grid_bridge import plans as plan_ops
from services.grid_bridge.handlers import hot_topics, plan_comments, plans, reading
from services.grid_bridge.seed import seed
from services.grid_bridge.seed_past import COMMUNITIES as KNOWN
from services.grid_bridge.seed_past import SECRETARY, SUN, Past
from services.identity.seed.district import COMMUNITIES
from tests.support.folder_store import store_in

pytestmark = pytest.mark.db


@pytest.fixture
def files(tmp_path):
    return store_in(tmp_path)


@pytest.mark.parametrize("month_day", [1, 15, 31])
def test_the_past_can_be_walked_on_any_day_of_a_month(db, files, month_day):
    units, now = db("grid_bridge"), datetime(2026, 5, month_day, 1, tzinfo=UTC)
    with Past(units.engine) as past:
        assert seed(past, files, now)
        past.commit()


def test_the_demo_has_a_problem_in_each_interesting_state_a_concern_and_plans(db, files):
    units, now = db("grid_bridge"), datetime.now(UTC)

    def walked() -> bool:
        with Past(units.engine) as past:
            new = seed(past, files, now)
            past.commit()
            return new

    assert walked()
    with Past(units.engine) as uow:
        asked = ListIssues(cid=demo.SHANGYUAN, limit=100)
        found = reading.list_issues(uow, asked, SECRETARY, now).items
        assert {one.status for one in found} == {
            "reported", "triaged", "answered", "self_governing", "solved", "referred", "escalated",
            "in_consultation", "reopened",
        }  # fmt: skip
        assert {one.score for one in found} >= {None, 5}
        (late,) = [one for one in found if one.promise and one.promise.overdue]
        assert late.promise.told_to == "district" and late.supporters == 5
        mine = reading.list_issues(uow, ListIssues(cid=demo.SHANGYUAN, mine=True), SUN, now).items
        assert [one.merge.state for one in mine if one.merge] == ["asked"]
        (topic,) = hot_topics.of_community(
            uow, hot.CommunityHotTopics(cid=demo.SHANGYUAN), SUN, now
        ).items
        assert (topic.people, topic.trend.direction) == (14, "rising")
        assert [one.state for one in topic.actions] == ["running"]
        lying, under_way = plans.list_plans(
            uow, plan_ops.ListPlans(cid=demo.SHANGYUAN), SUN, now
        ).items
        assert (lying.comments_open, lying.version, lying.comments) == (True, 2, 3)
        assert (under_way.state, under_way.done, under_way.items) == ("in_progress", 1, 3)
        said = plan_comments.list_comments(uow, plan_ops.ListPlanComments(id=lying.id), SUN).items
        assert sum(one.answer is not None for one in said) == 1
        told = set(uow.session.scalars(text("SELECT type FROM kit_outbox")))
        assert {"issue.reported.v1", "workorder.opened.v1", "promise.broken.v1"} <= told
        late_told = uow.session.scalar(text("SELECT min(occurred_at) FROM kit_outbox"))
        assert (now - late_told).days > 20, "what happened is told at the time at which it did"
    assert not walked(), "whoever seeds a second time finds what is there"


def test_what_is_known_of_the_communities_is_what_identity_says():
    for one in COMMUNITIES:
        if one.id in KNOWN:
            known = KNOWN[one.id]
            assert (known["path"], known["name"], known["kind"], known["code12"]) == (
                one.path, one.name, one.kind, one.code12,
            )  # fmt: skip
