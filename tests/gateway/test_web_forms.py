"""Forms: what is sent to the services, and what comes back when it is refused."""

import io

import pytest
from PIL import Image

from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.contracts.ids import is_id, new_id
from tests.gateway import web_world as w
from tests.gateway.web_browser import ORIGIN, token_in

pytestmark = pytest.mark.gateway

REPORT = f"/c/{w.CID}/report"
COMPOSE = f"/c/{w.CID}/m/nearby/new"
TRIAGE = f"/console/issues/{w.ISSUE}"


def picture(side: int = 60) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "green").save(out, "JPEG")
    return out.getvalue()


async def send(browser, page, fields, files=None, path=None):
    """Send the form of a page as a browser without a script does."""
    shown = await browser.get(page)
    data = {"csrf": token_in(shown.text), **fields}
    return await browser.client.post(path or page, data=data, files=files, headers=ORIGIN)


@pytest.fixture
def resident(world):
    return world.browser(Role.RESIDENT)


@pytest.fixture
def staff(world):
    world.say(get_issue=w.issue(suggestion=w.SUGGESTION), get_me=w.me("committee_staff"))
    return world.browser(Role.COMMITTEE_STAFF)


# -- reporting and posting -------------------------------------------------------------------------


async def test_a_report_goes_to_the_committee_and_its_page_follows(world, resident):
    answer = await send(
        resident, REPORT, {"title": "灯坏了", "location": "南门", "hide_name": "1", "body": ""}
    )
    assert answer.headers["location"] == f"/issues/{w.ISSUE}?new=1"
    assert world.rpc.last("report_issue").kwargs == {
        "cid": w.CID,
        "title": "灯坏了",
        "body": "灯坏了",
        "location": {"address": "南门"},
        "attachments": [],
        "hide_name": True,
    }


async def test_a_form_that_is_sent_twice_does_its_work_once(world, resident):
    page = await resident.get(REPORT)
    key = page.text.partition('name="once" value="')[2].partition('"')[0]
    assert is_id(key)
    fields = {"csrf": token_in(page.text), "once": key, "title": "灯坏了"}
    for _ in range(2):
        await resident.client.post(REPORT, data=fields, headers=ORIGIN)
    options = [a.options for a in world.rpc.calls if a.method == "report_issue"]
    assert [o["idempotency_key"] for o in options] == [key, key]
    assert options[0]["body_hash"] == options[1]["body_hash"] != ""


async def test_without_an_answer_the_same_try_can_be_repeated(world, resident):
    world.say(report_issue=errors.TimedOut())
    key = new_id()
    page = await send(resident, REPORT, {"title": "灯坏了", "once": key})
    assert page.status_code == 503
    assert f'value="{key}"' in page.text and 'value="灯坏了"' in page.text
    assert "响应超时" in page.text


async def test_a_key_that_did_other_work_is_replaced(world, resident):
    world.say(report_issue=errors.IdempotencyKeyReused())
    key = new_id()
    page = await send(resident, REPORT, {"title": "灯坏了", "once": key})
    assert page.status_code == 409
    assert f'name="once" value="{key}"' not in page.text


async def test_faults_stand_beside_their_fields_and_no_word_is_lost(world, resident):
    said = errors.Invalid(errors=[FieldError("title", "标题里有不文明用语")])
    world.say(create_post=said)
    page = await send(resident, COMPOSE, {"title": "脏话", "body": "写了很久\r\n的正文"})
    assert page.status_code == 422
    before, _, after = page.text.partition('id="fault-title"')
    assert 'id="f-title"' in before and "标题里有不文明用语" in after
    assert 'value="脏话"' in page.text and "写了很久\n的正文" in page.text


async def test_what_a_service_says_in_another_language_is_told_by_the_errors_own_words(
    world, resident
):
    wrong = [FieldError("title", "must be shorter"), FieldError("nowhere", "is unknown")]
    world.say(create_post=errors.Invalid(errors=wrong))
    page = await send(resident, COMPOSE, {"title": "标题", "body": "正文"})
    after = page.text.partition('id="fault-title"')[2]
    assert errors.Invalid.zh in after.partition("</div>")[0]
    assert "must be shorter" not in page.text and "is unknown" not in page.text
    assert page.text.count(errors.Invalid.zh) == 2, "and once on top"


async def test_what_the_contract_refuses_is_told_in_the_readers_words(world, resident):
    page = await send(resident, COMPOSE, {"title": " ", "body": "正文"})
    assert page.status_code == 422 and "不能为空" in page.text
    assert all(asked.method != "create_post" for asked in world.rpc.calls)


async def test_a_fault_without_a_field_stands_above(world, resident):
    world.say(create_post=errors.RuleBroken())
    page = await send(resident, COMPOSE, {"title": "标题", "body": "正文"})
    assert 'role="alert"' in page.text and "不符合规则" in page.text


