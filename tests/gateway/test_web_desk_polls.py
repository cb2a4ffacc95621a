"""The desk for votes: what is to be done, a vote prepared step by step, its roll, its result."""

import re

import pytest

from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import Conflict, FieldError, Invalid, RuleBroken
from tests.gateway import web_desk_polls as d
from tests.gateway import web_votes as v
from tests.gateway import web_world as w
from tests.gateway.web_pieces import at, page_of
from tests.gateway.web_poison import SCRIPT
from tests.gateway.web_reader import Reader, plain

pytestmark = pytest.mark.gateway
FILING = {"due_at": at(days=-9), "number": None, "authority": None, "filed_on": None}


@pytest.fixture
def staff(world):
    world.say(**d.at_desk(), get_me=w.me("secretary"))
    return world.browser(Role.SECRETARY)


async def test_every_page_is_small_and_has_nothing_of_its_own_to_run(staff):
    for path in d.STAFF:
        plain(await staff.get(path), path)


async def test_the_desk_is_for_those_who_convene_or_watch_over_it(world, staff):
    for role in (Role.RESIDENT, Role.OBSERVER):
        for path in d.STAFF:
            page = await world.browser(role).get(path)
            assert page.status_code in (403, 404), (role, path)
    for path in ("/console/polls", d.POLL, d.ROLL):
        world.say(get_poll=d.poll(steps=d.steps("sign_off")))
        page = await world.browser(Role.SUPERVISOR).get(path)
        assert page.status_code == 200, path


async def test_what_waits_for_people_stands_first_each_with_its_day(world, staff):
    late = d.poll("closed", id=v.COVENANT, title="数票", task_due_at=at(days=1))
    world.say(list_polls=page_of(d.poll(), late))
    page = await staff.get("/console/polls")
    where = [page.text.index(f'id="{task}"') for task in ("counting", "draft", "notice")]
    assert where == sorted(where)
    assert f'href="{d.PREPARE}"' in page.text and f'href="{d.POLL}"' in page.text
    assert page.text.count("late-words") == 1
    assert world.rpc.asked("list_polls")[0]["to_do"] is True


# -- prepared -------------------------------------------------------------------------------------


def fields(page, **changes):
    """The form of a step as it stands on the page."""
    inputs = re.findall(r'<input[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"', page.text)
    areas = re.findall(r'<textarea[^>]*\bname="([^"]+)"[^>]*>\n?([^<]*)</textarea>', page.text)
    found = {name: value for name, value in (*inputs, *areas) if not name.startswith("rule_set_")}
    kept = {
        name: value.replace("&#34;", '"')
        for name, value in inputs
        if name.startswith("rule_set_") and f'type="hidden" name="{name}"' in page.text
    }
    return {**found, **kept, **changes}


async def test_a_vote_is_prepared_a_page_a_step_and_nothing_is_lost_on_the_way(world, staff):
    world.say(get_topic=d.draft(versions=[], next_steps=[]))
    page = await staff.get(d.PREPARE)
    assert "还差 4 步" in page.text and 'name="a0_text"' in page.text
    first = fields(page, a0_text="车在车棚充电。", go="rules")
    page = await staff.form(d.PREPARE, d.PREPARE, first)
    assert "未核实" in page.text and "《城市居民委员会组织法》第九条" in page.text
    page = await staff.form(
        d.PREPARE, d.PREPARE, fields(page, rule_set_base="residents_assembly", go="terms")
    )
    assert "一人一票。" in page.text and "至少 781 人参加" in page.text
    page = await staff.form(
        d.PREPARE, d.PREPARE,
        fields(page, rule_set_secrecy="secret", rule_set_channels="paper",
               rule_set_proxies="none", rule_set_notice_days="9", go="times"),
    )  # fmt: skip
    assert 'name="opens_at" type="datetime-local" value="2' in page.text
    page = await staff.form(
        d.PREPARE, d.PREPARE,
        fields(page, opens_at="2026-03-20T08:00", closes_at="2026-03-27T20:00", go="look"),
    )  # fmt: skip
    assert "车在车棚充电。" in page.text and "都写好了" in page.text
    page = await staff.form(d.PREPARE, d.PREPARE, fields(page, go="save"))
    assert page.headers["location"] == f"{d.PREPARE}?step=look&saved=1"
    said = world.sent("put_proposal")
    assert said["articles"] == [{"title": "", "text": "车在车棚充电。"}]
    assert said["opens_at"] == "2026-03-20T08:00:00+08:00" and said["version"] == 0
    rules = said["rule_set"]
    assert (rules["base"], rules["channels"], rules["notice_days"]) == (
        "residents_assembly", ["paper"], 9,
    )  # fmt: skip


