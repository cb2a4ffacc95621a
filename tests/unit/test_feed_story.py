"""How the story of an issue is told on its thread."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from services.contracts import events as e
from services.contracts.events.grid import WorkOrderState
from services.contracts.events.grid_bridge import Attachment, Category
from services.contracts.topology import ISSUE_STORY, ORDER_STEERING
from services.feed import story
from tests.support.neighbourhood import say

pytestmark = pytest.mark.unit

PHOTO = Attachment(id="a", url="/a", content_type="image/jpeg", bytes=1, sha256="0" * 64)
DUE = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)  # 17:30 in China


def text_of(event: e.Event) -> str:
    entry = story.entry_for(event)
    assert entry is not None
    return entry.text


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            say(e.IssueTriaged, category="8x", due_at=DUE),
            "【已受理】归为“8+X 难题”类。承诺于 2026年3月4日 17:30 前答复。",
        ),
        (say(e.IssueTriaged, category="consult", due_at=None), "【已受理】归为“咨询”类。"),
        (say(e.IssueAnswered, body="已经联系物业。"), "已经联系物业。"),
        (
            say(e.SelfGovernanceRecorded, step="site_visit", note="确有占绿"),
            "【现场查看】确有占绿。",
        ),
        (
            say(e.SelfGovernanceRecorded, step="undertaking", note="一周内恢复。", due_at=DUE),
            "【承诺整改】一周内恢复。期限 2026年3月4日 17:30。",
        ),
        (
            say(e.SelfGovernanceRecorded, step="check", note="绿地已恢复", outcome="solved"),
            "【复查】绿地已恢复（自治解决）。",
        ),
        (
            say(e.SelfGovernanceRecorded, step="talk", note="店主不肯", outcome="failed"),
            "【约谈】店主不肯（自治未能解决）。",
        ),
        (
            say(e.IssueEscalated, work_order_no="BS1", reason="多次约谈无果"),
            "【上报网格】已生成网格工单 BS1。多次约谈无果。",
        ),
        (
            say(e.IssueEscalated, work_order_no="BS1", reason="", urgent=True),
            "【紧急上报网格】已生成网格工单 BS1。",
        ),
        (
            say(e.IssueProgressed, state="dispatched", department="城管中队", note="两日内到场"),
            "【网格工单】城管中队：已派遣。两日内到场。",
        ),
        (
            say(e.IssueProgressed, state="accepted", department="", note=""),
            "【网格工单】网格管理平台：已受理。",
        ),
        (
            say(e.IssueClosed, result="grid_closed", work_order_no="BS1", note="已恢复"),
            "【办结】网格工单已结案。网格工单 BS1。已恢复。",
        ),
        (say(e.IssueClosed, result="refused", note=""), "【办结】不予受理。"),
        (say(e.IssueRated, score=5, solved=True), "【评价】5 分，问题已解决。"),
        (say(e.IssueRated, score=1, solved=False), "【评价】1 分，问题没有解决。"),
        (say(e.IssueReopened, reason="又占了"), "【重新打开】又占了。"),
        (say(e.IssueConfirmed, solved=True, comment="看过了"), "【居民确认】问题已解决。看过了。"),
        (say(e.IssueConfirmed, solved=False), "【居民确认】问题还没有解决。"),
        (
            say(e.IssueConfirmed, solved=True, merged_into="other"),
            "【办结】相同的问题已由其反映人确认解决。",
        ),
        (
            say(e.ReferralChanged, party="property", department=None, state="open", words="请修"),
            "【转办】已转请物业办理，承诺期限不变。请修。",
        ),
        (
            say(
                e.ReferralChanged,
                party="department",
                department="区房管局",
                state="done",
                words="已修好",
            ),
            "【区房管局答复】已修好。",
        ),
        (
            say(e.MergeChanged, side="into", state="agreed", reason=""),
            "【合并】另一条相同的反映已并入本问题。",
        ),
        (say(e.IssueReopened, reason="又占了！"), "【重新打开】又占了！"),
    ],
)
def test_each_step_in_the_words_of_neighbours(event, text):
    assert text_of(event) == text


def test_a_report_tells_itself_unless_it_was_a_post_before():
    assert story.entry_for(say(e.IssueReported)) is None
    entry = story.entry_for(say(e.IssueReported, from_post=True, taken_up_by="wang"))
    assert entry is not None
    assert (entry.step, entry.actor_id, entry.official) == ("reported", "wang", True)


def test_who_speaks():
    answer = story.entry_for(say(e.IssueAnswered, actor_role="secretary", attachments=[PHOTO]))
    grid = story.entry_for(say(e.IssueProgressed, department="城管", actor_role="disposer"))
    closed = story.entry_for(say(e.IssueClosed, result="grid_refused"))
    rating = story.entry_for(say(e.IssueRated))
    assert answer and grid and closed and rating
    assert (answer.actor_id, answer.actor_role, answer.official) == ("wang", "secretary", True)
    assert answer.attachments == (PHOTO,)
    assert (grid.actor_id, grid.actor_role, grid.actor_name) == (None, "disposer", "城管")
    assert (closed.actor_id, closed.actor_name) == (None, "网格管理平台")
    assert (rating.actor_id, rating.official) == ("sun", False)


def test_every_event_of_the_story_has_a_teller():
    assert set(story.TELLERS) == {*ISSUE_STORY, *ORDER_STEERING}


def test_every_word_of_the_contract_has_a_chinese_one():
    assert set(story.GRID_STATES) == set(get_args(WorkOrderState))
    assert set(story.CATEGORIES) == set(get_args(Category))
    for field, table in (("result", story.RESULTS),):
        assert set(table) == set(get_args(e.IssueClosed.model_fields[field].annotation))
    steps = get_args(e.SelfGovernanceRecorded.model_fields["step"].annotation)
    assert set(story.STEPS) == set(steps)


def test_an_unknown_state_of_the_grid_is_told_as_it_is():
    assert "inspecting" in text_of(say(e.IssueProgressed, state="inspecting", department=""))
