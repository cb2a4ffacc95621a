"""Operations of topics and of the settings of their chain."""

from services.contracts.actor import COMMITTEE, Actor
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE
from tests.support.matrix.rows import Command, Row, inside, place, thing
from tests.support.matrix.votes_laid import topic

WORDS: Command = {"title": "电动车不进楼", "body": "楼道里充电太危险"}


def _returned(h: House, who: Actor) -> Command:
    """A question of this person's that waits for her."""
    return {**topic(h, "raised", who, returned=True), **WORDS}


def _settings(h: House) -> Command:
    """Settings upon those that stand."""
    version = h.ask(h.secretary, "getChainSettings", **HERE)["version"]
    return {**HERE, "version": version, "settings": {}, "note": "议事规则"}


ROWS: dict[str, Row] = {
    "raiseTopic": place(lambda _h, _who: {**HERE, **WORDS}),
    "listTopics": inside(lambda _h, _who: HERE),
    "getTopic": inside(lambda h, _who: topic(h, "raised")),
    "amendTopic": thing(_returned),
    "secondTopic": place(lambda h, _who: topic(h, "raised")),
    "withdrawSecond": place(lambda h, _who: topic(h, "raised")),
    "screenTopic": place(
        lambda h, _who: {**topic(h, "raised"), "stage": "intake", "decision": "accept"},
        only=COMMITTEE,
    ),
    "advanceTopic": place(
        lambda h, _who: {**topic(h, "screened"), "to": "discussion"}, only=COMMITTEE
    ),
    "handTopic": place(
        lambda h, _who: {
            **topic(h, "raised"),
            "convener": "owners_committee",
            "reason": "属于共有部分",
        },
        only=COMMITTEE,
    ),
    "listScreeningBoard": place(lambda _h, _who: HERE),
    "findAlikeTopics": place(lambda h, _who: topic(h, "raised")),
    "getChainSettings": inside(lambda _h, _who: HERE),
    "putChainSettings": place(lambda h, _who: _settings(h)),
    "listChainVersions": inside(lambda _h, _who: HERE),
}
