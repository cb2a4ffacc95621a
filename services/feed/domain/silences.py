"""A silence (禁言): somebody may not write in a community for a time.

It ends speech before the neighbours (posts, comments, their edits, supervision questions,
handshakes) and nothing else: reporting a problem to the committee, signing up, voting, reporting
content, appealing and deleting one's own words are rights that no moderator takes. The committee
is not silenced, that is a matter of its appointment; nor is what other offices say in modules that
name them, where they are no neighbours. Observers never write anyway.
"""

from datetime import datetime, timedelta
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, RuleBroken
from services.feed.domain.days import CHINA

LONGEST: Final = timedelta(days=30)


class Silenced(Forbidden):
    """The actor may not write in this community until a time."""

    code = "feed.silenced"
    zh, en = "您在本社区被禁言", "You may not write in this community for now"

    @classmethod
    def until(cls, moment: datetime) -> "Silenced":
        """The refusal that says until when, in business time."""
        return cls(f"您在本社区被禁言至 {moment.astimezone(CHINA):%Y-%m-%d %H:%M}")


class InOffice(RuleBroken):
    """The committee is not silenced."""

    code = "feed.in_office"
    zh, en = "不能禁言居委会成员", "Somebody of the committee cannot be silenced"


class AlreadySilenced(Conflict):
    """She is silenced already; lift that first."""

    code = "feed.already_silenced"
    zh, en = "此人已被禁言，请先解除", "This person is silenced already; lift that first"


class SilenceNotFound(NotFound):
    """There is no such silence, or it is over."""

    code = "feed.silence_not_found"
    zh, en = "没有找到这条禁言，或已结束", "There is no such silence, or it is over"


def check_until(until: datetime, now: datetime) -> None:
    """A silence ends in the future, within 30 days; :class:`Invalid` otherwise."""
    if not now < until <= now + LONGEST:
        raise Invalid(errors=[FieldError("until", "禁言应在 30 天以内结束")])
