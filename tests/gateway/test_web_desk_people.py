"""Members at the desk: found, moved out, helped, registered at the counter; lost phones."""

from typing import get_args

import pytest

from gateway.web import words_desk_people
from services.contracts.actor import Role
from services.contracts.errors import Conflict, FieldError
from services.contracts.operations.identity import login, members, roles
from services.identity.domain.assistance import Kind
from services.identity.domain.login import CodeNotRight
from services.identity.domain.membership import ReasonNeeded
from services.identity.domain.recovery import PhoneTaken, SecondPersonNeeded
from services.identity.domain.tenure import ExpiryImpossible
from tests.gateway import web_desk_people as p
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

LIST, ONE, NEW = "/console/members", f"/console/members/{p.MEMBER}", "/console/members/new"


@pytest.fixture
def staff(world):
    world.say(get_me=w.me("committee_staff"), get_community_profile=p.profile())
    return world.browser(Role.COMMITTEE_STAFF)


# -- finding ---------------------------------------------------------------------------------------


async def test_what_is_asked_for_goes_to_the_service(world, staff):
    await staff.get(f"{LIST}?q=502&building=b-3&relation=tenant&of=no_phone&cursor=next")
    asked = world.rpc.last("list_members").kwargs
    assert {k: asked[k] for k in ("q", "building", "relation", "has_phone", "cursor")} == {
        "q": "502", "building": "b-3", "relation": "tenant", "has_phone": False, "cursor": "next",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("of", "field", "value"),
    [
        ("ended", "status", "ended"),
        ("unregistered", "registered", False),
        ("no_phone", "has_phone", False),
    ],
)
async def test_members_are_narrowed_to_what_they_lack(world, staff, of, field, value):
    await staff.get(f"{LIST}?of={of}")
    assert world.rpc.last("list_members").kwargs[field] == value


async def test_a_member_is_a_row_with_what_the_desk_has_to_know(staff):
    html = (await staff.get(LIST)).text
    shown = ("陆**", "陆家姆妈", "3号楼", "502", "没有手机", "名册里没有", "志愿者")
    assert [words for words in shown if words not in html] == []


async def test_nobody_found_leads_back_to_all(world, staff):
    world.say(list_members=w.page_of())
    html = (await staff.get(f"{LIST}?q=没有这个人")).text
    assert "没有找到成员" in html and "看所有成员" in html


# -- one of them -----------------------------------------------------------------------------------


async def test_what_may_not_be_done_has_no_form(world, staff):
    quiet = p.home(may_end=False, may_extend=False)
    world.say(get_member=p.sheet(actions=[], homes=[quiet], no_recovery="office", assistances=[]))
    html = (await staff.get(ONE)).text
    assert words_desk_people.NO_RECOVERY["office"] in html and 'aria-disabled="true"' in html
    assert f'action="{ONE}' not in html


async def test_somebody_is_moved_out_for_a_sample_or_in_ones_own_words(world, staff):
    world.say(end_membership={"id": p.HOME, "status": "ended"})
    sent = {"membership": p.HOME, "sample": "lease", "c": w.CID}
    page = await staff.form(ONE, f"{ONE}/end", sent)
    assert page.headers["location"] == f"{ONE}?c={w.CID}"
    asked = world.rpc.last("end_membership").kwargs
    assert asked == {"id": p.HOME, "reason": words_desk_people.ENDINGS["lease"]}


async def test_without_a_reason_the_fault_stands_in_her_home_with_every_word(world, staff):
    world.say(end_membership=ReasonNeeded(errors=[FieldError("reason", ReasonNeeded.zh)]))
    sent = {"membership": p.HOME, "at": f"end-{p.HOME}", "c": w.CID}
    page = await staff.form(ONE, f"{ONE}/end", sent)
    assert page.status_code == 422
    assert page.text.count(ReasonNeeded.zh) == 1 and '<details class="fold" open>' in page.text
    world.say(end_membership=Conflict())
    page = await staff.form(ONE, f"{ONE}/end", {**sent, "reason": "搬去浦东了"})
    written = page.text.partition('<details class="fold" open>')[2].partition("</details>")[0]
    assert page.status_code == 409 and "搬去浦东了" in written, "also what no field is to blame for"


