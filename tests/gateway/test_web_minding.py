"""What one may do about a post or a comment besides reading, and who is offered what."""

import pytest

from services.contracts import errors
from services.contracts.actor import Role
from tests.gateway import web_posts as p
from tests.gateway import web_world as w

pytestmark = pytest.mark.gateway

LIST, COMPOSE = f"/c/{w.CID}/m/nearby", f"/c/{w.CID}/m/nearby/new"


@pytest.fixture
def resident(world):
    return world.browser(Role.RESIDENT)


def moderated():
    """The modules as a moderator finds them."""
    return {"items": [{**m, "may_moderate": True} for m in w.MODULES["items"]]}


async def test_what_is_offered_depends_on_whose_it_is_and_who_asks(world, resident):
    theirs = (await resident.get(f"{p.HERE}/more")).text
    assert "举报" in theirs and f"{p.HERE}/distance" in theirs
    for none in ("/deletion", "/edit", "/pin", "/takedown", f"{p.HERE}/issue"):
        assert f'{p.HERE}{none}"' not in theirs
    world.say(get_post=w.post(mine=True))
    mine = (await resident.get(f"{p.HERE}/more")).text
    assert f"{p.HERE}/deletion" in mine and f"{p.HERE}/edit" in mine
    assert f"{p.HERE}/report" not in mine
    world.say(get_post=w.post(), list_modules=moderated(), get_me=w.me("committee_staff"))
    staff = (await world.browser(Role.COMMITTEE_STAFF).get(f"{p.HERE}/more")).text
    for some in ("/pin", "/takedown", "/issue"):
        assert f'action="{p.HERE}{some}"' in staff


async def test_an_observer_finds_nothing_to_write_with_on_any_of_them(world):
    observer = world.browser(Role.OBSERVER)
    for page in (f"{p.HERE}/more", f"{p.HERE}/comments/{w.COMMENT}", COMPOSE):
        html = (await observer.get(page)).text
        main = html.partition("<main")[2].partition("</main>")[0]
        assert "<form" not in main, page


@pytest.mark.parametrize(
    ("act", "method"),
    [
        ("followed", "follow_thread"),
        ("unfollowed", "unfollow_thread"),
        ("muted", "mute_thread"),
        ("unmuted", "unmute_thread"),
    ],
)
async def test_following_is_done_and_said(world, resident, act, method):
    page = f"{p.HERE}/more"
    done = await resident.form(page, f"{p.HERE}/following", {"act": act})
    assert done.headers["location"] == f"{page}?done={act}"
    assert world.rpc.last(method).kwargs == {"id": w.POST}
    assert (await resident.form(page, f"{p.HERE}/following", {"act": "x"})).status_code == 404


async def test_what_i_follow_can_be_muted(world, resident):
    world.say(list_subscriptions=w.page_of(p.subscription()))
    page = (await resident.get(f"{p.HERE}/more")).text
    assert world.rpc.last("list_subscriptions").kwargs["thread"] == w.POST
    assert "这里不再提醒我" in page and "因为您参与了这个话题" in page
    world.say(list_subscriptions=errors.Unavailable())
    assert (await resident.get(f"{p.HERE}/more")).status_code == 200


@pytest.mark.parametrize("comment", [False, True])
async def test_a_report_is_confirmed_and_its_faults_stand_in_their_form(world, resident, comment):
    here = f"{p.HERE}/comments/{w.COMMENT}" if comment else p.HERE
    page = here if comment else f"{p.HERE}/more"
    method = "report_comment" if comment else "report_content"
    sent = await resident.form(page, f"{here}/report", {"kind": "insult", "reason": "骂人"})
    assert sent.headers["location"] == f"{page}?done=reported"
    got = world.rpc.last(method).kwargs
    assert (got["kind"], got["reason"]) == ("insult", "骂人")
    assert "谢谢您" in (await resident.get(f"{page}?done=reported")).text
    refused = await resident.form(page, f"{here}/report", {"kind": "insult", "reason": " "})
    assert refused.status_code == 422 and 'id="fault-reason"' in refused.text
    assert '<details class="fold" open>' in refused.text


async def test_a_moderators_reason_that_is_missing_is_told_in_that_form(world):
    world.say(list_modules=moderated(), get_me=w.me("committee_staff"))
    staff = world.browser(Role.COMMITTEE_STAFF)
    page = await staff.form(f"{p.HERE}/more", f"{p.HERE}/takedown", {"down": ""})
    assert page.status_code == 422
    assert 'id="fault-down"' in page.text and 'id="fault-reason"' not in page.text


async def test_keeping_away_leads_to_where_it_is_undone(world, resident):
    for here, method in (
        (p.HERE, "keep_from_author"),
        (f"{p.HERE}/comments/{w.COMMENT}", "keep_from_commenter"),
    ):
        page = f"{p.HERE}/more" if here == p.HERE else here
        done = await resident.form(page, f"{here}/distance", {"kind": "mute"})
        assert done.headers["location"] == "/me/distances?done=mute"
        assert world.rpc.last(method).kwargs["kind"] == "mute"
    undone = await resident.form("/me/distances", f"/me/distances/{p.PERSON}/end")
    assert undone.headers["location"] == "/me/distances"
    assert world.rpc.last("drop_distance").kwargs == {"person_id": p.PERSON}


async def test_mine_goes_when_i_say_so_and_stays_when_others_rely_on_it(world, resident):
    world.say(get_post=w.post(mine=True))
    gone = await resident.form(f"{p.HERE}/more", f"{p.HERE}/deletion")
    assert gone.headers["location"] == LIST
    world.say(delete_post=errors.Conflict())
    stays = await resident.form(f"{p.HERE}/more", f"{p.HERE}/deletion")
    assert stays.status_code == 409 and 'role="alert"' in stays.text
    world.say(list_comments=w.page_of(w.comment(mine=True)))
    here = f"{p.HERE}/comments/{w.COMMENT}"
    gone = await resident.form(here, f"{here}/deletion")
    assert gone.headers["location"] == f"{p.HERE}#thread"
    assert world.rpc.last("delete_comment").kwargs == {"id": w.COMMENT}


async def test_an_answer_in_office_is_pinned_by_who_moderates(world):
    said = w.comment(official=True, actor_role="committee_staff")
    world.say(list_comments=w.page_of(said), pin_comment={**said, "pinned": True})
    here = f"{p.HERE}/comments/{w.COMMENT}"
    assert "/pin" not in (await world.browser(Role.RESIDENT).get(here)).text
    world.say(list_modules=moderated())
    staff = world.browser(Role.COMMITTEE_STAFF)
    done = await staff.form(here, f"{here}/pin", {"pinned": "1"})
    assert done.headers["location"] == f"{here}?done=pinned"


async def test_my_cases_say_what_was_decided_and_how_to_appeal(world, resident):
    page = (await resident.get("/me/cases")).text
    assert "有别人的电话号码" in page and "不再显示" in page and "多次骂人" in page
    sent = await resident.form("/me/cases", f"/me/cases/{p.CASE}/appeal", {"reason": "请再看"})
    assert sent.headers["location"] == "/me/cases"
    assert world.rpc.last("appeal").kwargs == {"id": p.CASE, "reason": "请再看"}
    empty = await resident.form("/me/cases", f"/me/cases/{p.CASE}/appeal", {"reason": " "})
    assert empty.status_code == 422 and 'id="fault-reason"' in empty.text
    world.say(list_my_cases=w.page_of(p.case(appeal_until=None)))
    assert "/appeal" not in (await resident.get("/me/cases")).text
