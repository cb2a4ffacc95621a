"""One community, one plan: versions, the comment period, adoption, progress. Needs: db."""

import threading
from datetime import timedelta

import pytest

from services.contracts.errors import Forbidden, Invalid, NotFound, ObserverReadOnly, Unavailable
from services.contracts.events import PlanChanged, PlanCommentAnswered
from services.contracts.ids import new_id
from services.directory import NotAMember
from services.grid_bridge import copies
from services.grid_bridge.domain import plans as rules
from services.grid_bridge.files import UnknownAttachment
from services.grid_bridge.handlers import plan_comments
from tests.support.bridge import (
    LU,
    NEXT_DOOR,
    OBSERVER,
    SHI,
    STRANGER,
    SUN,
    WANG,
)
from tests.support.bridge_desk import CHILD
from tests.support.bridge_plans import BENCH, LAMPS, Planners

pytestmark = pytest.mark.db


@pytest.fixture
def desk(db, tmp_path) -> Planners:
    return Planners(db("grid_bridge"), tmp_path)


def test_a_draft_is_the_committees_until_it_lies_open(desk):
    draft = desk.draft(LAMPS, BENCH)
    assert (draft.state, draft.version, draft.items, draft.budget_fen) == ("draft", 1, 2, 1_550_050)
    assert [item.key for item in draft.content] == ["i1", "i2"]
    assert draft.next_steps == ["open", "withdrawn"]
    assert desk.plans(SUN).items == [] and [one.id for one in desk.plans(WANG).items] == [draft.id]
    for stranger in (SUN, OBSERVER, NEXT_DOOR, STRANGER):
        with pytest.raises(rules.PlanNotFound):
            desk.plan(draft.id, stranger)
    with pytest.raises((Forbidden, NotFound)):
        desk.draft(LAMPS, by=NEXT_DOOR)
    assert desk.told(PlanChanged) == []
    seen = desk.go(draft, "open")
    for reader in (SUN, OBSERVER):
        found = desk.plan(draft.id, reader)
        assert (found.state, found.comments_open, found.may_write) == ("open", True, False)
        assert found.next_steps == []
        assert found.unanswered is None and {step.by for step in found.timeline} == {None}
    assert [(e.state, e.plan_title, e.due_at) for e in desk.told(PlanChanged)] == [
        ("open", "尚园 2026 年方案", seen.closes_at)
    ]


def test_what_residents_comment_on_stays_and_going_back_is_explained(desk):
    plan = desk.laid_open(LAMPS, BENCH)
    with pytest.raises(rules.PlanFrozen):
        desk.rewrite(plan, LAMPS)
    with pytest.raises(rules.PlanReasonNeeded):
        desk.go(plan, "draft")
    desk.go(plan, "draft", reason="预算有误")
    lamps, _ = (item.model_dump(mode="json") for item in plan.content)
    lamps["budget"]["amount_fen"] = 1_000_000
    lamps["text"] = "三号楼至六号楼，换成感应灯。"
    cheaper = desk.rewrite(plan, lamps, {**BENCH, "title": "加装扶手"}, summary="先急后缓。")
    assert [item.key for item in cheaper.content] == ["i1", "i3"]
    # Neighbours go on reading what lay open; the committee reads its draft.
    assert desk.plan(plan.id, SUN).budget_fen == 1_550_050
    assert desk.plans(SUN).items[0].budget_fen == 1_550_050
    assert desk.plan(plan.id, SHI).budget_fen == 1_300_000
    with pytest.raises(rules.PlanVersionNotFound):
        desk.differences(plan, 1, 2, by=SUN)
    desk.go(cheaper, "open")
    found = {(c.item, c.field): c for c in desk.differences(plan, 1, 2, by=SUN).changes}
    assert set(found) == {
        (None, "summary"), ("i1", "text"), ("i1", "budget"), ("i3", None), ("i2", None)
    }  # fmt: skip
    assert [(w.kind, w.text) for w in found["i1", "text"].words] == [
        ("removed", "三号楼至五号楼，"), ("added", "三号楼至六号楼，"), ("same", "换成感应灯。")
    ]  # fmt: skip
    assert "10,000.00 元（维修资金）" in found["i1", "budget"].after
    assert [e.state for e in desk.told(PlanChanged)] == ["open", "draft", "open"]