async def test_another_set_of_rules_brings_its_own_terms(world, staff):
    page = await staff.get(f"{d.PREPARE}?step=rules")
    sent_ = fields(page, rule_set_base="owners_ordinary", go="terms")
    page = await staff.form(d.PREPARE, d.PREPARE, sent_)
    assert re.search(r'name="rule_set_notice_days"[^>]*value="15"', page.text)
    assert world.sent("preview_rules")["rule_set"]["electorate"] == {"who": "owners"}


async def test_numbers_are_tried_on_the_rules_by_areas_where_they_count(world, staff):
    tried = d.preview(rules=v.rule_set(**d.OWNERS_RULES), outcome=d.outcome(passed=False))
    world.say(preview_rules=tried)
    page = await staff.get(f"{d.PREPARE}?step=terms")
    numbers = {"try_roll": "600", "try_roll_area": "54000", "try_for": "300", "try_for_area": "9"}
    page = await staff.form(d.PREPARE, d.PREPARE, fields(page, **numbers, go="terms"))
    said = world.sent("preview_rules")
    assert said["roll"]["area"] == 5_400_000 and said["votes"]["for"]["entries"] == 300
    assert "不通过" in page.text and "2 × 986 = 1972" in page.text


async def test_what_is_refused_stands_on_its_step_and_every_word_is_kept(world, staff):
    below = RuleBroken(errors=[FieldError("rule_set.notice_days", "不能少于七天")])
    world.say(put_proposal=below)
    page = await staff.get(f"{d.PREPARE}?step=look")
    sent_ = fields(page, a0_text="改过的一条", go="save")
    page = await staff.form(d.PREPARE, d.PREPARE, sent_)
    assert page.status_code == 422
    assert "不能少于七天" in page.text and "改过的一条" in page.text
    assert 'aria-describedby="f-p-rule_set_notice_days-fault"' in page.text
    world.say(put_proposal=Invalid(errors=[FieldError("opens_at", "要留够公示的天数")]))
    page = await staff.form(d.PREPARE, d.PREPARE, sent_)
    assert "要留够公示的天数" in page.text and 'type="datetime-local"' in page.text


async def test_whoever_was_slower_sees_what_changed_and_keeps_every_word(world, staff):
    world.say(put_proposal=Conflict())
    page = await staff.get(f"{d.PREPARE}?step=look")
    sent_ = fields(page, a0_text="改过的一条", go="save", version="1")
    page = await staff.form(d.PREPARE, d.PREPARE, sent_)
    assert page.status_code == 409 and "改过的一条" in page.text
    assert "/proposal/changes?older=1&amp;newer=2" in page.text
    assert fields(page)["version"] == "2", "the next time it is kept"
    page = await staff.form(d.PREPARE, d.PREPARE, {**sent_, "version": "2"})
    assert page.status_code == 409 and "/proposal/changes" not in page.text


async def test_rules_that_do_not_work_say_so_while_they_are_chosen(world, staff):
    world.say(
        preview_rules=RuleBroken(errors=[FieldError("rule_set.quorum.entries", "分数写错了")])
    )
    page = await staff.get(f"{d.PREPARE}?step=terms")
    assert "分数写错了" in page.text and "改好上面标红的" in page.text


