"""One's phone: moved by whoever holds both; what to do without the old one."""

import pytest

from services.contracts.actor import Role
from services.identity.domain.login import CodeNotRight
from services.identity.domain.names import PhoneInvalid
from services.identity.domain.names import phone as e164
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

PAGE = "/me/phone"
BOTH = {"phone": "13800000001", "code": "246810", "new_phone": "13900000001", "new_code": "135790"}


@pytest.fixture
def granny(world):
    return world.browser(Role.RESIDENT)


@pytest.mark.parametrize("which", ["phone", "new_phone"])
async def test_each_phone_gets_its_code_and_nothing_written_is_lost(world, granny, which):
    page = await granny.form(PAGE, PAGE, {**BOTH, "step": which})
    assert world.rpc.asked("request_code") == [{"phone": BOTH[which]}]
    assert "验证码已发出" in page.text and 'value="13900000001"' in page.text
    assert not world.rpc.asked("change_phone")


async def test_a_number_that_is_none_is_told_beside_its_own_field(world, granny):
    with pytest.raises(PhoneInvalid) as refused:
        e164("12")
    world.say(request_code=refused.value)
    page = await granny.form(PAGE, PAGE, {**BOTH, "new_phone": "12", "step": "new_phone"})
    assert page.status_code == 422 and 'id="fault-new_phone"' in page.text
    assert 'id="fault-phone"' not in page.text


async def test_with_both_codes_the_account_moves(world, granny):
    world.say(change_phone={})
    page = await granny.form(PAGE, PAGE, {**BOTH, "step": "change"})
    assert page.headers["location"] == "/me"
    (asked,) = world.rpc.asked("change_phone")
    assert asked == {key: BOTH[key] for key in ("code", "new_phone", "new_code")}


async def test_a_wrong_code_is_told_beside_it(world, granny):
    world.say(change_phone=CodeNotRight("new_code"))
    page = await granny.form(PAGE, PAGE, {**BOTH, "step": "change"})
    assert 'id="fault-new_code"' in page.text and 'value="246810"' in page.text


async def test_wechat_is_unbound_where_it_is_bound(world, granny):
    assert "/me/wechat/unbind" not in (await granny.get("/me")).text
    world.say(get_me={**w.me(), "wechat_bound": True}, unbind_wechat={})
    page = await granny.form("/me", "/me/wechat/unbind")
    assert page.headers["location"] == "/me" and world.rpc.asked("unbind_wechat") == [{}]


async def test_who_has_lost_her_phone_reads_what_to_do_without_logging_in(world):
    nobody = world.browser(login=False)
    assert "/login/lost" in (await nobody.get("/login")).text
    html = (await nobody.get("/login/lost")).text
    assert "带身份证和新手机到居委会" in html and "24 小时" in html
