"""The Party badge: shown only while the branch confirms it and its owner consents (PIPL art. 29).

The choice and the consent are one: whoever takes back either takes back both, at once.
"""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import Conflict
from services.contracts.events import BadgeChanged
from services.contracts.operations.identity import BadgeView, SetPartyBadge
from services.identity import repository
from services.identity.domain import consents
from services.identity.domain import roles as rules
from services.identity.handlers import cards, ledger
from services.kit.uow import UnitOfWork


class BadgeNotConfirmed(Conflict):
    """The Party branch has not confirmed the membership."""

    code = "identity.badge_not_confirmed"
    zh, en = "党员身份尚未经所在党支部确认", "Your branch has not confirmed your membership"


def set_party_badge(uow: UnitOfWork, cmd: SetPartyBadge, actor: Actor, now: datetime) -> BadgeView:
    """Show the Party flag beside the name (党员亮身份), or withdraw it at once.

    Raises:
        BadgeNotConfirmed: no branch has confirmed the membership (withdrawing is always allowed).
    """
    person = repository.person(uow.session, actor.person_id, lock=True)
    if cmd.shown:
        show(uow, person.id, now)
    else:
        hide(uow, person.id, now)
    return BadgeView(key="party_member", shown=cmd.shown)


def show(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """Show it; the person's own word is the consent.

    Raises:
        BadgeNotConfirmed: no branch has confirmed the membership.
    """
    session = uow.session
    held = repository.held_roles(repository.live_grants(session, person_id))
    if not rules.may_show_party_badge(held, now):
        raise BadgeNotConfirmed()
    if not ledger.counts(session, person_id, consents.PARTY_BADGE):
        purpose = consents.PURPOSES[consents.PARTY_BADGE]
        ledger.keep(uow, person_id, [purpose], given_by=person_id, now=now)
    _choose(uow, person_id, True, now)


def hide(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """Hide it everywhere, and end the consent with it."""
    ledger.close(uow, person_id, consents.PARTY_BADGE, now)
    _choose(uow, person_id, False, now)


def _choose(uow: UnitOfWork, person_id: str, shown: bool, now: datetime) -> None:
    if repository.badge_shown(uow.session, person_id) != shown:
        repository.choose_badge(uow.session, person_id, shown, now)
        uow.emit(BadgeChanged(person_id=person_id, shown=shown))
        cards.announce_everywhere(uow, person_id, now)