async def test_what_an_earlier_version_says_and_no_field_shows_is_kept(world, staff):
    either = {
        "kind": "either", "entries": {"at": "1/2", "above": True}, "households": {"at": "2/3"},
    }  # fmt: skip
    world.say(get_proposal_version=v.proposal(rules=v.rule_set(quorum=either)))
    page = await staff.get(f"{d.PREPARE}?step=look")
    await staff.form(d.PREPARE, d.PREPARE, fields(page, go="save"))
    kept = world.sent("put_proposal")["rule_set"]["quorum"]
    assert kept["kind"] == "either" and kept["households"] == {"at": "2/3", "above": False}


async def test_a_covenant_longer_than_the_form_is_amended_without_losing_its_end(world, staff):
    long = [v.article(number=n, key=f"a{n}", text=f"第{n}件事。") for n in range(1, 63)]
    amends = d.draft(versions=[], next_steps=[], aim="amend", covenant_id=v.COVENANT)
    world.say(get_topic=amends, get_proposal_version=v.proposal(version=0, articles=long))
    page = await staff.get(f"{d.PREPARE}?step=look")
    await staff.form(d.PREPARE, d.PREPARE, fields(page, go="save"))
    said = world.sent("put_proposal")
    assert [one["key"] for one in said["articles"]] == [one["key"] for one in long]
    assert said["version"] == 0


@pytest.mark.parametrize(
    "was", ["不是", "[]", '{"electorate": 5}', '{"threshold": [1]}', "[" * 100_000]
)
async def test_what_was_carried_along_and_is_none_of_ours_is_left_out(world, staff, was):
    told = {
        "rule_set_was": was, "rule_set_base": "residents_assembly", "go": "terms",
        "rule_set_who": "residents18", "rule_set_share_agree": "2/3",
    }  # fmt: skip
    page = await staff.form(d.PREPARE, d.PREPARE, told)
    assert page.status_code == 200
    asked = world.sent("preview_rules")["rule_set"]
    assert asked["electorate"] == {"who": "residents18"} and "quorum" not in asked


async def test_it_is_announced_once_it_is_kept_and_the_button_says_why_not_before(world, staff):
    page = await staff.get(f"{d.PREPARE}?step=look")
    assert f'action="{d.PREPARE}/notice"' in page.text
    world.say(advance_topic=d.draft(state="notice", poll_id=v.POLL, next_steps=[]))
    page = await staff.form(f"{d.PREPARE}?step=look", f"{d.PREPARE}/notice", {"sure": "1"})
    assert page.headers["location"] == d.POLL and world.sent("advance_topic")["to"] == "notice"
    world.say(get_topic=d.draft(versions=[], next_steps=[]))
    page = await staff.get(f"{d.PREPARE}?step=look")
    assert "先存成一稿，再公示" in page.text and "/notice" not in page.text
    world.say(get_topic=d.draft(state="discussion", next_steps=[]))
    page = await staff.get(f"{d.PREPARE}?step=look")
    assert "正在讨论：讨论满了" in page.text and 'value="save"' not in page.text


async def test_a_refused_announcement_shows_the_same_page_with_the_reason(world, staff):
    locked = errors.Conflict()
    world.say(advance_topic=locked)
    page = await staff.form(f"{d.PREPARE}?step=look", f"{d.PREPARE}/notice", {"sure": "1"})
    assert page.status_code == 409 and locked.zh in page.text


# -- the poll -------------------------------------------------------------------------------------


async def test_while_it_is_open_the_desk_sees_the_turnout_and_nothing_else(world, staff):
    world.say(get_poll=d.poll("open"))
    page = await staff.get(d.POLL)
    assert "226 / 1560" in page.text
    assert not world.rpc.asked("get_result") and 'id="result"' not in page.text
    assert "/notice.pdf" in page.text and 'id="export"' not in page.text


async def test_what_may_not_be_done_now_is_barred_with_its_reason(world, staff):
    refused = d.steps(void=v.why("poll_refuses", "结果已经公布：只能撤销结果"))
    world.say(get_poll=d.poll("announced", steps=refused))
    page = await staff.get(d.POLL)
    assert "结果已经公布：只能撤销结果" in page.text
    assert f'action="{d.POLL}/void"' not in page.text and 'aria-disabled="true"' in page.text


