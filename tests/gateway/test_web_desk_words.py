"""The desk's words: every key of the contract has its own."""

from typing import get_args

import pytest

from gateway.web import plan_form, words_desk
from services.contracts.events.grid import WorkOrderState
from services.contracts.events.grid_bridge import (
    ConsultationOutcome,
    ReferralParty,
    ReferralState,
)
from services.contracts.events.plans import PlanState
from services.contracts.operations.grid_bridge import (
    common,
    consultations,
    operators,
    orders,
    plan_items,
    plans,
)
from services.contracts.operations.votes.topics import BoardTask

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize(
    ("literal", "table"),
    [
        (common.IssueSource, words_desk.SOURCE),
        (ReferralParty, words_desk.PARTY),
        (ReferralState, words_desk.REFERRAL),
        (WorkOrderState, words_desk.ORDER),
        (orders.WorkOrder.model_fields["urgency"].annotation, words_desk.URGENCY),
        (operators.DeadLetter.model_fields["why"].annotation, words_desk.LETTER),
        (consultations.SeatState, words_desk.SEAT),
        (consultations.ConsultationState, words_desk.TABLE),
        (consultations.MeetingState, words_desk.MEETING),
        (consultations.ActionState, words_desk.ACTION),
        (consultations.ActionMove, words_desk.MOVE),
        (consultations.ActionOwner, words_desk.ACTION_OWNER),
        (ConsultationOutcome, words_desk.CONCLUSION),
        (PlanState, words_desk.PLAN),
        (PlanState, words_desk.PLAN_STEP),
        (plan_items.ItemState, words_desk.ITEM),
        (plan_items.OwnerKind, words_desk.OWNER),
        (plan_items.MoneySource, words_desk.MONEY),
        (plan_items.EvidenceKind, words_desk.EVIDENCE),
        (plans.CommentState, words_desk.COMMENT),
        (BoardTask.model_fields["task"].annotation, words_desk.TASK),
    ],
)
def test_every_key_has_its_word(literal, table):
    assert set(get_args(literal)) == set(table)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12", 1200), ("1,234.5", 123450), ("8元", 800), ("0.01", 1), ("0.001", "0.001"),
     ("很多", "很多"), ("NaN", "NaN"), ("Infinity", "Infinity"), ("1E400000", "1E400000"),
     ("9E999999", "9E999999"), ("9" * 50, "9" * 50)],
)  # fmt: skip
def test_yuan_are_read_as_people_write_them(text, fen):
    assert plan_form.fen(text) == fen


def test_fen_are_told_in_yuan():
    assert [plan_form.yuan(n) for n in (0, 1200, 120050)] == ["0", "12", "1200.50"]
