"""Words that another service shows to the neighbours are judged by the same rules as here."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.feed.moderation import CheckSpeech, SpeechChecked
from services.feed.handlers import keeping_away, moderation
from services.kit.uow import UnitOfWork


def check(uow: UnitOfWork, cmd: CheckSpeech, actor: Actor, now: datetime) -> SpeechChecked:
    """Whether a member may say this here, and whether somebody has to look at it before.

    Nothing is kept of the words: whoever shows them opens the case.

    Raises:
        NotAMember, ObserverReadOnly: she takes no part here.
        Silenced: she may not write here now.
        WordsRefused: it holds what is not published here.
    """
    directory.require_member(uow, actor, cmd.cid)
    keeping_away.require_voice(uow, actor, cmd.cid, now)
    return SpeechChecked(held=moderation.check({"body": cmd.body}).level == "hold")