@pytest.mark.parametrize(
    ("act", "given", "method", "asked"),
    [
        ("void", {"reason": "文本有误"}, "void_poll", {"reason": "文本有误"}),
        ("annulment", {"reason": "名册有误"}, "annul_result", {"reason": "名册有误"}),
        ("sign-off", {"decision": "sign", "note": "核对过"}, "sign_off_result",
         {"decision": "sign", "note": "核对过"}),
        ("filing", {"number": "3号", "authority": "月浦镇", "filed_on": "2026-03-05"},
         "record_filing", {"number": "3号", "authority": "月浦镇"}),
        ("follow-ups", {"topic": v.TOPIC, "what": "装充电口", "who": "物业"}, "add_follow_up",
         {"id": v.TOPIC, "who": "物业"}),
        ("follow-ups", {"item": d.FOLLOW, "note": "装好了", "state": "done"}, "update_follow_up",
         {"id": d.FOLLOW, "state": "done"}),
    ],
)  # fmt: skip
async def test_each_step_asks_its_operation_and_a_refusal_keeps_the_words(
    world, staff, act, given, method, asked
):
    roles = (Role.SECRETARY, Role.SUPERVISOR)
    both = d.steps("void", "annul", "file", "sign_off")
    world.say(get_poll=d.poll("published", steps=both))
    browser = world.browser(*roles)
    page = await browser.form(d.POLL, f"{d.POLL}/{act}", given)
    assert page.headers["location"].startswith(d.POLL)
    assert asked.items() <= world.sent(method).items()
    field = next(reversed(asked))
    world.say(**{method: Invalid(errors=[FieldError(field, "这样不行")])})
    page = await browser.form(d.POLL, f"{d.POLL}/{act}", given)
    assert page.status_code == 422


async def test_a_result_shows_its_sums_its_books_and_whom_it_waits_for(world, staff):
    signed = {"due_at": None, "decision": None, "note": None, "at": None}
    world.say(
        get_poll=d.poll("published", task="sign"),
        get_result=v.result(waits_for=["sign_off"], sign_off=signed),
    )
    page = await staff.get(d.POLL)
    assert "2 × 986 = 1972" in page.text and "等居务监督委员会确认" in page.text
    assert "登记簿 10，计票单 9" in page.text and "车棚再装二十个充电口" in page.text
    assert f"/api/v1/polls/{v.POLL}/export" in page.text and "/audit" not in page.text
    world.say(get_poll=d.poll("published", steps=d.steps("audit")))
    page = await world.browser(Role.AUDITOR).get(d.POLL)
    assert f"/api/v1/polls/{v.POLL}/audit" in page.text and "会写进议题的公开经过" in page.text


@pytest.mark.parametrize(
    ("state", "steps", "result", "left"),
    [
        ("open", ["supervision", "filing"], None, ["监督确认", "备案"]),
        ("open", ["filing"], None, ["备案"]),
        ("published", [], v.result(filing=None, adopted_at=at()), []),
        ("published", [], v.result(passed=False), []),
        ("published", [], v.result(filing=FILING, adopted_at=at()), ["备案"]),
    ],
)
async def test_the_way_has_the_stages_that_this_vote_comes_to(
    world, staff, state, steps, result, left
):
    chain = {**w.web_topics.CHAIN}
    chain["settings"] = {**chain["settings"], "steps": steps}
    world.say(get_poll=d.poll(state), get_chain_settings=chain, get_result=result or v.result())
    page = await staff.get(d.POLL)
    line = page.text.partition('class="stages"')[2].partition("</ol>")[0]
    assert [name for name in ("监督确认", "备案") if name in line] == left
    assert ("公示结果" in line) is not (result is not None and not result["passed"])


async def test_a_supervisor_signs_and_sees_none_of_the_desks_forms(world, staff):
    world.say(get_poll=d.poll("published", steps=d.steps("sign_off")))
    page = await world.browser(Role.SUPERVISOR).get(d.POLL)
    assert f'action="{d.POLL}/sign-off"' in page.text
    for act in ("void", "annulment", "filing", "follow-ups"):
        assert f'action="{d.POLL}/{act}"' not in page.text
    assert 'href="/console/issues' not in page.text
    assert f'href="/topics/{v.TOPIC}/objections"' in page.text


