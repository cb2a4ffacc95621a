"""Topics on their way: what is shown where they stand, what may be done, and why not."""

import re

import pytest

from gateway.web import PAGES
from gateway.web import words_topics as words
from services.contracts.actor import Role
from services.contracts.errors import NotFound, Unavailable
from services.contracts.operations.votes import common, discussion, objections, topics
from services.contracts.operations.votes.follow_ups import FollowUpState
from services.contracts.operations.votes.surveys import SurveyState
from services.notify.domain.votes_rules import VOTES_RULES
from tests.gateway import web_topics as t
from tests.gateway import web_world as w
from tests.gateway.test_web_forms import send
from tests.gateway.web_topics import POLL, TOPIC

pytestmark = pytest.mark.gateway

HALL = f"/c/{w.CID}/topics"
HERE = f"/topics/{TOPIC}"
SCRIPT = '<script>alert("1")</script><img src=x onerror=alert(2)>'


@pytest.fixture
def me(world):
    return world.browser(Role.RESIDENT)


@pytest.fixture
def observer(world):
    return world.browser(Role.OBSERVER)


# -- the contract's keys ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (common.TopicState, words.STATE),
        (common.TopicState, words.STEP),
        (common.Convener, words.BODY),
        (common.Barred, words.BARRED),
        (topics.TopicStage, words.STAGE),
        (topics.Aim, words.AIM),
        (discussion.Stance, words.STANCE),
        (objections.ObjectionKind, words.OBJECTION),
        (objections.ObjectionPeriod, words.PERIOD),
        (objections.Mark, words.MARK),
        (FollowUpState, words.FOLLOW_UP),
        (SurveyState, words.SURVEY),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert set(keys.__args__) == set(table) & set(keys.__args__)


def test_where_nobody_speaks_it_is_said_why():
    spoken = {"discussion", "proposal"}
    assert set(words.SPEECH_OVER) == set(common.TopicState.__args__) - spoken


def test_news_of_votes_lead_to_pages_that_there_are():
    paths = [re.sub(r"{\w+}", "[^/]+", page.path) for page in PAGES if page.method == "GET"]
    for link in {rule.link for rule in VOTES_RULES}:
        at = re.sub(r"{\w+}", "x", link)
        assert any(re.fullmatch(path, at) for path in paths), link


# -- the hall --------------------------------------------------------------------------------------


async def test_the_hall_has_a_tab_for_each_stage_with_topics_and_for_mine(world, me):
    html = (await me.get(HALL)).text
    assert f'href="{HALL}?stage=discussed"' in html and "正在讨论" in html
    assert "stage=adopted" not in html, "there is none"
    await me.get(f"{HALL}?mine=seconded&q=快递")
    asked = world.rpc.last("list_topics").kwargs
    assert (asked["part"], asked["q"]) == ("seconded", "快递")
    await me.get(f"{HALL}?stage=nonsense")
    assert "stage" not in world.rpc.last("list_topics").kwargs


async def test_a_survey_that_waits_for_me_stands_in_the_hall(world, me):
    assert "等您答的问卷" in (await me.get(HALL)).text
    world.say(list_surveys=t.page_of(t.survey_line(answered=True)))
    assert "等您答的问卷" not in (await me.get(HALL)).text


async def test_an_empty_hall_helps(world, me, observer):
    world.say(list_topics=t.page_of(stages={}))
    assert "您来开个头" in (await me.get(HALL)).text
    assert f"{HALL}/new" not in (await observer.get(HALL)).text


# -- raising ---------------------------------------------------------------------------------------


async def test_a_question_says_what_the_committee_decides_by_when(world, me):
    html = (await me.get(f"{HALL}/new")).text
    assert "30 天内要有 5 位邻居附议" in html and "召集人 7 天内筛选" in html


async def test_a_question_from_a_post_takes_its_words_and_names_it(world, me):
    page = await me.get(f"{HALL}/new?post={w.POST}")
    assert "小区门口的树开花了" in page.text and "这个问题来自帖子" in page.text
    fields = {"title": "树", "body": "护树", "from_post_id": w.POST, "convener": "owners_committee"}
    done = await send(me, f"{HALL}/new", fields)
    assert done.headers["location"] == f"{HERE}?new=1"
    asked = world.rpc.last("raise_topic").kwargs
    assert (asked["from_post_id"], asked["convener"]) == (w.POST, "owners_committee")