def test_a_plan_is_opened_whole_and_for_a_decent_time(desk):
    bare = desk.draft({"title": "装电梯"}, LAMPS)
    with pytest.raises(rules.PlanIncomplete) as caught:
        desk.go(bare, "open")
    assert [e.field for e in caught.value.errors] == ["items.0.evidence", "items.0.owner"]
    with pytest.raises(rules.PlanIncomplete):
        desk.go(desk.draft(), "open")
    whole = desk.draft(LAMPS)
    for wrong in (
        {"closes_at": None},
        {"closes_at": desk.now + timedelta(days=2)},
        {"closes_at": desk.now + timedelta(days=91)},
        {"closes_at": desk.now - timedelta(days=9)},
        {"opens_at": desk.now + timedelta(days=99), "closes_at": desk.now + timedelta(days=109)},
    ):
        with pytest.raises(rules.BadCommentPeriod):
            desk.go(whole, "open", **wrong)
    assert desk.plan(whole.id, SHI).state == "draft"
    later = desk.now + timedelta(days=1)
    waiting = desk.go(whole, "open", opens_at=later, closes_at=later + timedelta(days=3))
    with pytest.raises(rules.NoCommentsNow):
        desk.say(waiting, "太早了")
    foreign = desk.report(SUN).id
    evidence = [{"kind": "issues", "issue_ids": [foreign, "nowhere"]}]
    with pytest.raises(rules.UnknownEvidence) as caught:
        desk.draft({**LAMPS, "evidence": evidence})
    assert [e.field for e in caught.value.errors] == ["items.0.evidence.0.issue_ids"]
    asked, other = new_id(), new_id()
    desk.surveys = frozenset({asked})
    for ref in (other, "居民说的"):
        evidence = [{"kind": "survey_answer", "ref": one} for one in (asked, ref)]
        with pytest.raises(rules.UnknownEvidence) as caught:
            desk.rewrite(bare, {**LAMPS, "evidence": evidence})
        assert [e.field for e in caught.value.errors] == ["items.0.evidence.1.ref"]
    rested = desk.rewrite(bare, {**LAMPS, "evidence": evidence[:1]})
    assert rested.content[0].evidence[0].ref == asked
    bare = desk.rewrite(rested, {"title": "装电梯"}, LAMPS)
    for keys in (["i9"], ["i1", "i1"]):
        with pytest.raises(rules.UnknownPlanItem):
            desk.rewrite(bare, *({**LAMPS, "key": key} for key in keys))


def test_each_comment_is_answered_before_a_plan_is_adopted(desk):
    plan = desk.laid_open()
    desk.settle("p-child", "child")
    hers, childs = desk.say(plan, "灯太亮了", item="i1"), desk.say(plan, "想要秋千", by=CHILD)
    for outsider, refusal in ((OBSERVER, ObserverReadOnly), (STRANGER, NotFound)):
        with pytest.raises(refusal):
            desk.say(plan, "我也说一句", by=outsider)
    with pytest.raises((NotAMember, NotFound)):
        desk.say(plan, "隔壁说一句", by=NEXT_DOOR)
    with pytest.raises(rules.UnknownPlanItem):
        desk.say(plan, "哪一项", item="i7")
    assert [(c.body, c.mine) for c in desk.comments(plan, SUN)] == [
        ("想要秋千", False), ("灯太亮了", True)
    ]  # fmt: skip
    assert [c.id for c in desk.comments(plan, LU, item="i1")] == [hers.id]
    with pytest.raises(rules.CommentPeriodRuns):
        desk.go(plan, "adopted")
    desk.pass_days(7)
    with pytest.raises(rules.NoCommentsNow):
        desk.say(plan, "晚了")
    with pytest.raises(rules.CommentsUnanswered):
        desk.go(plan, "adopted")
    with pytest.raises(Forbidden):
        desk.reply(hers, "我来答", by=LU)
    desk.reply(hers, "换成可调的")
    desk.reply(hers, "换成可调光的", by=WANG)
    desk.take_back(childs, by=CHILD)
    adopted = desk.go(plan, "adopted")
    assert (adopted.comments, adopted.unanswered) == (1, 0)
    with pytest.raises(rules.PlanCommentSettled):
        desk.reply(hers, "再改一次")
    told = desk.told(PlanCommentAnswered)
    assert [(e.author_id, e.decision) for e in told] == [(SUN.person_id, "answered")]
    assert desk.comments(plan, LU)[0].answer == "换成可调光的"


def test_what_feed_finds_waits_and_so_does_everything_while_feed_is_away(desk):
    plan = desk.laid_open()
    desk.feed = {"held": True}
    held = desk.say(plan, "带广告的话")
    desk.feed = Unavailable("feed is away")
    unjudged = desk.say(plan, "没有人看过的话", by=LU)
    assert (held.state, unjudged.state) == ("waiting", "waiting")
    assert [c.id for c in desk.comments(plan, LU)] == [unjudged.id]
    assert desk.plan(plan.id, SHI).unanswered == 2
    assert desk.decide(unjudged, "show").state == "shown"
    desk.decide(held, "hide")
    with pytest.raises(rules.PlanCommentSettled):
        desk.decide(held, "hide")
    assert [(c.id, c.decision_reason) for c in desk.comments(plan, SUN)] == [
        (unjudged.id, None), (held.id, "看过了")
    ]  # fmt: skip
    stands = desk.plan(plan.id, SHI)
    assert (stands.comments, stands.unanswered) == (1, 1)
    desk.feed = Invalid("not published here")
    with pytest.raises(Invalid):
        desk.say(plan, "不能发的话")
    desk.feed = {"held": False}
    for _ in range(rules.MOST_COMMENTS - 1):
        desk.say(plan, "又一句")
    with pytest.raises(rules.TooManyPlanComments):
        desk.say(plan, "第二十一句")


