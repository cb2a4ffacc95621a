"""A request to join as the committee sees it: who asked, who verified, where she lives."""

import pytest

from services.contracts.actor import Role
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

PAGE = "/console/memberships"
ZH = ["由女儿代邻居申请", "外地（离村不离心）", "国家网络身份认证", "2030年7月31日 周三 20:00"]
EN = ["By 女儿 for 邻居", "elsewhere", "national network identity", "Wed 2030-7-31 20:00"]


@pytest.fixture
def secretary(world):
    world.say(get_me=w.me("secretary"))
    return world.browser(Role.SECRETARY)


@pytest.mark.parametrize(("language", "shown"), [("zh-CN", ZH), ("en", EN)])
async def test_all_that_the_committee_weighs_is_shown(world, secretary, language, shown):
    asked = w.request_to_join(
        relation="villager",
        residence="away",
        verified_by="network_identity",
        requested_by={"id": w.POST, "display_name": "女儿"},
        expires_at="2030-07-31T12:00:00Z",
    )
    world.say(list_membership_requests=w.page_of(asked))
    html = (await secretary.get(PAGE, accept_language=language)).text
    assert [words for words in shown if words not in html] == []


async def test_of_whoever_asked_for_herself_with_a_number_nothing_more_is_said(secretary):
    html = (await secretary.get(PAGE)).text
    assert "<dd>本地</dd>" in html
    assert [words for words in ("代邻居申请", "身份核验", "有效期至") if words in html] == []


async def test_a_verifier_of_another_name_is_shown_by_that_name(world, secretary):
    asked = w.request_to_join(verified_by="another_office")
    world.say(list_membership_requests=w.page_of(asked))
    assert "another_office" in (await secretary.get(PAGE)).text
