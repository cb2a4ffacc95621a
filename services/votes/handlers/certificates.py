"""The certificate of a result: what it says as canonical JSON, which is hashed, and as a page."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from services import directory
from services.contracts.operations.documents import Document, DocumentBlock
from services.contracts.operations.votes.counting import CountLine, Outcome
from services.contracts.operations.votes.rules import RuleSet
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_polls as texts
from services.votes.domain import ledger as chain
from services.votes.domain import results as reckoning
from services.votes.domain import rules as rule_sets
from services.votes.domain.counting import Side, Tally
from services.votes.domain.paper_sheets import Line
from services.votes.domain.rolls import Mark
from services.votes.handlers import proposals
from services.votes.models import ObjectionRow, PollRow, ResultRow, SignedHeadRow, TopicRow
from services.votes.models.base import Json

VERSION: Final = 1


def figures(
    uow: UnitOfWork,
    poll: PollRow,
    roll: Side,
    tally: Tally,
    taken_part: Side,
    outcome: Outcome,
    disagreeing: Sequence[Line],
) -> Json:
    """Everything that was counted, what it came to by the rules, and where the books disagree."""
    desk = repository.paper.desk(uow.session, poll.id)
    rules = RuleSet.model_validate(poll.rules)
    secret = poll.secrecy == "secret"
    houses = reckoning.by_building(repository.polls.buildings(uow.session, poll.id), secret=secret)
    return {
        "roll": reckoning.sums(roll),
        "taken_part": reckoning.sums(taken_part),
        "issued": sum(row.issued for row in desk),
        "unreturned": sum(row.out for row in desk),
        "late": sum(row.late for row in desk),
        "by_proxy": repository.polls.sums(uow.session, poll.id, {Mark.PROXY}).entries,
        **reckoning.channels(tally, sum(row.spoiled for row in desk)),
        "weights": reckoning.weights(rules, tally),
        "quorum_reached": outcome.quorum_reached,
        "passed": outcome.passed,
        "arithmetic": [line.model_dump(mode="json") for line in outcome.lines],
        "buildings": houses,
        "disagreements": reckoning.disagreements(disagreeing),
    }


def canonical(uow: UnitOfWork, topic: TopicRow, poll: PollRow, counted: Json, now: datetime) -> str:
    """The certificate in its one spelling; nobody's name is in it, and no objector's words."""
    rules = RuleSet.model_validate(poll.rules)
    community = directory.community(uow, poll.community_id)
    head = repository.ledger.head(uow.session, poll.id)
    heads = repository.ledger.signed(uow.session, poll.id, head.seq if head else 0)
    return chain.canonical(
        {
            "certificate": VERSION,
            "poll_id": poll.id,
            "topic_id": poll.topic_id,
            "community_id": poll.community_id,
            "community": community.name,
            "title": poll.title,
            "convener": poll.convener,
            "proposal": poll.proposal,
            "text_hash": proposals.current(uow, topic).hash,
            "rules": poll.rules,
            "rules_hash": poll.rules_hash,
            "rules_in_words": rule_sets.in_words(rules, "zh"),
            "verified": rules.verified,
            "roll_hash": poll.roll_hash,
            "announced_at": moment(poll.announced_at),
            "opened_at": moment(poll.opened_at),
            "closed_at": moment(poll.closed_at),
            "extended": poll.extended,
            "published_at": moment(now),
            "figures": counted,
            "objections": [
                objected(row, poll) for row in repository.results.objections(uow.session, poll)
            ],
            "heads": [_head(row) for row in heads],
        }
    )


def objected(row: ObjectionRow, poll: PollRow) -> Json:
    """An objection as result and certificate tell of it."""
    return {
        "id": row.id,
        "earlier": row.poll_id != poll.id,
        "kind": row.kind,
        "during": row.period,
        "answered": row.answers > 0,
        "mark": row.mark,
    }


def hash_of(certificate: str) -> str:
    """SHA-256 of a certificate's canonical text, in hexadecimal digits."""
    return hashlib.sha256(certificate.encode()).hexdigest()