async def test_a_post_carries_the_fields_of_its_module(world, resident):
    page = f"/c/{w.CID}/m/mutual_aid/new"
    fields = {
        "title": "我能帮", "body": "空闲", "extra_slots[]": ["1", "3"],
        "extra_slots_from": "08:00", "extra_slots_to": "15:00", "extra_other": "no",
    }  # fmt: skip
    await send(resident, page, fields)
    assert world.rpc.last("create_post").kwargs["extra"] == {
        "slots": [{"weekday": day, "from": "08:00", "to": "15:00"} for day in (1, 3)]
    }


async def test_a_comment_is_said_on_the_thread(world, resident):
    page = f"/posts/{w.POST}"
    fields = {"body": "好的", "reply_to": w.COMMENT}
    answer = await send(resident, page, fields, path=f"{page}/comments")
    assert answer.headers["location"] == f"{page}?comment={w.COMMENT}#c-{w.COMMENT}"
    assert world.rpc.last("create_comment").kwargs == {"id": w.POST, **fields}


async def test_a_like_comes_back_as_a_page_or_as_a_piece(world, resident):
    page = f"/posts/{w.POST}"
    whole = await resident.form(page, f"{page}/like", {"liked": "1"})
    assert whole.headers["location"] == page
    piece = await resident.form(page, f"{page}/like", {"liked": "0"}, hx_request="true")
    assert piece.status_code == 200 and "<html" not in piece.text
    assert 'aria-pressed="false"' in piece.text
    assert world.rpc.last("unlike").kwargs == {"id": w.POST}


# -- photos ----------------------------------------------------------------------------------------


async def test_a_photo_is_taken_along_with_the_form(world, resident):
    files = {"photo": ("a.jpg", picture(), "image/jpeg")}
    answer = await send(resident, REPORT, {"title": "灯坏了"}, files)
    assert answer.status_code == 303
    (photo,) = world.rpc.last("report_issue").kwargs["attachments"]
    assert (await resident.get(f"/api/v1/uploads/{photo}")).status_code == 200


async def test_photos_are_gathered_one_by_one_without_a_script(world, resident):
    files = {"photo": ("a.jpg", picture(), "image/jpeg")}
    first = w.PHOTO
    fields = {"title": "灯坏了", "attachments[]": [first], "add_photo": "1"}
    page = await send(resident, REPORT, fields, files)
    assert page.status_code == 200
    assert page.text.count('name="attachments[]"') == 2 and first in page.text
    assert 'value="灯坏了"' in page.text
    assert all(asked.method != "report_issue" for asked in world.rpc.calls)


async def test_with_a_script_a_photo_comes_back_as_a_piece_of_the_form(resident):
    files = {"photo": ("a.jpg", picture(), "image/jpeg")}
    piece = await send(resident, REPORT, {}, files, path="/photos")
    assert piece.status_code == 200 and "<html" not in piece.text
    photo = piece.text.partition('name="attachments[]" value="')[2].partition('"')[0]
    assert (await resident.get(f"/api/v1/uploads/{photo}/thumbnail")).status_code == 200


@pytest.mark.parametrize(
    ("content", "status"), [(b"<script>", 415), (b"\xff\xd8\xff broken", 422), (b"", 422)]
)
async def test_what_is_no_photo_is_refused(world, resident, content, status):
    files = {"photo": ("a.jpg", content, "image/jpeg")}
    piece = await send(resident, REPORT, {}, files, path="/photos")
    assert piece.status_code == status
    if content:
        page = await send(resident, REPORT, {"title": "灯坏了"}, files)
        assert page.status_code == status and 'value="灯坏了"' in page.text
        assert all(asked.method != "report_issue" for asked in world.rpc.calls)


async def test_ids_that_are_none_are_not_taken_for_photos(world, resident):
    fields = {"title": "灯坏了", "attachments[]": ['"><script>', w.PHOTO]}
    await send(resident, REPORT, fields, {"photo": ("", b"", "application/octet-stream")})
    assert world.rpc.last("report_issue").kwargs["attachments"] == [w.PHOTO]


# -- joining ---------------------------------------------------------------------------------------

JOIN = f"/j/{w.QR}"
JOINER = {
    "building": "b-1/u-1", "room": "502", "relation": "tenant", "real_name": "张三",
    "id_number": "11010519491231002X", "consents[]": ["real_name", "address", "rules"],
}  # fmt: skip


