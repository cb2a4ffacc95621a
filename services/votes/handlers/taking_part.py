"""Who takes part of her own: members, but no children; and whether her words may be shown."""

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.operations.feed.moderation import SpeechChecked
from services.contracts.operations.votes.common import Barred
from services.kit import logs
from services.kit.uow import UnitOfWork
from services.votes.domain.taking_part import NotForChildren

_SILENCED = "feed.silenced"
log = logs.get(__name__)


def grown_up(uow: UnitOfWork, actor: Actor, community_id: str) -> directory.Card:
    """The actor's card, when she belongs here and is no child below 14.

    Raises:
        NotAMember, ObserverReadOnly: she takes no part here.
        NotForChildren: she speaks through her guardian, and is on nobody's roll.
    """
    card = directory.require_member(uow, actor, community_id)
    if card.standing == "child":
        raise NotForChildren()
    return card


def barred(actor: Actor, card: directory.Card | None) -> Barred | None:
    """Why the actor takes no part of her own, as far as her card tells; None where she does."""
    if actor.is_observer:
        return "observer"
    if card is None or not card.present:
        return "not_a_member"
    return "child" if card.standing == "child" else None


def must_wait(uow: UnitOfWork, community_id: str, body: str) -> bool:
    """Whether somebody has to look before other neighbours read it; feed has 2 s to say.

    Raises:
        Silenced, WordsRefused: feed's word; she may not say it, or not here and now.
    """
    try:
        return _held(uow, community_id, body)
    except ShequError as error:
        if error.status < 500:
            raise
        log.warning("words wait, as nobody judged them", code=error.code)
        return True


def require_lawful(uow: UnitOfWork, community_id: str, body: str) -> None:
    """Check words that somebody has a right to say, and a time limit to say them in.

    Neither a silence nor a word that somebody would have to look at takes that right away, nor that
    feed cannot be asked at the moment. What is not published anywhere here is not taken.

    Raises:
        WordsRefused: it holds what is not published here.
    """
    try:
        _held(uow, community_id, body)
    except ShequError as error:
        if error.status < 500 and error.code != _SILENCED:
            raise
        log.warning("words were not judged", code=error.code)


def _held(uow: UnitOfWork, community_id: str, body: str) -> bool:
    told = uow.ask("feed", "check_speech", cid=community_id, body=body)
    return SpeechChecked.model_validate(told).held
