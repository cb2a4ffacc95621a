"""Rule sets (表决规则): presets and what differs from them."""

from pydantic import ConfigDict

from services.contracts.operations.base import Command, Operation
from services.contracts.operations.votes.common import Preset


class RuleOverrides(Command):
    """A rule set (表决规则) made from a preset: ``base`` and what differs from it."""

    model_config = ConfigDict(extra="allow")

    base: Preset


RuleSet = Preset | RuleOverrides

OPERATIONS: tuple[Operation, ...] = ()
