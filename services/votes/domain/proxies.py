"""Written proxies (书面委托): who may hold one, for how many, and what it binds her to.

Agency is by will and in writing (民法典 art. 161, 165), and whoever acts says what the principal
states (《上海市住宅物业管理规定》 art. 18). Nobody acts who counts the votes, or has a stake in
them by office: members of the convening body, the property manager. Among residents and villagers
the holder is on the roll herself (as 村民委员会组织法 art. 15 has it for elections); an owner may
send any neighbour, as a spouse or a tenant who owns nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.actor import COMMITTEE, Role
from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, RuleBroken
from services.contracts.operations.votes.common import Choice
from services.contracts.operations.votes.rules import RuleSet

_COUNTING: Final = {
    "residents_committee": COMMITTEE | {Role.PROPERTY_MANAGER},
    "owners_committee": frozenset({Role.OWNERS_COMMITTEE, Role.PROPERTY_MANAGER}),
}


class NoProxies(RuleBroken):
    """The rules of this poll let nobody vote for another."""

    code = "votes.no_proxies"
    zh, en = "本次表决不允许委托他人代投", "Nobody may vote for another in this poll"


class NotForProxies(Conflict):
    """Voting is over, or the roll is not there yet."""

    code = "votes.not_for_proxies"
    zh, en = "现在不能办理委托", "Proxies cannot be given or taken back now"


class ProxyUnfit(RuleBroken):
    """That person may not hold this proxy."""

    code = "votes.proxy_unfit"
    zh, en = "此人不能担任受托人", "This person may not hold the proxy"


class ProxyLimit(Conflict):
    """She votes for as many others as the rules allow."""

    code = "votes.proxy_limit"
    zh, en = "受托人代投的人数已达上限", "This person holds as many proxies as the rules allow"


class ProxyHeld(Conflict):
    """Somebody holds a proxy for the entry."""

    code = "votes.proxy_held"
    zh, en = "这一票已经委托给他人，请先撤回", "Somebody holds a proxy for this vote already"


class ProxyUsed(Conflict):
    """It was voted with."""

    code = "votes.proxy_used"
    zh, en = "受托人已经投票，委托不能撤回", "The proxy has been used and cannot be taken back"


class ProxyNotFound(NotFound):
    """There is no such proxy, or it is not the actor's."""

    code = "votes.proxy_not_found"
    zh, en = "没有找到这份委托", "There is no such proxy"


class NoAuthority(Forbidden):
    """The actor holds no proxy for the entry: never given, taken back, or made up."""

    code = "votes.no_authority"
    zh, en = "您没有得到这一票的委托", "You hold no proxy for this vote"


class BadProxyChoice(Invalid):
    """What is to be voted must be stated; in a secret poll it must not be told."""

    code = "votes.bad_proxy_choice"
    zh, en = "委托的表决意见填写不当", "The stated choice is missing, or must not be told here"


class BoundOtherwise(Conflict):
    """The principal stated another choice."""

    code = "votes.bound_otherwise"
    zh, en = "委托人写明的意见与此不同", "The principal stated another choice"


@dataclass(frozen=True, slots=True)
class Authority:
    """A proxy that stands: for which entry, and what its holder has to vote (None: untold)."""

    proxy_id: str
    code: str
    choice: Choice | None

    def check(self, choice: str) -> None:
        """Raise :class:`BoundOtherwise` unless it lets its holder vote this."""
        if self.choice is not None and self.choice != choice:
            raise BoundOtherwise()


def check_time(poll_state: str, roll_state: str, closes_at: datetime, now: datetime) -> None:
    """Raise :class:`NotForProxies` unless proxies are given and taken back now."""
    early = poll_state not in ("announced", "open") or roll_state == "drawing"
    if early or now >= closes_at:
        raise NotForProxies()


def check_choice(rules: RuleSet, choice: Choice | None) -> None:
    """Whether the choice is told as it must be.

    Raises:
        NoProxies: the rules know none.
        BadProxyChoice: it is missing; or told where nobody may know how the entry votes.
    """
    if rules.proxies == "none":
        raise NoProxies()
    if rules.secrecy == "secret" and choice is not None:
        raise BadProxyChoice(errors=[FieldError("choice", "不记名表决不得告知平台")])
    if rules.secrecy != "secret" and choice is None:
        raise BadProxyChoice(errors=[FieldError("choice", "请写明同意、反对或弃权")])


def check_holder(
    convener: str,
    electorate: str,
    badges: Collection[str],
    *,
    neighbour: bool,
    on_roll: bool,
    herself: bool,
) -> None:
    """Whether somebody may hold the proxy.

    Args:
        badges: the offices she holds in the community.
        neighbour: whether she is a grown-up member.
        on_roll: whether the roll knows an entry of hers.
        herself: whether she may vote for this very entry anyway.

    Raises:
        ProxyUnfit: she may not.
    """
    counts = {role.value for role in _COUNTING[convener]} & set(badges)
    needs_entry = electorate not in ("owners", "affected_owners")
    if not neighbour or herself or counts or (needs_entry and not on_roll):
        raise ProxyUnfit(errors=[FieldError("holder_id", ProxyUnfit.zh)])


def check_limit(rules: RuleSet, others: int) -> None:
    """Raise :class:`ProxyLimit` when ``others`` is all that one may vote for."""
    if others >= rules.proxies_each:
        raise ProxyLimit()
