"""What became of the demo's covenant: who agreed to it, where it was not kept, what is done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.contracts import demo
from services.contracts.actor import Actor
from services.contracts.operations.votes import breaches as breach_ops
from services.contracts.operations.votes import covenants as ops
from services.contracts.operations.votes import follow_ups as follow_up_ops
from services.seeding import Step
from services.votes.handlers import breaches, covenant_views, covenants, follow_ups
from services.votes.seed_past import SECRETARY, Walk, resident
from services.votes.seed_stories import CHEN, LU, MA

AGREED: Final = (
    (29, LU, True),
    (28, CHEN, True),
    (27, MA, False),
    *((26 - n, resident(demo.PERSON_BY_PHONE[f"138{n + 16:08d}"]), n % 3 == 0) for n in range(15)),
)
"""So many days ago who agreed to keep it, and whether with the name. 孙奶奶 has yet to read it."""


def steps(walk: Walk, now: datetime) -> list[Step]:
    """Everything that was done, in no order."""

    def at(days: float, do: Callable[[], object]) -> Step:
        return Step(now - timedelta(days=days), do)

    def agreed(who: Actor, named: bool) -> Callable[[], object]:
        return lambda: covenants.agree(
            walk.uow,
            ops.AgreeToCovenant(id=_there(walk).id, version=1, named=named),
            who,
            walk.now,
        )

    return [
        *(at(days, agreed(who, named)) for days, who, named in AGREED),
        at(20, lambda: _talked_about(walk)),
        at(25, lambda: _follows(walk)),
    ]


def _there(walk: Walk) -> ops.CovenantSummary:
    """The covenant that was adopted by then."""
    asked = ops.ListCovenants(cid=demo.SHANGYUAN)
    return covenant_views.list_covenants(walk.uow, asked, SECRETARY).items[0]


def _talked_about(walk: Walk) -> None:
    """Somebody had no answer within the seven days; it was talked about, and settled."""
    uow, now = walk.uow, walk.now
    said = breach_ops.ReportBreach(
        id=_there(walk).id, article="a1", body="我提的晾衣架，七天了还没有回音。", hide_me=False
    )
    made = breaches.report(uow, said, CHEN, now)
    sorry = breach_ops.ReplyToBreach(id=made.id, body="是我们漏看了，今天就筛选，对不起。")
    breaches.reply(uow, sorry, SECRETARY, now)
    done = breach_ops.SettleBreach(id=made.id, state="settled", reason="当天就有了结果")
    breaches.settle(uow, done, CHEN, now)


def _follows(walk: Walk) -> None:
    """What the committee does so that it is kept."""
    topic = covenant_views.get_covenant(
        walk.uow, ops.GetCovenant(id=_there(walk).id), SECRETARY
    ).came_by.topic_id
    planned = follow_up_ops.AddFollowUp(
        id=topic, what="每栋楼贴一张议事流程图，写明几天内有回音", who="居委会"
    )
    follow_ups.add(walk.uow, planned, SECRETARY, walk.now)
