"""Answer guides: departments write them, committees find them, uses are counted. Needs: db."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event as sqlalchemy_event

from services.contracts.actor import Role
from services.contracts.errors import BadRequest, Forbidden, NotFound, ShequError
from services.contracts.operations.grid_bridge import guides as ops
from services.grid_bridge import copies
from services.grid_bridge.domain.guides import (
    GuideChangedMeanwhile,
    GuideNotFound,
    GuideRetired,
    NotYourDepartment,
    UnknownGuide,
)
from services.grid_bridge.domain.issue import SlotNotAllowed
from services.grid_bridge.handlers import guides
from services.grid_bridge.repository import IssueNotFound
from services.grid_bridge.repository_districts import DistrictNotFound
from tests.support.bridge import ADMIN, ANALYST, NEXT_DOOR, SHANGYUAN, SHI, SUN, WANG, Bridge, actor

pytestmark = pytest.mark.db

DID = "demo"
CIVIL = actor("p-civil", (Role.DEPARTMENT_STAFF, "demo"))
TOWNS = actor("p-towns", (Role.DEPARTMENT_STAFF, "demo.yuepu"))
NEAR = actor("p-near", (Role.DEPARTMENT_STAFF, "demo.luodian"))
ELSEWHERE = actor("p-far", (Role.DEPARTMENT_STAFF, "other"), (Role.COMMITTEE_STAFF, "other.a.b"))


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def write(bridge, title="敬老卡怎么办", body="带身份证到居委会登记", by=CIVIL, **more):
    facts = {"did": DID, "department": "民政局", "title": title, "body": body, **more}
    return bridge._write(guides.create, ops.CreateAnswerGuide(**facts), by)


def rewrite(bridge, guide, by=CIVIL, **more):
    facts = {"id": guide.id, "version": guide.version, "title": "改", "body": "改过的", **more}
    return bridge._write(guides.update, ops.UpdateAnswerGuide(**facts), by)


def retire(bridge, guide, by=CIVIL):
    return bridge._write(guides.retire, ops.RetireAnswerGuide(id=guide.id, reason="政策已变"), by)


def read(bridge, guide, who=SHI):
    with bridge.units(read_only=True) as uow:
        return guides.get_guide(uow, ops.GetAnswerGuide(id=guide.id), who)


def page(bridge, who=SHI, **query):
    with bridge.units(read_only=True) as uow:
        return guides.list_guides(uow, ops.ListAnswerGuides(**{"did": DID, **query}), who)


def titles(bridge, who=SHI, **query):
    return [one.title for one in page(bridge, who, **query).items]


def uses(bridge, guide, who=CIVIL, **query):
    with bridge.units(read_only=True) as uow:
        return guides.list_uses(uow, ops.ListAnswerGuideUses(id=guide.id, **query), who)


def asked(bridge, category="consult", slot=None, **facts):
    issue = bridge.report(**facts).id
    bridge.triage(issue, category, slot)
    return issue


# -- writing -----------------------------------------------------------------------------------


def test_each_writing_is_a_version_with_its_writer_and_time(bridge):
    guide = write(bridge, category="consult")
    assert (guide.version, guide.uses, guide.last_used_at, guide.may_write) == (1, 0, None, True)
    bridge.pass_days(1)
    again = rewrite(bridge, guide, ADMIN, title="敬老卡（新）", category="advise")
    assert (again.title, again.body, again.category) == ("敬老卡（新）", "改过的", "advise")
    assert [(one.version, one.title, one.category, one.role, one.by) for one in again.versions] == [
        (2, "敬老卡（新）", "advise", "district_admin", "p-admin"),
        (1, "敬老卡怎么办", "consult", "department_staff", "p-civil"),
    ]
    assert again.versions[0].at - again.versions[1].at == bridge.now - guide.created_at
    for_committee = read(bridge, guide)
    assert {one.by for one in for_committee.versions} == {None}
    assert not for_committee.may_write


def test_two_who_write_at_once_do_not_overwrite_each_other(bridge):
    guide = write(bridge)

    def attempt(number):
        try:
            return rewrite(bridge, guide, title=f"第{number}人").version
        except ShequError as refused:
            return refused.code

    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(attempt, range(5)))
    assert sorted(map(str, outcomes)) == ["2"] + ["grid.guide_changed"] * 4
    assert len(read(bridge, guide).versions) == 2
    with pytest.raises(GuideChangedMeanwhile):
        rewrite(bridge, guide)


def test_a_department_writes_for_where_it_serves_and_no_more(bridge):
    districts, towns = write(bridge, by=CIVIL), write(bridge, by=TOWNS)
    assert rewrite(bridge, towns, CIVIL).version == 2
    for act in (rewrite, retire, uses):
        with pytest.raises(NotYourDepartment):
            act(bridge, districts, TOWNS)
        with pytest.raises(NotYourDepartment):
            act(bridge, towns, NEAR) if act is not rewrite else act(bridge, districts, NEAR)
    for who in (SHI, ANALYST):
        with pytest.raises(Forbidden):
            retire(bridge, districts, who)
    with pytest.raises(DistrictNotFound):
        write(bridge, by=ELSEWHERE)


def test_another_districts_guides_are_not_there(bridge):
    guide = write(bridge)
    assert titles(bridge, ANALYST) == titles(bridge, TOWNS) == [guide.title]
    with pytest.raises(DistrictNotFound):
        page(bridge, ELSEWHERE)
    with pytest.raises(DistrictNotFound):
        page(bridge, SUN)
    for act in (read, rewrite, retire, uses):
        with pytest.raises(GuideNotFound):
            act(bridge, guide, ELSEWHERE)
    with pytest.raises(GuideNotFound):
        bridge._write(guides.retire, ops.RetireAnswerGuide(id="nowhere", reason="r"), CIVIL)


def test_a_slot_is_one_of_the_districts_and_makes_it_8x(bridge):
    assert write(bridge, slot="X3").category == "8x"
    with pytest.raises(SlotNotAllowed):
        write(bridge, slot="X3", category="consult")
    with pytest.raises(ShequError) as caught:
        write(bridge, slot="X77")
    assert (caught.value.status, caught.value.code) == (422, "grid.unknown_slot")
    assert len(page(bridge).items) == 1


def test_a_retired_guide_is_found_no_more_but_can_be_read(bridge):
    guide = write(bridge)
    gone = retire(bridge, guide)
    assert (gone.retired_at, gone.retired_reason) == (bridge.now, "政策已变")
    assert titles(bridge) == []
    assert titles(bridge, retired=True) == [guide.title]
    assert read(bridge, guide).body == guide.body
    for act in (rewrite, retire):
        with pytest.raises(GuideRetired):
            act(bridge, guide)


# -- finding -----------------------------------------------------------------------------------


def test_words_of_two_characters_find_what_says_them(bridge):
    write(bridge, "电动车充电", "楼道内禁止充电，请到车棚")
    write(bridge, "加装电梯", "三分之二业主同意后申请；ＥＴＣ 停车位另行登记")
    assert titles(bridge, q="电梯") == ["加装电梯"]
    assert titles(bridge, q="充电 车棚") == ["电动车充电"]
    assert titles(bridge, q="电") == ["加装电梯", "电动车充电"]
    assert titles(bridge, q="etc") == ["加装电梯"]
    assert titles(bridge, q="民政局") == ["加装电梯", "电动车充电"]
    for nothing in ("车电", "意后申请停", "%", "_", "\\"):
        assert titles(bridge, q=nothing) == []
    assert len(titles(bridge, q="  ")) == 2


def test_lists_are_narrowed_and_paged(bridge):
    made = [write(bridge, f"指南{number}", category="consult").id for number in range(5)]
    write(bridge, "毁绿", slot="X3")
    assert titles(bridge, slot="X3") == titles(bridge, category="8x") == ["毁绿"]
    seen, cursor = [], None
    while True:
        found = page(bridge, category="consult", limit=2, cursor=cursor)
        seen += [one.id for one in found.items]
        cursor = found.next_cursor
        if cursor is None:
            break
    assert seen == made[::-1]
    for bad in ("??", "WyJhIiwiYiJd"):
        with pytest.raises(BadRequest):
            page(bridge, cursor=bad)


def test_what_fits_the_issue_stands_first(bridge):
    write(bridge, "夜间施工投诉", "夜间施工噪声的答复口径", slot="S8")
    write(bridge, "绿化带种菜的劝导", "占用绿化带种菜，先劝导，再移交", category="8x")
    write(bridge, "毁绿占绿处置", "依据城市绿化条例", slot="X3")
    write(bridge, "敬老卡", "带身份证到居委会登记", category="consult")
    issue = asked(bridge, "8x", "X3", title="商铺占用绿化带", body="围起来种了菜")
    found = page(bridge, for_issue=issue).items
    assert [(one.title, one.fits) for one in found] == [
        ("毁绿占绿处置", ["slot", "category"]),
        ("绿化带种菜的劝导", ["category", "words"]),
        ("敬老卡", []),
        ("夜间施工投诉", []),
    ]
    seen, cursor = [], None
    while True:
        part = page(bridge, for_issue=issue, limit=1, cursor=cursor)
        seen += [one.title for one in part.items]
        if (cursor := part.next_cursor) is None:
            break
    assert seen == [one.title for one in found]


def test_a_new_version_is_compared_by_its_own_words(bridge):
    guide = write(bridge, "绿化带种菜的劝导", "占用绿化带种菜，先劝导")
    issue = asked(bridge, title="商铺占用绿化带", body="围起来种了菜")
    assert page(bridge, for_issue=issue).items[0].fits == ["words"]
    rewrite(bridge, guide, title="敬老卡", body="到居委会登记")
    assert page(bridge, for_issue=issue).items[0].fits == []


def test_before_anybody_has_sorted_it_the_advice_counts(bridge):
    write(bridge, "毁绿占绿处置", "依据条例", slot="X3")
    write(bridge, "敬老卡", "到居委会登记", category="consult")
    issue = bridge.report(title="有人", body="在种")
    bridge.classify(issue.id)
    assert page(bridge, for_issue=issue.id).items[0].fits[0] == "slot"


def test_only_what_is_for_the_issues_place_is_offered_for_it(bridge):
    write(bridge, "本镇", by=TOWNS)
    write(bridge, "邻镇", by=NEAR)
    write(bridge, "全区")
    issue = asked(bridge)
    assert set(titles(bridge, for_issue=issue)) == {"本镇", "全区"}
    assert len(titles(bridge)) == 3


def test_only_the_issues_committee_asks_for_it(bridge):
    issue = asked(bridge)
    for who in (NEXT_DOOR, CIVIL):
        with pytest.raises((IssueNotFound, Forbidden)):
            page(bridge, who, for_issue=issue)
    with pytest.raises(NotFound):
        page(bridge, for_issue="nowhere")


def test_a_list_is_one_statement_however_long(bridge):
    def sent():
        seen = []

        def note(_c, _cur, statement, *_rest):
            seen.append(statement)

        sqlalchemy_event.listen(bridge.engine, "before_cursor_execute", note)
        try:
            page(bridge, q="登记", for_issue=issue)
        finally:
            sqlalchemy_event.remove(bridge.engine, "before_cursor_execute", note)
        return seen

    issue = asked(bridge)
    write(bridge)
    few = sent()
    for number in range(12):
        write(bridge, f"指南{number}", "登记")
    assert len(sent()) == len(few)
    assert len([one for one in few if "answer_guides" in one]) == 1


# -- using -------------------------------------------------------------------------------------


def test_an_answer_remembers_its_guide_and_counts(bridge):
    guide = write(bridge)
    issue = asked(bridge)
    answered = bridge.answer(issue, guide_id=guide.id)
    line = answered.timeline[-1]
    assert (line.guide.id, line.guide.version, line.guide.title) == (guide.id, 1, guide.title)
    assert bridge.issue(issue, SUN).timeline[-1].guide is None  # the office's own aid
    rewrite(bridge, guide, title="新说法")
    assert bridge.issue(issue, SHI).timeline[-1].guide.title == guide.title
    bridge.pass_days(1)
    bridge.answer(asked(bridge), "fixed", by=WANG, guide_id=guide.id)
    bridge.answer(asked(bridge))
    seen = read(bridge, guide)
    assert (seen.uses, seen.last_used_at) == (2, bridge.now)
    assert page(bridge).items[0].uses == 2
    found = uses(bridge, guide, limit=1)
    rest = uses(bridge, guide, cursor=found.next_cursor)
    assert [
        (one.version, one.outcome, one.category, one.community_id)
        for one in (*found.items, *rest.items)
    ] == [(2, "fixed", "consult", SHANGYUAN), (1, "answered", "consult", SHANGYUAN)]
    assert found.items[0].community_name
    assert issue not in rest.model_dump_json()


@pytest.mark.parametrize("why", ["unknown", "retired", "another place's"])
def test_a_guide_that_is_not_in_use_there_is_no_answers_guide(bridge, why):
    issue = asked(bridge)
    guide = write(bridge, by=NEAR if why == "another place's" else CIVIL)
    if why == "retired":
        retire(bridge, guide)
    with pytest.raises(UnknownGuide) as caught:
        bridge.answer(issue, guide_id="nowhere" if why == "unknown" else guide.id)
    assert (caught.value.status, caught.value.errors[0].field) == (422, "guide_id")
    assert bridge.issue(issue).status == "triaged"
    assert read(bridge, guide).uses == 0
    assert not bridge.rows("SELECT FROM answer_guide_uses")


def test_no_use_is_lost_when_many_answer_at_once(bridge):
    guide = write(bridge)
    issues = [asked(bridge) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda issue: bridge.answer(issue, guide_id=guide.id), issues))
    assert read(bridge, guide).uses == 8 == len(uses(bridge, guide).items)


def test_who_wrote_a_guide_finds_it_in_her_copy(bridge):
    guide = write(bridge)
    with bridge.units(read_only=True) as uow:
        found = copies.held_about(uow, CIVIL.person_id)["answer_guides"]["items"]
    assert [(one["guide_id"], one["version"]) for one in found] == [(guide.id, 1)]
