"""Whether somebody is grown up: reckoned when asked for, told to nobody else, kept nowhere."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from services.contracts.actor import Actor
from services.contracts.operations.identity import AskedCard, GetMemberCard
from services.identity.crypto import Vault
from services.identity.domain import id_number
from services.identity.domain.guardians import ADULT_AGE
from services.identity.handlers import cards
from services.identity.handlers.joining import CHINA
from services.identity.models import RealName
from services.identity.models.sealed import Purpose
from services.kit.uow import UnitOfWork


def get_asked_card(
    uow: UnitOfWork, vault: Vault, cmd: GetMemberCard, actor: Actor, now: datetime
) -> AskedCard:
    """A card as a service asks for it; of the actor's own it says whether she is a minor.

    Raises:
        NoCard: the person is neither resident nor staff.
    """
    found = cards.get_member_card(uow, cmd, now)
    own = cmd.person_id == actor.person_id
    today = now.astimezone(CHINA).date()
    minor = is_minor(uow.session, vault, actor.person_id, today) if own else None
    return AskedCard(**found.model_dump(), minor=minor)


def is_minor(session: Session, vault: Vault, person_id: str, today: date) -> bool | None:
    """Whether somebody is below 18 (未成年人保护法 art. 2); None when no birthday is held.

    The year decides. The number itself is opened only in the year in which the day does.
    """
    known = session.get(RealName, person_id)
    if known is None or known.birth_year is None:
        return None
    years = today.year - known.birth_year
    if years != ADULT_AGE or known.id_number_sealed is None:
        return years < ADULT_AGE
    number = vault.open(known.id_number_sealed, purpose=Purpose.ID_NUMBER, owner=person_id)
    return id_number.parse(number, today).age_on(today) < ADULT_AGE