async def test_a_refused_question_keeps_every_word(world, me):
    world.say(raise_topic=t.refusal("body"))
    page = await send(me, f"{HALL}/new", {"title": "树", "body": "护树要紧"})
    assert page.status_code == 422
    assert 'value="树"' in page.text and "护树要紧" in page.text
    assert 'id="fault-body"' in page.text and "请再想想" in page.text


async def test_a_post_of_the_hall_may_become_a_topic_and_an_observer_makes_none(
    world, me, observer
):
    world.say(get_post=w.post(module="hall"))
    link = f"{HALL}/new?post={w.POST}"
    assert link in (await me.get(f"/posts/{w.POST}")).text
    assert link not in (await observer.get(f"/posts/{w.POST}")).text
    assert f'href="{HALL}"' in (await me.get(f"/c/{w.CID}/m/hall")).text


# -- a topic ---------------------------------------------------------------------------------------


async def test_a_topic_shows_where_it_stands_whats_next_and_until_when(me):
    html = (await me.get(HERE)).text
    assert "邻居们正在讨论" in html and "还有 3 天 23 小时" in html
    assert 'class="on" aria-current="step"' in html and "石书记" in html
    assert "由居委会把大家的意见整理成可操作的议题" in html, "the body is named"
    assert "{body}" not in html and "老郑" in html


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "raised", "waits_for": "seconders", "seconders_wanted": 5}, "还差 2 人进入筛选"),
        ({"state": "raised", "waits_for": "desk", "overdue": True}, "已经逾期"),
        ({"state": "prior_study", "waits_for": "party"}, "等社区党组织先行研究"),
        ({"state": "proposal", "waits_for": "desk"}, "等居委会起草和公示"),
        ({"state": "closed", "outcome": "not_passed", "waits_for": None}, "表决没有通过"),
        ({"state": "adopted", "waits_for": None}, "大家一起遵守"),
        ({"held": True}, "看过才向邻居公开"),
        ({"convener": "owners_committee"}, "由业委会召集"),
    ],
)
async def test_whose_turn_it_is_is_said_in_words(world, me, changes, said):
    world.say(get_topic=t.topic(**changes))
    assert said in (await me.get(HERE)).text


async def test_what_is_refused_says_why(world, me):
    ended = t.way("refused", reason="公约不能与法律相抵触")
    world.say(get_topic=t.topic(state="refused", outcome="refused", waits_for=None, way=ended))
    assert "公约不能与法律相抵触" in (await me.get(HERE)).text


async def test_the_timeline_leads_to_the_post_the_poll_and_the_covenant(world, me):
    lines = [
        t.line("post", ref={"post_id": w.POST}, text="源自居民帖子"),
        t.line("poll_announced", ref={"poll_id": POLL}),
        t.line("covenant", ref={"covenant_id": t.OTHER, "poll_id": POLL}, actor_role="clock"),
    ]
    world.say(get_topic=t.topic(timeline=lines, poll_id=POLL))
    html = (await me.get(HERE)).text
    for href in (f"/posts/{w.POST}", f"/polls/{POLL}", f"/covenants/{t.OTHER}"):
        assert f'href="{href}"' in html
    assert "到时自动进行" in html


async def test_a_long_story_is_folded_after_its_latest_steps(world, me):
    lines = [t.line("advanced", text=f"第{number}步") for number in range(20)]
    world.say(get_topic=t.topic(timeline=lines))
    html = (await me.get(HERE)).text
    assert html.index("第19步") < html.index("更早的 12 步") < html.index("第0步")


async def test_seconding_is_one_tap_and_taken_back_by_another(world, me):
    done = await send(me, HERE, {"second": "1"}, path=f"{HERE}/second")
    assert done.headers["location"] == f"{HERE}#second"
    assert world.rpc.last("second_topic").kwargs == {"id": TOPIC}
    world.say(get_topic=t.topic(my_second=True, next_steps=[{"do": "withdraw_second"}]))
    assert "收回附议" in (await me.get(HERE)).text
    await send(me, HERE, {"second": "0"}, path=f"{HERE}/second")
    assert world.rpc.last("withdraw_second").kwargs == {"id": TOPIC}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"barred": "child"}, "未满十四周岁"),
        ({"barred": "not_a_member"}, "通过认证的居民"),
        ({"mine": True}, "这是您提的，不用再附议"),
        ({}, "您在这里是工作人员"),
    ],
)
async def test_why_somebody_cannot_second_is_said_beside_the_button(world, me, changes, why):
    world.say(get_topic=t.topic(next_steps=[], **changes))
    html = (await me.get(HERE)).text
    assert why in html and f'action="{HERE}/second"' not in html


