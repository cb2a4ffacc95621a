"""The inbox in its parts, how one is told, digests: without a script, and what is refused."""

from typing import Any

import pytest

from gateway.web import words_news
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.contracts.operations.notify import digests, emergencies, emergency_doors, inbox
from services.contracts.operations.notify import preferences as wishes_ops
from services.notify.domain.preferences import OpenNight
from services.notify.domain.push import PushServiceUnknown
from tests.gateway import web_news as n
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

HERE = "/me/notifications"
SETTINGS = f"{HERE}/settings"
COUNTS = {"mine": 2, "followed": 1, "duty": 0, "on_duty": False}


def inbox_of(**changes: Any) -> dict[str, Any]:
    thread = {"id": n.THREAD, "follows": True, "muted": False}
    one = w.news(kind="comment", may_mute=True, thread=thread, **changes)
    return w.inbox(one, unread=3, counts=COUNTS)


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (inbox.About, words_news.ABOUT),
        (inbox.About, words_news.ABOUT_SAYS),
        (inbox.About, words_news.ABOUT_NOTHING),
        (wishes_ops.Digest, words_news.DIGEST),
        (emergencies.Need, words_news.NEED),
        (emergencies.DoorState, words_news.HOUSEHOLD),
        (emergencies.DoorsState, words_news.DOORS),
        (emergencies.ToWhom, words_news.TO),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert set(keys.__args__) <= set(table)


def test_ways_rhythms_and_what_is_found_have_their_words_too():
    ways = set(wishes_ops.Channel.__args__) - {"in_app"}
    assert ways == set(words_news.CHANNEL) == set(words_news.CHANNEL_SAYS)
    assert set(digests.DigestSummary.model_fields["rhythm"].annotation.__args__) == set(
        words_news.RHYTHM
    )
    assert set(emergency_doors.Ticked.__args__) < set(words_news.HOUSEHOLD)


async def test_the_inbox_has_its_parts_with_what_is_unread_and_work_for_those_alone_who_have_some(
    world,
):
    world.say(list_notifications=inbox_of())
    page = await world.browser(Role.RESIDENT).get(f"{HERE}?about=mine")
    assert world.rpc.asked("list_notifications")[-1]["about"] == "mine"
    assert 'href="/me/notifications?about=followed"' in page.text
    assert "?about=duty" not in page.text
    world.say(list_notifications=w.inbox(unread=0, counts={**COUNTS, "on_duty": True}))
    page = await world.browser(Role.COMMITTEE_STAFF).get(f"{HERE}?about=nonsense")
    assert "?about=duty" in page.text and "没有消息" in page.text
    assert "about" not in world.rpc.asked("list_notifications")[-1]


async def test_a_thread_or_a_kind_is_muted_and_left_from_the_news_itself(world):
    world.say(list_notifications=inbox_of())
    browser = world.browser(Role.RESIDENT)
    page = await browser.get(HERE)
    for words in ("不再关注这件事", "这件事不再提醒", "「评论和回复」都不再提醒"):
        assert words in page.text
    fields = {"thread": n.THREAD, "kind": "comment", "next": f"{HERE}?about=mine"}
    for do, method in (
        ("mute", "mute_thread"),
        ("unmute", "unmute_thread"),
        ("follow", "follow_thread"),
        ("unfollow", "unfollow_thread"),
    ):
        sent = await browser.form(HERE, f"{HERE}/choices", {**fields, "do": do})
        assert sent.headers["location"] == f"{HERE}?about=mine"
        assert world.rpc.asked(method)[-1]["id"] == n.THREAD
    world.say(get_notification_preferences=n.wishes(muted_kinds=["announcement"]))
    await browser.form(HERE, f"{HERE}/choices", {**fields, "do": "mute_kind"})
    put = world.rpc.asked("put_notification_preferences")[-1]
    assert put["muted_kinds"] == ["announcement", "comment"]
    assert put["quiet_from"] == "22:00" and put["channels"] == ["in_app", "live"]
    fields["kind"] = "announcement"
    await browser.form(HERE, f"{HERE}/choices", {**fields, "do": "hear_kind"})
    assert world.rpc.asked("put_notification_preferences")[-1]["muted_kinds"] == []


async def test_nobody_is_led_elsewhere_and_what_is_no_choice_is_none(world):
    browser = world.browser(Role.RESIDENT)
    away = {"do": "mute", "thread": n.THREAD, "next": "//elsewhere.example/"}
    sent = await browser.form(HERE, f"{HERE}/choices", away)
    assert sent.headers["location"] == HERE
    sent = await browser.form(HERE, f"{HERE}/choices", {"do": "shout"})
    assert sent.status_code == 400


async def test_what_cannot_be_muted_offers_nothing(world):
    world.say(list_notifications=w.inbox(w.news(), counts=COUNTS))
    page = await world.browser(Role.RESIDENT).get(HERE)
    assert "/choices" not in page.text and "居委会答复了" in page.text


async def test_the_inbox_is_there_while_preferences_are_not(world):
    world.say(list_notifications=inbox_of(), get_notification_preferences=errors.Unavailable())
    page = await world.browser(Role.RESIDENT).get(HERE)
    assert page.status_code == 200 and "这件事不再提醒" in page.text