def moment(at: datetime | None) -> str | None:
    """A moment as the ledger writes it."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def _head(row: SignedHeadRow) -> Json:
    return {
        "seq": row.seq,
        "hash": row.hash,
        "leaves": row.leaves,
        "root": row.root,
        "at": row.at,
        "public_key": row.public_key,
        "signature": row.signature,
    }


# -- as a page -------------------------------------------------------------------------------------


def document(
    poll: PollRow, result: ResultRow, objections: Sequence[Any], public_url: str
) -> Document:
    """The certificate to print and put up; what came after the publishing stands apart."""
    told: Json = json.loads(result.certificate)
    passed = "通过" if result.passed else "未通过"
    return Document(
        title=f"表决结果证书：{poll.title}",
        lines=[
            f"{told['community']} · 由{texts.CONVENERS[poll.convener]}召集 · "
            f"公布于{texts.moment(result.published_at)}",
            *([] if told["verified"] else [f"表决规则{rule_sets.UNVERIFIED['zh']}"]),
            *([f"本结果已作废：{result.annul_reason}"] if result.annulled_at else []),
        ],
        blocks=[
            DocumentBlock(kind="heading", text=f"结果：{passed}"),
            DocumentBlock(kind="text", text=_voted(poll)),
            *_counts(told["figures"]),
            *_disagreements(told["figures"]),
            *_arithmetic(told["figures"]),
            *_rules(told),
            *_objections(objections, poll.id),
            *_since(result),
            *_proof(told, result, public_url),
        ],
    )


def _voted(poll: PollRow) -> str:
    opened, closed = poll.opened_at or poll.opens_at, poll.closed_at or poll.closes_at
    more = f"，延长 {poll.extended} 次" if poll.extended else ""
    return (
        f"提案第 {poll.proposal} 版，{texts.moment(poll.announced_at)}公示，"
        f"{texts.moment(opened)}至{texts.moment(closed)}表决{more}。"
    )


def _counts(told: Json) -> Iterator[DocumentBlock]:
    roll, came = told["roll"], told["taken_part"]
    yield DocumentBlock(
        kind="text",
        text=f"名册 {roll['entries']} 项，参加表决 {came['entries']} 项，"
        f"其中由受托人代投 {told['by_proxy']} 项；发出纸质票 {told['issued']} 张，"
        f"未收回 {told['unreturned']} 张，截止后登记或更正 {told['late']} 张。",
    )
    names = {"online": "线上", "paper": "纸质"}
    kinds = (*texts.CHOICES, "spoiled", "invalid")
    yield DocumentBlock(
        kind="table",
        columns=["渠道", *texts.CHOICES.values(), "作废", "无效"],
        shares=[2, 2, 2, 2, 2, 2],
        rows=[
            *([name, *(str(told[key][kind]) for kind in kinds)] for key, name in names.items()),
            ["合计", *(str(sum(told[key][kind] for key in names)) for kind in kinds)],
        ],
    )
    weights = told["weights"]
    if "area" in weights:
        yield DocumentBlock(
            kind="table",
            columns=["按什么计", *texts.CHOICES.values()],
            shares=[3, 3, 3, 3],
            rows=[
                [texts.MEASURES[measure], *(_plain(by[choice]) for choice in texts.CHOICES)]
                for measure, by in weights.items()
            ],
        )


def _disagreements(told: Json) -> Iterator[DocumentBlock]:
    """Where the books of the paper desk could not be brought to agree in the time for it."""
    lines = told["disagreements"]
    if not lines:
        return
    yield DocumentBlock(kind="heading", text="纸质票账目不符之处")
    yield DocumentBlock(
        kind="table",
        columns=["计票单", "楼栋", "项目", "登记册", "计票单"],
        shares=[2, 5, 4, 2, 3],
        rows=[
            [
                str(line["sheet"] or "无"),
                "、".join(line["buildings"]),
                texts.LINES[line["line"]],
                line["register_says"],
                line["sheet_says"] or "未列入",
            ]
            for line in lines
        ],
    )


def _plain(exact: str) -> str:
    """``n/d`` as it is written by hand: a whole number without its denominator."""
    return exact.removesuffix("/1")


def _arithmetic(told: Json) -> Iterator[DocumentBlock]:
    yield DocumentBlock(kind="heading", text="算式")
    lines = [CountLine.model_validate(line) for line in told["arithmetic"]]
    yield DocumentBlock(
        kind="table",
        columns=["条件", "得到", "要求", "是否达到"],
        shares=[6, 4, 4, 2],
        rows=[
            [line.zh, line.left, f"{line.relation} {line.right}", "是" if line.holds else "否"]
            for line in lines
        ],
    )


def _rules(told: Json) -> Iterator[DocumentBlock]:
    yield DocumentBlock(kind="heading", text="表决规则")
    for line in told["rules_in_words"]:
        yield DocumentBlock(kind="text", text=f"· {line}")


def _objections(rows: Sequence[Any], poll_id: str) -> Iterator[DocumentBlock]:
    yield DocumentBlock(kind="heading", text="异议与答复")
    if not rows:
        yield DocumentBlock(kind="text", text="没有人提出异议。")
        return
    yield DocumentBlock(
        kind="table",
        columns=["期间", "关于", "异议", "答复", "提出人"],
        shares=[3, 3, 9, 2, 3],
        rows=[
            [
                texts.PERIODS[row.period] if row.poll_id == poll_id else texts.EARLIER,
                texts.OBJECTIONS[row.kind],
                row.body,
                "已答复" if row.answers else "未答复",
                texts.MARKS[row.mark],
            ]
            for row in rows
        ],
    )


def _since(result: ResultRow) -> Iterator[DocumentBlock]:
    lines = []
    if result.ends_at:
        lines.append(f"结果公示至{texts.moment(result.ends_at)}。")
    if result.sign_off and result.signed_at:
        said = texts.signed(result.sign_off)
        lines.append(f"{said}（{texts.moment(result.signed_at)}）：{result.sign_note}")
    if result.adopted_at:
        lines.append(f"{texts.moment(result.adopted_at)}公示期满，正式通过。")
    if result.file_number and result.file_authority and result.filed_on:
        said = texts.filed(result.file_number, result.file_authority)
        lines.append(f"{said}（{result.filed_on:%Y年%m月%d日}）。")
    if lines:
        yield DocumentBlock(kind="heading", text="公布之后")
    for line in lines:
        yield DocumentBlock(kind="text", text=line)


def _proof(told: Json, result: ResultRow, public_url: str) -> Iterator[DocumentBlock]:
    yield DocumentBlock(kind="heading", text="核对")
    rows = [
        ["证书", result.certificate_hash],
        ["文本", told["text_hash"]],
        ["规则", told["rules_hash"]],
        ["名册", told["roll_hash"]],
    ]
    for head in told["heads"]:
        rows.append([f"账本第 {head['seq']} 项", head["hash"]])
        rows.append([f"第 {head['seq']} 项的签名", head["signature"]])
    yield DocumentBlock(kind="table", columns=["什么", "指纹"], shares=[3, 13], rows=rows)
    yield DocumentBlock(kind="remark", text="指纹是 SHA-256，签名是 Ed25519（十六进制）。")
    url = f"{public_url}/verify?poll={told['poll_id']}&certificate={result.certificate_hash}"
    yield DocumentBlock(
        kind="code",
        text=url,
        lines=["扫码核对本证书", "也可以在那里查询自己的选票是否计入", url],
    )
    yield DocumentBlock(
        kind="blanks", columns=[f"{texts.CONVENERS[told['convener']]}（盖章）", "日期"]
    )
