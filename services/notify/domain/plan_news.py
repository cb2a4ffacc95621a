"""Who hears of a community's plan (一小区一方案), and in which words.

That a plan lies open, was adopted, is finished or was withdrawn concerns everybody of the
community; what became of a comment concerns its author.
"""

from services.contracts import events as e
from services.notify.domain.news import Kind, Rule, Why, fact, members, person
from services.notify.domain.templates import Wording, say

PLAN = "/plans/{plan_id}"
PLAN_RULES: tuple[Rule, ...] = (
    Rule(
        e.PlanChanged,
        members,
        Kind.PLAN,
        Why.MY_COMMUNITY,
        PLAN,
        fact("state"),
        ("open", "adopted", "finished", "withdrawn"),
    ),
    Rule(
        e.PlanCommentAnswered,
        person("author_id"),
        Kind.PLAN_COMMENT,
        Why.MY_WORDS,
        PLAN,
        fact("decision"),
        ("answered", "shown", "hidden"),
    ),
)

PLAN_WORDS: dict[tuple[Kind, str], Wording] = {
    (Kind.PLAN, "open"): say(
        "社区方案征求意见：「{plan_title}」",
        "A plan for the community lies open: “{plan_title}”",
        "请在 {due} 前提出意见，每条都会答复。",
        "Please comment by {due}; each comment is answered.",
    ),
    (Kind.PLAN, "adopted"): say(
        "社区方案已通过：「{plan_title}」", "The community's plan was adopted: “{plan_title}”"
    ),
    (Kind.PLAN, "finished"): say(
        "社区方案已完成：「{plan_title}」", "The community's plan is finished: “{plan_title}”"
    ),
    (Kind.PLAN, "withdrawn"): say(
        "社区方案已撤回：「{plan_title}」",
        "The community's plan was withdrawn: “{plan_title}”",
        "理由写在方案中。",
        "The reason stands with the plan.",
    ),
    (Kind.PLAN_COMMENT, "answered"): say(
        "{office}答复了您对「{plan_title}」的意见",
        "{office} answered your comment on “{plan_title}”",
    ),
    (Kind.PLAN_COMMENT, "shown"): say(
        "您对「{plan_title}」的意见已公开", "Your comment on “{plan_title}” is shown"
    ),
    (Kind.PLAN_COMMENT, "hidden"): say(
        "您对「{plan_title}」的意见没有公开",
        "Your comment on “{plan_title}” is not shown",
        "理由写在您的意见旁。",
        "The reason stands with your comment.",
    ),
}
