"""The text of a proposal (提案): its articles over the versions, its hash, its times.

A version is never written again. From the notice on the text is frozen: what people read then is
what they vote on. Its hash is that of its canonical form, so that anybody can check it:

    {"articles":[{"number":1,"text":"…","title":"…"},…]}

as UTF-8 JSON with sorted keys, without blanks, and with nothing escaped that need not be.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound
from services.contracts.operations.votes.proposals import ArticleDraft
from services.contracts.operations.votes.rules import RuleSet
from services.differences import Piece, closely
from services.votes.domain.chain import FROZEN, State
from services.votes.domain.ledger import canonical

LONGEST_VOTING: Final = timedelta(days=366)


class TextFrozen(Conflict):
    """Once it is announced nobody changes the text."""

    code = "votes.text_frozen"
    zh, en = "提案已公示，文本不能再修改", "The text was announced and can no longer be changed"


class NotAProposalYet(Conflict):
    """There is no proposal before the second screening."""

    code = "votes.not_a_proposal_yet"
    zh, en = "议题还没有转化为提案", "The topic is not a proposal yet"


class ProposalChanged(Conflict):
    """The newest version is not the one that was read."""

    code = "votes.proposal_changed"
    zh, en = "提案已被他人修改，请重新查看", "Somebody else has changed the proposal meanwhile"


class ProposalVersionNotFound(NotFound):
    """The proposal has no such version."""

    code = "votes.proposal_version_not_found"
    zh, en = "没有找到提案的这个版本", "The proposal has no such version"


class BadArticles(Invalid):
    """Articles are missing, are none of these, or are named twice."""

    code = "votes.bad_articles"
    zh, en = "提案的条款填写有误", "The articles are not valid"


class BadVotingTimes(Invalid):
    """Voting opens too early for the notice, or does not end as it should."""

    code = "votes.bad_voting_times"
    zh, en = "表决时间不符合公示期等规定", "The times of the vote do not fit its rules"


class BadEffect(Invalid):
    """What is adopted would end before it holds, or holds before anybody has voted."""

    code = "votes.bad_effect"
    zh, en = "生效或失效时间填写有误", "It must hold after the vote, and end after that"


@dataclass(frozen=True, slots=True)
class Article:
    """An article; its number is its place in the version."""

    key: str
    title: str
    text: str


def articles_of(stored: Iterable[Mapping[str, Any]]) -> list[Article]:
    """The articles as they are kept with a version."""
    return [Article(one["key"], one["title"], one["text"]) for one in stored]


def kept(articles: Iterable[Article]) -> list[dict[str, Any]]:
    """The articles as a version keeps them."""
    return [asdict(one) for one in articles]


def text_hash(articles: Sequence[Article]) -> str:
    """The SHA-256 of the text, as lower-case hex; see the module."""
    said = [
        {"number": number, "title": one.title, "text": one.text}
        for number, one in enumerate(articles, 1)
    ]
    return hashlib.sha256(canonical({"articles": said}).encode()).hexdigest()


def require_draft(state: str) -> None:
    """Check that the text may be written in this state.

    Raises:
        TextFrozen: it was announced, or the topic has ended.
        NotAProposalYet.
    """
    if State(state) in FROZEN:
        raise TextFrozen()
    if state != State.PROPOSAL:
        raise NotAProposalYet()


def require_times(opens_at: datetime, closes_at: datetime, rules: RuleSet, now: datetime) -> None:
    """Check the times of the vote, if it were announced now.

    Raises:
        BadVotingTimes: the notice would be shorter than the rules want, or it ends wrongly.
    """
    wrong = []
    if opens_at < now + timedelta(days=rules.notice_days):
        wrong.append(FieldError("opens_at", f"must leave {rules.notice_days} days of notice"))
    if closes_at <= opens_at:
        wrong.append(FieldError("closes_at", "must be after opens_at"))
    elif closes_at - opens_at > LONGEST_VOTING:
        wrong.append(FieldError("closes_at", f"at most {LONGEST_VOTING.days} days later"))
    if wrong:
        raise BadVotingTimes(errors=wrong)


def require_effect(
    closes_at: datetime,
    effective_at: datetime | None,
    expires_at: datetime | None,
    *,
    aim: str,
) -> None:
    """Check from when until when the covenant is to hold.

    Raises:
        BadEffect: it would hold before the vote is over, end before it holds, or a repeal would
            end.
    """
    wrong = []
    if effective_at is not None and effective_at < closes_at:
        wrong.append(FieldError("effective_at", "must not be before closes_at"))
    if expires_at is not None and expires_at <= max(effective_at or closes_at, closes_at):
        wrong.append(FieldError("expires_at", "must be after it takes effect"))
    elif expires_at is not None and aim == "repeal":
        wrong.append(FieldError("expires_at", "a repeal does not expire"))
    if wrong:
        raise BadEffect(errors=wrong)


def written(
    drafts: Sequence[str | ArticleDraft], before: Sequence[Article], used: Iterable[str]
) -> list[Article]:
    """The articles of a new version, each with the key of the article that it is.

    One that names no key is the one of the same title, or else of the same text; otherwise it is
    new, and gets a key that no version had.

    Args:
        before: the version before, or the covenant that is amended.
        used: every key that any version had.

    Raises:
        BadArticles: there is none, or a key is named twice or is not in the version before.
    """
    if not drafts:
        raise BadArticles(errors=[FieldError("articles", "must not be empty")])
    given = [ArticleDraft(text=one) if isinstance(one, str) else one for one in drafts]
    named = [one.key for one in given if one.key]
    left = {one.key: one for one in before}
    for place, draft in enumerate(given):
        if draft.key and (draft.key not in left or named.count(draft.key) > 1):
            raise BadArticles(
                errors=[FieldError(f"articles.{place}.key", "none of them, or named twice")]
            )
    for key in named:
        del left[key]
    keys: list[str | None] = [one.key for one in given]
    for trait in ("title", "text"):
        for place, draft in enumerate(given):
            said = getattr(draft, trait)
            found = None if keys[place] or not said else _having(left, trait, said)
            if found:
                keys[place] = found
                del left[found]
    fresh = max((int(key[1:]) for key in (*used, *(one.key for one in before))), default=0)
    articles = []
    for known, draft in zip(keys, given, strict=True):
        fresh += known is None
        articles.append(Article(known or f"a{fresh}", draft.title, draft.text))
    return articles


def _having(left: Mapping[str, Article], trait: str, said: str) -> str | None:
    return next((key for key, one in left.items() if getattr(one, trait) == said), None)


# -- differences ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of an article; a number is None where there was or is none."""

    key: str
    kind: Literal["added", "removed", "changed", "moved"]
    was: int | None
    number: int | None
    title: list[Piece]
    text: list[Piece]


