"""Disclosed accounts.

::

    draft ──lines, lines again──▶ draft ──publish──▶ published ──correct──▶ published
                                                         └──check (supervisory committee)

What was published is not changed. A wrong line is cancelled by one with the opposite amount that
names it, and a right one may follow; so every reader sees what was said first.
(村民委员会组织法 art. 30: affairs that concern the villagers' interest are made public, revenue and
spending at least each quarter; art. 32: a supervisory body sees to it. 民法典 art. 282: common
income belongs to the owners. Which periods and headings a place uses is its own matter.)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, RuleBroken

Section = Literal["income", "spending", "asset", "liability"]

SECTIONS: Final[dict[str, str]] = {
    "income": "收入",
    "spending": "支出",
    "asset": "资产",
    "liability": "负债",
}
KINDS: Final[dict[str, str]] = {
    "collective": "村集体经济",
    "public_income": "公共收益",
    "maintenance_fund": "维修资金",
}
# Within the period; what one owns or owes is stated as of a day up to its end.
_IN_PERIOD: Final = frozenset({"income", "spending"})
LARGEST: Final = Decimal("999999999999.99")


class LedgerNotFound(NotFound):
    """The post has no account, or none that is published yet."""

    code = "feed.ledger_not_found"
    zh, en = "这里没有账目", "There is no account here"


class NoLedgerHere(RuleBroken):
    """The module's posts carry no accounts."""

    code = "feed.no_ledger_here"
    zh, en = "这个栏目不公开账目", "This module does not disclose accounts"


class LedgerPublished(Conflict):
    """It is published: lines are corrected, not changed."""

    code = "feed.ledger_published"
    zh, en = (
        "账目已公开，只能更正，不能修改",
        "The account is published: correct it, do not change it",
    )


class LedgerIsDraft(Conflict):
    """It is not published yet."""

    code = "feed.ledger_draft"
    zh, en = "账目还没有公开", "The account is not published yet"


class LedgerEmpty(RuleBroken):
    """An account without a line is not published."""

    code = "feed.ledger_empty"
    zh, en = "账目还没有内容", "The account has no lines"


class LineCancelled(Conflict):
    """The line was cancelled already, or cancels another."""

    code = "feed.line_cancelled"
    zh, en = "这一行已经冲销过", "This line was cancelled already"


class NotTheKeeper(Forbidden):
    """Accounts are kept by the office that discloses them."""

    code = "feed.not_the_keeper"
    zh, en = "只有公开账目的部门可以操作", "Only the office that discloses the account may do this"


class NotASupervisor(Forbidden):
    """Only the supervisory committee checks accounts, and not its own."""

    code = "feed.not_a_supervisor"
    zh, en = "只有监督委员会成员可以审核", "Only the supervisory committee may check accounts"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the sums want to know of a line; negative in a line that cancels another."""

    section: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What an account comes to, in yuan."""

    opening: Decimal
    income: Decimal
    spending: Decimal
    assets: Decimal
    liabilities: Decimal

    @property
    def closing(self) -> Decimal:
        """What is left: opening plus income less spending."""
        return self.opening + self.income - self.spending


def sums(opening: Decimal, entries: Iterable[Entry]) -> Sums:
    """The sums of an account."""
    totals = dict.fromkeys(SECTIONS, Decimal(0))
    for entry in entries:
        totals[entry.section] += entry.amount
    return Sums(opening, totals["income"], totals["spending"], totals["asset"], totals["liability"])


def check_period(starts_on: date, ends_on: date, today: date) -> None:
    """A period begins before it ends, and does not begin in the future."""
    if ends_on < starts_on:
        raise Invalid(errors=[FieldError("ends_on", "结束日期不能早于开始日期")])
    if starts_on > today:
        raise Invalid(errors=[FieldError("starts_on", "账期还没有开始")])


def check_lines(
    lines: Sequence[tuple[str, date, Decimal]], starts_on: date, ends_on: date, field: str = "lines"
) -> None:
    """Whether these lines (section, date, amount) fit the period; all faults are told at once."""
    errors = []
    for number, (section, on_date, amount) in enumerate(lines):
        if amount <= 0:
            errors.append(FieldError(f"{field}.{number}.amount", "金额应大于 0"))
        early = section in _IN_PERIOD and on_date < starts_on
        if early or on_date > ends_on:
            errors.append(FieldError(f"{field}.{number}.on_date", "日期不在账期内"))
    if errors:
        raise Invalid(errors=errors)


def yuan(amount: Decimal) -> str:
    """An amount as people and clients read it: two places."""
    return f"{amount:.2f}"
