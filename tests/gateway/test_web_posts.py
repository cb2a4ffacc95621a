"""Posts and threads: what is shown in which state, who is offered what, what a form sends."""

import re

import pytest

from gateway.web import words_posts
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.contracts.operations import feed
from services.contracts.operations.feed import aid, keeping_away, moderation, modules, posts
from services.feed.domain.comments import CommentNotFound
from tests.gateway import web_posts as p
from tests.gateway import web_world as w
from tests.gateway.files import OGG, WEBM
from tests.gateway.test_web_forms import picture, send
from tests.gateway.test_web_words import literals

pytestmark = pytest.mark.gateway

LIST, COMPOSE = f"/c/{w.CID}/m/nearby", f"/c/{w.CID}/m/nearby/new"
SCRIPT = '<script>alert("1")</script>'
ROOT, REPLY = (w.demo_id(9, n) for n in (71, 72))


@pytest.fixture
def resident(world):
    return world.browser(Role.RESIDENT)


def moderated(**changes):
    """The modules as a moderator finds them."""
    return {"items": [{**m, "may_moderate": True, **changes} for m in w.MODULES["items"]]}


# -- lists -----------------------------------------------------------------------------------------


async def test_a_list_is_searched_sorted_and_filtered_by_its_address(world, resident):
    world.say(list_posts=w.page_of(w.post(tags=["树"]), cursor="next"))
    page = await resident.get(f"{LIST}?q=花&tag=树&order=active")
    got = world.rpc.last("list_posts").kwargs
    assert (got["q"], got["tag"], got["order"]) == ("花", "树", "active")
    more = re.search(r'class="more" href="\?([^"]*)"', page.text).group(1)
    assert all(part in more for part in ("q=", "tag=", "order=active", "cursor=next"))
    assert f"{LIST}?tag=%E6%A0%91" in page.text


async def test_my_own_stand_with_their_state_whatever_it_is(world, resident):
    world.say(list_posts=w.page_of(w.post(mine=True, state="waiting")))
    page = await resident.get(f"{LIST}?mine=1&state=waiting&q=x")
    got = world.rpc.last("list_posts").kwargs
    assert got["mine"] is True and got["state"] == "waiting" and "q" not in got
    assert "等待审核" in page.text and 'aria-current="true">等待审核' in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "这里还没有内容"), ("?q=x", "没有找到"), ("?mine=1", "您在这里还没有发过")],
)
async def test_an_empty_list_says_what_to_do(world, resident, query, said):
    world.say(list_posts=w.page_of())
    page = await resident.get(LIST + query)
    assert said in page.text and "<article" not in page.text


async def test_what_a_post_is_shows_on_it(world, resident):
    world.say(
        list_posts=w.page_of(
            w.post(
                pinned=True,
                signs_up=True,
                aid={"kind": "idle", "state": "gone"},
                praised={
                    "id": "p-1", "display_name": SCRIPT, "building_label": "", "role_badges": [],
                },
            ),
            w.post(checked_at=w.at(days=400), stale=True),
        )
    )  # fmt: skip
    page = (await resident.get(LIST)).text
    for chip in ("置顶", "可报名", "闲置", "已送出", "该核对了"):
        assert chip in page
    assert SCRIPT not in page and "感谢&lt;script&gt;" in page


# -- a post and its thread -------------------------------------------------------------------------


async def test_what_waits_or_was_taken_down_says_so_to_its_author(world, resident):
    for state, said in (("waiting", "邻居才看得到"), ("taken_down", "您可以申诉")):
        world.say(get_post=w.post(mine=True, state=state))
        page = (await resident.get(p.HERE)).text
        assert said in page
        assert (
            f"{p.HERE}/like" not in page
            and f"{p.HERE}/comments"
            not in page.partition('id="thread"')[2].partition('id="talk"')[0]
        )
        assert 'id="say"' not in page
        assert ('href="/me/cases"' in page) == (state == "taken_down")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "deleted", "body": ""}, "作者已删除"),
        ({"state": "taken_down", "body": ""}, "已下架"),
        ({"muted": True, "body": ""}, "您选了不看"),
        ({"state": "waiting", "mine": True}, "等待审核"),
        ({"body": SCRIPT}, "&lt;script&gt;"),
    ],
)
async def test_a_comment_that_is_not_plainly_there_says_why(world, resident, changes, said):
    world.say(list_comments=w.page_of(w.comment(**changes)))
    page = (await resident.get(p.HERE)).text
    assert said in page and SCRIPT not in page
    shown = changes.get("state", "shown") == "shown" and changes.get("body") != ""
    assert (f"reply_to={w.COMMENT}" in page) is shown


