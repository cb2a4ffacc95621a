"""My data: consents, who looked, a copy, corrections, leaving; and the consents of joining."""

import json

import pytest

from gateway.web.pages import join
from gateway.web.texts import texts
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.identity.domain.consents import PURPOSES
from tests.gateway import web_world as w
from tests.gateway.web_browser import ORIGIN, token_in

pytestmark = pytest.mark.gateway

HERE = "/me/data"
FREE = {"purpose": "grid_platform", "needed": False}


async def send(browser, page, fields, path=None):
    """Send a form of a page as a browser without a script does."""
    shown = await browser.get(page)
    data = {"csrf": token_in(shown.text), **fields}
    return await browser.client.post(path or page, data=data, headers=ORIGIN)


@pytest.fixture
def me(world):
    return world.browser(Role.RESIDENT)


# -- consents --------------------------------------------------------------------------------------


def test_what_is_ticked_is_what_identity_keeps():
    shown = {**join.CONSENTS, **join.FREE}
    assert set(join.CONSENTS) == {key for key, purpose in PURPOSES.items() if purpose.needed}
    for key, (text, why) in shown.items():
        notice = PURPOSES[key].current
        assert f"{text}。{why}" == notice.zh
        en = texts("en").gettext
        assert f"{en(text)}. {en(why)}" == notice.en


async def test_a_needed_consent_has_no_button_and_a_free_one_is_offered(me):
    html = (await me.get(HERE)).text
    assert "入住所必需" in html
    assert "/withdrawal" not in html
    assert 'name="purpose" value="grid_platform"' in html


async def test_consenting_and_withdrawing_are_one_tap_each(world, me):
    answer = await send(me, HERE, {"purpose": "grid_platform"}, f"{HERE}/consents")
    assert answer.headers["location"] == HERE
    assert world.rpc.last("give_consent").kwargs == {"purpose": "grid_platform"}
    world.say(list_my_consents=w.page_of(w.consent(id="c-7", **FREE)))
    html = (await me.get(HERE)).text
    assert f'action="{HERE}/consents/c-7/withdrawal"' in html
    assert 'name="purpose"' not in html, "it is not asked for twice"
    answer = await send(me, HERE, {}, f"{HERE}/consents/c-7/withdrawal")
    assert answer.headers["location"] == HERE
    assert world.rpc.last("withdraw_consent").kwargs == {"id": "c-7"}


async def test_a_withdrawn_one_is_still_told_and_may_be_given_again(world, me):
    world.say(list_my_consents=w.page_of(w.consent(withdrawn_at=w.at(hours=1), **FREE)))
    html = (await me.get(HERE)).text
    assert "已撤回的" in html
    assert 'name="purpose" value="grid_platform"' in html


async def test_a_refusal_is_told_on_the_page(world, me):
    world.say(withdraw_consent=errors.Conflict())
    page = await send(me, HERE, {}, f"{HERE}/consents/c-1/withdrawal")
    assert page.status_code == 409
    assert errors.Conflict.zh in page.text


JOIN = f"/j/{w.QR}"


@pytest.mark.parametrize("free", [[], ["grid_platform"]])
async def test_joining_offers_the_grid_platform_by_itself_and_needs_it_not(world, free):
    world.say(get_me=w.me(memberships=[]))
    needed = list(join.CONSENTS)
    fields = {
        "building": "b-3",
        "room": "502",
        "relation": "tenant",
        "real_name": "张三",
        "id_number": "11010519491231002X",
        "consents[]": [*needed, *free],
    }
    answer = await send(world.browser(), JOIN, fields)
    assert answer.headers["location"] == JOIN
    assert world.rpc.last("request_membership").kwargs["consents"] == [*needed, *free]


# -- who looked, and the copy ----------------------------------------------------------------------


async def test_every_look_is_shown_with_office_and_purpose(world, me):
    look = {
        "id": w.NEWS,
        "at": w.at(hours=3),
        "actor": {"id": w.POST, "display_name": "石书记"},
        "actor_role": "secretary",
        "community": w.PLACE,
        "what": "住址",
        "purpose": "审核入住申请",
    }
    world.say(list_my_access_log=w.page_of(look, cursor="next"))
    html = (await me.get(HERE)).text
    assert "石书记" in html
    assert "审核入住申请" in html
    assert "?cursor=next" in html


async def test_the_copy_is_a_file_with_everything(world, me):
    copy = {
        "made_at": w.at(),
        "person_id": w.PERSON,
        "identity": {"account": {"items": [{"phone": "+8613800000001"}], "left_out": 0}},
        "services": {},
        "missing": ["votes"],
    }
    world.say(export_my_data=copy)
    answer = await me.get(f"{HERE}/copy")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.text) == copy


