"""A plan as it is printed: what it says, on what it rests, what it costs, how far it is, and what
the neighbours said of it. The gateway makes the file; nothing here is anybody's name but theirs who
commented under it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.documents import Document, DocumentBlock
from services.contracts.operations.grid_bridge import plans as ops
from services.grid_bridge import repository_plans as repository
from services.grid_bridge.domain import plan_words as words
from services.grid_bridge.handlers.plan_comments import seen
from services.grid_bridge.handlers.plan_views import readable, shown
from services.kit.uow import UnitOfWork

MOST_COMMENTS: Final = 1_000
_LEFT: Final = "（已注销的邻居）"


def export(uow: UnitOfWork, cmd: ops.ExportPlan, actor: Actor, now: datetime) -> Document:
    """The plan as the reader may see it, with the comments that everybody reads.

    Raises:
        PlanNotFound: it is not the actor's to see.
    """
    row = readable(uow, cmd.id, actor)
    plan = shown(uow, row, actor, now)
    rows = repository.shown_comments(uow.session, row.id, MOST_COMMENTS)
    comments = seen(uow, row, rows, actor)
    place = directory.community(uow, row.community_id).name
    return Document(
        title=plan.title,
        lines=[
            f"{place} · 一小区一方案 · 第 {plan.version} 版 · {words.STATES[plan.state]}",
            f"数据截至 {words.moment(now)}",
        ],
        blocks=[
            *_text(plan),
            *_money(plan),
            *_items(plan),
            *_timeline(plan),
            *_comments(plan, comments),
        ],
    )


def _text(plan: ops.Plan) -> list[DocumentBlock]:
    blocks = [DocumentBlock(kind="text", text=plan.summary)] if plan.summary else []
    if plan.opens_at and plan.closes_at:
        span = f"{words.moment(plan.opens_at)} 至 {words.moment(plan.closes_at)}"
        blocks.append(DocumentBlock(kind="remark", text=f"征求意见：{span}"))
    return blocks


def _money(plan: ops.Plan) -> list[DocumentBlock]:
    rows = [
        [
            str(number),
            item.title,
            words.owner(item.owner.model_dump() if item.owner else None),
            words.budget(item.budget.model_dump() if item.budget else None),
            words.yuan(item.spent_fen),
            words.ITEM_STATES[item.state],
        ]
        for number, item in enumerate(plan.content, 1)
    ]
    total = ["", "合计", "", words.yuan(plan.budget_fen), words.yuan(plan.spent_fen), ""]
    return [
        DocumentBlock(kind="heading", text="事项、预算与进度"),
        DocumentBlock(
            kind="table",
            columns=["序号", "事项", "责任人", "预算与来源", "已用", "状态"],
            shares=[6, 30, 18, 24, 14, 10],
            rows=[*rows, total],
        ),
    ]


def _items(plan: ops.Plan) -> list[DocumentBlock]:
    blocks = [DocumentBlock(kind="heading", text="各项说明")] if plan.content else []
    for number, item in enumerate(plan.content, 1):
        blocks.append(DocumentBlock(kind="heading", level=2, text=f"{number}. {item.title}"))
        if item.text:
            blocks.append(DocumentBlock(kind="text", text=item.text))
        evidence = [words.one_evidence(one.model_dump(mode="json")) for one in item.evidence]
        if evidence:
            blocks.append(DocumentBlock(kind="text", text=f"依据：{'；'.join(evidence)}"))
        if item.due_on:
            late = "（已逾期）" if item.overdue else ""
            due = f"完成日期：{words.day(item.due_on)}{late}"
            blocks.append(DocumentBlock(kind="text", text=due))
        blocks.extend(
            DocumentBlock(
                kind="remark",
                text=f"{words.moment(one.at)} {words.ITEM_STATES[one.state]}，"
                f"已用 {words.yuan(one.spent_fen)}：{one.note}",
            )
            for one in item.progress
        )
    return blocks


def _timeline(plan: ops.Plan) -> list[DocumentBlock]:
    return [
        DocumentBlock(kind="heading", text="经过"),
        DocumentBlock(
            kind="table",
            columns=["时间", "状态", "版本", "办理", "说明"],
            shares=[24, 12, 8, 14, 42],
            rows=[
                [
                    words.moment(one.at),
                    words.STATES[one.state],
                    str(one.version),
                    words.OFFICES.get(one.actor_role, one.actor_role),
                    one.reason or "",
                ]
                for one in plan.timeline
            ],
        ),
    ]


def _comments(plan: ops.Plan, comments: Sequence[ops.PlanComment]) -> list[DocumentBlock]:
    blocks = [DocumentBlock(kind="heading", text=f"居民意见与答复（{plan.comments} 条）")]
    titles = {item.key: f"第 {n} 项" for n, item in enumerate(plan.content, 1)}
    for one in comments:
        who = one.author.display_name if one.author else _LEFT
        where = titles.get(one.item, "已删去的一项") if one.item else "全文"
        head = f"{who} · {words.moment(one.created_at)} · 第 {one.version} 版 · {where}"
        blocks.append(DocumentBlock(kind="remark", text=head))
        blocks.append(DocumentBlock(kind="text", text=one.body))
        if one.answer and one.answered_at:
            office = words.OFFICES.get(one.answered_role or "", "居委会")
            said = f"{office}答复（{words.moment(one.answered_at)}）：{one.answer}"
            blocks.append(DocumentBlock(kind="text", text=said))
    if plan.comments > len(comments):
        rest = plan.comments - len(comments)
        blocks.append(DocumentBlock(kind="remark", text=f"另有 {rest} 条意见，请在社区通查看。"))
    return blocks
