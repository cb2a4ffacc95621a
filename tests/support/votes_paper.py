"""The paper desk of one poll: what its staff do, and what they are refused."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sqlalchemy import text as sql

from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.ids import new_id
from services.contracts.operations.votes import Bar, Entitled, RuleSet, Threshold
from services.contracts.operations.votes import paper as ops
from services.contracts.operations.votes import paper_sheets as sheet_ops
from services.kit.blobs import BlobMeta
from services.votes.domain.paper import Act
from services.votes.handlers import paper, paper_queue, paper_sheets
from services.votes.models import ProposalVersionRow
from tests.support.bridge import SHI, WANG
from tests.support.votes import RULES, Votes

MORE_THAN_HALF = Bar(at="1/2", above=True)
OWNERS_RULES = RuleSet(
    base="owners_ordinary",
    electorate=Entitled(who="owners"),
    weight="dual",
    threshold=Threshold(heads=MORE_THAN_HALF, area=MORE_THAN_HALF),
    secrecy="named_to_auditors",
)
"""Owners by area and heads, whose ballots carry names."""
SECRET_AREA = OWNERS_RULES.model_copy(update={"secrecy": "secret"})
PAPER_FIRST = RULES.model_copy(update={"secrecy": "named", "precedence": "paper"})


class Store:
    """Uploads that exist in name only."""

    def __init__(self) -> None:
        self.kept: dict[str, BlobMeta] = {}

    def picture(self, owner: Actor, content_type: str = "image/jpeg") -> str:
        """An upload of somebody's; its id."""
        upload_id = new_id()
        url = f"/api/v1/uploads/{upload_id}"
        self.kept[upload_id] = BlobMeta(
            upload_id, url, None, content_type, 7, "ab" * 32, owner.person_id
        )
        return upload_id

    def meta(self, upload_id: str) -> BlobMeta | None:
        return self.kept.get(upload_id)


