"""What neighbours share, over HTTP, from the photo to the account that answers for the money.

a post with a photo ─▶ praise ─▶ a full house, and who waited moves up ─▶ two families on a stall
help, asked for to thanked for ─▶ a thing that one buyer has ─▶ a report, a decision, an appeal
the village's account, a question, its answer ─▶ a post that looks like a problem ─▶ a project
and all of it is found again by two characters
"""

from dataclasses import dataclass
from typing import Any

import pytest

from deploy.client import Client
from deploy.demo import pictures
from services.contracts import demo
from services.contracts.operations.base import Page
from services.contracts.operations.feed import (
    Post,
)
from services.contracts.operations.feed.aid import Aid, Handshake
from services.contracts.operations.feed.ledgers import Ledger
from services.contracts.operations.feed.moderation import CaseSummary, MyCase
from services.contracts.operations.feed.projects import Project
from services.contracts.operations.feed.questions import Question
from services.contracts.operations.feed.sign_ups import SignUpEvent
from services.contracts.operations.feed.suggestions import PostSuggestion
from services.contracts.operations.notify.inbox import Notification
from services.feed.domain.days import day_of
from tests.e2e.conftest import Login
from tests.support.http_asks import assert_problem, send
from tests.support.lives import rare
from tests.support.waiting import until

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Street:
    """Neighbours of 尚园 and the two of its committee."""

    sun: Client
    lu: Client
    chen: Client
    fang: Client
    secretary: Client
    wang: Client


@pytest.fixture(scope="module")
def street(login: Login, secretary: Client, granny_sun: Client) -> Street:
    lu, chen, fang, wang = (login(f"138000000{n}") for n in ("02", "12", "13", "04"))
    return Street(granny_sun, lu, chen, fang, secretary, wang)


def write(who: Client, module: str, title: str, body: str = "详见正文。", **more: Any) -> Post:
    """A new post."""
    cid = more.pop("cid", demo.SHANGYUAN)
    fields = {"module": module, "title": title, "body": body, **more}
    return who.post(Post, f"/communities/{cid}/posts", fields)


def put(who: Client, view: Any, path: str, body: dict[str, Any] | None = None) -> Any:
    """Put something; the answer as its view."""
    return view.model_validate(who.send("PUT", path, json=body or {}).json())


def told(who: Client, kind: str, post: Post, link: str = "") -> Notification:
    """The newest news of a kind about a post, as soon as it is there; ``link`` if another's."""
    link = link or f"/posts/{post.id}"

    def look() -> Notification | None:
        return next((n for n in who.news().items if n.kind == kind and n.link == link), None)

    return until(look, what=f"{kind} about {post.title}")


def told_nothing(who: Client, kind: str, post: Post) -> bool:
    """Whether no news of this kind about the post has come."""
    return not any(n.kind == kind and n.link == f"/posts/{post.id}" for n in who.all_news())


# -- words and pictures --------------------------------------------------------------------------


def test_a_photo_is_stored_and_stands_in_the_post_with_its_thumbnail(street: Street) -> None:
    photo = street.sun.upload(pictures.restored())
    post = write(street.sun, "neighbours", "楼下的桂花开了", attachments=[photo.id])
    (seen,) = street.lu.post_of(post.id).attachments
    assert (seen.id, seen.url) == (photo.id, photo.url)
    small = send(street.lu, "GET", str(seen.thumbnail_url).removeprefix("/api/v1"))
    assert (small.status_code, small.headers["content-type"][:6]) == (200, "image/")


def test_praise_is_told_to_the_praised_neighbour_alone(street: Street) -> None:
    praise = {"extra": {"kind": "praise"}, "praised_id": street.lu.person_id}
    post = write(street.sun, "nearby", "谢谢老陆帮忙修车", **praise)
    news = told(street.lu, "praise", post)
    assert news.title == "孙奶奶表扬了您：「谢谢老陆帮忙修车」"
    assert news.why == "因为邻居表扬了您"
    assert told_nothing(street.chen, "praise", post)


def test_a_word_of_two_characters_finds_the_post(street: Street) -> None:
    word = rare(2)
    post = write(street.sun, "neighbours", "找一找", f"这里写着{word}两个字。")
    others = f"/communities/{demo.SHANGYUAN}/posts"
    found = street.lu.get(Page[Post], others, {"q": word})
    assert post.id in [one.id for one in found.items]
    assert all(word in one.title + one.body for one in found.items)


