"""Tables of votes.

``topics`` topics, their steps and seconders, the settings of the chain · ``due`` the clock's
duties · ``discussion`` opinions and moderators · ``proposals`` the text · ``objections`` ·
``polls`` polls and their rolls · ``results`` what came of them
"""

from services.votes.models.base import Base
from services.votes.models.discussion import ModeratorRow, OpinionRow
from services.votes.models.due import DueRow
from services.votes.models.objections import ObjectionNoteRow, ObjectionRow
from services.votes.models.polls import PollRow, RollEntryRow, RollPersonRow
from services.votes.models.proposals import ProposalVersionRow
from services.votes.models.results import ResultRow
from services.votes.models.topics import (
    ChainSettingsRow,
    SeconderRow,
    TopicRow,
    TopicStepRow,
    TopicWordingRow,
)

__all__ = [
    "Base",
    "ChainSettingsRow",
    "DueRow",
    "ModeratorRow",
    "ObjectionNoteRow",
    "ObjectionRow",
    "OpinionRow",
    "PollRow",
    "ProposalVersionRow",
    "ResultRow",
    "RollEntryRow",
    "RollPersonRow",
    "SeconderRow",
    "TopicRow",
    "TopicStepRow",
    "TopicWordingRow",
]
