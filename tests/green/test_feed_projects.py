"""Micro-projects: applied for, worked at, accounted for. Needs: db."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import eventlet
import pytest
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.actor import Role
from services.contracts.errors import Invalid, NotFound, ObserverReadOnly
from services.contracts.operations.base import ListCommand
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import projects as ops
from services.directory import NotAMember
from services.feed import copies
from services.feed.domain import project as rules
from services.feed.domain.days import day_of
from services.feed.domain.distances import KeptAway
from services.feed.domain.lexicon import WordsRefused
from services.feed.domain.posts import PostNotFound
from services.feed.domain.silences import Silenced
from services.feed.handlers import project_hours, projects
from services.kit.pages import BadCursor
from tests.support.feed_moderators import WatchedStreet
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

pytestmark = pytest.mark.db


class Projects:
    """The use-cases of projects on a street."""

    def __init__(self, street):
        self.street = street

    @property
    def today(self) -> date:
        return day_of(self.street.now)

    def post(self, who=LU, **fields):
        words = {"module": "services", "title": "修自行车", "body": "旧车修好大家骑"}
        return self.street.post(who=who, **{**words, **fields})["id"]

    def apply(self, post, who=LU, **said):
        cmd = ops.ApplyProject(id=post, **{"wanted": 3, "budget": "600.50", **said})
        return self.street.run(projects.apply_project, cmd, who, self.street.now)

    def step(self, post, step, who=LU, **said):
        cmd = ops.RecordProjectStep(id=post, step=step, **said)
        now, shelf = self.street.now, self.street.shelf
        return self.street.run(projects.record_project_step, cmd, who, now, shelf)

    def open(self, who=LU, **said):
        post = self.post(who)
        self.apply(post, who, **said)
        self.step(post, "approve", WANG)
        self.step(post, "recruit", who)
        return post

    def get(self, post, who=SUN):
        return self.street.run(projects.get_project, OfPost(id=post), who, read_only=True)

    def listed(self, who=SUN, **asked):
        cmd = ops.ListProjects(**{"cid": CID, **asked})
        return self.street.run(projects.list_projects, cmd, who, read_only=True)

    def join(self, post, who=SUN):
        return self.street.run(projects.join_project, OfPost(id=post), who, self.street.now)

    def leave(self, post, who=SUN):
        return self.street.run(projects.leave_project, OfPost(id=post), who, self.street.now)

    def volunteers(self, post, who=SUN, **asked):
        cmd = ops.ListOfProject(id=post, **asked)
        return self.street.run(projects.list_volunteers, cmd, who, read_only=True)

    def log(self, post, who=SUN, hours="2.5", on=None, **said):
        cmd = ops.LogHours(id=post, hours=hours, on_date=on or self.today, **said)
        return self.street.run(project_hours.log_hours, cmd, who, self.street.now)

    def confirm(self, entry, who=LU):
        cmd = ops.OfHours(id=entry["id"])
        return self.street.run(project_hours.confirm_hours, cmd, who, self.street.now)

    def withdraw(self, entry, who=SUN):
        self.street.run(project_hours.withdraw_hours, ops.OfHours(id=entry["id"]), who)

    def hours(self, post, who=SUN, **asked):
        cmd = ops.ListOfProject(id=post, **asked)
        return self.street.run(project_hours.list_hours, cmd, who, read_only=True)

    def mine(self, who=SUN, **asked):
        return self.street.run(
            project_hours.list_my_hours, ListCommand(**asked), who, read_only=True
        )

    def pay(self, post, who=LU, kind="spending", amount="80", **said):
        words = {"subject": "车胎", "on_date": self.today, **said}
        cmd = ops.AddMoney(id=post, kind=kind, amount=amount, **words)
        now, shelf = self.street.now, self.street.shelf
        return self.street.run(project_hours.add_money, cmd, who, now, shelf)

    def cancel(self, line, who=LU, reason="记错了"):
        cmd = ops.CancelMoney(id=line["id"], reason=reason)
        return self.street.run(project_hours.cancel_money, cmd, who, self.street.now)

    def account(self, post, who=SUN, **asked):
        cmd = ops.ListOfProject(id=post, **asked)
        return self.street.run(project_hours.list_money, cmd, who, read_only=True)

    def count(self, post):
        """The counter, and what there is to count."""
        with self.street.units() as uow:
            return uow.session.execute(
                text(
                    "SELECT volunteers, (SELECT count(*) FROM feed_volunteers v "
                    "WHERE v.post_id = j.post_id AND left_at IS NULL) "
                    "FROM feed_projects j WHERE post_id = :id"
                ),
                {"id": post},
            ).one()


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


def test_hours_are_a_volunteers_from_recruiting_until_today(street, work):
    post = work.open()
    with pytest.raises(rules.NotAVolunteer):
        work.log(post)
    work.join(post)
    for on in (work.today + timedelta(1), work.today - timedelta(1)):
        with pytest.raises(Invalid):
            work.log(post, on=on)
    street.now = street.now.replace(hour=17)  # half past midnight of the next day in China
    assert work.log(post, on=date(2026, 3, 3))["hours"] == "2.50"


def test_a_day_has_24_hours_over_all_projects_and_writers_at_once(street, work):
    first, second = work.open(), work.open()
    for post in (first, second):
        work.join(post)

    def turn(post):
        try:
            work.log(post, hours="5")
        except rules.DayHasNoRoom:
            return Decimal(0)
        return Decimal(5)

    logged = sum(eventlet.GreenPool(8).imap(turn, [first, second] * 4))
    assert logged == 20
    assert work.mine()["total"] == {"confirmed": "0.00", "waiting": "20.00"}


def test_hours_count_when_somebody_else_in_charge_confirms_them(street, work):
    post = work.open()
    work.join(post)
    street.later(minutes=1)
    work.join(post, LU)
    hers, leads = work.log(post), work.log(post, LU, hours="1")
    for who, no in ((SUN, rules.MayNotConfirm), (ZHAO, rules.HoursNotFound)):
        with pytest.raises(no):
            work.confirm(hers, who)
    with pytest.raises(rules.OwnHours):
        work.confirm(leads, LU)
    assert work.confirm(leads, SHI)["confirmed_at"] is not None
    assert [i["id"] for i in work.hours(post, OBSERVER)["items"]] == [leads["id"]]
    assert [i["id"] for i in work.hours(post, SUN)["items"]] == [leads["id"], hers["id"]]
    assert len(work.hours(post, LU)["items"]) == 2
    work.confirm(hers, LU)
    with pytest.raises(rules.HoursConfirmed):
        work.confirm(hers, SHI)
    with pytest.raises(rules.HoursConfirmed):
        work.withdraw(hers)
    assert work.volunteers(post)["items"][0]["hours"] == "2.50"


def test_hours_that_nobody_confirmed_are_taken_back_by_who_logged_them(work):
    post = work.open()
    work.join(post)
    entry = work.log(post, hours="24")
    with pytest.raises(rules.HoursNotFound):
        work.withdraw(entry, LU)
    work.withdraw(entry)
    assert work.log(post, hours="3")["hours"] == "3.00"
    assert work.mine()["total"]["waiting"] == "3.00"


def test_my_hours_are_summed_whichever_page_is_asked_for(street, work):
    post = work.open()
    work.join(post)
    entries = []
    for _ in range(3):
        entries.append(work.log(post, hours="1.5"))
        street.later(days=1)
    work.confirm(entries[0])
    page = work.mine(limit=2)
    assert ops.MyHoursPage.model_validate(page).items[0].title == "修自行车"
    assert [item["id"] for item in page["items"]] == [entries[2]["id"], entries[1]["id"]]
    rest = work.mine(limit=2, cursor=page["next_cursor"])
    assert [item["id"] for item in rest["items"]] == [entries[0]["id"]]
    assert rest["next_cursor"] is None
    assert page["total"] == rest["total"] == {"confirmed": "1.50", "waiting": "3.00"}
    assert work.mine(LU) == {
        "items": [],
        "next_cursor": None,
        "total": {"confirmed": "0.00", "waiting": "0.00"},
    }


def test_the_account_stays_and_is_corrected_by_opposite_lines(work):
    post = work.open()
    wrong = work.pay(post, amount="800")
    with pytest.raises(rules.NotTheLead):
        work.cancel(wrong, WANG)
    opposite = work.cancel(wrong)
    assert (opposite["amount"], opposite["cancels"], opposite["note"]) == (
        "-800.00",
        wrong["id"],
        "记错了",
    )
    for line in (wrong, opposite):
        with pytest.raises(rules.MoneyCancelled):
            work.cancel(line)
    work.pay(post, amount="80")
    assert work.get(post)["money"] == {"income": "0.00", "spending": "80.00", "balance": "-80.00"}
    lines = work.account(post)["items"]
    assert [(line["amount"], line["cancelled"]) for line in lines] == [
        ("800.00", True),
        ("-800.00", False),
        ("80.00", False),
    ]
    assert ops.Money.model_validate(lines[0]).kind == "spending"


def test_a_line_is_cancelled_once_whoever_comes_at_the_same_time(work):
    line = work.pay(work.open())

    def turn(_):
        try:
            work.cancel(line)
        except rules.MoneyCancelled:
            return "was"
        return "now"

    assert sorted(eventlet.GreenPool(4).imap(turn, range(4))) == ["now", "was", "was", "was"]


def test_money_waits_for_a_yes_and_never_comes_from_tomorrow(work):
    post = work.post()
    work.apply(post)
    with pytest.raises(rules.NotInThisState):
        work.pay(post)
    post = work.open()
    with pytest.raises(Invalid):
        work.pay(post, on_date=work.today + timedelta(1))
    with pytest.raises(rules.NotTheLead):
        work.pay(post, WANG)
    with pytest.raises(Invalid):
        work.pay(post, attachments=["0191d7a0-0000-7000-8000-000000000000"])
    assert work.account(post)["items"] == []


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


def test_words_are_looked_at_and_a_silenced_neighbour_gives_hours_without_them(street, work):
    post = work.open()
    work.join(post)
    for refused in (
        lambda: work.log(post, note="加我兼职刷单"),
        lambda: work.step(post, "progress", note="招刷单员，日入过千"),
        lambda: work.pay(post, subject="兼职刷单"),
    ):
        with pytest.raises(WordsRefused):
            refused()
    street.silence("sun")
    with pytest.raises(Silenced):
        work.log(post, note="补胎")
    assert work.log(post)["note"] == ""


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
