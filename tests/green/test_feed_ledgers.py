"""Disclosed accounts, from the first line to a correction. Needs: db."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import ledgers as ops
from services.feed.domain import ledgers as rules
from services.feed.domain.lexicon import WordsRefused
from services.feed.domain.posts import OnRecord, PostNotFound
from services.feed.handlers import ledgers
from services.feed.repository import ledgers as repository
from services.kit.pages import BadCursor
from tests.support.feed_street import SUN as TOWNSWOMAN
from tests.support.feed_street import VILLAGE, VILLAGE_PATH, ZHAO, Street, actor

pytestmark = pytest.mark.db

CLERK = actor("clerk", (Role.COMMITTEE_STAFF, VILLAGE_PATH))
SUPERVISOR = actor("watch", (Role.SUPERVISOR, VILLAGE_PATH))
QUARTER = {"kind": "collective", "title": "一季度账", "starts_on": "2026-01-01",
           "ends_on": "2026-03-31", "opening": "1000.00"}  # fmt: skip
LINES = [
    {"section": "income", "on_date": "2026-01-10", "subject": "鱼塘承包款", "amount": "30000"},
    {"section": "spending", "on_date": "2026-02-02", "subject": "修水渠", "amount": "8120.5",
     "party": "老张工程队", "note": "收据 12 号"},
    {"section": "asset", "on_date": "2026-03-31", "subject": "活动室桌椅", "amount": "4500.25"},
]  # fmt: skip


@pytest.fixture
def village(db):
    street = Street(db("feed"))
    street.now = datetime(2026, 4, 2, 1, 0, tzinfo=UTC)
    for person in ("clerk", "watch"):
        street.card(person, cid=VILLAGE, path=VILLAGE_PATH, standing="staff", display_name=person)
    return street


def disclose(village, who=CLERK, **head):
    post = village.post(who=who, cid=VILLAGE, module="village_affairs", title="一季度财务公开")
    put(village, post, who=who, **head)
    return post


def put(village, post, who=CLERK, **head):
    cmd = ops.PutLedger(id=post["id"], **{**QUARTER, **head})
    return village.run(ledgers.put_ledger, cmd, who, village.now)


def write(village, post, lines=LINES, who=CLERK):
    cmd = ops.PutLedgerLines(id=post["id"], lines=lines)
    return village.run(ledgers.put_ledger_lines, cmd, who, village.now, village.shelf)


def publish(village, post, who=CLERK):
    return village.run(ledgers.publish_ledger, OfPost(id=post["id"]), who, village.now)


def correct(village, post, number, who=CLERK, **more):
    said = {"reason": "金额写错", **more}
    cmd = ops.CorrectLedgerLine(id=post["id"], number=number, **said)
    return village.run(ledgers.correct_ledger_line, cmd, who, village.now, village.shelf)


def check(village, post, who=SUPERVISOR, note="凭证齐全"):
    cmd = ops.CheckLedger(id=post["id"], note=note)
    return village.run(ledgers.check_ledger, cmd, who, village.now)


def read(village, post, who=ZHAO):
    return village.run(ledgers.get_ledger, OfPost(id=post["id"]), who, read_only=True)


def lines(village, post, who=ZHAO, **asked):
    cmd = ops.ListLedgerLines(id=post["id"], **asked)
    return village.run(ledgers.list_ledger_lines, cmd, who, read_only=True)


@pytest.fixture
def published(village):
    post = disclose(village)
    write(village, post)
    publish(village, post)
    return post


def test_an_account_is_reckoned_exactly_and_read_by_every_villager(village, published):
    seen = ops.Ledger.model_validate(read(village, published))
    assert (seen.opening, seen.income, seen.spending) == ("1000.00", "30000.00", "8120.50")
    assert (seen.closing, seen.assets, seen.liabilities) == ("22879.50", "4500.25", "0.00")
    assert (seen.lines, seen.corrected, seen.state) == (3, 0, "published")
    assert not (seen.may_write or seen.may_publish or seen.may_correct or seen.may_check)
    assert [line["subject"] for line in lines(village, published)["items"]] == [
        "鱼塘承包款", "修水渠", "活动室桌椅",
    ]  # fmt: skip


def test_a_draft_is_its_keepers_alone_and_told_nobody(village):
    post = disclose(village)
    drafted = write(village, post)
    assert drafted["may_write"]
    assert drafted["may_publish"]
    for look in (read, lines):
        with pytest.raises(rules.LedgerNotFound):
            look(village, post)
    told = village.types()
    publish(village, post)
    assert village.types()[len(told) :] == ["post.changed.v1"]


def test_lines_of_a_draft_are_written_anew(village):
    post = disclose(village)
    write(village, post)
    again = write(village, post, LINES[:1])
    assert (again["lines"], again["spending"]) == (1, "0.00")


def test_receipts_stay_with_their_lines_whichever_colleague_writes_them_anew(village):
    other = actor("clerk2", (Role.COMMITTEE_STAFF, VILLAGE_PATH))
    village.card("clerk2", cid=VILLAGE, path=VILLAGE_PATH, standing="staff")
    post = disclose(village)
    receipt = village.shelf.put("clerk")
    write(village, post, [{**LINES[0], "attachments": [receipt]}])
    write(village, post, [{**LINES[0], "attachments": [receipt, receipt]}, LINES[1]], who=other)
    first, second = lines(village, post, who=CLERK)["items"]
    assert [file["id"] for file in first["attachments"]] == [receipt]
    assert second["attachments"] == []
    write(village, post, [LINES[1]])
    with pytest.raises(Invalid):
        write(village, post, [{**LINES[0], "attachments": [receipt]}], who=other)


def test_who_may_write_is_the_office_that_posts_there(village):
    post = disclose(village)
    for who in (ZHAO, SUPERVISOR):
        with pytest.raises(rules.NotTheKeeper):
            write(village, post, who=who)
    with pytest.raises(PostNotFound):
        write(village, post, who=TOWNSWOMAN)


def test_a_module_without_accounts_takes_none(village):
    post = village.post(who=CLERK, cid=VILLAGE, module="homesick")
    with pytest.raises(rules.NoLedgerHere):
        put(village, post)


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ({"starts_on": "2026-04-01"}, "ends_on"),
        ({"starts_on": "2026-05-01", "ends_on": "2026-06-01"}, "starts_on"),
    ],
)
def test_a_period_has_a_beginning_and_an_end(village, head, field):
    with pytest.raises(Invalid) as refused:
        disclose(village, **head)
    assert [error.field for error in refused.value.errors] == [field]


def test_every_wrong_line_is_named_and_nothing_is_kept(village):
    post = disclose(village)
    bad = [
        {**LINES[0], "on_date": "2025-12-31"},
        {**LINES[1], "amount": "0.00"},
        {**LINES[2], "on_date": "2026-04-01"},
    ]
    with pytest.raises(Invalid) as refused:
        write(village, post, bad)
    assert [error.field for error in refused.value.errors] == [
        "lines.0.on_date", "lines.1.amount", "lines.2.on_date",
    ]  # fmt: skip
    assert read(village, post, CLERK)["lines"] == 0


def test_a_period_cannot_be_moved_away_from_its_lines(village):
    post = disclose(village)
    write(village, post)
    with pytest.raises(Invalid):
        put(village, post, starts_on="2026-02-01")


def test_an_empty_account_is_not_published(village):
    with pytest.raises(rules.LedgerEmpty):
        publish(village, disclose(village))


def test_what_is_published_is_not_written_again(village, published):
    for change in (write, put, publish):
        with pytest.raises(rules.LedgerPublished):
            change(village, published)


def test_not_even_by_hand_in_the_database(village, published):
    for statement in (
        "UPDATE feed_ledger_lines SET amount = 1 WHERE number = 1",
        "DELETE FROM feed_ledger_lines",
    ):
        with pytest.raises(DBAPIError, match="corrected"), village.units() as uow:
            uow.session.execute(text(statement))


def test_a_draft_goes_with_its_post_and_a_published_account_stays(village, published):
    with pytest.raises(OnRecord):
        village.delete(published["id"], CLERK)
    assert read(village, published)["state"] == "published"
    draft = disclose(village)
    village.delete(draft["id"], CLERK)
    with pytest.raises(PostNotFound):
        read(village, draft)


ID_NUMBER = "310113199003071236"


def test_nobodys_id_number_is_published_for_good(village, published):
    said = f"补助 张三 {ID_NUMBER}"
    with pytest.raises(WordsRefused) as refused:
        disclose(village, title=said)
    assert [error.field for error in refused.value.errors] == ["title"]
    draft = disclose(village)
    for field in ("subject", "party", "note"):
        with pytest.raises(WordsRefused) as refused:
            write(village, draft, [LINES[0], {**LINES[1], field: said}])
        assert [error.field for error in refused.value.errors] == [f"lines.1.{field}"]
    assert lines(village, draft, CLERK)["items"] == []
    with pytest.raises(WordsRefused) as refused:
        correct(village, published, 2, reason=said)
    assert [error.field for error in refused.value.errors] == ["reason"]
    with pytest.raises(WordsRefused):
        correct(village, published, 2, line={**LINES[1], "party": said})
    with pytest.raises(WordsRefused):
        check(village, published, note=said)
    assert ID_NUMBER not in str(lines(village, published)) + str(read(village, published))
    assert read(village, published)["corrected"] == 0


def test_the_reason_of_a_correction_is_kept_whole(village, published):
    reason = "金额写错" * 500
    correct(village, published, 2, reason=reason)
    assert lines(village, published)["items"][3]["note"] == reason


def test_a_wrong_line_is_cancelled_in_the_open_and_a_right_one_follows(village, published):
    right = {**LINES[1], "amount": "8210.50"}
    corrected = correct(village, published, 2, line=right)
    assert (corrected["spending"], corrected["corrected"], corrected["lines"]) == ("8210.50", 1, 5)
    rows = lines(village, published)["items"]
    assert [(row["amount"], row["cancels"], row["cancelled"]) for row in rows] == [
        ("30000.00", None, False),
        ("8120.50", None, True),
        ("4500.25", None, False),
        ("-8120.50", 2, False),
        ("8210.50", None, False),
    ]
    assert rows[3]["note"] == "金额写错"


def test_a_line_is_cancelled_once_and_a_cancellation_never(village, published):
    correct(village, published, 2)
    for number in (2, 4):
        with pytest.raises(rules.LineCancelled):
            correct(village, published, number)
    with pytest.raises(Invalid):
        correct(village, published, 99)


def test_a_correction_with_a_wrong_line_cancels_nothing(village, published):
    with pytest.raises(Invalid) as refused:
        correct(village, published, 2, line={**LINES[1], "on_date": "2027-01-01"})
    assert [error.field for error in refused.value.errors] == ["line.0.on_date"]
    assert read(village, published)["corrected"] == 0


def test_a_draft_is_not_corrected(village):
    post = disclose(village)
    write(village, post)
    with pytest.raises(rules.LedgerIsDraft):
        correct(village, post, 1)


def test_the_supervisors_look_and_look_again_after_a_correction(village, published):
    checked = check(village, published)
    assert (checked["check"]["note"], checked["check"]["by"]["display_name"]) == (
        "凭证齐全", "watch",
    )  # fmt: skip
    assert correct(village, published, 1)["check"] is None


def test_nobody_else_checks_and_nobody_her_own(village):
    both = actor("clerk", (Role.COMMITTEE_STAFF, VILLAGE_PATH), (Role.SUPERVISOR, VILLAGE_PATH))
    post = disclose(village, who=both)
    write(village, post, who=both)
    with pytest.raises(rules.LedgerNotFound):
        check(village, post)
    publish(village, post, who=both)
    for who in (ZHAO, CLERK, both):
        with pytest.raises(Forbidden):
            check(village, post, who=who)


def test_published_accounts_are_listed_the_latest_period_first(village):
    ids = []
    for month in (1, 2, 3):
        ends = date(2026, month, 28).isoformat()
        post = disclose(village, starts_on=f"2026-{month:02}-01", ends_on=ends)
        write(village, post, [{**LINES[0], "on_date": ends}])
        publish(village, post)
        ids.append(post["id"])
    disclose(village)  # a draft
    cmd = {"cid": VILLAGE, "limit": 2}

    def ask(**more):
        asked = ops.ListLedgers(**cmd, **more)
        return village.run(ledgers.list_ledgers, asked, ZHAO, read_only=True)

    page = ask()
    assert [item["post_id"] for item in page["items"]] == ids[:0:-1]
    rest = ask(cursor=page["next_cursor"])
    assert [item["post_id"] for item in rest["items"]] == ids[:1]
    assert ask(kind="maintenance_fund")["items"] == []
    with pytest.raises(BadCursor):
        ask(cursor="bm90IG91cnM")


def test_drafts_are_listed_to_the_office_that_keeps_them(village, published):
    begun = disclose(village)

    def drafts(who):
        cmd = ops.ListLedgers(cid=VILLAGE, state="draft")
        page = village.run(ledgers.list_ledgers, cmd, who, read_only=True)
        return [item["post_id"] for item in page["items"]]

    assert drafts(CLERK) == [begun["id"]]
    assert drafts(ZHAO) == drafts(SUPERVISOR) == []


def test_lines_come_page_by_page(village, published):
    first = lines(village, published, limit=2)
    rest = lines(village, published, limit=2, cursor=first["next_cursor"])
    numbers = [row["number"] for page in (first, rest) for row in page["items"]]
    assert numbers == [1, 2, 3]
    assert rest["next_cursor"] is None
    assert [r["number"] for r in lines(village, published, section="asset")["items"]] == [3]


def test_an_account_leaves_as_a_table_with_its_sums(village, published):
    correct(village, published, 2)
    sheet = village.run(
        ledgers.export_ledger, ops.ExportLedger(id=published["id"]), ZHAO, read_only=True
    )
    assert all(len(row) == len(sheet.columns) for row in sheet.rows)
    assert sheet.rows[1][1:6] == ["支出", "2026-02-02", "修水渠", "8120.50", "老张工程队"]
    assert sheet.rows[3][4:8] == ["-8120.50", "老张工程队", "金额写错", "2"]
    sums = {row[1]: row[4] for row in sheet.rows if not row[0]}
    assert sums["期末结余"] == "31000.00"


def test_the_two_ways_of_adding_up_agree(village, published):
    seen = read(village, published)
    with village.units() as uow:
        found = rules.sums(
            Decimal(seen["opening"]), repository.entries(uow.session, published["id"])
        )
    assert [rules.yuan(x) for x in (found.income, found.spending, found.closing)] == [
        seen["income"], seen["spending"], seen["closing"],
    ]  # fmt: skip


def test_a_page_of_accounts_is_one_statement(village, published):
    def ask(limit):
        cmd = ops.ListLedgers(cid=VILLAGE, limit=limit)
        village.run(ledgers.list_ledgers, cmd, ZHAO, read_only=True)

    few = len(village.statements(lambda: ask(1)))
    for _ in range(3):
        post = disclose(village)
        write(village, post)
        publish(village, post)
    assert len(village.statements(lambda: ask(4))) == few
