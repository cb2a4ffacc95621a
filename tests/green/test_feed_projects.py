"""Micro-projects: applied for, moved on, worked at to the end. Needs: db, broker."""

from contextlib import suppress
from datetime import timedelta

import eventlet
import pytest
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.actor import Role
from services.contracts.errors import Invalid, NotFound, ObserverReadOnly
from services.contracts.operations.feed import projects as ops
from services.directory import NotAMember
from services.feed import copies
from services.feed.domain import project as rules
from services.feed.domain.distances import KeptAway
from services.feed.domain.posts import PostNotFound
from services.feed.handlers import projects
from services.feed.service import FeedService
from services.feed.settings import Settings
from services.kit.pages import BadCursor
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_projects import Projects
from tests.support.feed_street import (
    CID,
    LU,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    VILLAGE,
    WANG,
    ZHAO,
    actor,
)
from tests.support.green_caller import Caller

pytestmark = pytest.mark.db
LINE = {"kind": "income", "amount": 12.5, "subject": "公益金", "on_date": "2026-03-02"}


@pytest.fixture
def street(db):
    return WatchedStreet(db("feed"))


@pytest.fixture
def work(street):
    return Projects(street)


def test_a_project_from_its_application_to_its_end(street, work):
    post = work.post()
    applied = work.apply(post, place="活动室门口", until=work.today + timedelta(30))
    assert ops.Project.model_validate(applied).state == "applied"
    work.step(post, "approve", WANG, note="同意，活动室借用")
    work.step(post, "recruit")
    assert work.join(post)["volunteering"] is True
    street.later(hours=3)
    entry = work.log(post, hours="2.50", note="补胎")
    photo = street.shelf.put("lu")
    assert work.step(post, "progress", note="修好三辆", attachments=[photo])["state"] == "running"
    work.confirm(entry)
    work.pay(post, kind="income", amount="600")
    work.pay(post, amount="120.30", attachments=[street.shelf.put("lu")])
    done = work.step(post, "done", note="修好九辆，都能骑", attachments=[photo])
    assert done["state"] == "done"
    assert done["hours"] == {"confirmed": "2.50", "waiting": "0.00"}
    assert done["money"] == {"income": "600.00", "spending": "120.30", "balance": "479.70"}
    assert done["budget"] == "600.50"
    assert [(s["step"], s["by"]["display_name"], s["actor_role"]) for s in done["steps"]] == [
        ("apply", "老陆", None),
        ("approve", "小王", "committee_staff"),
        ("recruit", "老陆", None),
        ("progress", "老陆", None),
        ("done", "老陆", None),
    ]
    assert done["steps"][3]["attachments"][0]["id"] == photo
    told = [body for kind, body in street.emitted() if kind == e.ProjectAdvanced.TYPE]
    assert [(body["step"], body["state"], body["actor_id"]) for body in told] == [
        ("apply", "applied", "lu"),
        ("approve", "approved", "wang"),
        ("recruit", "recruiting", "lu"),
        ("progress", "running", "lu"),
        ("done", "done", "lu"),
    ]
    assert [body["volunteer_ids"] for body in told] == [[], [], [], ["sun"], ["sun"]]


def test_only_the_author_applies_by_name_in_a_module_for_it(work):
    with pytest.raises(rules.NotTheLead):
        work.apply(work.post(LU), SUN)
    with pytest.raises(rules.NotForProjects):
        work.apply(work.post(LU, module="neighbours"))
    with pytest.raises(rules.ProjectNeedsName):
        work.apply(work.post(LU, hide_name=True))
    with pytest.raises(rules.ProjectNotFound):
        work.get(work.post(LU))


def test_applying_again_changes_what_waits_and_follows_a_no(work):
    post = work.post()
    work.apply(post)
    assert work.apply(post, wanted=5, budget=None)["wanted"] == 5
    with pytest.raises(Invalid):
        work.step(post, "refuse", WANG)
    assert work.step(post, "refuse", WANG, note="请写明场地")["state"] == "refused"
    assert work.apply(post, place="活动室")["state"] == "applied"
    work.step(post, "approve", WANG)
    with pytest.raises(rules.NotInThisState):
        work.apply(post)


def test_the_committee_decides_and_nobody_on_her_own(street, work):
    post = work.post(WANG)
    work.apply(post, WANG)
    with pytest.raises(rules.OwnProject):
        work.step(post, "approve", WANG)
    with pytest.raises(rules.NotTheCommittee):
        work.step(post, "approve", LU)
    elsewhere = actor("fang", (Role.COMMITTEE_STAFF, "demo.luodian"))
    street.card("fang")
    with pytest.raises(rules.NotTheCommittee):
        work.step(post, "approve", elsewhere)
    assert work.step(post, "approve", SHI)["state"] == "approved"