# -- the roll -------------------------------------------------------------------------------------


async def test_a_roll_that_is_drawn_shows_how_far_and_asks_again(world, staff):
    drawing = v.roll(state="drawing", drawn=500, expected=1560, hash="", drawn_at=None)
    world.say(get_poll=d.poll(roll_state="drawing"), list_roll=drawing)
    page = await staff.get(d.ROLL)
    assert "500 / 1560" in page.text and 'hx-trigger="every 3s"' in page.text
    assert "<noscript><meta http-equiv" in page.text and 'id="lookup"' not in page.text


async def test_whoever_was_left_out_is_found_and_added_for_an_objection(world, staff):
    page = await staff.get(f"{d.ROLL}?name=孙")
    assert world.sent("find_on_roll")["name"] == "孙"
    assert "不在名册上" in page.text and "我上月搬来" in page.text
    told = {"ref": d.REF, "reason": "上月搬来", "objection_id": d.roll_objection()["id"]}
    page = await staff.form(f"{d.ROLL}?place=502", f"{d.ROLL}/additions", told)
    assert page.headers["location"] == f"{d.ROLL}#changes"
    assert told.items() <= world.sent("add_roll_entry").items()
    world.say(strike_roll_entry=Invalid(errors=[FieldError("reason", "请写明理由")]))
    sent_ = {"ref": d.REF, "subject_id": v.ENTRY, "reason": "不在这里住", "place": "502"}
    page = await staff.form(f"{d.ROLL}?place=502", f"{d.ROLL}/strikes", sent_)
    assert page.status_code == 422 and "请写明理由" in page.text and "不在这里住" in page.text


async def test_an_objection_to_the_roll_leads_to_where_it_can_be_read(world, staff):
    there = f"/console/topics/{v.TOPIC}/objections"
    for owed, link in ((True, f"{there}#n-"), (False, f"{there}?all=1#n-")):
        world.say(list_objections=page_of({**d.roll_objection(), "owed": owed}))
        page = await staff.get(d.ROLL)
        assert f'href="{link}{d.roll_objection()["id"]}"' in page.text


async def test_a_frozen_roll_shows_why_it_is_not_corrected_and_who_has_voted_by_building(
    world, staff
):
    frozen = d.steps(correct_roll=v.why("roll_frozen", "名册已经确定，不能再修改"))
    world.say(get_poll=d.poll("open", steps=frozen), list_roll=v.roll())
    page = await staff.get(f"{d.ROLL}?place=502")
    assert "名册已经确定，不能再修改" in page.text and f"{d.ROLL}/strikes" not in page.text
    assert 'id="turnout"' in page.text and ">31<" in page.text


async def test_a_full_list_of_those_found_stays_small(world, staff):
    rows = [d.entry(ref=f"{d.REF}-{n}") for n in range(10)]
    world.say(
        find_on_roll={"items": rows, "next_cursor": "c2"},
        list_objections=page_of(*[d.roll_objection()] * 5),
    )
    page = await staff.get(f"{d.ROLL}?building=3号楼")
    assert len(page.content) < 60_000 and world.sent("find_on_roll")["limit"] == len(rows)


async def test_a_written_proxy_is_recorded_by_the_code_that_the_holder_shows(world, staff):
    code = f"https://x.example/polls/{v.POLL}/proxies?holder={v.NEIGHBOUR}"
    told = {"ref": d.REF, "subject_id": v.ENTRY, "holder_id": code}
    page = await staff.form(f"{d.ROLL}?place=502", f"{d.ROLL}/proxies", told)
    assert page.headers["location"] == f"{d.ROLL}#proxies"
    assert world.sent("record_proxy")["holder_id"] == v.NEIGHBOUR
    world.say(list_proxies={"given": [], "held": [], "written": [v.proxy(written=True)]})
    page = await staff.form(d.ROLL, f"{d.ROLL}/proxies/{v.PROXY}/revocation")
    assert page.headers["location"] == f"{d.ROLL}#proxies"


