"""A request to join as the committee sees it: who asked, who verified, where she lives."""

from typing import get_args

import pytest

from gateway.web import words_desk_people
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.contracts.errors import FieldError
from services.contracts.operations.identity import joining
from services.identity.domain.membership import AlreadyDecided
from services.identity.handlers.register import AddressesDiffer
from tests.gateway import web_desk_people as p
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

PAGE, DECIDE = "/console/memberships", "decide_membership"
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


# -- beside the register ---------------------------------------------------------------------------


def waiting(*entries, id: str = w.REQUEST, verdict: str = "name", **changes):
    return w.request_to_join(id=id, beside=p.beside(*entries, verdict=verdict), **changes)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("zh-CN", ["同名，但有出入", "出生年份不同", "关系不同", "1988 年生", "就是这一位"]),
        ("en", ["same name, but something differs", "another year of birth", "born 1988"]),
    ],
)
async def test_what_the_register_has_for_the_room_is_compared_in_words(secretary, language, shown):
    html = (await secretary.get(PAGE, accept_language=language)).text
    assert [words for words in shown if words not in html] == []
    assert 'form="batch"' not in html, "nobody who differs is approved with others"


async def test_a_room_without_anybody_says_what_to_look_at_instead(world, secretary):
    world.say(list_membership_requests=w.page_of(waiting(verdict="nobody")))
    html = (await secretary.get(PAGE)).text
    assert "名册里这一室没有人" in html and "上门核实" in html and "就是这一位" not in html


async def test_an_entry_that_is_somebody_elses_or_tied_cannot_be_tied(world, secretary):
    taken = p.entry_beside(differs=["account"])
    tied = p.entry_beside(id=p.OTHER_ENTRY, likeness="tied", differs=[])
    world.say(list_membership_requests=w.page_of(waiting(tied, taken, verdict="tied", more=0)))
    html = (await secretary.get(PAGE)).text
    assert "已有另一个账号" in html and "已与名册对应" in html and "就是这一位" not in html


async def test_a_request_is_tied_to_its_entry(world, secretary):
    world.say(link_register=p.entry())
    fields = {"id": w.REQUEST, "register_id": p.ENTRY, "c": w.CID}
    page = await secretary.form(PAGE, f"{PAGE}/tie", fields)
    assert page.headers["location"] == f"{PAGE}?c={w.CID}"
    (asked,) = world.rpc.asked("link_register")
    assert asked == {"id": w.REQUEST, "register_id": p.ENTRY}


async def test_why_it_cannot_be_tied_stands_with_the_request(world, secretary):
    world.say(link_register=AddressesDiffer(errors=[FieldError("register_id", AddressesDiffer.zh)]))
    fields = {"id": w.REQUEST, "register_id": p.ENTRY, "c": w.CID}
    page = await secretary.form(PAGE, f"{PAGE}/tie", fields)
    assert page.status_code == 422
    assert page.text.index(AddressesDiffer.zh) > page.text.index(f"m-{w.REQUEST}")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"sample": "lease"}, words_desk_people.REFUSALS["lease"]),
        ({"sample": "lease", "reason": "房东说没有租给您"}, "房东说没有租给您"),
        ({"sample": "nothing"}, None),
    ],
)
async def test_who_is_refused_is_told_a_sample_or_ones_own_words(world, secretary, fields, reason):
    sent = {"id": w.REQUEST, "decision": "refuse", "c": w.CID, **fields}
    await secretary.form(PAGE, PAGE, sent)
    assert world.rpc.last("decide_membership").kwargs.get("reason") == reason


async def test_those_that_agree_are_approved_together_and_each_is_told_of(world, secretary):
    agreeing = [
        waiting(p.entry_beside(likeness="agrees", differs=[]), id=id, verdict="agrees", real_name=n)
        for id, n in ((w.REQUEST, "张*"), (w.POST, "李*"))
    ]
    world.say(
        list_membership_requests=w.page_of(*agreeing, waiting(id=w.NEWS)),
        decide_membership=lambda asked: (
            AlreadyDecided() if asked.kwargs["id"] == w.POST else {"id": "", "status": "active"}
        ),
    )
    html = (await secretary.get(PAGE)).text
    assert html.count('form="batch"') == 2
    fields = {"pick[]": [w.REQUEST, w.POST], f"name-{w.POST}": "李*", "c": w.CID}
    page = await secretary.form(PAGE, f"{PAGE}/batch", fields)
    assert "1 份已通过" in page.text and f"李*：{AlreadyDecided.zh}" in page.text
    keys = {one.options["idempotency_key"] for one in world.rpc.calls if one.method == DECIDE}
    assert len(keys) == 2 and all(keys)


@pytest.mark.parametrize("ids", [[], ["no-id"], [demo_id(9, n) for n in range(1, 22)]])
async def test_a_batch_of_nobody_or_too_many_approves_nobody(world, secretary, ids):
    page = await secretary.form(PAGE, f"{PAGE}/batch", {"pick[]": ids, "c": w.CID})
    assert page.status_code == 422 and "请勾选一到二十份申请" in page.text
    assert DECIDE not in {one.method for one in world.rpc.calls}


@pytest.mark.parametrize(
    ("literal", "table"),
    [
        (joining.Verdict, words_desk_people.VERDICT),
        (joining.Likeness, words_desk_people.LIKENESS),
        (joining.Difference, words_desk_people.DIFFERS),
    ],
)
def test_every_word_of_the_comparison_is_known(literal, table):
    assert set(get_args(literal)) == set(table)