def test_an_adopted_plan_keeps_account_of_its_items(desk):
    plan = desk.adopted(LAMPS, BENCH)
    assert desk.plan(plan.id, SHI).next_steps == ["finished", "withdrawn"]
    photo = desk.photo(SHI)
    with pytest.raises(UnknownAttachment):
        desk.progress(plan, "i1", attachments=[desk.photo(LU)])
    desk.progress(plan, "i1", state="doing", spent_fen=500_000, attachments=[photo])
    with pytest.raises(rules.UnknownPlanItem):
        desk.progress(plan, "i9", state="doing")
    with pytest.raises(rules.PlanItemsOpen):
        desk.go(plan, "finished")
    desk.progress(plan, "i1", state="done", spent_fen=1_300_000)
    found = desk.progress(plan, "i2", state="dropped", note="居民不需要", by=WANG)
    assert (found.done, found.dropped, found.spent_fen) == (1, 1, 1_300_000)
    desk.progress(plan, "i1", state="doing", spent_fen=1_200_000, note="返工")
    desk.pass_days(200)
    seen = desk.plan(plan.id, SUN)
    assert [(i.state, i.spent_fen, i.overdue) for i in seen.content] == [
        ("doing", 1_200_000, True), ("dropped", 0, False)
    ]  # fmt: skip
    assert (seen.done, seen.spent_fen) == (0, 1_200_000)
    assert [p.state for p in seen.content[0].progress] == ["doing", "done", "doing"]
    assert [a.id for a in seen.content[0].progress[0].attachments] == [photo]
    with pytest.raises(rules.WrongPlanState):
        desk.progress(plan, "i2", state="done")
    desk.progress(plan, "i1", state="done")
    end = desk.go(plan, "finished")
    assert [step.state for step in end.timeline] == [
        "draft", "open", "adopted", "in_progress", "finished"
    ]  # fmt: skip
    with pytest.raises(rules.WrongPlanState):
        desk.go(end, "withdrawn", reason="太晚")


def test_of_two_editors_at_once_one_is_told_that_she_read_an_old_version(desk):
    plan = desk.draft(LAMPS)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def write(by):
        gate.wait()
        try:
            desk.rewrite(plan, BENCH, by=by)
            outcomes.append("written")
        except rules.PlanChangedMeanwhile:
            outcomes.append("changed")

    editors = [threading.Thread(target=write, args=(who,)) for who in (SHI, WANG)]
    for one in editors:
        one.start()
    for one in editors:
        one.join()
    assert sorted(outcomes) == ["changed", "written"]
    assert desk.plan(plan.id, SHI).version == 2


def test_comments_at_once_are_all_counted_and_nobody_gets_past_the_limit(desk):
    plan = desk.laid_open()
    refused: list[str] = []

    def talk():
        for _ in range(8):
            try:
                desk.say(plan, "同时说")
            except rules.TooManyPlanComments as error:
                refused.append(error.code)

    talkers = [threading.Thread(target=talk) for _ in range(3)]
    for one in talkers:
        one.start()
    for one in talkers:
        one.join()
    assert len(refused) == 24 - rules.MOST_COMMENTS
    stands = desk.plan(plan.id, SHI)
    assert (stands.comments, stands.unanswered) == (rules.MOST_COMMENTS, rules.MOST_COMMENTS)


def test_her_copy_holds_her_comments_and_leaving_deletes_their_words(desk):
    plan = desk.laid_open()
    first = desk.say(plan, "第一句")
    desk.say(plan, "第二句")
    kept = desk.say(plan, "别人的话", by=LU)
    desk.reply(first, "好的")
    with desk.units(read_only=True) as uow:
        hers = copies.held_about(uow, SUN.person_id)["plan_comments"]["items"]
        acts = copies.held_about(uow, SHI.person_id)["plan_acts"]["items"]
    assert [one["body"] for one in hers] == ["第二句", "第一句"]
    assert sorted(one["act"] for one in acts) == ["answer", "step", "step", "version"]
    with desk.units() as uow:
        plan_comments.forget(uow, SUN.person_id)
        uow.commit()
    assert desk.rows("SELECT count(*) AS n FROM plan_comments WHERE body LIKE '第%'")[0].n == 0
    assert [c.id for c in desk.comments(plan, LU)] == [kept.id]
    stands = desk.plan(plan.id, SHI)
    assert (stands.comments, stands.unanswered) == (1, 1)


def test_the_document_says_all_of_it_and_as_of_when(desk):
    plan = desk.laid_open()
    comment = desk.say(plan, "灯太亮了", item="i1")
    desk.reply(comment, "换成可调光的")
    said = desk.document(plan)
    text = "\n".join([*said.lines, *(b.text for b in said.blocks)])
    cells = [cell for block in said.blocks for row in block.rows for cell in row]
    assert "第 1 版 · 征求意见" in text and "数据截至 2026年3月2日 12:00" in text
    assert "依据：2026-02 热点 ht-1：楼道照明" in text and "换成可调光的" in text
    assert "sun · 2026年3月2日 12:00 · 第 1 版 · 第 1 项" in text
    assert {"12,500.50 元（维修资金）", "15,500.50 元", "楼组长老陆", "未开始"} <= set(cells)
