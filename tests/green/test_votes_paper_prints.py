"""What the paper desk prints. Needs: db."""

import re
from fractions import Fraction

import pytest

from gateway.documents import page
from gateway.posters.fonts import Fonts
from services.contracts.errors import Unavailable
from services.contracts.operations.documents import Document, DocumentBlock
from services.contracts.operations.votes import paper as ops
from services.votes.domain.paper import Act
from services.votes.handlers import paper_prints
from tests.support.bridge import NEXT_DOOR, SHI, SUN, refused
from tests.support.votes import AUDITOR, OWNERS, SUPERVISOR
from tests.support.votes_paper import OWNERS_RULES, SECRET_AREA, Desk

pytestmark = pytest.mark.db
URL = "https://shequ.example"


def pages(document: Document) -> list[list[DocumentBlock]]:
    """The blocks of each page."""
    found: list[list[DocumentBlock]] = [[]]
    for block in document.blocks:
        if block.kind == "break":
            found.append([])
        else:
            found[-1].append(block)
    return found


def halves(blocks: list[DocumentBlock]) -> tuple[str, str]:
    """What stands on the slip, and on the ballot."""
    cut = [block.kind for block in blocks].index("cut")
    slip, ballot = (
        "".join(block.model_dump_json() for block in part) for part in (blocks[:cut], blocks[cut:])
    )
    return slip, ballot


def ballots(desk: Desk, who=SHI, **more) -> Document:
    cmd = ops.GetBallotPapers(id=desk.poll, format="pdf", **more)
    return desk.votes.do(paper_prints.ballots, cmd, who, URL)


def test_secret_ballots_are_alike_to_the_last_dot_and_no_page_has_a_number(votes):
    desk = Desk(votes)
    desk.write()
    assert refused(ballots, desk) == "votes.nothing_to_print"
    numbers = desk.issue(*desk.codes["1号楼"][:4], *desk.codes["2号楼"][:2])
    desk.give_back(numbers[0])
    document = ballots(desk)
    assert not document.paged, "a page's number would say whose ballot it is"
    first, *papers = pages(document)
    assert [row[0] for block in first for row in block.rows] == numbers[1:]
    slips, urn = zip(*(halves(sheet) for sheet in papers), strict=True)
    assert len(set(urn)) == 1 and len(set(slips)) == 5
    assert [number in slip for number, slip in zip(numbers[1:], slips, strict=True)] == [True] * 5
    assert not any(code in urn[0] for codes in desk.codes.values() for code in codes)
    for word in (
        "电动车不进楼",
        "第1条",
        "同意",
        "反对",
        "弃权",
        f"{URL}/polls/{desk.poll}?batch=",
    ):
        assert word in urn[0]
    assert len(pages(ballots(desk, building="2号楼"))) == 3
    assert len(pages(ballots(desk, first=3, last=4))) == 3
    for who, code in ((SUN, "auth.forbidden"), (OWNERS, "votes.not_your_step")):
        assert refused(ballots, desk, who) == code
    assert refused(ballots, desk, NEXT_DOOR) == "votes.poll_not_found"


def test_an_owner_s_ballot_names_its_entry_and_is_signed(votes):
    desk = Desk(votes, OWNERS_RULES, area=8_950, heads=Fraction(1, 3))
    desk.write(articles=9)
    desk.issue(*desk.codes["1号楼"][:2])
    for code, sheet in zip(desk.codes["1号楼"], pages(ballots(desk))[1:], strict=False):
        _, ballot = halves(sheet)
        assert code in ballot and "投票人签名" in ballot and "另有 5 条" in ballot


def test_a_ballot_fits_on_a_page_however_long_its_texts_are(votes):
    desk = Desk(votes, OWNERS_RULES, area=8_950, title="关于宝月尚园" * 33)
    desk.write(articles=9, title="停放与充电" * 40, text="电动自行车不得进入楼道" * 99)
    desk.issue(*desk.codes["1号楼"][:3])
    drawn = page.made(ballots(desk), Fonts.find(""))
    assert len(re.findall(rb"/Type /Page\b", drawn)) == 4


def test_the_register_asks_identity_in_the_reader_s_name_and_says_who_got_a_paper(votes):
    desk = Desk(votes, buildings=(("1号楼", 120), ("2号楼", 1)))
    asked: list[int] = []

    def show(refs, salt, who, **_):
        asked.append(len(refs))
        assert (salt, who) == (desk.poll, "residents18")
        return {"items": [{"ref": ref, "names": ["孙*兰", "陆*国"]} for ref in refs]}

    votes.answers["show_subjects"] = show
    numbers = desk.issue(*desk.codes["1号楼"][:3])
    desk.give_back(numbers[0])
    desk.settle(Act.SPOIL, numbers[1])
    desk.mark(desk.codes["1号楼"][3], "online")

    def register(building="1号楼", who=SHI):
        cmd = ops.GetIssueRegister(id=desk.poll, format="pdf", building=building)
        return votes.do(paper_prints.register, cmd, who, votes.now)

    (table,) = [block for block in register().blocks if block.kind == "table"]
    rows = {row[3] or row[2]: row for row in table.rows}
    assert len(table.rows) == 120 and {row[1] for row in table.rows} == {"孙*兰、陆*国"}
    states = [rows[number][2] for number in numbers]
    assert states == ["已交回", "写坏作废", "已领取"]
    assert "已在线投票" in rows
    assert asked == [50, 50, 20]
    assert refused(register, "9号楼") == "votes.nothing_to_print"
    for who in (SUN, AUDITOR, SUPERVISOR):
        assert refused(register, who=who) == "auth.forbidden"
    votes.answers["show_subjects"] = lambda **_: (_ for _ in ()).throw(Unavailable())
    assert refused(register) == "server.unavailable", "without names there is no register"


def test_a_sheet_bears_no_figures_and_asks_for_what_the_rules_weigh(votes):
    desk = Desk(votes, SECRET_AREA, area=8_950)
    desk.issue(*desk.codes["1号楼"])

    def sheet(**more):
        cmd = ops.GetTallySheet(id=desk.poll, format="pdf", **more)
        return votes.do(paper_prints.sheet, cmd, SHI, URL)

    papers, urn = (block for block in sheet(building="1号楼").blocks if block.kind == "table")
    assert [row[0] for row in urn.rows] == ["同意", "反对", "弃权", "废票"]
    assert urn.columns[1:] == ["张数", "面积（平方米）", "人数"]
    assert all(cell == "" for row in (*papers.rows, *urn.rows) for cell in row[1:])
    assert refused(sheet, building="9号楼") == "votes.nothing_to_print"
    lines = {label for block in sheet().blocks if block.kind == "blanks" for label in block.columns}
    assert {"计票人一", "计票人二", "监票人"} <= lines


def test_the_notice_says_what_when_how_and_the_hashes(votes):
    desk = Desk(votes, roll_hash="cd" * 32)
    desk.write()

    def notice(who=SHI):
        cmd = ops.GetPollPoster(id=desk.poll, format="pdf")
        return votes.do(paper_prints.poster, cmd, who, URL)

    (head,) = votes.rows("SELECT hash FROM poll_heads")
    said = notice(SUPERVISOR).model_dump_json()
    for word in ("ab" * 32, "cd" * 32, head[0], "2026年3月9日 12:00", f"{URL}/polls/{desk.poll}"):
        assert word in said
    assert refused(notice, SUN) == "auth.forbidden"
