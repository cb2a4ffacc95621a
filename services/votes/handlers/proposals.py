"""The proposal (提案): versions of the text, until it is frozen by the notice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.operations.base import Page
from services.contracts.operations.votes import proposals as ops
from services.contracts.operations.votes.common import Words
from services.contracts.operations.votes.rule_desk import Sentences
from services.contracts.operations.votes.rules import RuleSet
from services.contracts.operations.votes.topics import Topic
from services.differences import Piece
from services.kit.aside import aside
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_discussion as texts
from services.votes.domain import proposals as rules
from services.votes.domain.chain import FROZEN, State
from services.votes.domain.covenants import CovenantEnded
from services.votes.domain.proposals import (
    Article,
    BadArticles,
    ProposalChanged,
    ProposalVersionNotFound,
)
from services.votes.domain.rule_words import in_words
from services.votes.domain.rules import resolve
from services.votes.handlers.common import desk, tell, visible
from services.votes.handlers.topic_views import shown
from services.votes.models import CovenantVersionRow, ProposalVersionRow, TopicRow
from services.votes.models.base import Json


def put(uow: UnitOfWork, cmd: ops.PutProposal, actor: Actor, now: datetime) -> Topic:
    """The convening body writes the next version of the text.

    Raises:
        TopicNotFound, Forbidden, NotYourStep: the actor is not of the convening body.
        TextFrozen, NotAProposalYet: the text is not written now.
        ProposalChanged: the newest version is not the one that was read.
        BadArticles, BadRules, BadVotingTimes, BadEffect: see the domain's modules.
        CovenantEnded: what is to be amended or repealed is no more.
    """
    row = visible(uow, actor, cmd.id, lock=True)
    doer = desk(actor, row)
    rules.require_draft(row.state)
    if cmd.version is not None and cmd.version != row.proposal:
        raise ProposalChanged()
    base = _base(uow, row)
    articles = _articles(uow, row, base, cmd)
    chosen = _resolved(uow, row, cmd)
    rules.require_times(cmd.opens_at, cmd.closes_at, chosen, now)
    rules.require_effect(cmd.closes_at, cmd.effective_at, cmd.expires_at, aim=row.aim)
    row.proposal += 1
    uow.session.add(
        ProposalVersionRow(
            topic_id=row.id,
            version=row.proposal,
            articles=rules.kept(articles),
            covenant_version=base.version if base else None,
            rules=chosen.model_dump(mode="json"),
            opens_at=cmd.opens_at,
            closes_at=cmd.closes_at,
            effective_at=cmd.effective_at,
            expires_at=cmd.expires_at,
            hash=rules.text_hash(articles),
            written_at=now,
            written_by=actor.person_id,
            written_role=str(doer.role),
        )
    )
    said = texts.REPEAL_WRITTEN if row.aim == "repeal" else texts.PROPOSAL_WRITTEN
    text = said.format(version=row.proposal, articles=len(articles))
    tell(uow, row, "proposal_written", doer, text, now, ref={"proposal": row.proposal})
    uow.session.flush()
    return shown(uow, row, actor, now)


def current(uow: UnitOfWork, topic: TopicRow) -> ProposalVersionRow:
    """The newest version: what is announced, and then voted on.

    Raises:
        ProposalVersionNotFound: there is none yet.
    """
    return repository.proposals.version(uow.session, topic.id, topic.proposal)


def _base(uow: UnitOfWork, row: TopicRow) -> CovenantVersionRow | None:
    """The covenant that the topic amends or repeals, as the latest decision left it."""
    if row.aim == "new" or row.covenant_id is None:
        return None
    found = repository.proposals.covenant_text(uow.session, row.covenant_id)
    if found is None or found.change == "repealed":
        raise CovenantEnded()
    return found


def _articles(
    uow: UnitOfWork, row: TopicRow, base: CovenantVersionRow | None, cmd: ops.PutProposal
) -> list[Article]:
    before = rules.articles_of(base.articles) if base else []
    if row.aim == "repeal":
        if cmd.articles:
            raise BadArticles(errors=[FieldError("articles", "a repeal is of the whole covenant")])
        return before
    if row.proposal:
        last = repository.proposals.version(uow.session, row.id, row.proposal)
        known = {one["key"] for one in last.articles}
        # What an earlier version left out of the covenant may be taken up again.
        gone = [one for one in before if one.key not in known]
        before = [*rules.articles_of(last.articles), *gone]
    used = repository.proposals.keys(uow.session, row.id)
    return rules.written(cmd.articles, before, used)


def _resolved(uow: UnitOfWork, row: TopicRow, cmd: ops.PutProposal) -> RuleSet:
    district = directory.community(uow, row.community_id).district_id
    return resolve(cmd.rule_set, repository.rules.confirmed(uow.session, district))


# -- reading ----------------------------------------------------------------------------------


def list_versions(
    uow: UnitOfWork, cmd: ops.ListProposalVersions, actor: Actor
) -> Page[ops.ProposalSummary]:
    """The versions of a topic's proposal, newest first."""
    row = visible(uow, actor, cmd.id)
    before = whole_number(decode_cursor(cmd.cursor, 1)[0]) if cmd.cursor else None
    found = repository.proposals.page(uow.session, row.id, before=before, limit=cmd.limit)
    page = found[: cmd.limit]
    return Page(
        items=[
            ops.ProposalSummary(**one._mapping, topic_id=row.id, frozen=_frozen(row, one.version))
            for one in page
        ],
        next_cursor=encode_cursor(str(page[-1].version)) if len(found) > cmd.limit else None,
    )


