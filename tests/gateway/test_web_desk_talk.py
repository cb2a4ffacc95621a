"""Topics at the desk: what is said and who leads it, objections, the text, the chain's settings."""

import pytest

from gateway.web import proposal_form
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.operations.votes.chain import ChainSettings
from tests.gateway import web_desk_topics as d
from tests.gateway import web_topics as t
from tests.gateway import web_world as w
from tests.gateway.test_web_forms import send

pytestmark = pytest.mark.gateway


@pytest.fixture
def staff(world):
    world.say(**d.as_committee(), get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


@pytest.fixture
def secretary(world):
    world.say(**d.as_committee(), get_me=w.me("secretary"))
    return world.browser(Role.SECRETARY)


# -- discussion, moderators, objections ------------------------------------------------------------


async def test_the_desk_hides_what_it_may_with_a_reason_and_nothing_else(world, staff):
    other = t.opinion(id=t.OTHER, body="已撤回", state="withdrawn")
    world.say(
        get_topic=t.topic(convenes=True),
        list_opinions=t.spoken(t.opinion(decisions=["hide"]), other),
    )
    html = (await staff.get(f"{d.DESK}/discussion")).text
    assert f"on={t.OPINION}" in html and f"on={t.OTHER}" not in html
    html = (await staff.get(f"{d.DESK}/discussion?on={t.OPINION}")).text
    assert 'value="hide"' in html and 'value="show"' not in html and "一事一议" in html
    fields = {"opinion": t.OPINION, "decision": "hide", "reason": "人身攻击"}
    shown = f"{d.DESK}/discussion?on={t.OPINION}"
    done = await staff.form(shown, f"{d.DESK}/discussion", fields)
    assert done.headers["location"] == f"{d.DESK}/discussion#o-{t.OPINION}"
    asked = world.sent("decide_opinion")
    assert (asked["id"], asked["decision"], asked["reason"]) == (t.OPINION, "hide", "人身攻击")


async def test_what_is_on_a_later_page_is_decided_and_answered_on_that_page(world, staff):
    world.say(
        get_topic=t.topic(convenes=True, state="notice"),
        list_opinions=t.spoken(t.opinion(decisions=["hide"])),
        list_objections=w.page_of(t.objection(owed=True)),
    )
    html = (await staff.get(f"{d.DESK}/discussion?order=newest&cursor=c2")).text
    on = f"cursor=c2&amp;order=newest&amp;on={t.OPINION}"
    assert f'href="{d.DESK}/discussion?{on}#o-{t.OPINION}"' in html
    page = f"{d.DESK}/discussion?cursor=c2&order=newest"
    assert page.replace("&", "&amp;") in (await staff.get(f"{page}&on={t.OPINION}")).text
    fields = {"opinion": t.OPINION, "decision": "hide", "reason": "骂人"}
    done = await staff.form(f"{page}&on={t.OPINION}", page, fields)
    assert done.headers["location"].endswith(f"?order=newest&cursor=c2#o-{t.OPINION}")
    page = f"{d.DESK}/objections?cursor=c2"
    assert f'action="{page}"' in (await staff.get(page)).text
    world.say(answer_objection=t.refusal("body"))
    fields = {"objection": t.OBJECTION, "body": "理由写了很长"}
    refused = await staff.form(page, page, fields)
    assert refused.status_code == 422 and "理由写了很长" in refused.text
    assert world.sent("list_objections")["cursor"] == "c2"


async def test_what_waits_for_a_look_comes_first_with_what_its_author_says(world, staff):
    appealed = t.opinion(
        state="hidden", decisions=["show", "hide"],
        hidden=t.hidden(appealed_at=w.at(hours=1), appeal="我只谈了事情"),
    )  # fmt: skip
    world.say(list_opinions=t.spoken(t.opinion(id=t.OTHER), appealed, waiting=(appealed,)))
    html = (await staff.get(f"{d.DESK}/discussion")).text
    assert "我只谈了事情" in html and "复核、决定" in html
    assert html.count(f'id="o-{t.OPINION}"') == 1


async def test_moderators_are_asked_and_let_go(world, staff):
    html = (await staff.get(f"{d.DESK}/moderators")).text
    assert "我来主持" in html and "老郑" in html and "结束主持" in html
    assert world.sent("list_roles")["scope"] == w.CID
    await send(staff, f"{d.DESK}/moderators", {"person_id": "p-1"})
    assert world.sent("appoint_moderator")["person_id"] == "p-1"
    await staff.form(f"{d.DESK}/moderators", f"{d.DESK}/moderators/end", {"person_id": "p-lu"})
    assert world.sent("end_moderation")["person_id"] == "p-lu"
    world.say(get_topic=t.noticed(convenes=True))
    html = (await staff.get(f"{d.DESK}/moderators")).text
    assert "请 TA 主持" not in html and "不再讨论" in html


async def test_an_objection_that_waits_is_answered_in_place(world, staff):
    world.say(get_topic=t.noticed(convenes=True), answer_objection=t.refusal("body"))
    html = (await staff.get(f"{d.DESK}/objections")).text
    assert world.sent("list_objections")["owed"] is True
    assert "没有写清谁来计票" in html and "发布答复" in html and "答复以前不会开始表决" in html
    fields = {"objection": t.OBJECTION, "body": "好的"}
    page = await send(staff, f"{d.DESK}/objections", fields)
    assert page.status_code == 422 and "好的" in page.text and "请再想想" in page.text
    world.say(get_topic=t.noticed(convenes=False))
    assert "发布答复" not in (await staff.get(f"{d.DESK}/objections")).text


# -- the text --------------------------------------------------------------------------------------

ARTICLES = {
    "rows": "3", "version": "2", "preset": "article_2017",
    "a0_key": "a1", "a0_title": "", "a0_text": "灯亮不少于40秒。", "a0_place": "2",
    "a1_key": "", "a1_title": "费用", "a1_text": "从公共收益中支出。", "a1_place": "1",
    "a2_key": "", "a2_title": "", "a2_text": "", "a2_place": "3",
    "opens_at": "2026-04-01T09:00", "closes_at": "2026-04-08T20:00",
}  # fmt: skip


async def test_a_new_version_has_its_articles_in_the_order_of_their_places(world, staff):
    world.say(get_topic=d.drafted())
    done = await send(staff, f"{d.DESK}/proposal", ARTICLES)
    assert done.headers["location"] == f"{d.DESK}/proposal?saved=1"
    asked = world.sent("put_proposal")
    assert asked["articles"] == [
        {"title": "费用", "text": "从公共收益中支出。"},
        {"key": "a1", "text": "灯亮不少于40秒。"},
    ]
    assert (asked["version"], asked["rule_set"]) == (2, "article_2017")
    assert asked["opens_at"] == "2026-04-01T09:00:00+08:00"


async def test_a_preview_shows_what_changed_and_stores_nothing(world, staff):
    world.say(get_topic=d.drafted())
    page = await send(staff, f"{d.DESK}/proposal", {**ARTICLES, "preview": "1"})
    assert page.status_code == 200
    assert "预览：居民会看到的" in page.text and "至少 781 人参加" in page.text
    assert "新增" in page.text and "改动" in page.text and "灯亮不少于40秒" in page.text
    assert "put_proposal" not in {asked.method for asked in world.rpc.calls}


async def test_one_more_article_keeps_every_word(world, staff):
    world.say(get_topic=d.drafted())
    page = await send(staff, f"{d.DESK}/proposal", {**ARTICLES, "more": "1"})
    assert "从公共收益中支出" in page.text and 'name="a3_text"' in page.text


async def test_what_others_wrote_meanwhile_is_shown_before_it_is_written_over(world, staff):
    class Changed(errors.Conflict):
        code = "votes.proposal_changed"
        zh, en = "提案已被他人修改，请重新查看", "Somebody else has changed the proposal"

    world.say(get_topic=d.drafted(), put_proposal=Changed())
    page = await send(staff, f"{d.DESK}/proposal", {**ARTICLES, "version": "1"})
    assert page.status_code == 409 and "灯亮不少于40秒" in page.text
    assert "proposal/changes?older=1&amp;newer=2" in page.text
    assert 'name="version" value="2"' in page.text


async def test_a_frozen_text_is_shown_and_not_written(world, staff):
    world.say(get_topic=t.noticed(convenes=True))
    html = (await staff.get(f"{d.DESK}/proposal")).text
    assert "文本不能再改" in html and "<textarea" not in html and "灯亮不少于30秒" in html


async def test_a_repeal_has_no_articles_to_write(world, staff):
    world.say(get_topic=d.drafted(aim="repeal", covenant_id=d.COVENANT))
    html = (await staff.get(f"{d.DESK}/proposal")).text
    assert "废止公约" in html and 'name="a0_text"' not in html
    await send(staff, f"{d.DESK}/proposal", {**ARTICLES, "rows": "0"})
    assert world.sent("put_proposal")["articles"] == []


def test_rules_keep_what_was_chosen_before_beside_what_the_form_says():
    presets = {one["preset"]: one for one in d.PRESETS["items"]}
    last = {
        **presets["article_2017"]["rules"],
        "notice_days": 15,
        "extension": {"times": 1, "days": 3},
    }
    form = proposal_form.Form(values={"preset": "article_2017", "publicity_days": "9"})
    assert proposal_form.rule_choice(form, presets, last) == {
        "base": "article_2017", "extension": {"times": 1, "days": 3}, "publicity_days": 9,
    }  # fmt: skip
    assert proposal_form.chosen(presets, last) == {"preset": "article_2017", "notice_days": "15"}
    other = proposal_form.Form(values={"preset": "owners_ordinary"})
    assert proposal_form.rule_choice(other, presets, last) == "owners_ordinary"
    odd = proposal_form.Form(values={"preset": "x", "notice_days": "-1", "channels": "paper"})
    assert proposal_form.rule_choice(odd, presets, None) == {
        "base": "x", "notice_days": "-1", "channels": ["paper"],
    }  # fmt: skip


# -- the chain -------------------------------------------------------------------------------------


async def test_the_secretary_changes_the_chain_and_says_why(world, secretary):
    html = (await secretary.get("/console/chain")).text
    assert 'name="settings_screening_days"' in html and "出处" in html
    fields = {
        "c": w.CID, "version": "0", "steps[]": ["discussion", "filing"], "note": "先试试",
        "settings_screening_days": "5",
    }  # fmt: skip
    done = await secretary.form("/console/chain", "/console/chain", fields)
    assert done.headers["location"] == f"/console/chain?c={w.CID}"
    asked = world.sent("put_chain_settings")
    assert asked["settings"]["steps"] == ["discussion", "filing"]
    assert asked["settings"]["screening_days"] == 5 and asked["note"] == "先试试"


async def test_a_limit_out_of_bounds_is_told_beside_its_field(world, secretary):
    fields = {
        "c": w.CID, "version": "0", "steps[]": "discussion", "note": "n",
        "settings_screening_days": "900", "settings_speeches": "many",
    }  # fmt: skip
    page = await secretary.form("/console/chain", "/console/chain", fields)
    assert page.status_code == 422
    assert 'id="f-c-settings_screening_days-fault"' in page.text and 'value="900"' in page.text
    assert 'id="f-c-settings_speeches-fault"' in page.text and 'value="many"' in page.text
    emptied = {**fields, "settings_screening_days": "", "settings_speeches": "2"}
    page = await secretary.form("/console/chain", "/console/chain", emptied)
    assert page.status_code == 422 and 'id="f-c-settings_screening_days-fault"' in page.text
    assert world.rpc.asked("put_chain_settings") == [], "nothing is chosen for her"


async def test_the_versions_say_who_changed_what_when_and_why(world, staff):
    world.say(
        get_chain_settings=d.version(2),
        list_chain_versions=w.page_of(
            d.version(2, settings=ChainSettings(steps=["discussion"], speeches=3).model_dump()),
            d.version(1),
        ),
    )
    html = (await staff.get("/console/chain")).text
    assert "只有居民区书记可以改流程" in html and 'name="note"' not in html
    assert "第 2 版" in html and "石书记" in html and "大家说得太长了" in html
    assert "发言次数：<del>5</del> <ins>3</ins>" in html
    assert "党组织先行研究：<del>走</del> <ins>不走</ins>" in html
