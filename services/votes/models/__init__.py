"""Tables of votes.

``topics`` topics, their steps and seconders, the settings of the chain · ``due`` the clock's
duties · ``discussion`` opinions and moderators · ``proposals`` the text · ``objections`` ·
``polls`` polls and their rolls · ``rolls`` what is changed in them · ``proxies`` ·
``paper`` the paper desk · ``results`` what came of them ·
``ballots`` · ``ledger`` · ``rules`` who confirmed which ·
``covenants`` covenants, breaches, follow-up · ``surveys``
"""

from services.votes.models.ballots import (
    BallotAnswerRow,
    BallotChoiceRow,
    BallotTotalRow,
    LeafRow,
    NamedBallotRow,
    SealedBallotRow,
)
from services.votes.models.base import Base
from services.votes.models.covenants import (
    AgreementRow,
    BreachLookRow,
    BreachNoteRow,
    BreachPersonRow,
    BreachRow,
    CovenantRow,
    CovenantVersionRow,
    FollowUpRow,
)
from services.votes.models.discussion import ModeratorRow, OpinionRow
from services.votes.models.due import DueRow
from services.votes.models.ledger import (
    LedgerEntryRow,
    MerkleBlockRow,
    PollAuditRow,
    PollBoxRow,
    PollHeadRow,
    SignedHeadRow,
)
from services.votes.models.objections import ObjectionNoteRow, ObjectionRow
from services.votes.models.paper import (
    PaperActRow,
    PaperBookRow,
    PaperEntryRow,
    PaperReadingRow,
    PaperRow,
    PaperSheetRow,
)
from services.votes.models.polls import PollRow, RollEntryRow, RollPersonRow
from services.votes.models.proposals import ProposalVersionRow
from services.votes.models.proxies import ProxyRow
from services.votes.models.results import ResultRow
from services.votes.models.rolls import RollChangeRow, RollTreeRow
from services.votes.models.rules import RuleConfirmationRow
from services.votes.models.surveys import SurveyAnswerRow, SurveyMarkRow, SurveyRow
from services.votes.models.topics import (
    ChainSettingsRow,
    SeconderRow,
    TopicRow,
    TopicStepRow,
    TopicWordingRow,
)

__all__ = [
    "AgreementRow",
    "BallotAnswerRow",
    "BallotChoiceRow",
    "BallotTotalRow",
    "Base",
    "BreachLookRow",
    "BreachNoteRow",
    "BreachPersonRow",
    "BreachRow",
    "ChainSettingsRow",
    "CovenantRow",
    "CovenantVersionRow",
    "DueRow",
    "FollowUpRow",
    "LeafRow",
    "LedgerEntryRow",
    "MerkleBlockRow",
    "ModeratorRow",
    "NamedBallotRow",
    "ObjectionNoteRow",
    "ObjectionRow",
    "OpinionRow",
    "PaperActRow",
    "PaperBookRow",
    "PaperEntryRow",
    "PaperReadingRow",
    "PaperRow",
    "PaperSheetRow",
    "PollAuditRow",
    "PollBoxRow",
    "PollHeadRow",
    "PollRow",
    "ProposalVersionRow",
    "ProxyRow",
    "ResultRow",
    "RollChangeRow",
    "RollEntryRow",
    "RollPersonRow",
    "RollTreeRow",
    "RuleConfirmationRow",
    "SealedBallotRow",
    "SeconderRow",
    "SignedHeadRow",
    "SurveyAnswerRow",
    "SurveyMarkRow",
    "SurveyRow",
    "TopicRow",
    "TopicStepRow",
    "TopicWordingRow",
]
