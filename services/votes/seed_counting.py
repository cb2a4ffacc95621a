"""A vote of the demo's that is being counted: the papers are back, and one person has read the urn.

The other one is whoever tries the paper desk: the secretary enters the same sheet, and the result
comes.
"""

from datetime import datetime
from typing import Final

from services.seeding import Step
from services.votes.seed_past import Walk
from services.votes.seed_stories import CHEN, LU, Story, Urn

FOUND: Final = {"for": 17, "against": 4, "abstain": 2}
"""What lies in the urn, besides one that says nothing clear."""


def steps(walk: Walk, now: datetime) -> list[Step]:
    """Everything that happened, in no order."""
    story = Story(
        walk,
        now,
        "垃圾房早晚各开三小时",
        "垃圾房全天开着，夏天味道大。约定早上六点到九点、晚上五点到八点开门，其余时间上锁。",
        by=CHEN,
    )
    story.drafted(37)
    story.said(33, LU, "for", "时间够用，住在旁边的邻居也好过些。")
    story.written(
        21,
        ("垃圾房每日六时至九时、十七时至二十时开放，其余时间上锁。",),
        opens=8.5,
        closes=0.5,
    )
    story.led(20, "notice")
    story.voted(4, 60, {"for": 612, "against": 171, "abstain": 38})
    urn = Urn(story, 1_000, FOUND, invalid=1, unreturned=2)
    story.at(6, urn.hand_out)
    story.at(1, urn.collect)
    story.at(0.3, urn.enter)
    return story.steps