async def test_who_seconded_a_merged_topic_is_shown_the_other_one(world, me):
    step = {"do": "second_other", "topic_id": t.OTHER}
    world.say(
        get_topic=t.topic(
            state="closed", outcome="merged", waits_for=None, my_second=True,
            merged_into=t.OTHER, next_steps=[step],
        )
    )  # fmt: skip
    assert f'href="/topics/{t.OTHER}#second"' in (await me.get(HERE)).text


async def test_the_author_words_it_anew_or_takes_it_back(world, me):
    steps = [{"do": "amend", "needs": ["wording"]}, {"do": "withdraw", "to": "closed"}]
    returned = t.topic(
        state="raised", returned=True, mine=True, waits_for="author", next_steps=steps
    )
    world.say(get_topic=returned, amend_topic=t.refusal("title"))
    page = await send(me, HERE, {"title": "好一点的题目", "body": "内容"}, path=f"{HERE}/wording")
    assert page.status_code == 422 and 'value="好一点的题目"' in page.text
    assert "退回修改" in page.text
    done = await send(me, HERE, {}, path=f"{HERE}/withdrawal")
    assert done.headers["location"] == HERE
    assert world.rpc.last("advance_topic").kwargs["to"] == "closed"


async def test_an_unanswered_objection_bars_the_vote_and_that_is_said(world, me):
    world.say(get_topic=t.noticed())
    html = (await me.get(HERE)).text
    assert "还有 1 条异议没有答复，答复以前不会开始表决" in html
    assert f'href="/polls/{POLL}"' in html


async def test_what_was_voted_down_may_come_again_when_its_lock_is_over(world, me):
    down = {"state": "closed", "outcome": "not_passed", "waits_for": None, "next_steps": []}
    world.say(get_topic=t.topic(**down, locked_until=t.at(days=-3)))
    assert "?again=" not in (await me.get(HERE)).text
    world.say(get_topic=t.topic(**down, locked_until=t.at(days=3)))
    assert f"{HALL}/new?again={TOPIC}" in (await me.get(HERE)).text


async def test_a_topic_does_without_its_discussion_and_what_followed(world, me):
    world.say(
        get_topic=t.topic(state="adopted", waits_for=None),
        get_discussion=Unavailable(), list_follow_ups=Unavailable(),
    )  # fmt: skip
    assert (await me.get(HERE)).status_code == 200


async def test_an_observer_sees_and_has_no_form(world, observer):
    world.say(
        get_topic=t.noticed(barred="observer"), get_discussion=t.talk(barred="observer", left=None)
    )
    pages = (HALL, HERE, f"{HERE}/discussion", f"{HERE}/objections", f"{HALL}/new")
    for path in pages:
        page = await observer.get(path)
        assert page.status_code == 200 and 'method="post"' not in page.text, path
        assert "观察员只看不说" in page.text or "记入日志" in page.text, path


async def test_a_signed_out_visitor_gets_the_login_and_another_communitys_page_is_not_found(
    world, me
):
    page = await world.browser(login=False).get(f"{HERE}/discussion")
    assert page.headers["location"] == f"/login?next={HERE}/discussion"
    world.say(get_topic=NotFound())
    assert (await me.get(HERE)).status_code == 404


# -- the text --------------------------------------------------------------------------------------


async def test_the_frozen_text_says_so_and_its_versions_are_listed(world, me):
    world.say(get_proposal_version=t.version())
    html = (await me.get(f"{HERE}/proposal")).text
    assert "这就是付诸表决的文本" in html and "一人一票。" in html
    assert f"{HERE}/proposal/changes?older=1&amp;newer=2" in html


async def test_without_a_text_the_page_says_so(world, me):
    world.say(list_proposal_versions=t.page_of())
    assert "还没有提案文本" in (await me.get(f"{HERE}/proposal")).text