def test_observers_strangers_and_neighbours_of_elsewhere_take_no_step(work):
    post = work.open()
    with pytest.raises(ObserverReadOnly):
        work.join(post, OBSERVER)
    for who in (STRANGER, ZHAO):
        with pytest.raises(PostNotFound):
            work.join(post, who)
        with pytest.raises(PostNotFound):
            work.get(post, who)
    admin = actor("admin", (Role.DISTRICT_ADMIN, "demo"))
    with pytest.raises(NotAMember):
        work.join(post, admin)
    reasons = {a["why_not"]["code"] for a in work.get(post, OBSERVER)["actions"]}
    assert reasons == {"auth.observer_read_only"}
    assert {a["why_not"]["code"] for a in work.get(post, admin)["actions"]} == {
        "identity.not_a_member"
    }


def test_what_is_not_shown_is_left_alone(street, work):
    post = work.open()
    with street.units() as uow:
        uow.session.execute(text("UPDATE feed_posts SET state = 'taken_down'"))
        uow.commit()
    for who in (LU, WANG):
        with pytest.raises(PostNotFound):
            work.step(post, "cancel", who, note="不做了")
        assert all(not action["may"] for action in work.get(post, who)["actions"])
    assert work.listed()["items"] == []


def test_actions_say_what_comes_next_and_why_not(work):
    post = work.open(wanted=1)
    mine = {a["action"]: a["may"] for a in work.get(post, LU)["actions"]}
    assert mine == {
        "progress": True,
        "cancel": True,
        "join": True,
        "leave": False,
        "log_hours": False,
        "add_money": True,
    }
    work.join(post, WANG)
    hers = {a["action"]: a["why_not"] for a in work.get(post, SUN)["actions"]}
    assert hers["join"]["code"] == "feed.project_full"
    assert hers["join"]["zh"] == rules.ProjectFull.zh


def test_a_place_is_taken_once_and_free_when_somebody_leaves(work):
    post = work.open(wanted=1)
    assert work.join(post)["volunteers"] == 1
    assert work.join(post)["volunteers"] == 1
    with pytest.raises(rules.ProjectFull):
        work.join(post, WANG)
    work.leave(post)
    work.leave(post)
    assert work.join(post, WANG)["volunteers"] == 1
    assert tuple(work.count(post)) == (1, 1)


def test_many_who_join_at_once_never_exceed_what_is_wanted(street, work):
    post = work.open(wanted=7)
    people = [actor(f"v{number}") for number in range(40)]
    for person in people:
        street.card(person.person_id)

    def turn(person):
        try:
            work.join(post, person)
        except rules.ProjectFull:
            return "full"
        return "in"

    outcomes = list(eventlet.GreenPool(20).imap(turn, people))
    assert (outcomes.count("in"), outcomes.count("full")) == (7, 33)
    assert tuple(work.count(post)) == (7, 7)


def test_joins_and_leaves_at_once_leave_the_counter_true(street, work):
    post = work.open(wanted=5)
    people = [actor(f"v{number}") for number in range(10)]
    for person in people:
        street.card(person.person_id)

    def turn(person):
        for _ in range(4):
            with suppress(rules.ProjectFull):
                work.join(post, person)
            work.leave(post, person)

    list(eventlet.GreenPool(10).imap(turn, people))
    assert tuple(work.count(post)) == (0, 0)


def test_two_first_applications_at_once_make_one_project(work):
    post = work.post()
    list(eventlet.GreenPool(2).imap(lambda wanted: work.apply(post, wanted=wanted), (2, 3)))
    assert work.get(post)["wanted"] in (2, 3)
    assert len(work.get(post)["steps"]) == 2


def test_it_ends_with_photo_story_and_account_or_the_word_that_there_was_no_money(street, work):
    post = work.open()
    work.step(post, "progress", note="开工")
    photo = street.shelf.put("lu")
    with pytest.raises(Invalid):
        work.step(post, "done", note="完成")
    with pytest.raises(rules.AccountNeeded):
        work.step(post, "done", note="完成", attachments=[photo])
    line = work.pay(post)
    with pytest.raises(rules.ThereWasMoney):
        work.step(post, "done", note="完成", attachments=[photo], no_money=True)
    work.cancel(line)
    assert (
        work.step(post, "done", note="完成", attachments=[photo], no_money=True)["state"] == "done"
    )
    with pytest.raises(rules.NotOpen):
        work.join(post)


def test_two_steps_at_once_are_taken_one_after_the_other(work):
    post = work.post()
    work.apply(post)

    def turn(step):
        try:
            return work.step(post, step, WANG, note="研究过了")["state"]
        except rules.NotInThisState:
            return "late"

    outcomes = list(eventlet.GreenPool(2).imap(turn, ("approve", "refuse")))
    assert sorted(outcomes) in (["approved", "late"], ["late", "refused"])
    assert len(work.get(post)["steps"]) == 2


def test_who_leaves_the_community_frees_her_place_and_her_hours_stay(street, work):
    post, over = work.open(wanted=2), work.open(wanted=2)
    for each in (post, over):
        work.join(each)
        work.join(each, WANG)
    entry = work.log(post)
    work.confirm(entry)
    work.step(over, "cancel", note="场地没有了")
    moved = e.MemberCardChanged(
        person_id="sun", community_id=CID, path=PATH, standing="ended", display_name="孙奶奶"
    )
    for event in (moved, moved, e.PersonDeleted(person_id="sun")):
        street.told(event)
        street.run(projects.follow, event, street.now)
    assert tuple(work.count(post)) == (1, 1)
    assert tuple(work.count(over)) == (2, 2)
    assert work.hours(post, WANG)["items"][0]["person"]["display_name"] == "已注销用户"
    assert work.get(post, WANG)["hours"]["confirmed"] == "2.50"


