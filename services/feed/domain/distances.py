"""Keeping away (屏蔽, 拉黑) without finding out who somebody is.

A neighbour who hides her name is two people to the others: one with a name and one without. If
muting 老陆 also hid what 老陆 writes as 匿名邻居, muting would tell who 匿名邻居 is; so would a
refusal. Therefore a distance lies between two *faces*::

    what the other says   with her name (hidden = false) · without it (hidden = true)
    what I say            with my name  (veiled = false) · without it (veiled = true)

``mute`` hides the posts and comments of that face of hers from my lists; ``block`` also keeps that
face of hers from commenting on, answering and liking what this face of mine says, from asking me
for a handshake, inviting me, thanking or naming me and adding words to what I record. Who meets a
hidden author keeps away from her as a hidden one; who does so in the thread of a post of her own
where she hides, does so as the hidden one that she is.

Offices are heard by all: what was said in office is neither hidden nor out of anybody's reach,
and who serves the community is not kept from answering.
"""

from services.contracts.errors import Forbidden, NotFound, RuleBroken


class PersonNotFound(NotFound):
    """Nobody whom the actor could know has this id."""

    code = "feed.person_not_found"
    zh, en = "没有找到这位邻居", "There is no such neighbour"


class NotFromOneself(RuleBroken):
    """Nobody keeps away from herself, or from a post that nobody wrote."""

    code = "feed.not_from_oneself"
    zh, en = "不能屏蔽自己", "You cannot keep away from yourself"


class OfficialVoice(RuleBroken):
    """What was said in office cannot be muted."""

    code = "feed.official_voice"
    zh, en = "官方发布的内容不能屏蔽", "What an office says cannot be muted"


class KeptAway(Forbidden):
    """Who said this does not want to hear from the actor."""

    code = "feed.kept_away"
    zh, en = "对方暂不希望与您互动", "This neighbour does not want to hear from you"