# -- the charity sale ----------------------------------------------------------------------------


def event(who: Client, post: Post, **terms: Any) -> SignUpEvent:
    """Let neighbours sign up for a post."""
    found: SignUpEvent = put(who, SignUpEvent, f"/posts/{post.id}/sign-up-event", terms)
    return found


def sign_up(who: Client, post: Post) -> SignUpEvent:
    """Sign up, wait, or accept an invitation."""
    found: SignUpEvent = put(who, SignUpEvent, f"/posts/{post.id}/sign-up")
    return found


def give_up(who: Client, post: Post) -> None:
    who.send("DELETE", f"/posts/{post.id}/sign-up")


def look(who: Client, post: Post) -> SignUpEvent:
    return who.get(SignUpEvent, f"/posts/{post.id}/sign-up-event")


def part(who: Client, post: Post) -> tuple[str, int | None]:
    """Somebody's state and place in line."""
    mine = look(who, post).mine
    assert mine is not None
    return mine.state, mine.place_in_line


def test_a_full_house_lets_the_first_who_waits_move_up_and_tells_her(street: Street) -> None:
    post = write(street.secretary, "announcements", "急救培训，一个名额")
    event(street.secretary, post, unit="person", capacity=1)
    for who in (street.sun, street.lu, street.chen):
        sign_up(who, post)
    assert [part(who, post) for who in (street.sun, street.lu, street.chen)] == [
        ("in", None),
        ("waiting", 1),
        ("waiting", 2),
    ]
    give_up(street.sun, post)
    assert part(street.lu, post) == ("in", None)
    assert part(street.chen, post) == ("waiting", 1)
    assert told(street.lu, "sign_up", post).title == "您有名额了：「急救培训，一个名额」"
    assert told_nothing(street.chen, "sign_up", post)
    assert told_nothing(street.secretary, "sign_up", post)


def test_two_families_share_a_stall_and_each_may_leave_it(street: Street) -> None:
    post = write(street.secretary, "announcements", "义卖，一个摊位")
    event(street.secretary, post, unit="stall", capacity=1, shareable=True)
    sign_up(street.sun, post)
    invited = {"person_id": street.lu.person_id}
    street.sun.send("POST", f"/posts/{post.id}/sign-up/invitations", json=invited)
    assert told(street.lu, "sign_up", post).title == "孙奶奶邀请您一起参加「义卖，一个摊位」"
    shared = sign_up(street.lu, post)
    assert (shared.taken, shared.parties) == (1, 2)
    until(
        lambda: told(street.sun, "sign_up", post).title.startswith("老陆接受了邀请"),
        what="that the invitation was accepted",
    )
    give_up(street.sun, post)
    left = look(street.lu, post)
    assert (left.taken, left.parties) == (1, 1)
    assert part(street.lu, post)[0] == "in"


# -- between two ---------------------------------------------------------------------------------


def ask(who: Client, post: Post, note: str) -> Handshake:
    return who.post(Handshake, f"/posts/{post.id}/handshakes", {"note": note})


def step(who: Client, shake: Handshake, name: str, note: str = "") -> Handshake:
    return who.post(Handshake, f"/handshakes/{shake.id}/steps", {"step": name, "note": note})


def test_help_goes_from_asking_to_thanks_and_the_other_one_hears_of_each_step(
    street: Street,
) -> None:
    need = {"kind": "need", "skill_kind": "lifting", "skill": "搬书柜"}
    post = write(street.sun, "mutual_aid", "帮忙搬个书柜", extra=need)
    shake = ask(street.lu, post, "我周六有空")
    assert told(street.sun, "handshake", post).title == "老陆愿意帮您：「帮忙搬个书柜」"
    assert step(street.sun, shake, "agree").state == "agreed"
    assert told(street.lu, "handshake", post).title == "孙奶奶同意了：「帮忙搬个书柜」"
    assert_problem(
        send(street.chen, "GET", f"/handshakes/{shake.id}"), 404, "feed.handshake_not_found"
    )
    step(street.lu, shake, "done")
    thanked = step(street.sun, shake, "thank", "多谢老陆，一口气搬上三楼")
    assert (thanked.state, thanked.helper) == ("thanked", "asker")
    until(
        lambda: told(street.lu, "handshake", post).title.startswith("孙奶奶向您道谢"),
        what="the thanks",
    )
    (public,) = street.chen.get(Aid, f"/posts/{post.id}/aid").thanks
    assert (public.to.display_name, public.text) == ("老陆", "多谢老陆，一口气搬上三楼")


