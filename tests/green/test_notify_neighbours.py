"""What neighbours do together, in the inbox of the one whom it concerns. Needs: db."""

from collections.abc import Iterator

import pytest

from services.contracts import events as e
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db


@pytest.fixture
def notify(emptied) -> Iterator[Inboxes]:
    inboxes = Inboxes(emptied("notify"))
    inboxes.community(sun="孙奶奶", lu="老陆", li="小李", wang="王老师")
    inboxes.tell(say(e.PostPublished, title="爱心义卖"))
    yield inboxes
    assert inboxes.drift() == []


def nobody_else(notify: Inboxes, *told: str) -> None:
    people = {live.person_id for live in notify.live()}
    assert people == set(told)


def test_praise_reaches_the_praised_neighbour_by_the_name_that_is_shown(notify):
    notify.tell(say(e.PostPublished, post_id="p2", title="谢谢", praised_id="lu"))
    notify.tell(say(e.PostPublished, post_id="p3", title="多谢", praised_id="lu", hide_name=True))
    assert notify.titles("lu") == ["邻居表扬了您：「多谢」", "孙奶奶表扬了您：「谢谢」"]
    item = notify.items("lu")[0]
    assert (item.kind, item.link, item.why) == ("praise", "/posts/p3", "因为邻居表扬了您")
    nobody_else(notify, "lu")


def test_nobody_is_told_of_praise_for_herself(notify):
    notify.tell(say(e.PostPublished, post_id="p2", praised_id="sun"))
    nobody_else(notify)


def test_whoever_moves_up_has_a_place_and_the_organiser_hears_of_none(notify):
    place = {"person_id": "lu", "organiser_id": "sun"}
    notify.tell(say(e.SignUpChanged, state="waiting", **place))
    notify.tell(say(e.SignUpChanged, moved_up=True, **place))
    notify.tell(say(e.SignUpChanged, checked_in=True, **place))
    assert notify.titles("lu") == ["您有名额了：「爱心义卖」"]
    assert notify.items("lu")[0].why == "因为您报了名"
    nobody_else(notify, "lu")


def test_an_invitation_names_who_invites_as_the_card_does(notify):
    notify.tell(say(e.SignUpChanged, person_id="lu", state="invited", invited_by="li"))
    assert notify.titles("lu") == ["小李邀请您一起参加「爱心义卖」"]
    notify.community(li="李师傅")
    assert notify.titles("lu") == ["李师傅邀请您一起参加「爱心义卖」"]
    nobody_else(notify, "lu")


def test_a_hidden_organiser_invites_without_her_name_and_joins_with_it(notify):
    notify.tell(say(e.PostPublished, post_id="p2", title="义卖", hide_name=True))
    notify.tell(
        say(e.SignUpChanged, post_id="p2", person_id="lu", state="invited", invited_by="sun")
    )
    assert notify.titles("lu") == ["邻居邀请您一起参加「义卖」"]
    notify.tell(say(e.SignUpChanged, post_id="p2", person_id="sun", state="in", invited_by="li"))
    (joined,) = notify.titles("li")
    assert joined.startswith("孙奶奶"), "no name would tell Li that it is she who hides it"


def test_what_is_called_off_is_told_but_not_what_one_cancels_oneself(notify):
    notify.tell(say(e.SignUpChanged, person_id="li", state="cancelled"))
    off = {"state": "cancelled", "called_off": True, "organiser_id": "sun"}
    notify.tell(say(e.SignUpChanged, person_id="lu", **off))
    notify.tell(say(e.SignUpChanged, person_id="sun", **off))
    assert notify.titles("lu") == ["您在「爱心义卖」的报名已取消"]
    nobody_else(notify, "lu")


def test_a_shared_stall_is_told_from_the_invitation_to_the_parting(notify):
    lu = {"person_id": "lu", "invited_by": "li"}
    notify.tell(say(e.SignUpChanged, state="waiting", **lu))
    notify.tell(say(e.SignUpChanged, **lu))
    notify.tell(say(e.SignUpChanged, checked_in=True, **lu))
    notify.tell(say(e.SignUpChanged, person_id="lu", because="alone", checked_in=True))
    assert notify.titles("lu") == [
        "与您共用名额的邻居退出了「爱心义卖」",
        "小李邀请您一起参加「爱心义卖」",
    ]
    assert notify.titles("li") == ["老陆接受了邀请，与您共用名额：「爱心义卖」"]
    nobody_else(notify, "lu", "li")


@pytest.mark.parametrize(
    ("state", "by", "told", "title"),
    [
        ("asked", "lu", "sun", "老陆愿意帮您：「爱心义卖」"),
        ("agreed", "sun", "lu", "孙奶奶同意了：「爱心义卖」"),
        ("declined", "sun", "lu", "孙奶奶这次不方便：「爱心义卖」"),
        ("done", "lu", "sun", "老陆表示「爱心义卖」已完成"),
        ("thanked", "sun", "lu", "孙奶奶向您道谢：「爱心义卖」"),
        ("no_show", "lu", "sun", "老陆表示您没有赴约：「爱心义卖」"),
        ("cancelled", "lu", "sun", "老陆取消了约定：「爱心义卖」"),
    ],
)
def test_of_two_the_other_is_told(notify, state, by, told, title):
    notify.tell(say(e.HandshakeChanged, state=state, by=by))
    assert notify.titles(told) == [title]
    assert notify.items(told)[0].why == "因为这是您和邻居的约定"
    nobody_else(notify, told)