async def test_what_is_no_code_is_said_by_the_operation_and_stays_in_the_form(world, staff):
    world.say(record_proxy=Invalid(errors=[FieldError("holder_id", "没有这个人")]))
    told = {"ref": d.REF, "subject_id": v.ENTRY, "holder_id": "http://[抄错了", "place": "502"}
    page = await staff.form(f"{d.ROLL}?place=502", f"{d.ROLL}/proxies", told)
    assert page.status_code == 422 and told["holder_id"] in page.text


async def test_the_other_body_and_those_who_watch_look_nobody_up(world, staff):
    others = dict.fromkeys(d.DESK_STEPS, d.OTHERS)
    world.say(get_poll=d.poll(steps=d.steps(**others)))
    page = await staff.get(f"{d.ROLL}?name=孙")
    assert 'id="lookup"' not in page.text and not world.rpc.asked("find_on_roll")
    assert f"{d.ROLL}/" not in page.text


# -- the rules ------------------------------------------------------------------------------------


async def test_rules_say_plainly_that_nobody_has_confirmed_them(world, staff):
    page = await staff.get(d.RULES)
    assert page.text.count("未核实") >= 2 and "未对照现行法律核实" in page.text
    assert "宝山区民政局 王敏" in page.text and "/confirmations" not in page.text


async def test_an_administrator_confirms_by_name_and_takes_it_back_with_a_reason(world, staff):
    admin = world.browser(Role.DISTRICT_ADMIN)
    told = {
        "did": d.DISTRICT, "preset": "residents_assembly", "version": "1", "by": "民政局 王敏",
        "source": "组织法第四章", "text": "条文", "read_on": "2026-03-01",
    }  # fmt: skip
    page = await admin.form(d.RULES, f"{d.RULES}/confirmations", told)
    assert page.headers["location"] == f"{d.RULES}#acts"
    assert world.sent("confirm_rules")["version"] == 1
    world.say(confirm_rules=RuleBroken(errors=[FieldError("read_on", "不能在今天以后")]))
    page = await admin.form(d.RULES, f"{d.RULES}/confirmations", told)
    assert page.status_code == 422 and "不能在今天以后" in page.text and "条文" in page.text
    take_back = f"{d.RULES}/confirmations/{d.CONFIRMATION}/revocation"
    page = await admin.form(d.RULES, take_back, {"reason": "法律改了"})
    assert world.sent("revoke_rule_confirmation")["reason"] == "法律改了"


async def test_residents_pages_lead_those_who_serve_to_the_desk_and_nobody_else(world, staff):
    for role, led in ((Role.SECRETARY, True), (Role.RESIDENT, False)):
        for path in (f"/polls/{v.POLL}", f"/covenants/{v.COVENANT}"):
            page = await world.browser(role).get(path)
            assert (f'href="/console{path}"' in page.text) is led, (role, path)
    page = await staff.get(f"/breaches/{v.BREACH}")
    assert f'href="{d.BREACH}"' in page.text


# -- text stays text ------------------------------------------------------------------------------


async def test_markup_in_titles_reasons_and_articles_stays_text(world, staff):
    world.say(
        get_poll=d.poll("void", title=SCRIPT, void_reason=SCRIPT),
        get_topic=d.draft(title=SCRIPT, body=SCRIPT),
        get_proposal_version=v.proposal(articles=[v.article(title=SCRIPT, text=SCRIPT)]),
        find_on_roll=page_of(d.entry(building=SCRIPT, names=[SCRIPT])),
        list_objections=page_of(d.roll_objection(body=SCRIPT)),
    )
    for path in (d.POLL, d.PREPARE, f"{d.PREPARE}?step=look", f"{d.ROLL}?place=5"):
        page = await staff.get(path)
        assert page.status_code == 200 and "<script>alert" not in page.text, path
        assert Reader(page.text).inline == [], path