async def test_replies_stand_beneath_and_the_rest_of_them_is_a_step_away(world, resident):
    reply = w.comment(id=REPLY, root_id=ROOT, reply_to=ROOT, reply_to_name="老陆", body="对")
    root = w.comment(id=ROOT, reply_count=5, replies=[reply])
    world.say(list_comments=w.page_of(root, cursor="on"))
    page = (await resident.get(p.HERE)).text
    assert world.rpc.last("list_comments").kwargs["under"] == "roots"
    assert page.index(f'id="c-{ROOT}"') < page.index(f'id="c-{REPLY}"')
    assert "还有 4 条回复" in page and f"?under={ROOT}" in page and "?cursor=on" in page


async def test_a_comment_that_is_further_on_begins_the_page(world, resident):
    root = w.comment(id=ROOT, reply_count=5)
    later = w.comment(id=REPLY, root_id=ROOT, body="后来的回复")

    def answer(call):
        if call.kwargs.get("under") == ROOT:
            return w.page_of(later)
        return w.page_of(root) if call.kwargs.get("at") else w.page_of(w.comment())

    world.say(list_comments=answer)
    page = (await resident.get(f"{p.HERE}?comment={REPLY}")).text
    calls = [(one.get("under"), one.get("at")) for one in world.rpc.asked("list_comments")]
    assert calls == [("roots", None), ("roots", REPLY), (ROOT, REPLY)]
    assert f'id="c-{REPLY}" class="asked"' in page and "从头看讨论" in page
    world.rpc.calls.clear()
    await resident.get(f"{p.HERE}?comment={w.COMMENT}")  # it stands on the first page
    assert len(world.rpc.asked("list_comments")) == 1


async def test_a_comment_that_is_gone_is_said_and_the_thread_is_shown(world, resident):
    world.say(
        list_comments=lambda call: (
            CommentNotFound() if call.kwargs.get("at") else w.page_of(w.comment())
        )
    )
    page = await resident.get(f"{p.HERE}?comment={REPLY}")
    assert page.status_code == 200 and "已经不在了" in page.text and "真不错" in page.text


async def test_a_voice_note_is_a_player_and_pages_may_play_it(world, resident):
    sound = {**w.photo(), "content_type": "audio/webm", "thumbnail_url": None}
    world.say(get_post=w.post(attachments=[sound]))
    page = await resident.get(p.HERE)
    assert f'<audio controls preload="none" src="/api/v1/uploads/{w.PHOTO}"' in page.text
    assert "media-src 'self'" in page.headers["content-security-policy"]


# -- writing ---------------------------------------------------------------------------------------


async def test_a_post_carries_photo_voice_tags_and_an_end(world, resident):
    files = {"photo": ("a.ogg", OGG, "audio/ogg")}
    fields = {
        "title": "树", "tags": "花，树 #春天", "expires_at": "2030-03-05",
        "attachments[]": [w.PHOTO], "extra_none": "",
    }  # fmt: skip
    answer = await send(resident, COMPOSE, fields, files)
    assert answer.headers["location"] == p.HERE
    made = world.rpc.last("create_post").kwargs
    assert made["body"] == "树" and made["tags"] == ["花", "树", "春天"]
    assert made["expires_at"].startswith("2030-03-05T23:59")
    assert made["attachments"][0] == w.PHOTO and len(made["attachments"]) == 2


async def test_without_a_script_a_recording_is_heard_before_it_is_sent(world, resident):
    files = {"photo": ("a.webm", WEBM, "audio/webm")}
    page = await send(resident, COMPOSE, {"title": "树", "add_photo": "1"}, files)
    voice = re.search(r'name="voice" value="([^"]+)"', page.text).group(1)
    assert f'src="/api/v1/uploads/{voice}"' in page.text and 'value="树"' in page.text
    assert world.rpc.asked("create_post") == []
    await send(resident, COMPOSE, {"title": "树", "voice": voice})
    assert world.rpc.last("create_post").kwargs["attachments"] == [voice]


@pytest.mark.parametrize(
    ("content", "status"), [(WEBM, 200), (picture(), 415), (b"<script>", 415), (b"", 422)]
)
async def test_a_recording_comes_back_as_a_piece_or_with_what_was_wrong(resident, content, status):
    files = {"photo": ("a", content, "audio/webm")}
    piece = await send(resident, COMPOSE, {}, files, path="/voice")
    assert piece.status_code == status and "<html" not in piece.text
    assert ('name="voice"' in piece.text) == (status == 200)
    assert ('role="alert"' in piece.text) == (status != 200)


async def test_more_than_nine_are_told_beside_their_field(world, resident):
    fields = {"title": "树", "attachments[]": [w.PHOTO] * 9, "voice": w.PHOTO}
    page = await send(resident, COMPOSE, fields)
    assert page.status_code == 422 and "最多九个" in page.text
    assert world.rpc.asked("create_post") == []