async def test_how_one_is_told_is_one_form(world):
    browser = world.browser(Role.RESIDENT)
    page = await browser.get(SETTINGS)
    assert "本平台还没开通：微信" in page.text and 'value="22:00"' in page.text
    form = {
        "channels[]": ["live", "sms"],
        "quiet_from": "21:00",
        "quiet_until": "06:30",
        "daily_budget": "3",
        "digest": "weekly",
        "language": "en",
    }
    sent = await browser.form(SETTINGS, SETTINGS, form)
    assert sent.headers["location"] == f"{SETTINGS}?done=how#how"
    assert world.rpc.asked("put_notification_preferences")[-1] == {
        "channels": ["in_app", "live", "sms"],
        "quiet_from": "21:00",
        "quiet_until": "06:30",
        "muted_kinds": [],
        "daily_budget": 3,
        "digest": "weekly",
        "language": "en",
    }
    await browser.form(SETTINGS, SETTINGS, {**form, "no_night": "1"})
    put = world.rpc.asked("put_notification_preferences")[-1]
    assert "quiet_from" not in put and "quiet_until" not in put


async def test_what_is_refused_stands_beside_its_field_with_every_word_kept(world):
    night = OpenNight(errors=[FieldError("quiet_until", "is the same as quiet_from")])
    world.say(put_notification_preferences=night)
    fields = {"quiet_from": "09:00", "quiet_until": "09:00", "daily_budget": "5", "digest": "off"}
    page = await world.browser(Role.RESIDENT).form(SETTINGS, SETTINGS, fields)
    assert page.status_code == 422
    assert page.text.count('value="09:00"') == 2 and 'id="fault-quiet_until"' in page.text
    assert '<option value="5" selected' in page.text


async def test_what_is_not_ticked_among_the_kinds_is_muted_but_for_what_cannot_be(world):
    browser = world.browser(Role.RESIDENT)
    page = await browser.get(SETTINGS)
    assert "新反映的问题" not in page.text and "紧急情况、对您本人的决定" in page.text
    await browser.form(SETTINGS, f"{SETTINGS}/kinds", {"kinds[]": ["comment"]})
    put = world.rpc.asked("put_notification_preferences")[-1]
    assert put["muted_kinds"] == ["issue_answered", "announcement"]


async def test_a_browser_is_registered_tried_and_removed(world):
    browser = world.browser(Role.RESIDENT)
    assert 'data-push="BPush-Key_of-this-place"' in (await browser.get(SETTINGS)).text
    said = {"endpoint": "https://push.example/x", "p256dh": "k", "auth": "a", "label": "我的手机"}
    sent = await browser.form(SETTINGS, f"{SETTINGS}/browsers", said)
    assert sent.headers["location"] == f"{SETTINGS}?done=push#push"
    assert world.rpc.asked("put_push_subscription") == [said]
    for do, method in (("test", "test_push_subscription"), ("remove", "delete_push_subscription")):
        sent = await browser.form(SETTINGS, f"{SETTINGS}/browsers/{n.BROWSER}", {"do": do})
        assert sent.headers["location"] == f"{SETTINGS}?done={do}#push"
        assert world.rpc.asked(method) == [{"id": n.BROWSER}]
    world.say(put_push_subscription=PushServiceUnknown())
    page = await browser.form(SETTINGS, f"{SETTINGS}/browsers", said)
    assert page.status_code == 422 and PushServiceUnknown.zh in page.text


async def test_where_nothing_is_pushed_the_page_says_so(world):
    world.say(get_push_key={"public_key": None}, list_push_subscriptions={"items": []})
    page = await world.browser(Role.RESIDENT).get(SETTINGS)
    assert "本平台还没有开通推送" in page.text and "data-push" not in page.text


async def test_mails_go_to_an_address_whose_code_came_back(world):
    browser = world.browser(Role.RESIDENT)
    address = {"address": "sun@example.org"}
    sent = await browser.form(SETTINGS, f"{SETTINGS}/mail", address)
    assert sent.headers["location"] == f"{SETTINGS}?done=code#mail"
    assert "邮件里的验证码" in (await browser.get(f"{SETTINGS}?done=code")).text
    await browser.form(SETTINGS, f"{SETTINGS}/mail/confirmation", {"code": "123456"})
    assert world.rpc.asked("put_notification_preferences")[-1]["channels"] == [
        "in_app",
        "live",
        "mail",
    ]
    world.say(get_notification_preferences=n.wishes(channels=["in_app", "mail"]))
    await browser.form(SETTINGS, f"{SETTINGS}/mail/removal")
    assert world.rpc.asked("put_notification_preferences")[-1]["channels"] == ["in_app"]
    assert world.rpc.asked("remove_mail_address") == [{}]
    wrong = errors.Invalid(errors=[FieldError("address", "不是邮箱地址")])
    world.say(request_mail_address=wrong)
    page = await browser.form(SETTINGS, f"{SETTINGS}/mail", {"address": "sun@"})
    assert page.status_code == 422
    assert 'value="sun@"' in page.text and "不是邮箱地址" in page.text


async def test_a_digest_tells_by_kind_and_leads_to_what_it_is_about(world):
    browser = world.browser(Role.RESIDENT)
    assert f"/digests/{n.DIGEST}" in (await browser.get("/me/digests")).text
    page = await browser.get(f"/digests/{n.DIGEST}")
    assert "老陆评论了「电梯」" in page.text and f'value="/posts/{n.THREAD}"' in page.text
    assert (await world.browser(login=False).get("/me/digests")).status_code == 303


async def test_what_people_wrote_stays_text(world):
    bad = "<img src=x onerror=alert(1)>"
    world.say(
        list_notifications=inbox_of(title=bad, body=bad),
        list_subscriptions=w.page_of(n.subscription(title=bad)),
        list_muted_threads=w.page_of(n.muted(title=bad)),
    )
    browser = world.browser(Role.RESIDENT)
    for path in (HERE, SETTINGS):
        assert "<img" not in (await browser.get(path)).text
