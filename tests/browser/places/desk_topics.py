"""The desk where topics are led: board, topic, discussion, text, the chain's settings, surveys."""

from tests.browser.places import CLERK, HOME, SECRETARY, Known, Place
from tests.browser.places.topics import survey, topic

OWNERS = "13800000007"


def at_desk(q: str, below: str = "") -> object:
    """The demo's topic of that name at the desk, and a page below it."""
    return lambda known: f"/console{topic(q)(known)}{below}"


def a_survey(title: str) -> object:
    """The demo's survey of that name at the desk."""
    return lambda known: f"/console{survey(title)(known)}"


def a_draft(known: Known) -> str:
    """The address of a survey that has not been asked yet."""

    def make(k: Known) -> str:
        questions = [
            {"kind": "single", "text": "长椅装在哪里？", "choices": ["南门", "北门"]},
            {"kind": "text", "text": "还有什么想法？", "longest": 200},
        ]
        made = k.post(
            SECRETARY, f"/communities/{HOME}/surveys", title="长椅装在哪里",
            questions=questions, draft=True,
        )  # fmt: skip
        return made["id"]

    return f"/console/surveys/{known.made('desk-survey-draft', make)}"


TALK, LED = "/console/topics/{id}/discussion", "/console/topics/{id}/moderators"
ANSWERED, TEXT = "/console/topics/{id}/objections", "/console/topics/{id}/proposal"
ONE, SURVEY = "/console/topics/{id}", "/console/surveys/{id}"
PLACES = (
    Place("/console/topics", who=SECRETARY),
    Place("/console/topics", who=OWNERS, name="console-topics-owners"),
    Place(ONE, who=CLERK, at=at_desk("滑梯"), name="console-topic-asked"),
    Place(ONE, who=SECRETARY, at=at_desk("楼道灯"), name="console-topic-drafted"),
    Place(ONE, who=CLERK, at=at_desk("楼组长"), name="console-topic-noticed"),
    Place(TALK, who=CLERK, at=at_desk("快递柜", "/discussion"), name="console-talk"),
    Place(LED, who=SECRETARY, at=at_desk("快递柜", "/moderators"), name="console-moderators"),
    Place(ANSWERED, who=CLERK, at=at_desk("楼组长", "/objections"), name="console-objections"),
    Place(TEXT, who=SECRETARY, at=at_desk("楼道灯", "/proposal"), name="console-proposal"),
    Place("/console/chain", who=SECRETARY),
    Place("/console/chain", who=CLERK, name="console-chain-read"),
    Place("/console/surveys", who=CLERK),
    Place("/console/surveys/new", who=CLERK),
    Place(SURVEY, who=CLERK, at=a_survey("垃圾箱房开门时间"), name="console-survey"),
    Place(SURVEY, who=CLERK, at=a_survey("冬天办什么兴趣班"), name="console-survey-open"),
    Place("/console/surveys/{id}/edit", who=SECRETARY, at=lambda k: f"{a_draft(k)}/edit"),
)