def test_an_idle_thing_has_one_buyer_at_a_time(street: Street) -> None:
    post = write(street.sun, "idle", "婴儿床，免费", extra={"price": "0", "condition": "八成新"})
    first = ask(street.chen, post, "家里正需要")
    late = send(street.fang, "POST", f"/posts/{post.id}/handshakes", json={"note": "我也想要"})
    assert_problem(late, 409, "feed.reserved")
    step(street.sun, first, "decline", "尺寸不合")
    second = ask(street.fang, post, "我还想要")
    step(street.sun, second, "agree")
    step(street.fang, second, "done")
    step(street.fang, second, "thank", "谢谢孙奶奶")
    assert street.lu.get(Aid, f"/posts/{post.id}/aid").state == "gone"
    assert told(street.chen, "handshake", post).title == "孙奶奶这次不方便：「婴儿床，免费」"


# -- what is not to stand ------------------------------------------------------------------------


def decided(who: Client, post: Post) -> MyCase:
    """The author's own view of the case about a post."""
    cases = who.each(MyCase, "/me/moderation-cases")
    return next(case for case in cases if case.post_id == post.id)


def test_a_report_is_decided_by_one_and_the_appeal_by_another(street: Street) -> None:
    post = write(street.chen, "neighbours", "转让健身卡", "全新健身卡低价转让。")
    said = {"kind": "spam", "reason": "像是广告"}
    street.fang.send("POST", f"/posts/{post.id}/reports", json=said)
    cases = f"/communities/{demo.SHANGYUAN}/moderation-cases"
    case = next(c for c in street.wang.each(CaseSummary, cases) if c.post_id == post.id)
    desk = f"/console/moderation/{case.id}"
    assert told(street.secretary, "content_reported", post, desk).why == "因为您负责这里的工作"

    taken_down = {"decision": "take_down", "reason": "栏目不发广告"}
    street.wang.send("POST", f"/reports/{case.id}/decision", json=taken_down)
    assert_problem(send(street.lu, "GET", f"/posts/{post.id}"), 404, "feed.post_not_found")
    found = told(street.chen, "content_decided", post, "/me/cases")
    assert found.title == "您在尚园居民区发布的帖子未予展示"
    assert decided(street.chen, post).reason == "栏目不发广告"

    own = {"reason": "是自己用不上的卡，不是广告"}
    street.chen.send("POST", f"/reports/{case.id}/appeals", json=own)
    again = {"decision": "keep", "reason": "个人转让，可以发布"}
    alone = send(street.wang, "POST", f"/reports/{case.id}/appeal-decision", json=again)
    assert alone.status_code == 403, alone.text
    street.secretary.send("POST", f"/reports/{case.id}/appeal-decision", json=again)
    assert street.lu.post_of(post.id).title == "转让健身卡"
    assert decided(street.chen, post).final_reason == "个人转让，可以发布"
    until(
        lambda: told(street.chen, "content_decided", post).title.startswith("您的申诉成立"),
        what="that the appeal succeeded",
    )
    assert told_nothing(street.fang, "content_decided", post)


def test_a_post_that_looks_like_a_problem_is_suggested_to_the_committee_alone(
    street: Street,
) -> None:
    post = write(
        street.sun, "nearby", "餐饮店占用绿化带", "南门饭店把桌椅摆进绿化带，油烟直排，没人管。"
    )
    path = f"/posts/{post.id}/suggestion"
    here = f"/communities/{demo.SHANGYUAN}/suggestions"

    def suggested() -> PostSuggestion | None:
        found = street.secretary.each(PostSuggestion, here)
        return next((one for one in found if one.post_id == post.id), None)

    one = until(suggested, what="the suggestion", limit=10)
    assert one.state == "open" and one.reasons
    for who in (street.sun, street.lu):
        assert send(who, "GET", path).status_code in (403, 404)
        assert send(who, "GET", here).status_code == 403
    assert "suggestion" not in send(street.sun, "GET", f"/posts/{post.id}").json()


