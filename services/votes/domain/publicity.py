"""The publicity (公示) of a result: what it still waits for before it holds.

::

    published ─► the period ends ─► objections answered ─► supervisors signed ─► adopted ─► filed

The supervisory committee (居务监督委员会) signs where the community's chain has that step. Filing
with street or town (备案) comes after the adoption, which does not wait for it: what was decided
holds by the decision, and the filing makes it known (城市居民委员会组织法 2018 art. 15). Its
deadline is told.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from services.contracts.errors import Conflict
from services.contracts.operations.votes.chain import ChainSettings


class Awaits(StrEnum):
    """What a result that passed still waits for."""

    PERIOD = "period"
    OBJECTIONS = "objections"
    SIGN_OFF = "sign_off"
    REFUSED = "sign_off_refused"


class NothingToSign(Conflict):
    """This community's chain has no sign-off, or the result does not wait for one."""

    code = "votes.nothing_to_sign"
    zh, en = "这个结果不需要监督委员会确认", "This result does not wait for a sign-off"


class NothingToFile(Conflict):
    """This community's chain has no filing, or there is nothing adopted to file."""

    code = "votes.nothing_to_file"
    zh, en = "这个结果现在不需要备案", "There is nothing to file here now"


class AlreadyFiled(Conflict):
    """The decision is on file."""

    code = "votes.already_filed"
    zh, en = "已经登记过备案", "The decision is on file already"


def require_to_sign(settings: ChainSettings, *, in_publicity: bool, signed: str | None) -> None:
    """Raise :class:`NothingToSign` unless a result waits for the supervisors' word."""
    if "supervision" not in settings.steps or not in_publicity:
        raise NothingToSign()
    if signed == "sign":
        raise NothingToSign("it is signed")


def require_to_file(*, due: bool, filed: bool) -> None:
    """Let a decision be put on file.

    Args:
        due: whether it was adopted, in a chain that has a filing.
        filed: whether it is on file.

    Raises:
        NothingToFile, AlreadyFiled: it is not, or was before.
    """
    if not due:
        raise NothingToFile()
    if filed:
        raise AlreadyFiled()


def awaits(
    settings: ChainSettings,
    *,
    over: bool,
    unanswered: int,
    signed: str | None,
) -> list[Awaits]:
    """What is missing before the decision holds, in the order of who has to act.

    Args:
        settings: those that the topic was raised under.
        over: whether the period of publicity has ended.
        unanswered: objections of the publicity without a reasoned answer.
        signed: what the supervisors decided: ``sign``, ``refuse``, or nothing yet.
    """
    missing = []
    if not over:
        missing.append(Awaits.PERIOD)
    if unanswered:
        missing.append(Awaits.OBJECTIONS)
    if "supervision" in settings.steps and signed != "sign":
        missing.append(Awaits.REFUSED if signed == "refuse" else Awaits.SIGN_OFF)
    return missing


def sign_by(settings: ChainSettings, ended_at: datetime) -> datetime:
    """By when the supervisors should have signed."""
    return ended_at + timedelta(days=settings.supervision_days)


def file_by(settings: ChainSettings, adopted_at: datetime) -> datetime:
    """By when what was adopted should be filed."""
    return adopted_at + timedelta(days=settings.filing_days)
