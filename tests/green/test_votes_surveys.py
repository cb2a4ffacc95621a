"""Surveys: one answer each, sums in the open, and nobody's answer with her name. Needs: db."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, NotFound, Unavailable
from services.contracts.events import PersonDeleted, SurveyClosed, SurveyOpened
from services.contracts.operations import BY_ID
from services.contracts.operations.votes import surveys as ops
from services.votes.handlers import leaving, survey_views, surveys
from tests.support.bridge import LU, NEXT_DOOR, NOW, OBSERVER, SHI, STRANGER, SUN, actor, refused
from tests.support.explained import statements
from tests.support.votes import HERE, MA, OWNERS

pytestmark = pytest.mark.db

QUESTIONS = [
    {"kind": "single", "text": "要充电棚吗？", "choices": ["要", "不要"], "required": True},
    {"kind": "text", "text": "建在哪里？"},
]
NAMED = {"anonymous": False}


def made(votes, who=SHI, **facts):
    facts = {"title": "充电棚", "questions": QUESTIONS, **facts}
    cmd = ops.CreateSurvey(cid="c-shangyuan", **facts)
    return votes.do(surveys.create, cmd, who, votes.now).id


def answer(votes, survey_id, who=SUN, *given):
    cmd = ops.AnswerSurvey(id=survey_id, answers=list(given) or [0, None])
    return votes.do(surveys.answer, cmd, who, votes.now)


def asked(votes, use_case, survey_id, who=SHI):
    return votes.do(use_case, ops.OfSurvey(id=survey_id), who, votes.now)


def results(votes, survey_id, who=MA):
    return votes.do(survey_views.results, ops.OfSurvey(id=survey_id), who)


def listed(votes, who=SUN, **filters):
    cmd = ops.ListSurveys(cid="c-shangyuan", **filters)
    return votes.do(survey_views.list_surveys, cmd, who)


def neighbours(votes, count):
    people = [actor(f"p-{n:02}", (Role.RESIDENT, HERE)) for n in range(count)]
    for person in people:
        votes.settle(person)
    return people


def outcome(call, *args):
    try:
        return call(*args)
    except Exception as error:
        return error.code


def test_a_draft_is_its_desks_then_neighbours_answer_until_the_clock_closes_it(votes):
    survey_id = made(votes, draft=True, closes_at=NOW + timedelta(days=3))
    assert listed(votes, SUN).items == listed(votes, OWNERS).items == []
    assert [one.state for one in listed(votes, SHI).items] == ["draft"]
    assert refused(answer, votes, survey_id) == "votes.survey_not_found"
    better = ops.UpdateSurvey(
        id=survey_id, title="建充电棚吗", questions=QUESTIONS, closes_at=NOW + timedelta(days=5)
    )
    assert refused(votes.do, surveys.update, better, OWNERS, NOW) == "votes.survey_not_found"
    votes.do(surveys.update, better, SHI, votes.now)
    assert asked(votes, surveys.open_draft, survey_id).state == "open"
    assert refused(asked, votes, surveys.open_draft, survey_id) == "votes.survey_state"
    assert refused(votes.do, surveys.update, better, SHI, NOW) == "votes.survey_state"
    for person in (SUN, LU, MA):
        answer(votes, survey_id, person, 0, "北门")
    assert refused(results, votes, survey_id) == "votes.results_later"
    assert refused(results, votes, survey_id, SHI) == "votes.results_later", "nor the desk"
    votes.pass_time(days=5)
    assert refused(answer, votes, survey_id) == "votes.survey_not_open", "late by a moment"
    assert votes.do_duties() == 1
    found = results(votes, survey_id)
    assert (found.answers, found.withheld, found.state) == (3, False, "closed")
    assert [one.count for one in found.questions[0].counts] == [3, 0]
    assert found.questions[1].texts is None
    assert results(votes, survey_id, SHI).questions[1].texts == ["北门"] * 3
    assert [e.title for e in votes.told(SurveyOpened)] == ["建充电棚吗"]
    assert [e.survey_id for e in votes.told(SurveyClosed)] == [survey_id]
    assert votes.do_duties() == 0


def test_a_desk_that_closes_does_not_wait_for_the_clock_that_is_about_to(votes):
    survey_id = made(votes, closes_at=NOW + timedelta(days=3))
    with votes.units() as clock, ThreadPoolExecutor(1) as pool:
        held = "SELECT 1 FROM due WHERE subject_id = :id FOR UPDATE"
        assert clock.session.execute(text(held), {"id": survey_id}).all() == [(1,)]
        closed = pool.submit(asked, votes, surveys.close, survey_id).result(timeout=10)
        assert closed.state == "closed"
    votes.pass_time(days=3)
    assert votes.do_duties() == 1
    assert len(votes.told(SurveyClosed)) == 1


def test_an_anonymous_answer_shares_nothing_with_the_mark_of_who_gave_it(votes):
    people = neighbours(votes, 12)
    survey_id = made(votes)
    for place, person in enumerate(people):
        answer(votes, survey_id, person, place % 2, None)
    assert refused(answer, votes, survey_id, people[0]) == "votes.already_answered"
    mine = asked(votes, survey_views.get_survey, survey_id, people[0])
    assert (mine.answered, mine.mine, mine.may_change) == (True, None, False)
    asked(votes, surveys.close, survey_id)
    marks = votes.rows("SELECT *, xmin::text AS xid FROM survey_marks")
    kept = votes.rows("SELECT *, xmin::text AS xid FROM survey_answers")
    assert {row.xid for row in marks}.isdisjoint(row.xid for row in kept)
    assert len({row.xid for row in kept}) == 1
    assert {(row.subject, row.person_id, row.at, row.assisted_by) for row in kept} == {(None,) * 4}
    said = {str(value) for row in kept for value in row if value != survey_id}
    assert not said & {str(value) for row in marks for value in row if value != survey_id}
    in_order = [row.answers[0] for row in votes.rows("SELECT answers FROM survey_answers")]
    assert sorted(in_order) == [0] * 6 + [1] * 6
    assert BY_ID["answerSurvey"].secret, "the kit keeps no hash of the few possible bodies"


def test_too_few_anonymous_answers_are_not_told(votes):
    few, some = made(votes), made(votes)
    for person in (SUN, LU):
        answer(votes, few, person)
    for person in (SUN, LU, MA):
        answer(votes, some, person)
    for survey_id in (few, some):
        asked(votes, surveys.close, survey_id)
    found = results(votes, few, SHI)
    assert (found.answers, found.withheld) == (2, True)
    assert [one.answered for one in found.questions] == [0, 0]
    assert not results(votes, some).withheld
    export = ops.ExportSurvey(id=few)
    assert "不公布" in votes.do(survey_views.export, export, SHI, "zh-CN").rows[0][2]
    assert refused(votes.do, survey_views.export, export, SUN, "zh-CN") == "auth.forbidden"
    sheet = votes.do(survey_views.export, ops.ExportSurvey(id=some), SHI, "en")
    assert sheet.rows[0] == ["1", "要充电棚吗？", "要", "3", "3/3"]


def test_a_named_answer_is_replaced_until_the_close_and_may_be_watched(votes):
    survey_id = made(votes, results="live", texts="public", **NAMED)
    votes.judge()
    answer(votes, survey_id, SUN, 0, "北门")
    assert answer(votes, survey_id, SUN, 1, "南门").answers == 1
    votes.judge(held=True)
    answer(votes, survey_id, LU, 0, "广告")
    assert results(votes, survey_id).questions[1].texts == ["南门"]
    assert results(votes, survey_id, SHI).questions[1].texts == ["南门", "广告"]
    mine = asked(votes, survey_views.get_survey, survey_id, SUN)
    assert (mine.mine, mine.may_change) == ([1, "南门"], True)
    votes.judge(Forbidden())
    assert refused(answer, votes, survey_id, MA, 0, "骂人") == "auth.forbidden"
    asked(votes, surveys.close, survey_id)
    assert refused(answer, votes, survey_id, SUN) == "votes.survey_not_open"
    assert refused(asked, votes, surveys.close, survey_id) == "votes.survey_state"


def test_a_page_is_told_why_no_answer_is_taken(votes):
    child = actor("p-child", (Role.RESIDENT, HERE))
    votes.settle(child, standing="child")
    secret, named = made(votes), made(votes, **NAMED)

    def why(survey_id, who=SUN):
        found = asked(votes, survey_views.get_survey, survey_id, who)
        return found.barred, found.may_change, found.may_see

    assert why(secret) == (None, False, False)
    assert why(secret, OBSERVER)[0] == "observer"
    assert why(secret, child)[0] == "child"
    answer(votes, secret)
    answer(votes, named)
    assert why(secret) == ("answered", False, False)
    assert why(named) == (None, True, False)
    asked(votes, surveys.close, secret)
    assert why(secret, LU) == ("closed", False, True)


def test_a_household_answers_once_and_who_has_no_dwelling_not_at_all(votes):
    homes = {"p-sun": "402", "p-lu": "402", "p-ma": None}
    now = {}

    def household_of(community_id, matter):
        assert (community_id, matter) == ("c-shangyuan", survey_id)
        return {"key": homes[now["who"]]}

    votes.answers["household_of"] = household_of

    def answers(who, *given):
        now["who"] = who.person_id
        return answer(votes, survey_id, who, *given)

    survey_id = made(votes, one_per="household")
    assert answers(SUN).answers == 1
    assert refused(answers, LU) == "votes.already_answered"
    assert refused(answers, MA) == "votes.no_household"
    survey_id = made(votes, one_per="household", **NAMED)
    answers(SUN)
    answers(SUN, 1, None)
    assert refused(answers, LU) == "votes.already_answered", "hers to change, not her mate's"
    assert votes.rows("SELECT answers FROM survey_answers WHERE person_id = 'p-sun'") == [
        ([1, None],)
    ]


@pytest.mark.parametrize("anonymous", [True, False])
def test_of_many_answers_at_once_one_counts_and_none_comes_after_the_close(votes, anonymous):
    people = neighbours(votes, 4)
    survey_id = made(votes, anonymous=anonymous)
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda n: outcome(answer, votes, survey_id, people[n % 4]), range(32)))
        closing = pool.submit(asked, votes, surveys.close, survey_id)
        late = list(pool.map(lambda p: outcome(answer, votes, survey_id, p), (SUN, LU, MA)))
        closing.result()
    taken = sum(not isinstance(one, str) for one in (*told, *late))
    after = sum(not isinstance(one, str) for one in late)
    assert votes.rows("SELECT count(*) FROM survey_answers") == [(4 + after,)]
    assert results(votes, survey_id).answers == 4 + after
    assert {one for one in late if isinstance(one, str)} <= {"votes.survey_not_open"}
    if anonymous:
        assert taken == 4 + after
        assert told.count("votes.already_answered") == 28
    else:
        assert taken == 32 + after


def test_who_may_not_answer_and_what_it_may_not_be_about(votes):
    survey_id = made(votes)
    votes.settle(MA, standing="child")
    for who, code in (
        (MA, "votes.not_for_children"),
        (OBSERVER, "auth.observer_read_only"),
        (NEXT_DOOR, "votes.survey_not_found"),
        (STRANGER, "votes.survey_not_found"),
    ):
        assert refused(answer, votes, survey_id, who) == code
    assert refused(answer, votes, survey_id, SUN, 7, None) == "votes.bad_answers"
    assert votes.rows("SELECT count(*) FROM survey_marks") == [(0,)], "nothing half-stored"
    assert refused(made, votes, SUN) == "auth.forbidden"
    assert refused(made, votes, SHI, convener="owners_committee") == "votes.not_your_step"
    assert refused(made, votes, closes_at=NOW) == "votes.bad_closing"
    assert refused(made, votes, topic_id="none") == "votes.unknown_topic"
    plans = {"here": "c-shangyuan", "there": "c-juyuan"}

    def get_plan(id):
        if id not in plans:
            raise NotFound()
        return {"community_id": plans[id]}

    votes.answers["get_plan"] = get_plan
    for plan_id in ("none", "there"):
        assert refused(made, votes, plan_id=plan_id) == "votes.unknown_plan"
    topic_id = votes.topic()
    about = made(votes, OWNERS, convener="owners_committee", plan_id="here", topic_id=topic_id)

    def away(**_asked):
        raise Unavailable()

    votes.answers["get_plan"] = away
    assert refused(made, votes, plan_id="here") == "server.unavailable"
    assert [one.id for one in listed(votes, plan_id="here").items] == [about]
    assert [one.id for one in listed(votes, topic_id=topic_id, state="open").items] == [about]
    draft = made(votes, draft=True)
    known = ops.KnownSurveys(community_id="c-shangyuan", ids=[survey_id, about, draft, "none"])
    assert votes.do(survey_views.known, known, SUN).ids == sorted([survey_id, about])
    page, sent = statements(votes.engine, lambda: listed(votes, limit=1))
    assert sum("surveys" in one for one, _ in sent) == 1
    assert [one.id for one in page.items] == [about]
    assert [one.id for one in listed(votes, cursor=page.next_cursor).items] == [survey_id]


def test_a_helper_answers_for_her_and_whoever_leaves_for_good_counts_on_without_words(votes):
    helper = actor("p-sun", (Role.RESIDENT, HERE), acted_by="p-helper")
    named, nameless = made(votes, **NAMED), made(votes)
    for survey_id in (named, nameless):
        answer(votes, survey_id, helper, 0, "北门")
    assert asked(votes, survey_views.get_survey, named, helper).mine is None
    assert asked(votes, survey_views.get_survey, named, SUN).mine == [0, "北门"]
    votes.do(leaving.follow, PersonDeleted(person_id="p-sun"), votes.now)
    assert votes.rows(
        "SELECT answers, subject, person_id, assisted_by, at FROM survey_answers "
        "WHERE survey_id = :survey", survey=named,
    ) == [([0, None], None, None, None, None)]  # fmt: skip
    assert "p-sun" not in str(votes.rows("SELECT * FROM survey_marks"))
    assert "p-sun" not in str(votes.rows("SELECT * FROM survey_answers"))
    asked(votes, surveys.close, named)
    assert results(votes, named).answers == 1
