"""The ten hottest concerns of a month (十大热点)."""

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PERSON,
    AnyObject,
    Command,
    Id,
    Operation,
    Text,
    holders,
)
from services.contracts.operations.grid_bridge.common import Moment, Month


class HotTopics(Command):
    """The ten hottest concerns of a district in a month."""

    did: Id
    month: Month


class CommunityHotTopics(Command):
    """The ten hottest concerns of a community in a month."""

    cid: Id
    month: Month


class AddHotTopicAction(Command):
    """What is done about a hot topic."""

    id: Id
    kind: Literal["campaign", "project", "topic"]
    ref: Annotated[Text, Field(max_length=200)] = ""
    starts_at: Moment | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "hotTopics", "GET /districts/{did}/hot-topics", service="grid_bridge", who=PERSON,
        command=HotTopics, result=AnyObject, summary="The district's hot ten", built=False,
    ),
    Operation(
        "communityHotTopics", "GET /communities/{cid}/hot-topics", service="grid_bridge",
        who=PERSON, command=CommunityHotTopics, result=AnyObject,
        summary="The community's hot ten", built=False,
    ),
    Operation(
        "addHotTopicAction", "POST /hot-topics/{id}/actions", service="grid_bridge",
        who=holders(
            Role.COMMITTEE_STAFF, Role.SECRETARY, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN
        ),
        command=AddHotTopicAction, result=AnyObject, status=201,
        summary="Link an action to a hot topic", built=False,
    ),
)  # fmt: skip
