"""From the QR code on the notice board to a work order that comes back, in one go.

log in ─▶ join ─▶ report with a photo ─▶ classified ─▶ confirmed 8+X
  ─▶ self-governance fails ─▶ escalated ─▶ the grid platform works, by itself
  ─▶ closed, told on the thread ─▶ rated ─▶ the order is evaluated
"""

import time

from deploy.client import Client, Problem
from deploy.demo import newcomer, pictures
from deploy.demo.narrator import Narrator
from deploy.demo.people import CODE, STAFF, committee_at_work
from services.contracts.operations.feed import Comment
from services.contracts.operations.grid_bridge import Issue, WorkOrder
from services.contracts.operations.notify.inbox import Notification

TITLE = "商铺占用绿化带"
BODY = (
    "宝月尚园南门旁的餐饮店把桌椅、货箱摆进绿化带，草坪已经被踩成泥地，行人只能绕到机动车道上走，"
    "请居委会来看看。"
)
PLACE = {"address": "宝月尚园南门东侧绿化带", "lng": 121.4243, "lat": 31.4177, "crs": "WGS84"}
CLASSIFIED_WITHIN, GRID_WITHIN = 10.0, 30.0  # seconds, promised by the contract


def tell(api: Client, narrator: Narrator) -> None:
    """Walk it; StoryBroken or Problem when the system does not follow."""
    began = time.monotonic()
    narrator.scene("一、扫码进社区，反映的问题变成网格工单再回来", "from QR code to work order")
    staff, home = committee_at_work(api)
    resident = _join(api, staff, home.id, narrator)

    narrator.step(resident.name, "拍照反映“商铺占用绿化带”", "reports the occupied green belt")
    photo = resident.upload(pictures.occupied())
    receipt = resident.report_issue(
        home.id, TITLE, BODY, attachments=[photo.id], location=PLACE, key=f"demo:{photo.id}"
    )
    narrator.answer(f"照片 {photo.bytes // 1024} KB 已去除位置信息后保存", "已登记，等待居委会受理")

    narrator.step(
        "智能分类", "给出建议和理由，只有居委会看得到", "classified, with reasons, for staff"
    )
    issue, seconds = narrator.wait(
        "the classifier's suggestion",
        lambda: _classified(staff, receipt.id),
        limit=CLASSIFIED_WITHIN,
    )
    narrator.expect(resident.issue(receipt.id).suggestion is None, "no suggestion for residents")
    advice = issue.suggestion
    if advice is not None:
        slot = f"·{advice.slot}" if advice.slot else ""
        narrator.answer(
            f"{advice.category}{slot}，置信度 {advice.confidence:.0%}（{seconds:.1f} s）",
            *advice.reasons[:4],
        )

    narrator.step(staff.name, "确认为 8+X 类：毁绿占绿（X3）", "confirms 8+X, slot X3")
    narrator.timeline(staff.triage(receipt.id, "8x", "X3"))

    narrator.step(staff.name, "想直接上报网格", "tries to escalate at once")
    try:
        staff.escalate(receipt.id, "商铺不配合")
    except Problem as no:
        narrator.expect(no.code == "grid.self_governance_first", f"self-governance first, got {no}")
        narrator.refusal(no.title)
    else:
        narrator.expect(False, "a refusal: the neighbourhood has not tried yet")

    narrator.step(staff.name, "先自治：现场查看、约谈商户", "visits, talks with the shop; it fails")
    staff.self_governance(receipt.id, "site_visit", "已到现场核实，绿化带被占约二十平方米")
    narrator.timeline(
        staff.self_governance(
            receipt.id,
            "talk",
            "商户拒绝搬离，称无处堆放",
            spoke_with="餐饮店店主",
            outcome="failed",
        )
    )

    narrator.step(staff.name, "上报网格管理平台", "escalates to the grid platform")
    order = staff.escalate(receipt.id, "自治约谈无效，请城管部门依法处置")
    narrator.answer(
        f"网格工单 {order.no}，入主动发现问题库 {order.library_entry_no}",
        f"责任部门：{order.department.name}；标准代码 {order.code.code} {order.code.name}",
    )

    narrator.step("网格管理平台", "受理、立案、派遣、处置、核查、结案", "works on it by itself")
    closed, seconds = narrator.wait(
        "the platform's closure",
        lambda: _closed(staff, receipt.id, narrator),
        limit=GRID_WITHIN,
    )
    narrator.answer(f"{seconds:.1f} s 后结案，逐步写回原帖")

    narrator.step(resident.name, "在原帖上看到全过程，并收到通知", "finds every step on the thread")
    thread, _ = narrator.wait(
        "the closure on the thread", lambda: _told_end(resident, receipt.post_id), limit=10
    )
    narrator.answer(*(f"{line.author.display_name}：{line.body}" for line in thread if line.step))
    news, _ = narrator.wait(
        "the notification", lambda: _news_of(resident, receipt.id, "issue_closed"), limit=10
    )
    narrator.answer(f"🔔 {news.title}（{news.why}）")

    narrator.step(resident.name, "评价 5 分", "rates 5 of 5")
    narrator.timeline(resident.rate(receipt.id, 5, solved=True, comment="绿化带恢复了，谢谢！"))
    narrator.wait(
        "the evaluation of the work order",
        lambda: _evaluated(staff, order.no),
        limit=GRID_WITHIN,
    )
    narrator.answer("网格平台已收到评价，工单完结")
    narrator.table(
        "结果",
        (
            ("问题", f"{closed.title} · {closed.status} · {closed.outcome}"),
            ("工单", f"{order.no} · evaluated"),
            ("原帖", f"{api.url}/posts/{receipt.post_id}"),
            ("用时", f"{time.monotonic() - began:.1f} s"),
        ),
    )


