"""Tables of votes.

``topics`` topics, their steps and seconders, the settings of the chain · ``due`` the clock's
duties · ``polls`` polls and their rolls
"""

from services.votes.models.base import Base
from services.votes.models.due import DueRow
from services.votes.models.polls import PollRow, RollEntryRow, RollPersonRow
from services.votes.models.topics import ChainSettingsRow, SeconderRow, TopicRow, TopicStepRow

__all__ = [
    "Base",
    "ChainSettingsRow",
    "DueRow",
    "PollRow",
    "RollEntryRow",
    "RollPersonRow",
    "SeconderRow",
    "TopicRow",
    "TopicStepRow",
]
