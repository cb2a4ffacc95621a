"""What identity's entrypoints hand to the use-cases: keys, issuer, clock."""

from datetime import UTC, datetime
from typing import cast

from services.identity.crypto import Vault
from services.identity.crypto import vault as vault_in
from services.identity.handlers.sessions import Desk
from services.identity.settings import Settings
from services.identity.tokens import issuer
from services.kit.call import Call


def settings(call: Call) -> Settings:
    """Identity's settings."""
    return cast(Settings, call.settings)


def vault(call: Call) -> Vault:
    """The data keys, as their file has them now."""
    return vault_in(settings(call).data_keys_file)


def clock() -> datetime:
    """Real time, which the demo's business clock does not move: codes and sessions run on it."""
    return datetime.now(UTC)


def sessions_desk(call: Call) -> Desk:
    """What is needed to begin and renew sessions."""
    chosen = settings(call)
    return Desk(issuer(chosen.token_key_file), clock(), call.now, chosen.staff_need_totp)
