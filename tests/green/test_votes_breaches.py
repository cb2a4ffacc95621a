"""A breach opens a conversation; only when talk failed it becomes an issue. Needs: db."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, NotFound, Unavailable
from services.contracts.events import BreachReporterSeen, CovenantBreachReported, PersonDeleted
from services.contracts.operations.votes import breaches as ops
from services.votes import copies
from services.votes.domain.breaches import MOST_OPEN
from services.votes.handlers import breach_views, breaches, leaving
from tests.support.bridge import LU, NEXT_DOOR, OBSERVER, SHI, STRANGER, SUN, actor, refused
from tests.support.explained import statements
from tests.support.votes import HERE, MA, OWNERS, SUPERVISOR, Votes
from tests.support.votes_covenants import covenant, read, reported

pytestmark = pytest.mark.db


@pytest.fixture
def votes(emptied):
    votes = Votes(emptied("votes"))
    votes.judge()
    return votes


def seen(votes, breach_id, who):
    return votes.do(breach_views.get_breach, ops.OfBreach(id=breach_id), who, votes.now)


def say(votes, breach_id, who, body="谈谈吧", **more):
    cmd = ops.ReplyToBreach(id=breach_id, body=body, **more)
    return votes.do(breaches.reply, cmd, who, votes.now)


def bring_in(votes, breach_id, person, who=SHI):
    cmd = ops.BringIntoBreach(id=breach_id, person_id=person.person_id)
    return votes.do(breaches.bring_in, cmd, who, votes.now)


def end(votes, breach_id, who, state, **more):
    cmd = ops.SettleBreach(id=breach_id, state=state, reason="说明", **more)
    return votes.do(breaches.settle, cmd, who, votes.now)


def listed(votes, who, **asked):
    cmd = ops.ListBreaches(cid="c-shangyuan", **asked)
    return votes.do(breach_views.list_breaches, cmd, who, votes.now)


def test_neighbours_talk_and_settle_it_while_nobody_else_reads_more_than_the_sums(votes):
    covenant_id = covenant(votes)
    breach = reported(votes, covenant_id, building="3号楼", place="2单元门口")
    assert (breach.state, breach.role, breach.reporter.person_id) == ("open", "reporter", "p-sun")
    (told,) = votes.told(CovenantBreachReported)
    assert "p-sun" not in told.model_dump_json()
    for stranger in (LU, OBSERVER, SUPERVISOR, OWNERS):
        assert refused(seen, votes, breach.id, stranger) == "votes.breach_not_found"
        assert listed(votes, stranger).items == []
    assert refused(seen, votes, breach.id, STRANGER) == "votes.breach_not_found"
    assert seen(votes, breach.id, SHI).role == "desk"
    assert say(votes, breach.id, SHI, "我们上门看看").state == "talking"
    votes.pass_time(days=1)
    with_lu = bring_in(votes, breach.id, LU)
    assert [one.person_id for one in with_lu.concerned] == ["p-lu"]
    assert bring_in(votes, breach.id, LU).concerned == with_lu.concerned, "once"
    hers = say(votes, breach.id, LU, "对不起，下次停车棚")
    assert [(one.role, one.mine, one.body) for one in hers.notes] == [
        ("reporter", False, "三号楼又有人推电动车上楼"),
        ("secretary", False, "我们上门看看"),
        ("concerned", True, "对不起，下次停车棚"),
    ]
    assert (hers.role, hers.reporter.person_id) == ("concerned", "p-sun")
    assert seen(votes, breach.id, SUN).concerned == [], "the desk knows who came"
    assert seen(votes, breach.id, SUN).notes[2].person is None
    assert refused(end, votes, breach.id, LU, "settled") == "votes.not_yours_to_end"
    assert refused(say, votes, breach.id, SUN, talk="agreed") == "votes.desk_talks"
    done = end(votes, breach.id, SUN, "settled")
    assert (done.state, done.reason, done.ended_at) == ("settled", "说明", votes.now)
    assert (hers.actions, done.actions) == (["reply"], [])
    assert with_lu.actions == breach.actions == ["reply", "settled", "closed"]
    assert refused(say, votes, breach.id, SHI) == "votes.breach_ended"
    assert refused(end, votes, breach.id, SHI, "closed") == "votes.breach_ended"
    other = reported(votes, covenant_id, LU, article=None)
    found = read(votes, covenant_id, MA)
    assert [one.breaches.settled for one in found.articles] == [1, 0, 0]
    assert (found.breaches.settled, found.breaches.open, found.breaches_open) == (1, 1, 1)
    assert [one.id for one in listed(votes, LU).items] == [other.id, breach.id]
    assert [one.id for one in listed(votes, SUN).items] == [breach.id]


def test_it_becomes_an_issue_only_after_a_talk_that_failed_was_written_down(votes):
    breach = reported(votes, covenant(votes))
    community = {"here": "c-shangyuan", "there": "c-juyuan"}

    def get_issue(id):
        if id not in community:
            raise NotFound()
        return {"id": id, "community_id": community[id]}

    votes.answers["get_issue"] = get_issue
    assert refused(end, votes, breach.id, SHI, "to_issue", issue_id="here") == "votes.talk_first"
    say(votes, breach.id, SHI)
    say(votes, breach.id, SHI, "谈妥了", talk="agreed")
    assert refused(end, votes, breach.id, SHI, "to_issue", issue_id="here") == "votes.talk_first"
    failed = say(votes, breach.id, SHI, "又推上楼了", talk="failed")
    assert (failed.failed_talks, failed.actions[-1]) == (1, "to_issue")
    assert (
        refused(end, votes, breach.id, SUN, "to_issue", issue_id="here") == "votes.not_yours_to_end"
    )
    for unknown in ("nowhere", "there"):
        code = refused(end, votes, breach.id, SHI, "to_issue", issue_id=unknown)
        assert code == "votes.unknown_issue"

    def away(**_asked):
        raise Unavailable()

    votes.answers["get_issue"] = away
    assert refused(end, votes, breach.id, SHI, "to_issue", issue_id="here") == "server.unavailable"
    votes.answers["get_issue"] = get_issue
    done = end(votes, breach.id, SHI, "to_issue", issue_id="here")
    assert (done.state, done.issue_id) == ("to_issue", "here")
    with pytest.raises(ValueError, match="issue_id"):
        ops.SettleBreach(id="b", state="settled", reason="说明", issue_id="here")


def test_a_hidden_reporter_is_known_to_the_residents_committee_alone(votes):
    covenant_id = covenant(votes, convener="owners_committee")
    breach = reported(votes, covenant_id, hide_me=True)
    assert seen(votes, breach.id, OWNERS).reporter is None
    assert votes.told(BreachReporterSeen) == []
    for _ in range(2):
        assert seen(votes, breach.id, SHI).reporter.person_id == "p-sun"
    (look,) = votes.told(BreachReporterSeen)
    assert (look.person_id, look.actor_id, look.actor_role) == ("p-sun", "p-shi", "secretary")
    votes.pass_time(days=1)
    seen(votes, breach.id, SHI)
    assert len(votes.told(BreachReporterSeen)) == 2, "once a day"
    assert refused(say, votes, breach.id, SHI) == "votes.not_your_step", "told, and no more"
    bring_in(votes, breach.id, LU, OWNERS)
    hers = seen(votes, breach.id, LU)
    assert (hers.reporter, hers.notes[0].person, hers.notes[0].mine) == (None, None, False)
    assert seen(votes, breach.id, SUN).reporter.person_id == "p-sun"
    for person in (SUN, SHI, NEXT_DOOR, STRANGER):
        assert refused(bring_in, votes, breach.id, person, OWNERS) == "votes.not_to_bring_in"
    office = actor("p-ma", (Role.RESIDENT, HERE), (Role.COMMITTEE_STAFF, HERE))
    assert seen(votes, breach.id, office).reporter.person_id == "p-sun"
    assert votes.do(copies.held_about, "p-ma")["breaches_looked_at"]["items"]
    bring_in(votes, breach.id, MA, OWNERS)
    votes.pass_time(days=1)
    looks = len(votes.told(BreachReporterSeen))
    hers = seen(votes, breach.id, office)
    assert (hers.role, hers.reporter) == ("concerned", None), "she is a neighbour in this"
    assert [one.role for one in listed(votes, office).items] == ["concerned"]
    assert len(votes.told(BreachReporterSeen)) == looks, "there was nothing to see"
    votes.do(leaving.follow, PersonDeleted(person_id="p-ma"), votes.now)
    assert votes.do(copies.held_about, "p-ma")["breaches_looked_at"]["items"] == []
    votes.settle(MA, standing="child")
    assert refused(bring_in, votes, breach.id, MA, OWNERS) == "votes.not_to_bring_in"


def test_what_does_not_hold_yet_is_not_broken(votes):
    coming = covenant(votes, effective_at=votes.now + timedelta(days=3))
    assert refused(reported, votes, coming) == "votes.covenant_not_in_force"
    votes.pass_time(days=3)
    votes.do_duties()
    assert reported(votes, coming).state == "open"


def test_words_that_feed_holds_wait_for_the_desk_and_those_it_refuses_are_not_said(votes):
    covenant_id = covenant(votes)
    votes.judge(held=True)
    breach = reported(votes, covenant_id, place="某某家门口", building="3号楼")
    assert [one.waits for one in breach.notes] == [True]
    bring_in(votes, breach.id, LU)
    for hers in (seen(votes, breach.id, LU), *listed(votes, LU).items):
        assert (hers.role, hers.place, hers.building) == ("concerned", "", "")
    assert seen(votes, breach.id, LU).notes == []
    assert [one.waits for one in seen(votes, breach.id, SUN).notes] == [True]
    note = seen(votes, breach.id, SHI).notes[0].id
    show = ops.ShowBreachNote(id=breach.id, note=note)
    assert refused(votes.do, breaches.show_note, show, LU, votes.now) == "auth.forbidden"
    assert [one.waits for one in votes.do(breaches.show_note, show, SHI, votes.now).notes] == [
        False
    ]
    assert refused(votes.do, breaches.show_note, show, SHI, votes.now) == "votes.note_not_waiting"
    assert [one.body for one in seen(votes, breach.id, LU).notes] == ["三号楼又有人推电动车上楼"]
    assert [one.place for one in listed(votes, LU).items] == ["某某家门口"]
    votes.judge(Forbidden())
    assert refused(say, votes, breach.id, LU, "骂人的话") == "auth.forbidden"
    votes.judge(Unavailable())
    assert [one.waits for one in say(votes, breach.id, LU, "好的").notes] == [False, True]
    assert len(seen(votes, breach.id, SUN).notes) == 1


def test_the_desk_sees_what_waits_too_long_first_in_one_statement(votes):
    covenant_id = covenant(votes)
    ids = []
    for _ in range(3):
        ids.append(reported(votes, covenant_id).id)
        votes.pass_time(days=3)
    say(votes, ids[1], SHI)
    fresh = reported(votes, covenant_id, article="a2").id
    page, sent = statements(votes.engine, lambda: listed(votes, SHI, limit=3))
    assert sum("covenant_breaches" in one for one, _ in sent) == 1
    assert [(one.id, one.overdue) for one in page.items] == [
        (ids[0], True),
        (fresh, False),
        (ids[2], False),
    ]
    rest = listed(votes, SHI, limit=3, cursor=page.next_cursor)
    assert [one.id for one in rest.items] == [ids[1]]
    assert [one.id for one in listed(votes, SHI, overdue=True).items] == [ids[0]]
    assert [one.id for one in listed(votes, SHI, article="a2").items] == [fresh]
    assert [one.id for one in listed(votes, SHI, state="talking").items] == [ids[1]]
    assert refused(listed, votes, SHI, cursor="W10") == "request.bad_cursor"


def test_bad_reports_are_refused_and_a_helper_reports_for_her(votes):
    covenant_id = covenant(votes)
    assert refused(reported, votes, covenant_id, article="a9") == "votes.unknown_article"
    assert refused(reported, votes, "none") == "votes.covenant_not_found"
    assert refused(reported, votes, covenant_id, OBSERVER) == "auth.observer_read_only"
    assert refused(reported, votes, covenant_id, NEXT_DOOR) == "votes.covenant_not_found"
    helper = actor("p-lu", (Role.RESIDENT, HERE), acted_by="p-helper")
    breach = reported(votes, covenant_id, helper)
    assert votes.rows("SELECT reporter_id, assisted_by FROM covenant_breaches") == [
        ("p-lu", "p-helper")
    ]
    assert seen(votes, breach.id, LU).role == "reporter"
    assert refused(seen, votes, breach.id, helper) == "votes.breach_not_found"
    end(votes, breach.id, LU, "closed")

    def again(_number):
        try:
            return reported(votes, covenant_id).state
        except Exception as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(again, range(MOST_OPEN + 4)))
    assert outcomes.count("open") == MOST_OPEN
    assert outcomes.count("votes.too_many_breaches") == 4


def test_of_two_endings_at_once_one_holds(votes):
    breach = reported(votes, covenant(votes))

    def ending(who):
        try:
            return end(votes, breach.id, who, "settled").state
        except Exception as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ending, (SUN, SHI))) == ["settled", "votes.breach_ended"]
