"""A joint consultation as neighbours read it on the thread, and who hears of it. Needs: nothing."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from services.contracts import events as e
from services.contracts.actor import Role
from services.contracts.events.grid_bridge import ConsultationOutcome, ConsultationStep
from services.feed import story
from services.notify.domain import Kind, OnDuty, Persons, news_of
from tests.support.neighbourhood import SHANGYUAN, say

pytestmark = pytest.mark.unit

DUE = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)  # 17:30 in China
STEPS = [(what, None) for what in get_args(ConsultationStep) if what != "concluded"] + [
    ("concluded", outcome) for outcome in get_args(ConsultationOutcome)
]


def step(what: str, outcome: str | None = None, **more: object) -> e.JointConsultationChanged:
    facts = {"words": "清运杂物", "departments": ["区房管局"], "due_at": DUE, **more}
    return say(e.JointConsultationChanged, what=what, outcome=outcome, **facts)


@pytest.mark.parametrize(("what", "outcome"), STEPS)
def test_every_step_is_told_on_the_thread_but_a_reminder(what, outcome):
    entry = story.entry_for(step(what, outcome))
    if what == "action_due":
        assert entry is None
    else:
        assert entry.official
        assert entry.text.startswith("【联合会商】")
        assert len(entry.text) > len("【联合会商】。")


def test_neighbours_read_who_does_what_by_when_and_what_they_are_promised():
    assert story.entry_for(step("action_added", promise_due_at=DUE)).text == (
        "【联合会商】清运杂物。责任方：区房管局。期限 2026年3月4日 17:30。"
        "承诺于 2026年3月4日 17:30 前反馈进展。"
    )
    # by the reporter's own word it ends without an entry: her word is one, under the name she has
    assert story.entry_for(step("concluded", "resolved", actor_role="resident")) is None
    clock = story.entry_for(step("action_overdue", actor_id="", actor_role="clock"))
    assert (clock.actor_id, clock.actor_name) == (None, "居委会")


def heard(event: e.Event) -> list[tuple[str, object]]:
    return [
        (news.variant, news.audience)
        for news in news_of(event)
        if news.kind is Kind.ISSUE_CONSULTATION
    ]


def test_the_reporter_supporters_guests_and_the_committee_hear_what_concerns_them():
    opened = heard(step("opened", supporter_ids=["lu"], guest_ids=["urban"], to_departments=True))
    assert [variant for variant, _ in opened] == ["opened", "opened", "asked", "asked", "opened"]
    assert opened[1][1] == Persons(("lu",))
    # who was named hears of the case while she serves there, as her colleagues do
    department = frozenset({Role.DEPARTMENT_STAFF})
    assert [audience for _, audience in opened[2:4]] == [
        OnDuty(department, SHANGYUAN, among=("urban",)),
        OnDuty(department, SHANGYUAN),
    ]
    # whose word it was hears nothing of it, and neither do those who hear that word itself
    ended = heard(step("concluded", "resolved", actor_id="", actor_role="resident"))
    assert {variant for variant, _ in ended} == {"over", "concluded_resolved"}
    assert all(audience != Persons(("sun",)) for _, audience in ended)
    # the inner life of the table is nobody's news
    assert heard(step("meeting_held")) == []
