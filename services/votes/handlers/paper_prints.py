"""What the desk prints: ballots, the register of papers, sheets to fill, the notice for the board.

All ballots of a secret poll are alike to the last dot. The code on them names the poll and the
printing (its text and its rules), which is the same for all: a smaller batch would narrow down
whose ballot one is. For that reason, too, no page of them bears a number.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.documents import Document, DocumentBlock
from services.contracts.operations.votes import paper as ops
from services.contracts.operations.votes.rules import RuleSet
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_paper as texts
from services.votes.domain import paper as rules
from services.votes.domain import rule_words
from services.votes.domain.paper_sheets import CHOICES, SUMS
from services.votes.handlers import polls
from services.votes.handlers.common import desk
from services.votes.handlers.paper import watched
from services.votes.handlers.reconciling import weighed
from services.votes.models import PaperRow, PollRow, RollEntryRow
from services.votes.texts_polls import CONVENERS, moment

MOST_BALLOTS: Final = 40
"""Ballots of one file: as many as are drawn in a few seconds."""
MOST_ENTRIES: Final = 600
"""Entries of a building that are printed; there are high-rises with 400 households."""
_ASKED_AT_ONCE: Final = 50
_ARTICLES, _TITLE, _SUMMARY = 4, 20, 60
"""Articles that a ballot quotes, and signs of their titles and texts: it fits on a page."""


class NothingToPrint(Invalid):
    """No paper is out there, or the building is not on the roll."""

    code = "votes.nothing_to_print"
    zh, en = "没有可打印的内容：没有已发出的纸质票，或名册上没有这栋楼", "There is nothing to print"


# -- ballots -------------------------------------------------------------------------------------


def ballots(uow: UnitOfWork, cmd: ops.GetBallotPapers, actor: Actor, public_url: str) -> Document:
    """Slip and ballot for each paper that is out, a page each, at most 40, after a list of them.

    Raises:
        PollNotFound, Forbidden, NotYourStep: the desk is not the actor's.
        NothingToPrint: no paper of that kind is out.
    """
    poll = _at_desk(uow, actor, cmd.id)
    rows = repository.paper.papers_out(
        uow.session, poll.id, cmd.building, cmd.first, cmd.last, MOST_BALLOTS
    )
    if not rows:
        raise NothingToPrint()
    ballot = _ballot(uow, poll, public_url)
    blocks = list(_list_of(rows))
    for row in rows:
        blocks += [DocumentBlock(kind="break"), *_slip(poll, row), DocumentBlock(kind="cut")]
        blocks += ballot if poll.secrecy == "secret" else _named(ballot, row)
    return Document(
        title=f"纸质选票：{poll.title}",
        lines=[*_head(uow, poll), f"本份 {len(rows)} 张，本页为清单，不发给投票人"],
        blocks=blocks,
        paged=False,
    )


def _list_of(rows: Iterable[PaperRow]) -> Iterator[DocumentBlock]:
    yield DocumentBlock(kind="text", text=texts.TWO_ACTS)
    yield DocumentBlock(
        kind="table",
        columns=["票号", "楼栋", "室号", "领取时间"],
        shares=[20, 25, 25, 30],
        rows=[
            [
                rules.number(row.poll_id, row.serial),
                row.building,
                row.place,
                moment(row.issued_at),
            ]
            for row in rows
        ],
    )


def _slip(poll: PollRow, row: PaperRow) -> list[DocumentBlock]:
    number = rules.number(poll.id, row.serial)
    return [
        DocumentBlock(
            kind="code",
            text=f"shequ:paper:{poll.id}:{number}",
            lines=[
                f"票号　{number}",
                texts.SLIP,
                _short(poll.title, _TITLE),
                f"{row.building} {row.place}",
            ],
        ),
        DocumentBlock(
            kind="remark",
            text=f"请于 {moment(poll.closes_at)} 前交回。{texts.SLIP_NOTE}",
        ),
    ]


def _ballot(uow: UnitOfWork, poll: PollRow, public_url: str) -> list[DocumentBlock]:
    """The half that goes into the urn: the same for everybody."""
    text = repository.proposals.version(uow.session, poll.topic_id, poll.proposal)
    secret = poll.secrecy == "secret"
    return [
        DocumentBlock(kind="heading", text=f"选票　{poll.title}"),
        *_articles(text.articles),
        DocumentBlock(kind="ticks", columns=[texts.CHOICES[choice] for choice in CHOICES[:3]]),
        DocumentBlock(kind="remark", text=texts.UNSIGNED if secret else texts.SIGNED),
        DocumentBlock(
            kind="code",
            text=f"{public_url}/polls/{poll.id}?batch={_batch(poll)}",
            lines=[
                texts.SECRECY[poll.secrecy],
                "扫码阅读提案全文和表决规则",
                f"印次 {_batch(poll)}",
                f"截止 {moment(poll.closes_at)}",
            ],
        ),
    ]


def _articles(articles: list[dict[str, Any]]) -> Iterator[DocumentBlock]:
    """The articles in short; the whole text hangs on the board, and is behind the code."""
    for number, article in enumerate(articles[:_ARTICLES], 1):
        title = f"{_short(article['title'], _TITLE)}　" if article["title"] else ""
        text = _short(article["text"], _SUMMARY)
        yield DocumentBlock(kind="text", text=f"第{number}条　{title}{text}")
    if len(articles) > _ARTICLES:
        rest = f"另有 {len(articles) - _ARTICLES} 条，全文见公告栏或扫码。"
        yield DocumentBlock(kind="remark", text=rest)


def _short(text: str, most: int) -> str:
    said = " ".join(text.split())
    return said if len(said) <= most else f"{said[:most]}……"


def _named(ballot: list[DocumentBlock], row: PaperRow) -> list[DocumentBlock]:
    """The ballot of this entry, to be signed, where the rules want names."""
    *text, code = ballot
    number = rules.number(row.poll_id, row.serial)
    whose = [f"{row.building} {row.place}", f"票号 {number}　名册编号 {row.code}"]
    return [
        *text,
        code.model_copy(update={"lines": [*whose, *code.lines[1:]]}),
        DocumentBlock(kind="blanks", columns=["投票人签名", "日期"]),
    ]


def _batch(poll: PollRow) -> str:
    """The printing: the same for all ballots with this text and these rules."""
    rule_set = polls.rules_of(poll).model_dump_json()
    said = f"{poll.id} {poll.proposal} {rule_set}"
    return hashlib.sha256(said.encode()).hexdigest()[:8].upper()


# -- the register --------------------------------------------------------------------------------


def register(uow: UnitOfWork, cmd: ops.GetIssueRegister, actor: Actor, now: datetime) -> Document:
    """The roll of a building with its papers; names are asked of identity in the actor's name.

    Raises:
        PollNotFound, Forbidden, NotYourStep: the desk is not the actor's.
        NothingToPrint: the building is not on the roll.
    """
    poll = _at_desk(uow, actor, cmd.id)
    found = repository.paper.roll_of(uow.session, poll.id, cmd.building, MOST_ENTRIES + 1)
    if not found:
        raise NothingToPrint()
    if len(found) > MOST_ENTRIES:
        raise Invalid(errors=[FieldError("building", f"has more than {MOST_ENTRIES} entries")])
    names = _names(uow, poll, [entry for entry, _ in found])
    return Document(
        title=f"纸质票发放登记册　{cmd.building}",
        lines=[*_head(uow, poll), f"{poll.title}　数据截至 {moment(now)}"],
        blocks=[
            DocumentBlock(kind="remark", text=texts.REGISTER_NOTE),
            DocumentBlock(
                kind="table",
                columns=["室号", "姓名", "状态", "票号", "领取", "领票人签名"],
                shares=[14, 22, 18, 14, 20, 22],
                level=2,
                rows=[_line(entry, paper, names) for entry, paper in found],
            ),
            DocumentBlock(kind="blanks", columns=["经办人", "监督人", "日期"]),
        ],
    )


def _line(entry: RollEntryRow, paper: PaperRow | None, names: dict[str, str]) -> list[str]:
    who = [entry.place, names.get(entry.ref, "")]
    if paper is None:
        return [*who, texts.MARKS.get(entry.state, ""), "", "", ""]
    issued = moment(paper.issued_at).partition("年")[2]
    number = rules.number(paper.poll_id, paper.serial)
    return [*who, texts.PAPERS[paper.state], number, issued, ""]


def _names(uow: UnitOfWork, poll: PollRow, entries: list[RollEntryRow]) -> dict[str, str]:
    """Who belongs to each subject, as identity shows it to this desk."""
    electorate = polls.rules_of(poll).electorate.model_dump()
    refs = sorted({entry.ref for entry in entries})
    names: dict[str, str] = {}
    for first in range(0, len(refs), _ASKED_AT_ONCE):
        told = uow.ask(
            "identity",
            "show_subjects",
            community_id=poll.community_id,
            salt=poll.id,
            refs=refs[first : first + _ASKED_AT_ONCE],
            **electorate,
        )
        names.update({one["ref"]: "、".join(one["names"]) for one in told["items"]})
    return names


# -- sheets and the notice -----------------------------------------------------------------------


def sheet(uow: UnitOfWork, cmd: ops.GetTallySheet, actor: Actor, public_url: str) -> Document:
    """A sheet to fill by hand; none of the desk's figures stand on it: they are to be counted.

    Raises:
        PollNotFound, Forbidden, NotYourStep: the desk is not the actor's.
        NothingToPrint: the building is not on the roll.
    """
    poll = _at_desk(uow, actor, cmd.id)
    if cmd.building and cmd.building not in repository.paper.buildings(uow.session, poll.id):
        raise NothingToPrint()
    weights = weighed(polls.rules_of(poll))
    columns = ["票箱内", "张数", *(["面积（平方米）", "人数"] if weights else [])]
    blank = [""] * (len(columns) - 1)
    return Document(
        title=f"计票单　{cmd.building or ''}".strip(),
        lines=[*_head(uow, poll), poll.title],
        blocks=[
            DocumentBlock(
                kind="code",
                text=f"{public_url}/polls/{poll.id}/paper",
                lines=[
                    "扫码录入本计票单",
                    f"截止 {moment(poll.closes_at)}，此后方可开箱",
                    texts.SECRECY[poll.secrecy],
                ],
            ),
            DocumentBlock(
                kind="blanks", columns=["本箱楼栋", "开箱时间"], rows=[[cmd.building or "", ""]]
            ),
            _grid(["回执", "张数"], [[texts.LINES[name], ""] for name in SUMS]),
            DocumentBlock(kind="remark", text="核对：发出 ＝ 收回 ＋ 作废 ＋ 未收回"),
            _grid(columns, [[texts.CHOICES[choice], *blank] for choice in CHOICES]),
            DocumentBlock(kind="remark", text="核对：同意 ＋ 反对 ＋ 弃权 ＋ 废票 ＝ 收回"),
            DocumentBlock(kind="text", text=texts.SHEET_NOTE),
            DocumentBlock(kind="blanks", columns=["计票人一", "计票人二"]),
            DocumentBlock(kind="blanks", columns=["监票人", "日期"]),
        ],
    )


def _grid(columns: list[str], rows: list[list[str]]) -> DocumentBlock:
    shares = [40, *[60 // (len(columns) - 1)] * (len(columns) - 1)]
    return DocumentBlock(kind="table", columns=columns, shares=shares, rows=rows, level=2)


def poster(uow: UnitOfWork, cmd: ops.GetPollPoster, actor: Actor, public_url: str) -> Document:
    """The notice for the board: what, when, how, and the hashes that everybody may compare.

    Raises:
        PollNotFound, Forbidden: it is not the actor's to print.
    """
    poll = watched(uow, actor, cmd.id)
    rule_set = polls.rules_of(poll)
    text = repository.proposals.version(uow.session, poll.topic_id, poll.proposal)
    head = repository.ledger.head(uow.session, poll.id)
    return Document(
        title=f"表决公告　{poll.title}",
        lines=_head(uow, poll),
        blocks=[
            DocumentBlock(
                kind="code",
                level=2,
                text=f"{public_url}/polls/{poll.id}",
                lines=[
                    "扫码参加表决、查看全文",
                    f"自 {moment(poll.opens_at)}",
                    f"至 {moment(poll.closes_at)}",
                    *_channels(rule_set),
                    "每个表决人只计一票",
                ],
            ),
            DocumentBlock(kind="heading", text="表决内容"),
            *_articles(text.articles),
            DocumentBlock(kind="heading", text="表决规则"),
            DocumentBlock(kind="text", text="".join(rule_words.in_words(rule_set, "zh"))),
            DocumentBlock(kind="heading", text="可核对的指纹"),
            DocumentBlock(
                kind="table",
                columns=["内容", "SHA-256"],
                shares=[24, 76],
                rows=[
                    ["提案全文", text.hash],
                    ["表决人名册", poll.roll_hash or "名册冻结后公布"],
                    ["公开账本", head.hash if head else "开始表决后公布"],
                ],
            ),
            DocumentBlock(
                kind="remark",
                text=f"名册共 {poll.roll_size} 户（人）。账本指纹随投票变化，以公布时为准。",
            ),
        ],
    )


def _channels(rule_set: RuleSet) -> list[str]:
    said = {
        "online": "在线：在社区通里投票，收好回执",
        "paper": "纸质：到居委会领票，或由工作人员上门",
    }
    return [said[one] for one in rule_set.channels]


# -- parts ---------------------------------------------------------------------------------------


def _at_desk(uow: UnitOfWork, actor: Actor, poll_id: str) -> PollRow:
    poll = polls.visible(uow, actor, poll_id)
    desk(actor, poll)
    return poll


def _head(uow: UnitOfWork, poll: PollRow) -> list[str]:
    place = directory.community(uow, poll.community_id)
    return [f"{place.town_name} · {place.name} · 召集人：{CONVENERS[poll.convener]}"]
