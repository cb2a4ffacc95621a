"""The text that is voted on, version by version."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.contracts.operations.base import (
    PERSON,
    Body,
    Command,
    Id,
    ListCommand,
    Moment,
    Operation,
    Page,
    Text,
    View,
)
from services.contracts.operations.votes.common import DESK, Words
from services.contracts.operations.votes.rule_desk import Sentences
from services.contracts.operations.votes.rules import RuleChoice, RuleSet
from services.contracts.operations.votes.topics import Topic

LONGEST_TEXT = 100_000
"""Characters of all articles together."""

Version = Annotated[int, Field(ge=0, le=2**31 - 1)]

# -- what the caller asks for ---------------------------------------------------------------


class ArticleDraft(Command):
    """An article; ``key`` names the one of the version before whose text this is to become."""

    key: Annotated[str, StringConstraints(pattern=r"^a[1-9]\d{0,5}$")] | None = None
    title: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    text: Body


class PutProposal(Command):
    """A new version of the proposal (提案): its articles, how and when it is voted on.

    An article that comes without its ``key``, or as text alone, is taken for the one with the same
    title or the same text. ``version`` is the one that the writer has read (0: none); another
    answers 409. Without it the newest is followed, whatever it is; none is lost, as all are kept.
    Of a proposal to repeal a covenant the articles are the covenant's, so none are sent.

    What is adopted holds from its adoption on, or from ``effective_at`` if that is later, and until
    ``expires_at`` where one is named; a repeal does not expire.
    """

    id: Id
    articles: Annotated[list[Body | ArticleDraft], Field(max_length=200)]
    rule_set: RuleChoice
    opens_at: Moment
    closes_at: Moment
    effective_at: Moment | None = None
    expires_at: Moment | None = None
    version: Version | None = None

    @model_validator(mode="after")
    def _not_too_long(self) -> Self:
        long = sum(len(one if isinstance(one, str) else one.text) for one in self.articles)
        if long > LONGEST_TEXT:
            raise ValueError(f"the articles may have {LONGEST_TEXT} characters together")
        return self


class ListProposalVersions(ListCommand):
    """The versions of a topic's proposal, newest first."""

    id: Id


class GetProposalVersion(Command):
    """One version; 0 is the covenant as it is, where the proposal amends or repeals one."""

    id: Id
    version: Version


class CompareProposalVersions(Command):
    """What became of the text between two versions; 0 is the covenant as it is."""

    id: Id
    older: Version
    newer: Version


# -- what the caller gets -------------------------------------------------------------------


class Article(View):
    """An article (条); it keeps its ``key`` when its number changes."""

    number: int
    key: str
    title: str
    text: str


class ProposalSummary(View):
    """A version as lists show it.

    ``hash`` is the SHA-256 of the text: of the UTF-8 JSON ``{"articles":[{"number":…,"text":…,
    "title":…},…]}``, keys sorted, no blanks, nothing escaped that need not be. ``frozen``: it is
    the text that is, or was, voted on.
    """

    topic_id: str
    version: int
    articles: int
    hash: str
    opens_at: datetime | None
    closes_at: datetime | None
    written_at: datetime | None
    written_role: str | None
    frozen: bool


class ProposalVersion(View):
    """A version with its text and its whole rule set; ``rules`` is null for the covenant as it is.

    ``covenant_version`` is the version of the covenant that it amends or repeals.
    """

    topic_id: str
    version: int
    aim: Literal["new", "amend", "repeal"]
    covenant_id: str | None
    covenant_version: int | None
    articles: list[Article]
    rules: RuleSet | None
    hash: str
    opens_at: datetime | None
    closes_at: datetime | None
    effective_at: datetime | None
    expires_at: datetime | None
    written_at: datetime | None
    written_role: str | None
    frozen: bool
    rules_in_words: Sentences | None = None


class ProposalChange(View):
    """What became of an article: its numbers then and now, and its words beside each other.

    ``moved``: nothing but its place changed. ``title`` and ``text`` are pieces, for a page to mark:
    those that stayed and went are the older words, those that stayed and came the newer ones.
    """

    key: str
    kind: Literal["added", "removed", "changed", "moved"]
    was: int | None
    number: int | None
    title: list[Words]
    text: list[Words]


class SentencesBeside(View):
    """The rules of two versions in plain words, for a page to mark what went and what came."""

    zh: list[Words]
    en: list[Words]


class RuleDifference(View):
    """A rule, or a time of the vote, that is another one now; ``field`` is a dotted path."""

    field: str
    before: str | None
    after: str | None


class ProposalDifferences(View):
    """What became of a proposal between two versions, in the order in which it is read.

    ``same`` counts the articles of which not a word was changed, whether or not they moved.
    """

    older: int
    newer: int
    older_hash: str
    newer_hash: str
    articles: list[ProposalChange]
    same: int
    rules: list[RuleDifference]
    rules_in_words: SentencesBeside | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "putProposal", "PUT /topics/{id}/proposal", "votes", DESK, PutProposal, Topic,
        "A new version of the proposal",
    ),
    Operation(
        "listProposalVersions", "GET /topics/{id}/proposal/versions", "votes", PERSON,
        ListProposalVersions, Page[ProposalSummary], "The versions of the proposal", assisted=True,
    ),
    Operation(
        "getProposalVersion", "GET /topics/{id}/proposal/versions/{version}", "votes", PERSON,
        GetProposalVersion, ProposalVersion, "One version of the proposal", assisted=True,
    ),
    Operation(
        "compareProposalVersions", "GET /topics/{id}/proposal/differences", "votes", PERSON,
        CompareProposalVersions, ProposalDifferences, "What changed between two versions",
        assisted=True,
    ),
)  # fmt: skip