def test_whom_the_lead_has_blocked_does_not_join(street, work):
    post = work.open()
    street.keep_from("sun", LU, "block")
    with pytest.raises(KeptAway):
        work.join(post)


def test_projects_are_listed_by_state_those_that_moved_last_first(street, work):
    posts = []
    for _ in range(3):
        posts.append(work.post())
        work.apply(posts[-1])
        street.later(minutes=1)
    work.step(posts[0], "approve", WANG)
    page = work.listed(limit=2)
    assert [item["post_id"] for item in page["items"]] == [posts[0], posts[2]]
    rest = work.listed(limit=2, cursor=page["next_cursor"])
    assert [item["post_id"] for item in rest["items"]] == [posts[1]]
    assert [i["post_id"] for i in work.listed(state="approved")["items"]] == [posts[0]]
    assert ops.ProjectLine.model_validate(page["items"][0]).state == "approved"
    street.delete(posts[0], LU)
    assert len(work.listed()["items"]) == 2
    with pytest.raises(NotFound):
        work.listed(cid=VILLAGE)


def test_lists_are_read_page_by_page_and_refuse_foreign_cursors(street, work):
    post = work.open(wanted=9)
    people = [actor(f"v{number}") for number in range(3)]
    for person in people:
        street.card(person.person_id)
        work.join(post, person)
        work.log(post, person, hours="1")
        work.pay(post, amount="1")
    for ask in (work.volunteers, work.hours, work.account):
        seen = ask(post, LU, limit=2)
        rest = ask(post, LU, limit=2, cursor=seen["next_cursor"])
        assert (len(seen["items"]), len(rest["items"])) == (2, 1)
        assert rest["next_cursor"] is None
        with pytest.raises(BadCursor):
            ask(post, LU, cursor="abc")
    for ask in (work.mine, work.listed):
        with pytest.raises(BadCursor):
            ask(cursor="e30")


def test_lists_are_one_statement_however_many_rows(street, work):
    post = work.open(wanted=9)
    for number in range(4):
        person = actor(f"v{number}")
        street.card(person.person_id)
        work.join(post, person)
        work.confirm(work.log(post, person, hours="1"))
        work.pay(post, amount="1")
        work.apply(work.post())
    for ask in (
        lambda limit: work.volunteers(post, limit=limit),
        lambda limit: work.hours(post, limit=limit),
        lambda limit: work.account(post, limit=limit),
        lambda limit: work.listed(limit=limit),
        lambda limit: work.mine(actor("v1"), limit=limit),
    ):
        few = len(street.statements(lambda ask=ask: ask(1)))
        assert len(street.statements(lambda ask=ask: ask(9))) == few


def test_her_copy_holds_what_she_gave_and_wrote(street, work):
    post = work.open()
    work.join(post)
    work.log(post)
    work.pay(post)
    hers = street.run(copies.held_about, "sun", read_only=True)
    leads = street.run(copies.held_about, "lu", read_only=True)
    assert [row["post_id"] for row in hers["volunteering"]["items"]] == [post]
    assert [row["hours"] for row in hers["volunteer_hours"]["items"]] == [2.5]
    assert [row["step"] for row in leads["project_steps"]["items"]] == ["recruit", "apply"]
    assert [row["amount"] for row in leads["project_money"]["items"]] == [80.0]


@pytest.mark.broker
def test_ill_formed_commands_are_told_by_field_over_the_wire(street, work, start, amqp_url, signer):
    post = work.open()
    url = street.units.engine.url.render_as_string(hide_password=False)
    start(FeedService, Settings, url, amqp_url)
    caller = Caller(amqp_url)
    me = {"token": signer.token("lu")}
    try:
        for method, field, said in (
            ("apply_project", "wanted", {"wanted": -1}),
            ("apply_project", "budget", {"wanted": 1, "budget": "1.005"}),
            ("apply_project", "until", {"wanted": 1, "until": "2026-02-30"}),
            ("log_hours", "hours", {"hours": "NaN", "on_date": "2026-03-02"}),
            ("log_hours", "hours", {"hours": 25, "on_date": "2026-03-02"}),
            ("add_money", "amount", {**LINE, "amount": "1e400"}),
            ("add_money", "amount", {**LINE, "amount": 0}),
            ("record_project_step", "step", {"step": "apply"}),
        ):
            with pytest.raises(Invalid) as refused:
                caller.call_as(me, "feed", method, id=post, **said)
            assert field in {error.field for error in refused.value.errors}, (method, said)
        told = caller.call_as(me, "feed", "add_money", id=post, **LINE)["data"]
        assert told["amount"] == "12.50"
    finally:
        caller.close()