@pytest.mark.parametrize(
    ("until", "expires_at"), [("2027-03-31", "2027-03-31T23:59:00+08:00"), ("", None)]
)
async def test_a_tenancy_runs_to_the_end_of_a_day_or_without_one(world, staff, until, expires_at):
    world.say(extend_membership={"id": p.HOME, "status": "active"})
    await staff.form(ONE, f"{ONE}/extend", {"membership": p.HOME, "until": until, "c": w.CID})
    assert world.rpc.last("extend_membership").kwargs.get("expires_at") == expires_at


@pytest.mark.parametrize("until", ["soon", "2027-02-30"])
async def test_what_is_no_day_is_asked_for_again(world, staff, until):
    sent = {"membership": p.HOME, "until": until, "at": f"extend-{p.HOME}", "c": w.CID}
    page = await staff.form(ONE, f"{ONE}/extend", sent)
    assert page.status_code == 422 and "请选择日期" in page.text
    assert not world.rpc.asked("extend_membership")


async def test_a_day_that_is_over_is_told_beside_the_day(world, staff):
    fault = FieldError("expires_at", ExpiryImpossible.zh)
    world.say(extend_membership=ExpiryImpossible(errors=[fault]))
    sent = {"membership": p.HOME, "until": "2020-01-01", "at": f"extend-{p.HOME}", "c": w.CID}
    page = await staff.form(ONE, f"{ONE}/extend", sent)
    assert page.status_code == 422 and ExpiryImpossible.zh in page.text
    assert 'value="2020-01-01"' in page.text


async def test_a_helper_is_written_down_with_how_she_agreed(world, staff):
    world.say(name_helper=p.help_of())
    sent = {
        "phone": "13900000001", "relationship": "女儿", "consent_means": "spoken",
        "consent_note": "当面读过，点头同意", "c": w.CID,
    }  # fmt: skip
    await staff.form(ONE, f"{ONE}/helper", sent)
    asked = world.rpc.last("name_helper").kwargs
    assert asked == {"person_id": p.MEMBER, **{k: v for k, v in sent.items() if k != "c"}}


async def test_help_is_ended_and_a_party_member_confirmed(world, staff):
    world.say(end_assistance={}, grant_role={
        "id": "g-1", "person_id": p.MEMBER, "role": "party_member", "scope": "demo",
        "scope_name": "尚园居民区",
    })  # fmt: skip
    await staff.form(ONE, f"{ONE}/helper/end", {"assistance": p.HELP, "c": w.CID})
    assert world.rpc.asked("end_assistance") == [{"id": p.HELP}]
    await staff.form(ONE, f"{ONE}/party", {"c": w.CID})
    asked = world.rpc.last("grant_role").kwargs
    assert (asked["role"], asked["scope"]) == ("party_member", w.CID)


# -- a lost phone ----------------------------------------------------------------------------------

PHONE = {"new_phone": "13900000003", "at": "phone", "c": w.CID}


async def test_the_code_goes_to_the_new_phone_and_the_number_stays(world, staff):
    page = await staff.form(ONE, f"{ONE}/phone", {**PHONE, "step": "code"})
    assert world.rpc.asked("request_code") == [{"phone": "13900000003"}]
    assert "验证码已发出" in page.text and 'value="13900000003"' in page.text


async def test_a_recovery_is_begun_with_code_and_reason(world, staff):
    world.say(open_recovery=p.recovery())
    sent = {**PHONE, "new_code": "246810", "reason": "核对了身份证原件"}
    page = await staff.form(ONE, f"{ONE}/phone", sent)
    assert page.headers["location"] == f"/console/recoveries?c={w.CID}"
    asked = world.rpc.last("open_recovery").kwargs
    assert asked == {
        "cid": w.CID, "person_id": p.MEMBER, "new_phone": "13900000003", "new_code": "246810",
        "reason": "核对了身份证原件",
    }  # fmt: skip


@pytest.mark.parametrize("error", [CodeNotRight("new_code"), PhoneTaken()])
async def test_why_a_recovery_cannot_begin_is_told_with_every_word(world, staff, error):
    world.say(open_recovery=error)
    sent = {**PHONE, "new_code": "111111", "reason": "核对了身份证原件"}
    page = await staff.form(ONE, f"{ONE}/phone", sent)
    assert error.zh in page.text and "核对了身份证原件" in page.text


