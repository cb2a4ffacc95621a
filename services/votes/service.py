"""Votes: what is decided, from a neighbour's question to a covenant.

Its entrypoints stand in :mod:`services.votes.entrypoints`, a class for each of their families.
"""

from typing import Any, cast

from sqlalchemy import Engine

from services import directory
from services.contracts import topology
from services.contracts.events import Event
from services.kit.service import Call, Service, on
from services.kit.settings import ServiceSettings
from services.votes import copies
from services.votes.crypto import keys
from services.votes.entrypoints.ballots import BallotCalls
from services.votes.entrypoints.covenants import CovenantCalls
from services.votes.entrypoints.discussion import DiscussionCalls, ObjectionCalls, ProposalCalls
from services.votes.entrypoints.duties import DutyCalls
from services.votes.entrypoints.paper import PaperCalls
from services.votes.entrypoints.polls import PollCalls
from services.votes.entrypoints.rolls import RollCalls
from services.votes.entrypoints.rules import RuleCalls
from services.votes.entrypoints.surveys import SurveyCalls
from services.votes.entrypoints.topics import TopicCalls
from services.votes.handlers import leaving
from services.votes.settings import Settings


class VotesService(
    DiscussionCalls,
    ProposalCalls,
    ObjectionCalls,
    BallotCalls,
    CovenantCalls,
    DutyCalls,
    PaperCalls,
    PollCalls,
    RollCalls,
    RuleCalls,
    SurveyCalls,
    TopicCalls,
    Service,
):
    """What is decided: topics, polls, covenants."""

    name = "votes"
    looks_at_uploads = True

    @classmethod
    def connecting(cls, engine: Engine, settings: ServiceSettings) -> None:  # noqa: ARG003
        """Nothing is served without the keys that sign ledgers and guard boxes."""
        keys.use(cast(Settings, settings).votes_keys_file)

    def personal_data(self, call: Call) -> dict[str, Any]:
        return copies.held_about(call.uow, call.caller.person_id)

    @on(*topology.TERRITORY, queue="votes.territory", latest=True)
    def keep_territory(self, call: Call, event: Event) -> None:
        directory.project(call.uow, event)
        leaving.follow(call.uow, event, call.now)