async def test_a_comment_may_be_a_voice_or_a_photo_alone(world, resident):
    await send(resident, p.HERE, {"voice": w.PHOTO}, path=f"{p.HERE}/comments")
    said = world.rpc.last("create_comment").kwargs
    assert said["body"] == "（语音）" and said["attachments"] == [w.PHOTO]
    page = await send(resident, p.HERE, {"body": " "}, path=f"{p.HERE}/comments")
    assert page.status_code == 422 and "不能为空" in page.text


async def test_a_refused_comment_keeps_its_words_its_files_and_whom_it_answers(world, resident):
    world.say(create_comment=errors.Invalid(errors=[FieldError("body", "请文明发言")]))
    fields = {"body": "脏话", "voice": w.PHOTO, "reply_to": w.COMMENT}
    page = await send(resident, p.HERE, fields, path=f"{p.HERE}/comments")
    assert page.status_code == 422 and "请文明发言" in page.text
    assert f'name="voice" value="{w.PHOTO}"' in page.text and "脏话" in page.text
    assert f'name="reply_to" value="{w.COMMENT}"' in page.text


async def test_thanks_go_to_who_wrote_it(world, resident):
    thanked = w.author("老陆", id="p-lu")
    world.say(get_post=w.post(author=thanked))
    page = (await resident.get(f"{COMPOSE}?thanks={w.POST}")).text
    assert 'name="praised_id" value="p-lu"' in page and "感谢老陆" in page
    world.say(get_post=w.post(author=w.author("匿名邻居", id=None, anonymous=True)))
    hidden = (await resident.get(f"{COMPOSE}?thanks={w.POST}")).text
    assert "praised_id" not in hidden


async def test_modules_that_are_looked_at_before_say_so(world, resident):
    items = [{**m, "moderation": "pre"} for m in w.MODULES["items"]]
    world.say(list_modules={"items": items})
    assert "先审后发" in (await resident.get(COMPOSE)).text
    world.say(list_modules=moderated(moderation="pre"))
    assert "先审后发" not in (await resident.get(COMPOSE)).text


# -- changing --------------------------------------------------------------------------------------

HOURS = [
    {"weekday": 1, "from": "08:00", "to": "10:00"},
    {"weekday": 3, "from": "14:00", "to": "16:00"},
]


async def test_a_change_keeps_what_the_form_cannot_show(world, resident):
    sound = {**w.photo(w.NEWS), "content_type": "audio/ogg"}
    mine = w.post(
        mine=True, module="mutual_aid", extra={"slots": HOURS}, tags=["花"],
        attachments=[w.photo(), sound], expires_at=w.at(days=-3),
    )  # fmt: skip
    world.say(get_post=mine)
    page = f"{p.HERE}/edit"
    shown = (await resident.get(page)).text
    assert f'name="voice" value="{w.NEWS}"' in shown and 'value="花"' in shown
    old = {
        "title": "新标题", "body": mine["body"], "tags": "花", "attachments[]": [w.PHOTO],
        "voice": w.NEWS, "extra_slots[]": ["1", "3"], "extra_slots_from": "08:00",
        "extra_slots_to": "10:00",
    }  # fmt: skip
    answer = await send(resident, page, old)
    assert answer.headers["location"] == p.HERE
    sent = world.rpc.last("update_post").kwargs
    assert sent["extra"] == {"slots": HOURS} and sent["title"] == "新标题"
    assert "attachments" not in sent and sent["never_expires"] is True
    await send(resident, page, {**old, "extra_slots[]": ["1"]})
    assert world.rpc.last("update_post").kwargs["extra"] == {"slots": HOURS[:1]}


async def test_what_is_not_mine_is_not_changed(world, resident):
    page = await resident.get(f"{p.HERE}/edit")
    assert page.status_code == 403


async def test_the_history_shows_what_went_and_what_came(world, resident):
    page = (await resident.get(f"{p.HERE}/versions")).text
    assert "<del>好看。</del><ins>真好看。</ins>" in page


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (literals(posts.UnshownState), words_posts.STATE),
        (literals(posts.UnshownState), words_posts.STATE_SAYS),
        (literals(modules.ModuleOrder), words_posts.ORDER),
        (literals(aid.AidKind), words_posts.AID_KIND),
        (literals(aid.AidState) - {"open"}, words_posts.AID_STATE),
        (literals(moderation.ReportKind), words_posts.REPORT),
        (literals(moderation.CaseState), words_posts.CASE),
        (literals(moderation.Decision), words_posts.DECISION),
        (literals(moderation.Target), words_posts.TARGET),
        (literals(keeping_away.DistanceKind), words_posts.DISTANCE),
        (literals(keeping_away.DistanceKind), words_posts.DISTANCE_SAYS),
        (literals(feed.PostState) - {"shown"}, words_posts.STATE),
    ],
)
def test_every_key_of_the_contract_has_words(keys, table):
    assert set(table) == keys