async def test_joining_asks_with_address_name_and_each_consent(world):
    world.say(get_me=w.me(memberships=[]))
    newcomer = world.browser()
    answer = await send(newcomer, JOIN, JOINER)
    assert answer.headers["location"] == JOIN
    assert world.rpc.last("request_membership").kwargs == {
        "qr_token": w.QR, "building": "b-1", "unit": "u-1", "room": "502", "relation": "tenant",
        "real_name": "张三", "id_number": "11010519491231002X",
        "consents": ["real_name", "address", "rules"],
    }  # fmt: skip


async def test_a_building_without_units_is_chosen_by_itself(world):
    world.say(get_me=w.me(memberships=[]))
    await send(world.browser(), JOIN, {**JOINER, "building": "b-3"})
    asked = world.rpc.last("request_membership").kwargs
    assert asked["building"] == "b-3" and "unit" not in asked


@pytest.mark.parametrize("left_out", ["real_name", "address", "rules"])
async def test_nothing_is_sent_without_every_consent(world, left_out):
    world.say(get_me=w.me(memberships=[]))
    consents = [c for c in JOINER["consents[]"] if c != left_out]
    page = await send(world.browser(), JOIN, {**JOINER, "consents[]": consents})
    assert page.status_code == 422 and 'id="fault-consents"' in page.text
    assert 'value="张三"' in page.text
    assert all(asked.method != "request_membership" for asked in world.rpc.calls)


async def test_a_wrong_id_number_is_told_beside_its_field(world):
    wrong = errors.Invalid(errors=[FieldError("id_number", "身份证号校验位不正确")])
    world.say(get_me=w.me(memberships=[]), request_membership=wrong)
    page = await send(world.browser(), JOIN, JOINER)
    assert page.status_code == 422
    assert "身份证号校验位不正确" in page.text.partition('id="fault-id_number"')[2]


@pytest.mark.parametrize(("status", "words"), [("pending", "居委会会核实"), ("active", "欢迎回家")])
async def test_whoever_has_asked_sees_where_it_stands(world, status, words):
    world.say(get_me=w.me(memberships=[w.membership(status)]))
    assert words in (await world.browser().get(JOIN)).text


async def test_a_refusal_comes_with_its_reason_and_another_try(world):
    world.say(get_me=w.me(memberships=[w.membership("refused", reason="名册没有此人")]))
    html = (await world.browser().get(JOIN)).text
    assert "名册没有此人" in html and 'name="real_name"' in html


async def test_a_code_that_was_revoked_is_said_to_be(world):
    class QrRevoked(errors.NotFound):
        code = "identity.qr_revoked"
        zh = "这张二维码已停用，请联系居委会"

    world.say(resolve_qr=QrRevoked())
    page = await world.browser(login=False).get(JOIN)
    assert page.status_code == 404 and "这张二维码已停用" in page.text


async def test_whoever_scans_logs_in_first_and_comes_back(world):
    nobody = world.browser(login=False)
    answer = await nobody.get(JOIN)
    assert answer.headers["location"] == f"/login?next={JOIN}"
    assert "欢迎来到 宝月尚园" in (await nobody.get(answer.headers["location"])).text


# -- the desk --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "asked"),
    [
        ("8x/X3", {"id": w.ISSUE, "category": "8x", "slot": "X3"}),
        ("dispose", {"id": w.ISSUE, "category": "dispose"}),
    ],
)
async def test_triage_confirms_the_choice(world, staff, choice, asked):
    answer = await send(staff, TRIAGE, {"choice": choice}, path=f"{TRIAGE}/triage")
    assert answer.headers["location"] == TRIAGE
    assert world.rpc.last("triage_issue").kwargs == asked


async def test_a_step_of_self_governance_carries_photo_partner_and_date(world, staff):
    fields = {
        "step": "undertaking", "note": "店主答应周五前搬走", "with": "店主",
        "due_at": "2026-03-06", "outcome": "",
    }  # fmt: skip
    files = {"photo": ("a.jpg", picture(), "image/jpeg")}
    await send(staff, TRIAGE, fields, files, path=f"{TRIAGE}/step")
    asked = world.rpc.last("record_self_governance").kwargs
    assert len(asked.pop("attachments")) == 1
    assert asked == {
        "id": w.ISSUE, "step": "undertaking", "note": "店主答应周五前搬走", "with": "店主",
        "due_at": "2026-03-06T23:59:00+08:00",
    }  # fmt: skip


async def test_answers_and_escalations_are_sent_as_written(world, staff):
    fields = {"body": "已清理", "outcome": "fixed"}
    await send(staff, TRIAGE, fields, path=f"{TRIAGE}/answer")
    assert world.rpc.last("answer_issue").kwargs == {"id": w.ISSUE, "attachments": [], **fields}
    await send(staff, TRIAGE, {"reason": "拒不整改"}, path=f"{TRIAGE}/escalate")
    asked = world.rpc.last("escalate_issue").kwargs
    assert asked == {"id": w.ISSUE, "reason": "拒不整改", "urgent": False}


