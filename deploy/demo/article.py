"""The case that the product was asked for: solved on the spot, no work order needed.

photo of the occupied green belt ─▶ site visit ─▶ talk with the shop ─▶ undertaking, with a date
  ─▶ restored, with a photo ─▶ reply on the thread ─▶ neighbours comment ─▶ rated
"""

from datetime import UTC, datetime, timedelta

from deploy.client import Client
from deploy.demo import pictures
from deploy.demo.narrator import Narrator
from deploy.demo.people import CODE, PHONES, committee_at_work

TITLE = "南门商户把绿化带占了"
BODY = "南门便利店门口的绿化带被商户拿来摆货，花都压坏了，看着心疼。"
REPLY = "谢谢孙奶奶的照片！商户已自行清场补种，社区志愿者会一起照看这片绿地，欢迎大家监督。"
COMMENTS = (
    ("孙奶奶", "党组织说到做到，绿化带又绿了，点赞！"),
    ("老陆", "我早上路过看到了，种得很齐。"),
)


def tell(api: Client, narrator: Narrator) -> None:
    """Walk it; StoryBroken or Problem when the system does not follow."""
    narrator.scene("二、不用工单，社区自己解决", "solved by the neighbourhood itself")
    staff, home = committee_at_work(api)
    neighbours = {name: api.login(PHONES[name], CODE) for name, _ in COMMENTS}
    reporter = neighbours["孙奶奶"]

    narrator.step(reporter.name, "把照片发到社区里", "posts a photo of the occupied green belt")
    photo = reporter.upload(pictures.occupied())
    receipt = reporter.report_issue(home.id, TITLE, BODY, attachments=[photo.id])
    narrator.timeline(reporter.issue(receipt.id))

    narrator.step(staff.name, "受理：毁绿占绿（X3）", "takes it up")
    narrator.timeline(staff.triage(receipt.id, "8x", "X3"))
    narrator.step(staff.name, "到现场查看", "visits the site")
    narrator.timeline(staff.self_governance(receipt.id, "site_visit", "情况属实，货架压住了花坛"))
    narrator.step(staff.name, "约谈商户，商户承诺三天内恢复", "talks; the shop promises a date")
    staff.self_governance(
        receipt.id, "talk", "向店主说明居民公约和绿化条例", spoke_with="便利店店主"
    )
    narrator.timeline(
        staff.self_governance(
            receipt.id,
            "undertaking",
            "三天内清走货架、补种花草",
            spoke_with="便利店店主",
            due_at=datetime.now(UTC) + timedelta(days=3),
        )
    )

    narrator.step(staff.name, "复查：已恢复，附照片", "checks: restored, with a photo")
    after = staff.upload(pictures.restored())
    solved = staff.self_governance(
        receipt.id, "check", "货架已清走，绿化已补种", attachments=[after.id], outcome="solved"
    )
    narrator.timeline(solved)
    narrator.expect(solved.status == "solved", f"solved, got {solved.status}")
    narrator.expect(solved.work_order_no is None, "no work order")

    narrator.step(staff.name, "在原帖上答复", "replies on the thread")
    narrator.wait(
        "the thread of the issue",
        lambda: _has_step(staff, receipt.post_id, "check"),
        limit=10,
    )
    staff.comment(receipt.post_id, REPLY)
    for name, words in COMMENTS:
        neighbours[name].comment(receipt.post_id, words)
    narrator.answer(
        *(
            f"{line.author.display_name}：{line.body}"
            for line in reporter.comments(receipt.post_id)
            if line.step is None
        )
    )

    narrator.step(reporter.name, "评价 5 分", "rates 5 of 5")
    narrator.timeline(reporter.rate(receipt.id, 5, solved=True, comment="解决得快"))
    narrator.table(
        "结果",
        (
            ("问题", f"{TITLE} · {solved.status}"),
            ("工单", "不需要"),
            ("原帖", f"{api.url}/posts/{receipt.post_id}"),
        ),
    )


def _has_step(reader: Client, post_id: str, step: str) -> bool | None:
    """True once the thread tells of the step."""
    return any(line.step == step for line in reader.comments(post_id)) or None