def _join(api: Client, staff: Client, community_id: str, narrator: Narrator) -> Client:
    """A newcomer logs in, scans, asks to join and is let in."""
    person = newcomer.make()
    narrator.step("新居民", f"用手机号 {person.phone} 和验证码登录", "a newcomer logs in by code")
    api.request_code(person.phone)
    resident = api.login(person.phone, CODE)
    narrator.answer(f"欢迎，{resident.name}")

    narrator.step(resident.name, "扫公告栏上的二维码", "scans the QR code on the notice board")
    code = next(code for code in staff.qr_codes(community_id) if code.revoked_at is None)
    target = api.resolve_qr(code.token)
    narrator.answer(
        f"{target.community.name} · {target.estate.name}，{len(target.buildings)} 栋楼", code.url
    )

    building = target.buildings[0]
    narrator.step(
        resident.name, "填写地址、真实姓名和证件号码，申请加入", "asks to join: address, name, ID"
    )
    asked = resident.request_membership(
        qr_token=code.token,
        building=building.id,
        unit=building.units[0].id if building.units else None,
        room="502",
        relation="tenant",
        real_name=person.real_name,
        id_number=person.id_number,
        consents=["real_name", "address"],
    )
    narrator.expect(asked.status == "pending", f"a request that waits, got {asked.status}")
    narrator.answer("名册中没有此人，等待居委会核对")

    waiting = {request.id: request for request in staff.membership_requests(community_id)}
    request = waiting[asked.id]
    narrator.step(STAFF, "核对后同意", "the committee sees masked data and approves")
    narrator.answer(
        f"{request.real_name} {request.id_number} {request.phone} {request.building.name}"
        f" {request.room}：{request.finding_text}"
    )
    decided = staff.decide_membership(asked.id, "approve")
    narrator.expect(decided.status == "active", f"membership, got {decided.status}")
    return resident


def _classified(staff: Client, issue_id: str) -> Issue | None:
    issue = staff.issue(issue_id)
    return issue if issue.suggestion else None


def _evaluated(staff: Client, no: str) -> WorkOrder | None:
    order = staff.work_order(no)
    return order if order.state == "evaluated" else None


def _closed(staff: Client, issue_id: str, narrator: Narrator) -> Issue | None:
    issue = staff.issue(issue_id)
    narrator.timeline(issue)
    return issue if issue.status == "closed" else None


def _told_end(resident: Client, post_id: str) -> list[Comment] | None:
    thread = resident.comments(post_id)
    return thread if any(line.step == "issue_closed" for line in thread) else None


def _news_of(person: Client, issue_id: str, kind: str) -> Notification | None:
    for news in person.news().items:
        if news.kind == kind and issue_id in news.link:
            return news
    return None