async def test_a_gate_that_is_closed_is_told_on_the_desk(world, staff):
    class SelfGovernanceFirst(errors.RuleBroken):
        code = "grid.self_governance_first"
        zh = "请先记录居民自治处置情况，或注明紧急原因"

    world.say(
        escalate_issue=SelfGovernanceFirst(),
        get_issue=w.issue(status="triaged", category="8x", slot="X3", suggestion=w.SUGGESTION),
    )
    page = await send(staff, TRIAGE, {"reason": "拒不整改"}, path=f"{TRIAGE}/escalate")
    assert page.status_code == 422
    assert "请先记录居民自治处置情况" in page.text
    assert "拒不整改" in page.text.partition('id="escalate" open')[2]


@pytest.mark.parametrize(("decision", "reason"), [("approve", ""), ("refuse", "名册没有此人")])
async def test_requests_to_join_are_decided(world, staff, decision, reason):
    page = "/console/memberships"
    fields = {"id": w.REQUEST, "c": w.CID, "decision": decision, "reason": reason}
    answer = await send(staff, page, fields)
    assert answer.headers["location"] == f"{page}?c={w.CID}"
    asked = world.rpc.last("decide_membership").kwargs
    assert asked.pop("reason", "") == reason
    assert asked == {"id": w.REQUEST, "decision": decision}


async def test_a_refusal_without_a_reason_is_asked_for_one(world, staff):
    world.say(decide_membership=errors.RuleBroken(errors=[FieldError("reason", "必须填写理由")]))
    fields = {"id": w.REQUEST, "c": w.CID, "decision": "refuse"}
    page = await send(staff, "/console/memberships", fields)
    assert page.status_code == 422
    assert "必须填写理由" in page.text.partition('id="fault-reason"')[2]


# -- judging and news ------------------------------------------------------------------------------


async def test_a_rating_is_sent_with_its_number(world, resident):
    world.say(get_issue=w.issue(status="closed", promise=None))
    path = f"/issues/{w.ISSUE}"
    fields = {"score": "5", "solved": "yes", "comment": "谢谢"}
    answer = await send(resident, path, fields, path=f"{path}/rating")
    assert answer.headers["location"] == f"{path}#judgement"
    asked = world.rpc.last("rate_issue").kwargs
    assert asked == {"id": w.ISSUE, "score": 5, "solved": True, "comment": "谢谢"}


@pytest.mark.parametrize("score", ["", "6", "x", "²", "9" * 5000])
async def test_a_rating_without_stars_is_refused(world, resident, score):
    world.say(get_issue=w.issue(status="closed", promise=None))
    path = f"/issues/{w.ISSUE}"
    page = await send(resident, path, {"score": score, "solved": "yes"}, path=f"{path}/rating")
    assert page.status_code == 422 and 'id="fault-score"' in page.text


async def test_reopening_carries_the_reason(world, resident):
    world.say(get_issue=w.issue(status="closed", promise=None))
    path = f"/issues/{w.ISSUE}"
    await send(resident, path, {"reason": "又占了"}, path=f"{path}/reopen")
    assert world.rpc.last("reopen_issue").kwargs == {"id": w.ISSUE, "reason": "又占了"}


@pytest.mark.parametrize(
    ("link", "target"), [(f"/issues/{w.ISSUE}", f"/issues/{w.ISSUE}"), ("//evil.example", "/")]
)
async def test_news_is_read_and_leads_on(world, resident, link, target):
    path = f"/me/notifications/{w.NEWS}/read"
    answer = await resident.form("/me/notifications", path, {"link": link})
    assert answer.headers["location"] == target
    assert world.rpc.last("mark_notifications_read").kwargs == {"ids": [w.NEWS]}


async def test_all_news_is_read_up_to_what_was_shown(world, resident):
    await send(resident, "/me/notifications", {"up_to": w.NEWS}, path="/me/notifications/read")
    assert world.rpc.last("mark_notifications_read").kwargs == {"up_to": w.NEWS}


async def test_the_badge_is_shown_and_withdrawn(world, resident):
    world.say(set_party_badge={"key": "party_member", "shown": True})
    await send(resident, "/me", {"shown": "1"}, path="/me/badge")
    assert world.rpc.last("set_party_badge").kwargs == {"shown": True}


async def test_an_operation_that_is_not_the_visitors_is_refused_before_it_is_asked(world):
    observer = world.browser(Role.OBSERVER)
    page = await send(observer, "/me", {"title": "灯坏了", "looked": "1"}, path=REPORT)
    assert page.status_code == 403 and "观察员只能浏览" in page.text
    assert all(asked.method != "report_issue" for asked in world.rpc.calls)
