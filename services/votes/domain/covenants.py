"""What stands of a covenant (公约), and which article of a new version is which of the old one.

::

               effective_at            expires_at
    not_yet ──────────────▶ in_force ─────────────▶ expired
       │                     │    ▲                    │
       │    a repeal's day   ▼    └── a later version ─┤
       └──────────────────▶ repealed ──────────────────┘

Nothing leads a covenant from one state to another but its versions and the time: of those that have
taken effect the latest decision holds (lex posterior), whatever it found before it.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.contracts.errors import Conflict, Invalid, NotFound
from services.contracts.operations.votes.covenants import CovenantChange, CovenantState
from services.votes.domain import proposals


class CovenantNotFound(NotFound):
    """There is no such covenant, or it is not the actor's to see."""

    code = "votes.covenant_not_found"
    zh, en = "没有找到这份公约", "There is no such covenant"


class CovenantVersionNotFound(NotFound):
    """The covenant has no such version."""

    code = "votes.covenant_version_not_found"
    zh, en = "没有找到公约的这个版本", "The covenant has no such version"


class CovenantEnded(Conflict):
    """It was repealed: nothing can be amended."""

    code = "votes.covenant_ended"
    zh, en = "这份公约已废止", "This covenant was repealed"


class CovenantNotInForce(Conflict):
    """It does not hold yet, or no longer: nobody breaks it."""

    code = "votes.covenant_not_in_force"
    zh, en = "这份公约现在没有生效", "This covenant is not in force"


class OthersCovenant(Conflict):
    """The other body convened what made this covenant, and convenes what changes it."""

    code = "votes.others_covenant"
    zh, en = "这份公约由另一组织召集制定，应由其召集修改", "Another body convenes changes of it"


class NotToAgree(Conflict):
    """Only the version that holds, or one that will, can be agreed to."""

    code = "votes.not_to_agree"
    zh, en = "只能签署现行或即将生效的版本", "Only what holds, or will, can be agreed to"


class UnknownArticle(Invalid):
    """The covenant has no such article."""

    code = "votes.unknown_article"
    zh, en = "公约里没有这一条", "The covenant has no such article"


def may_be_agreed_to(state: str, holds: int, newest: int, version: int) -> bool:
    """Whether neighbours agree to ``version`` now: it holds, or is yet to."""
    return state in ("not_yet", "in_force") and holds <= version <= newest


@dataclass(frozen=True, slots=True)
class Version:
    """When a version takes effect, and ends."""

    number: int
    change: CovenantChange
    effective_at: datetime
    expires_at: datetime | None


def standing(versions: Iterable[Version], now: datetime) -> tuple[CovenantState, int]:
    """The state of a covenant, and the version that says what it says.

    Before any has taken effect that is the one that will first.
    """
    known = list(versions)
    holding = [one for one in known if one.effective_at <= now]
    if not holding:
        return "not_yet", min(known, key=lambda one: (one.effective_at, -one.number)).number
    last = max(holding, key=lambda one: one.number)
    if last.change == "repealed":
        return "repealed", last.number
    if last.expires_at is not None and last.expires_at <= now:
        return "expired", last.number
    return "in_force", last.number


def later(at: datetime, months: int) -> datetime:
    """So many months later; on the last day of a month that is too short."""
    years, before = divmod(at.month - 1 + months, 12)
    year, month = at.year + years, before + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


# -- articles -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Article:
    """An article of one version.

    ``key`` stays through amendments, ``number`` is its place in this version, from 1; ``since`` is
    the version that gave it its present words.
    """

    key: str
    number: int
    title: str
    text: str
    since: int

    @property
    def words(self) -> proposals.Article:
        """What it says, as proposals compare it."""
        return proposals.Article(self.key, self.title, self.text)


def carried(
    drafts: Sequence[proposals.Article],
    amended: Collection[str],
    before: Sequence[Article],
    version: int,
    fresh: int,
) -> tuple[list[Article], int]:
    """The articles of a new version, and the number of the next new key.

    A key never means two things: another amendment may have been adopted since this one was
    written, and both may have called what they added alike. What came later gets another.

    Args:
        drafts: the proposal's articles, in order.
        amended: keys of the articles of the version that the proposal was written on.
        before: the newest version.
        version: the number of the new one.
        fresh: the number of the next new key.
    """
    added = [_number(draft.key) for draft in drafts if draft.key not in amended]
    following = max([fresh, *(number + 1 for number in added)])
    was = {article.key: article for article in before}
    articles = []
    for number, draft in enumerate(drafts, 1):
        key = draft.key
        if key not in amended and _number(key) < fresh:
            key, following = f"a{following}", following + 1
        old = was.get(key)
        said = proposals.Article(key, draft.title, draft.text)
        since = old.since if old is not None and old.words == said else version
        articles.append(Article(key, number, draft.title, draft.text, since))
    return articles, following


def _number(key: str) -> int:
    return int(key.removeprefix("a"))