async def test_what_went_and_what_came_is_read_without_colour(me):
    html = (await me.get(f"{HERE}/proposal/changes?older=1&newer=2")).text
    assert '<del><span class="aloud">［删］</span>20秒</del>' in html
    assert '<ins><span class="aloud">［增］</span>30秒</ins>' in html
    assert "公示15天。" in html and "publicity_days" not in html, "no key of the contract"
    assert "开始表决" in html and "其余 2 条没有改" in html
    for wrong in ("", "?older=1", "?older=a&newer=2", "?older=1&newer=99999999999"):
        assert (await me.get(f"{HERE}/proposal/changes{wrong}")).status_code == 404


# -- objections ------------------------------------------------------------------------------------


async def test_objections_are_raised_in_their_window(world, me):
    path = f"{HERE}/objections"
    world.say(get_topic=t.noticed())
    assert "您还可以提 5 条" in (await me.get(path)).text
    done = await send(me, path, {"kind": "text", "body": "没有写清谁来计票"})
    assert done.headers["location"] == f"/objections/{t.OBJECTION}"
    world.say(object=t.refusal("body"))
    page = await send(me, path, {"kind": "roll", "body": "缺了一栋"})
    assert page.status_code == 422 and "缺了一栋" in page.text and 'id="fault-body"' in page.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objecting": None, "state": "voting"}, "现在不收异议"),
        ({"objecting": {**t.noticed()["objecting"], "open": False}}, "已经过了"),
        ({"objecting": {**t.noticed()["objecting"], "left": 0}}, "已经够多"),
        ({"barred": "child"}, "未满十四周岁"),
    ],
)
async def test_why_nobody_objects_now_is_said(world, me, changes, said):
    world.say(get_topic=t.noticed(**changes))
    html = (await me.get(f"{HERE}/objections")).text
    assert said in html and 'name="kind"' not in html


async def test_the_objector_alone_says_whether_she_is_satisfied(world, me):
    path = f"/objections/{t.OBJECTION}"
    others = (await me.get(path)).text
    assert "/mark" not in others and "答复以前不会开始表决" in others
    world.say(get_objection=t.answered())
    html = (await me.get(path)).text
    assert "由楼组长和两位居民一起计票" in html and "会请召集人再答复一次" in html
    for action, fields in (("mark", {"mark": "stands"}), ("replies", {"body": "还有一问"}),
                           ("withdrawal", {})):  # fmt: skip
        done = await send(me, path, fields, path=f"{path}/{action}")
        assert done.headers["location"] == path
    world.say(reply_to_objection=t.refusal("body"))
    page = await send(me, path, {"body": "再问一句"}, path=f"{path}/replies")
    assert page.status_code == 422 and "再问一句" in page.text


# -- whatever the words ----------------------------------------------------------------------------


async def test_markup_in_any_text_stays_text(world, me):
    person = {**t.NEIGHBOUR, "display_name": SCRIPT, "building_label": SCRIPT}
    piece = {"kind": "added", "text": SCRIPT}
    change = {
        "key": "a1", "kind": "changed", "was": 1, "number": 2, "title": [piece], "text": [piece],
    }  # fmt: skip
    world.say(
        list_topics=t.page_of(t.summary(title=SCRIPT, author_name=SCRIPT), stages={}),
        get_topic=t.noticed(
            title=SCRIPT, body=SCRIPT, author_name=SCRIPT,
            timeline=[t.line(text=SCRIPT, reason=SCRIPT, actor_name=SCRIPT)],
            way=t.way("notice", reason=SCRIPT, actor_name=SCRIPT),
        ),
        get_post=w.post(title=SCRIPT, body=SCRIPT),
        list_opinions=t.spoken(
            t.opinion(
                body=SCRIPT, author=person, hidden=t.hidden(reason=SCRIPT, by=person),
                earlier=[{"body": SCRIPT, "at": t.at()}],
            )
        ),
        compare_proposal_versions=t.differences(
            articles=[change], rules_in_words={"zh": [piece], "en": [piece]}
        ),
        list_objections=t.page_of(t.objection(body=SCRIPT, objector=person)),
        get_objection=t.answered(body=SCRIPT, objector=person),
    )  # fmt: skip
    pages = (HALL, f"{HALL}/new?post={w.POST}", HERE, f"/objections/{t.OBJECTION}")
    below = ("discussion", "objections", "proposal/changes?older=1&newer=2")
    for path in (*pages, *(f"{HERE}/{one}" for one in below)):
        page = await me.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text and "<img src=x" not in page.text, path
        assert "&lt;script&gt;alert" in page.text, path
