"""Identity: who somebody is, where they live, what they may do.

Its entrypoints stand in :mod:`services.identity.entrypoints`, a class for each of their families.
"""

from typing import cast

from sqlalchemy import Engine

from services.identity.crypto import index_guard, vault
from services.identity.entrypoints.contacts import ContactCalls
from services.identity.entrypoints.electorates import ElectorateCalls
from services.identity.entrypoints.joining import JoiningCalls
from services.identity.entrypoints.login import LoginCalls
from services.identity.entrypoints.members import MemberCalls
from services.identity.entrypoints.mine import MyCalls
from services.identity.entrypoints.reactions import Reactions
from services.identity.entrypoints.registers import RegisterCalls
from services.identity.entrypoints.territory import TerritoryCalls
from services.identity.entrypoints.timers import Timers
from services.identity.settings import Settings
from services.kit.service import Service
from services.kit.settings import ServiceSettings


class IdentityService(
    LoginCalls,
    MyCalls,
    JoiningCalls,
    TerritoryCalls,
    MemberCalls,
    RegisterCalls,
    ElectorateCalls,
    ContactCalls,
    Timers,
    Reactions,
    Service,
):
    """Territory, people, memberships, roles, tokens."""

    name = "identity"

    @classmethod
    def connecting(cls, engine: Engine, settings: ServiceSettings) -> None:
        """No connection is used whose blind indexes are not those of our keys."""
        index_guard.attach(engine, vault(cast(Settings, settings).data_keys_file))