def between(older: Sequence[Article], newer: Sequence[Article]) -> Iterator[Difference]:
    """The differences of two versions: in the order of the newer, what went at the end.

    An article that only has another number because others came or went has not moved.
    """
    was = {one.key: (number, one) for number, one in enumerate(older, 1)}
    stayed = [one.key for one in newer if one.key in was]
    moved = _moved([one.key for one in older if one.key in set(stayed)], stayed)
    for number, now in enumerate(newer, 1):
        before = was.pop(now.key, None)
        if before is None:
            yield Difference(now.key, "added", None, number, _new(now.title), _new(now.text))
            continue
        place, old = before
        if (old.title, old.text) != (now.title, now.text):
            words = closely(old.title, now.title), closely(old.text, now.text)
            yield Difference(now.key, "changed", place, number, *words)
        elif now.key in moved:
            yield Difference(now.key, "moved", place, number, _same(now.title), _same(now.text))
    for place, old in was.values():
        yield Difference(old.key, "removed", place, None, _gone(old.title), _gone(old.text))


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Those that have another place among the others; as few of them as can be."""
    place = {key: number for number, key in enumerate(before)}
    # The longest run of keys that kept their order (at most 200 articles).
    best: list[list[str]] = []
    for key in after:
        chain = max((run for run in best if place[run[-1]] < place[key]), key=len, default=[])
        best.append([*chain, key])
    kept_order = max(best, key=len, default=[])
    return set(after) - set(kept_order)


def _new(text: str) -> list[Piece]:
    return [("added", text)] if text else []


def _gone(text: str) -> list[Piece]:
    return [("removed", text)] if text else []


def _same(text: str) -> list[Piece]:
    return [("same", text)] if text else []


def sentences_beside(was: Sequence[str], now: Sequence[str]) -> list[Piece]:
    """The sentences of two rule sets: those that stayed, and where they differ first what went."""
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(a=was, b=now, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces += [("same", one) for one in was[a:b]]
        else:
            pieces += [("removed", one) for one in was[a:b]]
            pieces += [("added", one) for one in now[c:d]]
    return pieces


def rule_differences(
    older: Mapping[str, Any], newer: Mapping[str, Any]
) -> list[tuple[str, str | None, str | None]]:
    """The rules that are others now, as (dotted path, before, after), in the order of the newer."""
    was, now = dict(_flat(older)), dict(_flat(newer))
    paths = [*now, *(path for path in was if path not in now)]
    return [
        (path, was.get(path), now.get(path)) for path in paths if was.get(path) != now.get(path)
    ]


def _flat(rules: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in rules.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif value is not None:
            said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield f"{above}{name}", said.lower() if isinstance(value, bool) else said