async def test_another_confirms_and_whoever_began_does_not(world, staff):
    html = (await staff.get("/console/recoveries")).text
    assert "我也核对了，确认" in html and "居委小王" in html
    world.say(list_recoveries=w.page_of(p.recovery(opened_by=p.ME)))
    html = (await staff.get("/console/recoveries")).text
    assert "要由另一位同事确认" in html and "/console/recoveries/confirm" not in html
    world.say(confirm_recovery=SecondPersonNeeded())
    sent = {"id": p.RECOVERY, "c": w.CID}
    page = await staff.form("/console/recoveries", "/console/recoveries/confirm", sent)
    assert page.status_code == 403 and SecondPersonNeeded.zh in page.text


async def test_a_recovery_is_stopped_and_over_it_has_no_buttons(world, staff):
    world.say(cancel_recovery={})
    sent = {"id": p.RECOVERY, "c": w.CID}
    await staff.form("/console/recoveries", "/console/recoveries/stop", sent)
    assert world.rpc.asked("cancel_recovery") == [{"id": p.RECOVERY}]
    world.say(list_recoveries=w.page_of(p.recovery(state="done")))
    html = (await staff.get("/console/recoveries")).text
    assert "已换号" in html and 'action="/console/recoveries' not in html


# -- registering at the counter --------------------------------------------------------------------

GRANNY = {
    "real_name": "王阿妹", "id_number": "310113194910010029", "display_name": "王阿婆",
    "home": "e-1/b-3", "room": "502", "relation": "owner", "consent_means": "witnessed",
    "consent_note": "逐条读过，本人点头，女儿在场", "c": w.CID,
}  # fmt: skip
MADE = {"person": p.LU, "membership_id": p.HOME, "status": "active", "assistance_id": p.HELP}


async def test_an_old_person_without_a_phone_is_registered_and_her_page_opened(world, staff):
    html = (await staff.get(NEW)).text
    assert "读给 TA 听" in html and "不能代您投票" in html
    world.say(assist_registration=MADE)
    page = await staff.form(NEW, NEW, GRANNY)
    assert page.headers["location"] == f"{ONE}?c={w.CID}"
    asked = world.rpc.last("assist_registration").kwargs
    assert (asked["estate"], asked["building"], asked["cid"]) == ("e-1", "b-3", w.CID)
    assert asked.get("phone") is asked.get("guardian_id") is None


async def test_a_phone_is_shown_by_its_code_first(world, staff):
    page = await staff.form(NEW, NEW, {**GRANNY, "phone": "13900000001", "step": "code"})
    assert world.rpc.asked("request_code") == [{"phone": "13900000001"}]
    assert "验证码已发出" in page.text and "逐条读过" in page.text
    assert not world.rpc.asked("assist_registration")


async def test_a_child_has_its_guardian_and_no_phone(world, staff):
    path = f"{NEW}?guardian={p.MEMBER}"
    html = (await staff.get(path)).text
    assert "监护人是 陆**（陆家姆妈）" in html and 'name="phone"' not in html
    world.say(assist_registration=MADE)
    await staff.form(path, NEW, {**GRANNY, "relation": "family", "guardian_id": p.MEMBER})
    assert world.rpc.last("assist_registration").kwargs["guardian_id"] == p.MEMBER


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(world, staff):
    fault = PhoneTaken(errors=[FieldError("phone", PhoneTaken.zh)])
    world.say(assist_registration=fault)
    page = await staff.form(NEW, NEW, {**GRANNY, "phone": "13900000001", "phone_code": "1"})
    assert page.status_code == 409 and 'id="fault-phone"' in page.text
    assert "王阿妹" in page.text and 'value="e-1/b-3" selected' in page.text


@pytest.mark.parametrize(
    ("literal", "table"),
    [
        (members.NoRecovery, words_desk_people.NO_RECOVERY),
        (login.Recovery.model_fields["state"].annotation, words_desk_people.RECOVERY),
        (roles.Means, words_desk_people.MEANS),
    ],
)
def test_every_word_of_the_contract_is_known(literal, table):
    assert set(get_args(literal)) == set(table)


def test_every_kind_of_help_is_known():
    assert {kind.value for kind in Kind} == set(words_desk_people.HELP)
