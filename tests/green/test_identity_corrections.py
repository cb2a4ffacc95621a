"""Corrections of what is held about somebody, and impact assessments. Needs: db."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Forbidden, Invalid
from services.contracts.operations import identity as op
from services.contracts.operations.base import Page
from services.identity.domain.corrections import (
    AnswerNeeded,
    CorrectionNotFound,
    CorrectionWaits,
    NothingDiffers,
    NothingToCorrect,
)
from services.identity.domain.id_number import IdNumberInvalid
from services.identity.domain.membership import AlreadyDecided, GuardianNeeded
from services.identity.domain.names import RealNameInvalid
from services.identity.handlers import access, assessments, corrections, desk, leaving
from services.identity.handlers.claims import IdTaken
from tests.support import identity_world
from tests.support.identity_world import C_HOME, OTHER, World, made_up_id

pytestmark = pytest.mark.db


@pytest.fixture
def granny(world) -> Actor:
    world.register("孙桂芳", "402")
    granny = world.person()
    assert world.join(granny).status == "active"
    return granny


def looks(world: World, who: Actor) -> list[op.AccessLogEntry]:
    return world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True).items


# -- corrections -----------------------------------------------------------------------------------


def ask_for(world: World, who: Actor, field: str, value: str) -> op.Correction:
    cmd = op.RequestCorrection.model_validate({"field": field, "value": value, "reason": "有误"})
    return world.do(corrections.request_correction, world.vault, cmd, who, world.now)


def decide(world: World, who: Actor, correction_id: str, decision: str, answer=None):
    cmd = op.DecideCorrection(id=correction_id, decision=decision, answer=answer)
    return world.do(corrections.decide_correction, world.vault, cmd, who, world.now)


def waiting(world: World, who: Actor, cid: str = C_HOME, **more) -> list[op.Correction]:
    cmd = op.ListCorrections.model_validate({"cid": cid, **more})
    return world.do(corrections.list_corrections, world.vault, cmd, who, world.now).items


def my_corrections(world: World, who: Actor) -> list[op.Correction]:
    cmd = op.ListMyCorrections()
    return world.do(corrections.list_my_corrections, world.vault, cmd, who, read=True).items


def real_name(world: World, who: Actor) -> tuple[str, str, int]:
    (row,) = world.rows("SELECT * FROM real_names WHERE person_id = :p", p=who.person_id)
    opened = [
        world.vault.open(sealed, purpose=f"real_name.{part}", owner=who.person_id)
        for part, sealed in (("name", row.name_sealed), ("id_number", row.id_number_sealed))
    ]
    return opened[0], opened[1], row.birth_year


def test_a_correction_is_sealed_until_it_is_decided_and_shown_masked(world, granny, staff):
    asked = ask_for(world, granny, "real_name", "孙桂芬")
    assert (asked.status, asked.old, asked.new) == ("pending", "孙**", "孙**")
    (row,) = world.rows("SELECT * FROM corrections")
    assert "孙桂芬" not in str(row)
    (seen,) = waiting(world, staff)
    assert (seen.id, seen.reason, seen.old) == (asked.id, "有误", "孙**")
    assert [c.id for c in my_corrections(world, granny)] == [asked.id]
    (look,) = looks(world, granny)
    assert (look.actor.id, look.purpose) == (staff.person_id, "处理个人信息更正申请")


def test_an_approved_name_stands_and_membership_and_register_stay(world, granny, staff):
    before = world.rows("SELECT * FROM memberships"), world.rows("SELECT * FROM register_persons")
    asked = ask_for(world, granny, "real_name", "孙桂芬")
    decided = decide(world, staff, asked.id, "approve")
    assert (decided.status, decided.old, decided.new) == ("approved", "—", "—")
    assert real_name(world, granny)[0] == "孙桂芬"
    assert world.rows("SELECT new_sealed FROM corrections")[0].new_sealed is None
    after = world.rows("SELECT * FROM memberships"), world.rows("SELECT * FROM register_persons")
    assert after == before


def test_a_correction_that_waits_ends_with_the_last_membership_and_holds_no_number(world, granny):
    asked = ask_for(world, granny, "id_number", made_up_id(sequence=8))
    (home,) = world.rows("SELECT id FROM memberships")
    leave = op.EndMembership(id=home.id)
    world.do(leaving.end_membership, leave, granny, world.now)
    (mine,) = my_corrections(world, granny)
    assert (mine.id, mine.status, mine.new) == (asked.id, "refused", "—")
    assert mine.answer and mine.decided_at == world.now
    assert world.rows("SELECT 1 FROM corrections WHERE new_sealed IS NOT NULL") == []


def test_an_approved_number_is_the_one_that_counts(world, granny, staff):
    new = made_up_id(date(1950, 2, 3), 4)
    decide(world, staff, ask_for(world, granny, "id_number", new.lower()).id, "approve")
    assert real_name(world, granny)[1:] == (new, 1950)
    assert world.join(world.person(), room="7").status == "pending", "the old number is free"
    with pytest.raises(IdTaken):
        world.join(world.person(), room="8", id_number=new)


def test_a_number_that_is_somebodys_is_not_taken_over(world, granny, staff):
    taken = made_up_id(sequence=8)
    world.join(world.person(), room="7", id_number=taken)
    asked = ask_for(world, granny, "id_number", taken)
    with pytest.raises(IdTaken):
        decide(world, staff, asked.id, "approve")
    assert real_name(world, granny)[1] == made_up_id()
    assert waiting(world, staff)[0].id == asked.id, "it can still be refused"
    decide(world, staff, asked.id, "refuse", "该号码已由他人登记")
    assert my_corrections(world, granny)[0].answer == "该号码已由他人登记"


def test_a_refusal_needs_an_answer_and_a_decision_is_final(world, granny, staff):
    asked = ask_for(world, granny, "real_name", "孙桂芬")
    with pytest.raises(AnswerNeeded):
        decide(world, staff, asked.id, "refuse")
    decide(world, staff, asked.id, "refuse", "与户口簿不符")
    assert real_name(world, granny)[0] == "孙桂芳"
    with pytest.raises(AlreadyDecided):
        decide(world, staff, asked.id, "approve")
    assert [c.status for c in waiting(world, staff, status="refused")] == ["refused"]


def test_one_at_a_time_for_each_field(world, granny, staff):
    first = ask_for(world, granny, "real_name", "孙桂芬")
    with pytest.raises(CorrectionWaits):
        ask_for(world, granny, "real_name", "孙桂香")
    ask_for(world, granny, "id_number", made_up_id(sequence=6))
    decide(world, staff, first.id, "refuse", "不符")
    ask_for(world, granny, "real_name", "孙桂香")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("real_name", "7", RealNameInvalid),
        ("real_name", "孙桂芳", NothingDiffers),
        ("id_number", "310113199003071235", IdNumberInvalid),
        ("id_number", made_up_id(date(2020, 1, 1)), GuardianNeeded),
        ("id_number", made_up_id(), NothingDiffers),
    ],
)
def test_what_cannot_be_right_is_refused_beside_the_value(world, granny, field, value, error):
    with pytest.raises(error) as refused:
        ask_for(world, granny, field, value)
    assert [e.field for e in refused.value.errors] == ["value"]
    assert not world.rows("SELECT 1 FROM corrections")


def test_who_has_no_name_here_or_no_home_has_nothing_to_correct(world, staff):
    with pytest.raises(NothingToCorrect):
        ask_for(world, staff, "real_name", "王小明")
    waiting_one = world.person()
    world.join(waiting_one)
    with pytest.raises(NothingToCorrect):
        ask_for(world, waiting_one, "real_name", "孙桂芬")


def test_corrections_belong_to_their_own_committee_and_nobody_decides_her_own(world, granny):
    asked = ask_for(world, granny, "real_name", "孙桂芬")
    with pytest.raises(Forbidden):
        waiting(world, world.staff(OTHER))
    with pytest.raises(CorrectionNotFound):
        decide(world, world.staff(OTHER), asked.id, "approve")
    with pytest.raises(CorrectionNotFound):
        decide(world, world.staff(), "nothing", "approve")
    herself = replace(granny, grants=world.staff().grants)
    with pytest.raises(desk.OwnRequest):
        decide(world, herself, asked.id, "approve")


# -- impact assessments ----------------------------------------------------------------------------


def record(world: World, who: Actor, **over) -> op.Assessment:
    facts = {
        "title": "网格对接",
        "purpose": "上报问题",
        "data_kinds": ["隐去中段的姓名"],
        "risks": "再识别",
        "measures": "单独同意",
        "conclusion": "acceptable_with_measures",
        "review_at": world.now + timedelta(days=365),
        **over,
    }
    cmd = op.RecordAssessment.model_validate(facts)
    return world.do(assessments.record_assessment, cmd, who, world.now)


def recorded(world: World, who: Actor, **page) -> Page[op.Assessment]:
    cmd = op.ListAssessments(**page)
    return world.do(assessments.list_assessments, cmd, who, read=True)


def test_an_assessment_is_recorded_and_read_by_admin_and_auditor(world):
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    auditor = world.person("", (Role.AUDITOR, "d"))
    first, second = record(world, admin), record(world, admin, title="第二份")
    assert first.recorded_by.id == admin.person_id
    page = recorded(world, auditor, limit=1)
    assert [a.title for a in page.items] == ["第二份"]
    rest = recorded(world, auditor, limit=1, cursor=page.next_cursor)
    assert rest.items == [first]
    assert rest.next_cursor is None
    assert second.review_at > second.recorded_at == world.now


def test_another_district_sees_nothing(world):
    record(world, world.person("", (Role.DISTRICT_ADMIN, "d")))
    elsewhere = identity_world.actor("x", (Role.AUDITOR, "e"))
    assert recorded(world, elsewhere).items == []


def test_who_administers_several_districts_names_one(world):
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    several = replace(admin, grants=(*admin.grants, Grant(Role.DISTRICT_ADMIN, "e")))
    with pytest.raises(Invalid) as refused:
        record(world, several)
    assert [e.field for e in refused.value.errors] == ["did"]
    assert record(world, several, did="d").title == "网格对接"
    with pytest.raises(Forbidden):
        record(world, admin, did="t")


def test_it_has_to_be_looked_at_again_some_day(world):
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    with pytest.raises(Invalid) as refused:
        record(world, admin, review_at=world.now)
    assert [e.field for e in refused.value.errors] == ["review_at"]
