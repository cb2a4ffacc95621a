"""Votes' operations: the way from a neighbour's question to a covenant (公约).

``chain`` a community's settings · ``topics`` from question to proposal ·
``discussion`` opinions · ``proposals`` the text ·
``objections`` · ``rule_desk`` how it is decided · ``polls`` ballots ·
``rolls`` who may vote · ``proxies`` for whom · ``paper`` the paper desk ·
``paper_sheets`` its counting · ``ledger`` the bulletin · ``results`` · ``covenants`` ·
``breaches`` · ``follow_ups`` · ``surveys``
"""

from services.contracts.operations.base import Operation
from services.contracts.operations.votes import (
    breaches,
    chain,
    covenants,
    discussion,
    follow_ups,
    ledger,
    objections,
    paper,
    paper_sheets,
    polls,
    proposals,
    proxies,
    results,
    rolls,
    rule_desk,
    surveys,
    topics,
)
from services.contracts.operations.votes.breaches import ReportBreach
from services.contracts.operations.votes.common import (
    Choice,
    Convener,
    Count,
    PollState,
    Preset,
    TopicState,
)
from services.contracts.operations.votes.counting import CountLine, Outcome
from services.contracts.operations.votes.covenants import (
    ListCovenants,
    OfCovenant,
)
from services.contracts.operations.votes.discussion import (
    DiscussTopic,
)
from services.contracts.operations.votes.ledger import (
    CheckReceipt,
)
from services.contracts.operations.votes.objections import (
    AnswerObjection,
    FileObjection,
    MarkObjection,
)
from services.contracts.operations.votes.paper import IssuePaper, ReturnPaper, SyncPaper
from services.contracts.operations.votes.paper_sheets import ConfirmPaper, EnterPaper, PaperCounts
from services.contracts.operations.votes.polls import (
    CastBallot,
    ListPolls,
    OfPoll,
    Poll,
    Receipt,
)
from services.contracts.operations.votes.proposals import (
    PutProposal,
)
from services.contracts.operations.votes.rule_desk import (
    ConfirmRules,
    ListRuleConfirmations,
    OfCommunityRules,
    PreviewRules,
    RevokeRuleConfirmation,
    RuleBound,
    RuleConfirmation,
    RulePreset,
    RulePresets,
    RulesPreview,
)
from services.contracts.operations.votes.rules import (
    Bar,
    Entitled,
    Extension,
    Quorum,
    RuleChoice,
    RuleOverrides,
    RuleSet,
    Share,
    Threshold,
)
from services.contracts.operations.votes.surveys import (
    AnswerSurvey,
    CreateSurvey,
    ListSurveys,
)
from services.contracts.operations.votes.topics import (
    AdvanceTopic,
    ListTopics,
    OfTopic,
    RaiseTopic,
    ScreenTopic,
    Topic,
)

__all__ = [
    "OPERATIONS",
    "AdvanceTopic",
    "AnswerObjection",
    "AnswerSurvey",
    "Bar",
    "CastBallot",
    "CheckReceipt",
    "Choice",
    "ConfirmPaper",
    "ConfirmRules",
    "Convener",
    "Count",
    "CountLine",
    "CreateSurvey",
    "DiscussTopic",
    "EnterPaper",
    "Entitled",
    "Extension",
    "FileObjection",
    "IssuePaper",
    "ListCovenants",
    "ListPolls",
    "ListRuleConfirmations",
    "ListSurveys",
    "ListTopics",
    "MarkObjection",
    "OfCommunityRules",
    "OfCovenant",
    "OfPoll",
    "OfTopic",
    "Outcome",
    "PaperCounts",
    "Poll",
    "PollState",
    "Preset",
    "PreviewRules",
    "PutProposal",
    "Quorum",
    "RaiseTopic",
    "Receipt",
    "ReportBreach",
    "ReturnPaper",
    "RevokeRuleConfirmation",
    "RuleBound",
    "RuleChoice",
    "RuleConfirmation",
    "RuleOverrides",
    "RulePreset",
    "RulePresets",
    "RuleSet",
    "RulesPreview",
    "ScreenTopic",
    "Share",
    "SyncPaper",
    "Threshold",
    "Topic",
    "TopicState",
]

OPERATIONS: tuple[Operation, ...] = (
    *chain.OPERATIONS,
    *topics.OPERATIONS,
    *discussion.OPERATIONS,
    *proposals.OPERATIONS,
    *objections.OPERATIONS,
    *rule_desk.OPERATIONS,
    *polls.OPERATIONS,
    *rolls.OPERATIONS,
    *proxies.OPERATIONS,
    *paper.OPERATIONS,
    *paper_sheets.OPERATIONS,
    *ledger.OPERATIONS,
    *results.OPERATIONS,
    *covenants.OPERATIONS,
    *breaches.OPERATIONS,
    *follow_ups.OPERATIONS,
    *surveys.OPERATIONS,
)
