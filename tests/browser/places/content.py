"""The desk for content; supervision questions and good deeds, as residents see them, too."""

from datetime import UTC, datetime, timedelta

from services.contracts import demo
from services.contracts.demo import demo_id
from tests.browser.places import (
    CLERK,
    GRANNY_SUN,
    HOME,
    OBSERVER,
    OLD_LU,
    SECRETARY,
    VILLAGER,
    Known,
    Place,
)
from tests.support.waiting import until

VILLAGE_CLERK, SUPERVISOR = "13800000041", "13800000042"
REPORTED, APPEALED = demo_id(42, 2), demo_id(42, 3)
ACCOUNTS, ASKED, PATROL = demo_id(15, 1), demo_id(16, 2), demo_id(71, 2)
QUEUE = "/console/moderation"


def a_silence(known: Known) -> str:
    def make(known: Known) -> str:
        known.post(
            CLERK,
            f"/communities/{HOME}/silences",
            person_id=demo.PERSON_BY_PHONE["13800000035"],
            until=(datetime.now(UTC) + timedelta(days=3)).isoformat(),
            reason="一再在别人的帖子下面骂人，劝过两次没有改。",
        )
        return f"{QUEUE}/silences"

    return known.made("silence", make)


def a_hint(known: Known) -> str:
    """A post that the classifier takes for a problem."""

    def make(known: Known) -> str:
        post = known.post(
            OLD_LU,
            f"/communities/{HOME}/posts",
            module="nearby",
            title="四号楼楼道的灯又坏了",
            body="四号楼二单元楼道灯坏了三天，晚上一片黑，老人上下楼容易摔跤，请居委会派人修一修。",
        )["id"]

        def told() -> bool:
            found = known.get(CLERK, f"/communities/{HOME}/suggestions")["items"]
            return post in [one["post_id"] for one in found]

        until(told, what="the classifier's hint", limit=30)
        return "/console/suggestions"

    return known.made("hint", make)


def a_deed(known: Known) -> str:
    deed = known.first(GRANNY_SUN, f"/posts/{PATROL}/deeds")["id"]
    return f"/posts/{PATROL}/deeds/{deed}"


PLACES = (
    Place(QUEUE, who=CLERK),
    Place(QUEUE, who=CLERK, at=f"{QUEUE}?state=final", name="console-moderation-none"),
    Place(f"{QUEUE}/{{id}}", who=CLERK, at=f"{QUEUE}/{REPORTED}"),
    Place(f"{QUEUE}/{{id}}", who=SECRETARY, at=f"{QUEUE}/{APPEALED}", name="moderation-appeal"),
    Place(f"{QUEUE}/{{id}}", who=CLERK, at=f"{QUEUE}/{APPEALED}", name="moderation-appeal-first"),
    Place(f"{QUEUE}/log", who=CLERK),
    Place(f"{QUEUE}/silences", who=CLERK, at=a_silence),
    Place(f"{QUEUE}/words", who=CLERK),
    Place("/console/content", who=CLERK),
    Place("/console/content", who=CLERK, at="/console/content?view=praise", name="content-praise"),
    Place("/console/suggestions", who=CLERK, at=a_hint),
    Place("/console/questions", who=VILLAGE_CLERK),
    Place("/console/questions", who=CLERK, name="console-questions-none"),
    Place("/console/deeds", who=CLERK),
    Place("/c/{cid}/questions", who=VILLAGER, at=f"/c/{demo.HAIXING}/questions"),
    Place("/posts/{id}/questions", who=VILLAGER, at=f"/posts/{ACCOUNTS}/questions?line=3"),
    Place(
        "/posts/{id}/questions/{question}",
        who=SUPERVISOR,
        at=f"/posts/{ACCOUNTS}/questions/{ASKED}",
    ),
    Place("/c/{cid}/deeds", at=f"/c/{HOME}/deeds"),
    Place("/posts/{id}/deeds", who=OLD_LU, at=f"/posts/{PATROL}/deeds"),
    Place("/posts/{id}/deeds", who=OBSERVER, at=f"/posts/{PATROL}/deeds", name="pledge-observer"),
    Place("/posts/{id}/deeds/{deed}", at=a_deed),
)