def get_version(uow: UnitOfWork, cmd: ops.GetProposalVersion, actor: Actor) -> ops.ProposalVersion:
    """One version of the proposal, or (0) the covenant as it is.

    Raises:
        TopicNotFound, ProposalVersionNotFound.
    """
    row = visible(uow, actor, cmd.id)
    if cmd.version == 0:
        covenant = _covenant(uow, row, None)
        return _whole(row, rules.articles_of(covenant.articles), covenant.version, None)
    found = repository.proposals.version(uow.session, row.id, cmd.version)
    return _whole(row, rules.articles_of(found.articles), found.covenant_version, found)


def compare(
    uow: UnitOfWork, cmd: ops.CompareProposalVersions, actor: Actor
) -> ops.ProposalDifferences:
    """What became of the text between two versions; 0 is the covenant that the newer one changes.

    Raises:
        TopicNotFound, ProposalVersionNotFound.
    """
    row = visible(uow, actor, cmd.id)
    given = [_said(uow, row, number) for number in (cmd.older, cmd.newer)]
    based = next((one.covenant_version for one in given if one is not None), None)
    texts_of = [one.articles if one else _covenant(uow, row, based).articles for one in given]
    older, newer = (rules.articles_of(one) for one in texts_of)
    changes = aside(differences, older, newer)
    touched = {one.key for one in changes if one.kind != "moved"}
    return ops.ProposalDifferences(
        older=cmd.older,
        newer=cmd.newer,
        older_hash=rules.text_hash(older),
        newer_hash=rules.text_hash(newer),
        articles=changes,
        same=sum(one.key not in touched for one in newer),
        rules=_rules(*given),
        rules_in_words=_sentences(*given),
    )


def _said(uow: UnitOfWork, row: TopicRow, number: int) -> ProposalVersionRow | None:
    return repository.proposals.version(uow.session, row.id, number) if number else None


def _covenant(uow: UnitOfWork, row: TopicRow, number: int | None) -> CovenantVersionRow:
    """What stands as version 0: the covenant in the version named, or by the latest decision."""
    found = None
    if row.aim != "new" and row.covenant_id is not None:
        found = repository.proposals.covenant_text(uow.session, row.covenant_id, number)
    if found is None:
        raise ProposalVersionNotFound()
    return found


def differences(older: Sequence[Article], newer: Sequence[Article]) -> list[ops.ProposalChange]:
    """What became of each article that is not the same in both."""
    return [
        ops.ProposalChange(
            key=one.key,
            kind=one.kind,
            was=one.was,
            number=one.number,
            title=_words(one.title),
            text=_words(one.text),
        )
        for one in rules.between(older, newer)
    ]


def _words(pieces: Sequence[Piece]) -> list[Words]:
    return [Words(kind=kind, text=text) for kind, text in pieces]


def _rules(
    older: ProposalVersionRow | None, newer: ProposalVersionRow | None
) -> list[ops.RuleDifference]:
    if older is None or newer is None:  # a covenant has none
        return []
    return [
        ops.RuleDifference(field=field, before=before, after=after)
        for field, before, after in rules.rule_differences(_voting(older), _voting(newer))
    ]


def _sentences(
    older: ProposalVersionRow | None, newer: ProposalVersionRow | None
) -> ops.SentencesBeside | None:
    if older is None or newer is None:
        return None
    was, now = _in_words(older), _in_words(newer)
    return ops.SentencesBeside(
        zh=_words(rules.sentences_beside(was.zh, now.zh)),
        en=_words(rules.sentences_beside(was.en, now.en)),
    )


def _in_words(version: ProposalVersionRow) -> Sentences:
    chosen = RuleSet.model_validate(version.rules)
    return Sentences(zh=in_words(chosen, "zh"), en=in_words(chosen, "en"))


def _voting(one: ProposalVersionRow) -> Json:
    named = ("opens_at", "closes_at", "effective_at", "expires_at")
    times = {name: at.isoformat() for name in named if (at := getattr(one, name))}
    return {"rule_set": one.rules, **times}


def _whole(
    row: TopicRow,
    articles: Sequence[Article],
    covenant_version: int | None,
    found: ProposalVersionRow | None,
) -> ops.ProposalVersion:
    return ops.ProposalVersion(
        topic_id=row.id,
        version=found.version if found else 0,
        aim=cast(Any, row.aim),
        covenant_id=row.covenant_id,
        covenant_version=covenant_version,
        articles=[
            ops.Article(number=number, key=one.key, title=one.title, text=one.text)
            for number, one in enumerate(articles, 1)
        ],
        rules=RuleSet.model_validate(found.rules) if found else None,
        hash=found.hash if found else rules.text_hash(articles),
        opens_at=found.opens_at if found else None,
        closes_at=found.closes_at if found else None,
        effective_at=found.effective_at if found else None,
        expires_at=found.expires_at if found else None,
        written_at=found.written_at if found else None,
        written_role=found.written_role if found else None,
        frozen=_frozen(row, found.version) if found else False,
        rules_in_words=_in_words(found) if found else None,
    )


def _frozen(row: TopicRow, version: int) -> bool:
    return version == row.proposal and State(row.state) in FROZEN