class Desk:
    """The desk of a poll with so many entries in each of its buildings."""

    def __init__(
        self,
        votes: Votes,
        rules: RuleSet = RULES,
        buildings: Iterable[tuple[str, int]] = (("1号楼", 6), ("2号楼", 6)),
        *,
        poll: str | None = None,
        area: int = 0,
        heads: Fraction = Fraction(1),
        **facts: Any,
    ) -> None:
        self.votes, self.store = votes, Store()
        buildings = tuple(buildings)
        size = sum(number for _, number in buildings)
        sums = {"roll_size": size, "roll_households": size, "roll_heads": f"{size}/1"}
        facts = {**sums, **facts}
        self.poll = poll or votes.poll(rules=rules, voters=(), **facts)
        self.codes: dict[str, list[str]] = {}
        for building, size in buildings:
            kind = "unit" if area else "person"
            codes = [votes.entry(self.poll, kind=kind, area=area, heads=heads) for _ in range(size)]
            self.codes[building] = codes
            self._sql(
                "UPDATE roll_entries SET building = :building WHERE code = ANY(:codes)",
                building=building,
                codes=codes,
            )

    def _sql(self, statement: str, **values: Any) -> None:
        with self.votes.units() as uow:
            uow.session.execute(sql(statement), values)
            uow.commit()

    def close(self) -> None:
        """Voting ends."""
        self.votes.pass_time(days=8)
        self.lead("closed")

    def lead(self, state: str) -> None:
        """The poll is led on."""
        self._sql("UPDATE polls SET state = :state WHERE id = :poll", state=state, poll=self.poll)

    def mark(self, code: str, state: str) -> None:
        """An entry is used over another channel."""
        self._sql("UPDATE roll_entries SET state = :s WHERE code = :code", s=state, code=code)

    def marks(self, *codes: str) -> list[str]:
        """The marks on the roll, in the order asked."""
        rows = dict(self.votes.rows("SELECT code, state FROM roll_entries"))
        return [rows[code] for code in codes]

    def write(self, articles: int = 3, title: str = "停放与充电", text: str = "") -> None:
        """The text that is voted on."""
        topic, rules = self.votes.rows(
            "SELECT topic_id, rules FROM polls WHERE id = :id", id=self.poll
        )[0]
        texts = (
            "电动自行车及其电池不得进入楼道、电梯和住宅，一律停放在指定的车棚内充电。",
            "居委会与物业在每栋楼下增设充电桩，费用由公共收益支出，每季度公布一次。",
            "违反本约定的，由楼组长先行劝导；三次劝导无效的，在公告栏说明情况，不公布姓名。" * 3,
        )
        with self.votes.units() as uow:
            uow.session.add(
                ProposalVersionRow(
                    topic_id=topic,
                    version=1,
                    articles=[
                        {"key": f"a{n}", "title": title, "text": text or texts[n % 3]}
                        for n in range(articles)
                    ],
                    rules=rules,
                    opens_at=self.votes.now,
                    closes_at=self.votes.now.replace(year=2027),
                    hash="ab" * 32,
                    written_at=self.votes.now,
                    written_role="committee_staff",
                )
            )
            uow.commit()

    # -- papers --------------------------------------------------------------------------------

    def issue(self, *codes: str, who: Actor = SHI, key: str | None = None) -> list[str]:
        """Hand out papers; their numbers."""
        cmd = ops.IssuePaper(id=self.poll, subject_ids=list(codes), entry_key=key)
        papers = self.votes.do(paper.issue, cmd, who)[0].papers
        return [one.paper for one in papers]

    def settle(self, act: Act, number: str, *, who: Actor = SHI, **more: Any) -> ops.Paper:
        """Something is done with a paper."""
        shapes = {Act.RETURN: ops.ReturnPaper, Act.REOPEN: ops.ReopenPaper}
        if act is Act.REOPEN:
            more.setdefault("reason", "登记错了")
        cmd = shapes.get(act, ops.OfPaper)(id=self.poll, paper=number, **more)
        return self.votes.do(paper.settle, cmd, who, act, self.store)[0]

    def give_back(self, *numbers: str) -> None:
        """Papers come back."""
        for number in numbers:
            self.settle(Act.RETURN, number)

    def figures(self, who: Actor = SHI) -> ops.PaperDesk:
        """The desk in figures."""
        return self.votes.do(paper.list_desk, self.poll, who)

    # -- sheets --------------------------------------------------------------------------------

    def counts(self, *buildings: str, yes: int = 0, **more: Any) -> dict[str, Any]:
        """A sheet on which everything that came back is for, unless said otherwise."""
        values = {
            "issued": yes,
            "returned": yes,
            "spoiled": 0,
            "unreturned": 0,
            "for": yes,
            "against": 0,
            "abstain": 0,
            "invalid": 0,
        }
        return {"buildings": list(buildings), **values, **more}

    def enter(self, counts: dict[str, Any], who: Actor = SHI, **more: Any) -> sheet_ops.PaperTally:
        """The first reading of a sheet."""
        photo_ids = more.pop("photo_ids", None) or [self.store.picture(who)]
        cmd = sheet_ops.EnterPaper(id=self.poll, photo_ids=photo_ids, **counts, **more)
        return self.votes.do(paper_sheets.enter, cmd, who, self.store)[0]

    def confirm(
        self, sheet_id: str, counts: dict[str, Any], who: Actor = WANG, **more: Any
    ) -> sheet_ops.PaperTally:
        """A reading of a sheet that was entered."""
        cmd = sheet_ops.ConfirmPaper(id=sheet_id, **counts, **more)
        return self.votes.do(paper_sheets.confirm, cmd, who)[0]

    def counter(
        self, sheet_id: str, counts: dict[str, Any], who: Actor = SHI, **more: Any
    ) -> sheet_ops.PaperTally:
        """The first reading of a sheet that is to take the place of another."""
        cmd = sheet_ops.CounterPaper(
            id=sheet_id,
            photo_ids=[self.store.picture(who)],
            reason="唱票时漏数一张",
            **counts,
            **more,
        )
        return self.votes.do(paper_sheets.counter, cmd, who, self.store)[0]

    def counted(self, counts: dict[str, Any]) -> sheet_ops.PaperTally:
        """A sheet that two people read alike."""
        return self.confirm(self.enter(counts).id, counts)

    def tallies(self, who: Actor = SHI) -> list[sheet_ops.PaperTally]:
        """The sheets, the newest first."""
        return self.votes.do(
            paper_sheets.list_tallies, sheet_ops.ListTallies(id=self.poll), who
        ).items

    # -- the queue -----------------------------------------------------------------------------

    def sync(self, *entries: dict[str, Any], who: Actor = SHI) -> list[ops.SyncResult]:
        """What waited in the queue is sent."""
        cmd = ops.SyncPaper(id=self.poll, entries=list(entries))
        return self.votes.do(paper_queue.sync, cmd, who, self.store).results


def entry(key: str, act: str, **body: Any) -> dict[str, Any]:
    """An entry of the queue."""
    return {"entry_key": key, "act": act, "body": body}


def outcome(call: Any, *args: Any, **more: Any) -> str:
    """What came of it: done, or the code of the refusal."""
    try:
        call(*args, **more)
    except ShequError as error:
        return error.code
    return "done"