# -- money and work ------------------------------------------------------------------------------


def test_the_village_discloses_its_account_and_answers_what_is_asked(login: Login) -> None:
    clerk, supervisor, zhao = (login(f"138000000{n}") for n in ("41", "42", "10"))
    post = write(clerk, "village_affairs", "三季度集体账目", cid=demo.HAIXING)
    head = {
        "kind": "collective",
        "title": "海星村集体经济收支",
        "starts_on": "2026-07-01",
        "ends_on": "2026-09-30",
        "opening": "1000.10",
    }
    put(clerk, Ledger, f"/posts/{post.id}/ledger", head)
    lines = [
        {"section": "income", "on_date": "2026-07-08", "subject": "鱼塘租金", "amount": "8000.20"},
        {"section": "spending", "on_date": "2026-08-15", "subject": "路灯", "amount": "3000.00"},
    ]
    put(clerk, Ledger, f"/posts/{post.id}/ledger/lines", {"lines": lines})
    hidden = send(zhao, "GET", f"/posts/{post.id}/ledger")
    assert_problem(hidden, 404, "feed.ledger_not_found")
    published = clerk.post(Ledger, f"/posts/{post.id}/ledger/publication", {})
    assert (published.state, published.closing) == ("published", "6000.30")
    checked = put(supervisor, Ledger, f"/posts/{post.id}/ledger/check", {"note": "账实相符"})
    assert checked.check.note == "账实相符"

    asked = {"body": "路灯装了几盏？", "line": 2}
    question = zhao.post(Question, f"/posts/{post.id}/questions", asked)
    here = f"/posts/{post.id}/questions"
    found = told(clerk, "question_asked", post, here)
    assert found.title == "有监督提问待答复：「三季度集体账目」"
    answer = {"body": "六盏，每盏五百元。"}
    answered = clerk.post(Question, f"/questions/{question.id}/answer", answer)
    assert (answered.state, answered.answer) == ("answered", "六盏，每盏五百元。")
    assert told(zhao, "question_answered", post, here).why == "因为这是您的提问"

    sheet = send(zhao, "GET", f"/posts/{post.id}/ledger/export", params={"format": "csv"})
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "鱼塘租金" in sheet.text and "8000.20" in sheet.text


def test_a_project_goes_from_the_application_to_its_account(street: Street) -> None:
    post = write(street.lu, "services", "一起搭自行车棚", "东门缺一个车棚，我们自己搭。")
    project = f"/posts/{post.id}/project"
    put(street.lu, Project, project, {"wanted": 3, "budget": "500.00", "place": "东门"})
    told(street.secretary, "project", post)

    def move(who: Client, name: str, **more: Any) -> Project:
        return who.post(Project, f"/posts/{post.id}/project-steps", {"step": name, **more})

    own = send(
        street.lu, "POST", f"/posts/{post.id}/project-steps", json={"step": "approve", "note": "好"}
    )
    assert own.status_code == 403, own.text
    move(street.secretary, "approve", note="同意")
    assert told(street.lu, "project", post).title == "公益项目「一起搭自行车棚」已获批准"
    move(street.lu, "recruit")
    put(street.sun, Project, f"/posts/{post.id}/volunteers/me")
    photo = street.lu.upload(pictures.restored())
    move(street.lu, "progress", note="棚架立好了", attachments=[photo.id])
    assert told(street.sun, "project", post).title == "公益项目「一起搭自行车棚」有新进展"
    today = day_of(street.lu.get(Project, project).changed_at)
    hours = {"hours": "2.5", "on_date": str(today)}
    entry = street.sun.send("POST", f"/posts/{post.id}/hours", json=hours).json()
    street.lu.send("POST", f"/project-hours/{entry['id']}/confirmation", json={})
    done = move(street.lu, "done", note="能停十二辆", attachments=[photo.id], no_money=True)
    assert (done.state, done.volunteers, done.hours.confirmed) == ("done", 1, "2.50")
    until(
        lambda: told(street.sun, "project", post).title.endswith("感谢您的参与"),
        what="the end of the project",
    )
    assert told_nothing(street.chen, "project", post)