async def test_a_part_that_is_away_hides_no_other(world, me):
    world.say(list_my_consents=errors.Unavailable())
    page = await me.get(HERE)
    assert page.status_code == 200
    assert "暂时看不到" in page.text
    assert f"{HERE}/copy" in page.text


# -- corrections -----------------------------------------------------------------------------------


async def test_a_correction_is_asked_for_and_shown_masked(world, me):
    fields = {"field": "real_name", "value": "孙桂芬", "reason": "登记有误"}
    answer = await send(me, HERE, fields, f"{HERE}/corrections")
    assert answer.headers["location"] == f"{HERE}#corrections"
    assert world.rpc.last("request_correction").kwargs == fields
    html = (await me.get(HERE)).text
    assert "孙** → 孙**" in html
    assert "待居委会处理" in html


async def test_what_cannot_be_right_is_told_beside_its_field(world, me):
    wrong = errors.Invalid(errors=[FieldError("value", "身份证号码有误")])
    world.say(request_correction=wrong)
    fields = {"field": "id_number", "value": "1", "reason": "有误"}
    page = await send(me, HERE, fields, f"{HERE}/corrections")
    assert page.status_code == 422
    assert "身份证号码有误" in page.text.partition('id="fault-value"')[2]
    assert '<details class="fold" open>' in page.text


async def test_the_committees_answer_is_read_here(world, me):
    refused = w.correction(status="refused", old="—", new="—", answer="与户口簿不符")
    world.say(list_my_corrections=w.page_of(refused))
    html = (await me.get(HERE)).text
    assert "与户口簿不符" in html
    assert "未更正" in html


DESK = "/console/corrections"


@pytest.fixture
def staff(world):
    world.say(get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


async def test_the_committee_sees_both_values_masked_and_decides(world, staff):
    html = (await staff.get(DESK)).text
    assert html.count("孙**") == 2
    answer = await send(staff, DESK, {"id": "correction-1", "c": w.CID, "decision": "approve"})
    assert answer.headers["location"] == f"{DESK}?c={w.CID}"
    asked = world.rpc.last("decide_correction").kwargs
    assert asked == {"id": "correction-1", "decision": "approve"}


async def test_a_refusal_without_an_answer_is_told_beside_its_field(world, staff):
    needed = errors.RuleBroken(errors=[FieldError("answer", "不同意更正时必须答复")])
    world.say(decide_correction=needed)
    page = await send(staff, DESK, {"id": "correction-1", "c": w.CID, "decision": "refuse"})
    assert page.status_code == 422
    assert "不同意更正时必须答复" in page.text.partition('id="fault-answer"')[2]


async def test_the_desk_is_not_for_residents(me):
    assert (await me.get(DESK)).status_code == 403


# -- leaving ---------------------------------------------------------------------------------------

FAREWELL = f"{HERE}/farewell"


async def test_leaving_takes_a_phone_a_code_and_a_last_word(world, me):
    page = await send(me, FAREWELL, {"phone": "138 0000 0001", "step": "code"})
    assert world.rpc.last("request_code").kwargs == {"phone": "13800000001"}
    assert 'name="code"' in page.text
    fields = {"phone": "13800000001", "code": "246810", "step": "delete"}
    answer = await send(me, FAREWELL, fields)
    assert world.rpc.last("delete_me").kwargs == {"code": "246810"}
    assert answer.headers["location"] == "/login"
    after = await me.get("/me")
    assert after.headers["location"].startswith("/login")


async def test_a_wrong_code_deletes_nothing_and_is_told_beside_its_field(world, me):
    world.say(delete_me=errors.Invalid(errors=[FieldError("code", "验证码错误")]))
    fields = {"phone": "13800000001", "code": "000000", "step": "delete"}
    page = await send(me, FAREWELL, fields)
    assert page.status_code == 422
    assert "验证码错误" in page.text.partition('id="fault-code"')[2]
    assert (await me.get("/me")).status_code == 200


async def test_the_last_administrator_reads_why_not(world, me):
    class LastAdmin(errors.Conflict):
        zh = "请先指定接任者再注销"

    world.say(delete_me=LastAdmin())
    fields = {"phone": "13800000001", "code": "246810", "step": "delete"}
    page = await send(me, FAREWELL, fields)
    assert page.status_code == 409
    assert "请先指定接任者再注销" in page.text


@pytest.mark.parametrize("path", [HERE, FAREWELL, f"{HERE}/copy"])
async def test_it_is_for_those_who_are_logged_in(world, path):
    page = await world.browser(login=False).get(path)
    assert page.headers["location"] == f"/login?next={path}"