def test_what_time_ends_is_told_to_both(notify):
    notify.tell(say(e.HandshakeChanged, state="cancelled", by=None))
    assert notify.titles("sun") == notify.titles("lu") == ["约定已过期，自动取消：「爱心义卖」"]
    nobody_else(notify, "sun", "lu")


def test_a_hidden_author_is_not_named_to_who_asked_her(notify):
    notify.tell(say(e.PostPublished, post_id="p2", title="求助", hide_name=True))
    notify.tell(say(e.HandshakeChanged, post_id="p2", state="agreed", by="sun"))
    assert notify.titles("lu") == ["邻居同意了：「求助」"]


def test_a_project_is_told_to_whom_each_step_concerns(notify):
    notify.on_duty("wang", "shi")
    helpers = {"volunteer_ids": ["lu", "li"]}
    notify.tell(say(e.ProjectAdvanced, step="apply", state="applied", actor_id="sun"))
    notify.tell(say(e.ProjectAdvanced, actor_id="wang"))
    notify.tell(say(e.ProjectAdvanced, step="recruit", state="recruiting", actor_id="sun"))
    for step, state in (("progress", "running"), ("done", "done")):
        notify.tell(say(e.ProjectAdvanced, step=step, state=state, actor_id="sun", **helpers))
    assert notify.titles("wang") == notify.titles("shi") == ["公益项目申请待审批：「爱心义卖」"]
    assert notify.titles("sun") == ["公益项目「爱心义卖」已获批准"]
    assert notify.titles("lu") == notify.titles("li")
    assert notify.titles("lu") == [
        "公益项目「爱心义卖」已完成，感谢您的参与",
        "公益项目「爱心义卖」有新进展",
    ]
    assert notify.items("lu")[0].why == "因为您是这个项目的志愿者"


def test_a_case_is_told_once_to_those_who_moderate_there(notify):
    notify.on_duty("wang")
    notify.on_duty("chen", role="owners_committee")
    event_id = notify.tell(say(e.ContentReported))
    notify.tell(say(e.ContentReported), event_id)
    assert notify.titles("wang") == ["有内容被举报，待处理：「爱心义卖」"]
    assert notify.titles("chen") == []
    notify.tell(say(e.ContentReported, module="owners", case_id="c2", opened_by="module"))
    assert notify.titles("chen") == ["有内容需要审核"]
    nobody_else(notify, "wang", "chen")


def test_the_author_hears_what_was_decided_and_where_the_reason_stands(notify):
    notify.tell(say(e.PostRemoved))
    notify.tell(say(e.ContentDecided))
    notify.tell(say(e.ContentDecided, decision="keep", final=True, decided_by="shi"))
    assert notify.titles("sun") == [
        "您的申诉成立，在尚园居民区发布的帖子恢复展示",
        "您在尚园居民区发布的帖子未予展示",
    ]
    taken_down = notify.items("sun")[1]
    assert (taken_down.link, taken_down.why) == ("/me/cases", "因为这是您发布的内容")
    assert taken_down.body == "理由写在处理结果中；不同意的，可以申诉，由另一位工作人员复核。"
    nobody_else(notify, "sun")


def test_a_silence_and_its_end_are_told_to_the_person(notify):
    notify.on_duty("wang")
    notify.tell(say(e.SilenceChanged, person_id="lu"))
    notify.tell(say(e.SilenceChanged, person_id="lu", until=None))
    assert notify.titles("lu") == ["您在尚园居民区可以发言了", "您在尚园居民区暂时不能发言"]
    assert notify.items("lu")[1].body == "到 3月2日12:00 为止。"
    assert [one.link for one in notify.items("lu")] == ["/me/cases"] * 2
    nobody_else(notify, "lu")


@pytest.mark.parametrize(
    ("module", "office"),
    [
        ("village_affairs", "committee_staff"),
        ("owners", "owners_committee"),
        ("property", "property_manager"),
    ],
)
def test_a_question_reaches_the_office_that_answers_it(notify, module, office):
    for role in ("committee_staff", "owners_committee", "property_manager"):
        notify.on_duty(role, role=role)
    notify.tell(say(e.QuestionAsked, module=module))
    assert notify.titles(office) == ["有监督提问待答复：「爱心义卖」"]
    nobody_else(notify, office)


def test_an_answer_reaches_who_asked_and_lateness_the_committee_as_well(notify):
    notify.on_duty("wang")
    notify.on_duty("chen", role="owners_committee")
    notify.tell(say(e.QuestionAnswered))
    notify.tell(say(e.QuestionOverdue, module="owners"))
    assert notify.titles("lu") == [
        "您的监督提问逾期未答复：「爱心义卖」",
        "您的监督提问已有答复：「爱心义卖」",
    ]
    for late in ("wang", "chen"):
        assert notify.titles(late) == ["监督提问逾期未答复：「爱心义卖」"]
        assert notify.items(late)[0].body == "期限：3月2日12:00。"


def test_an_officer_who_asks_is_not_told_of_her_own_question(notify):
    notify.on_duty("lu", "wang")
    notify.tell(say(e.QuestionAsked, asker_id="lu", module="village_affairs"))
    nobody_else(notify, "wang")
