"""Questions on their way: topics where they stand, discussion, texts, objections, surveys."""

from collections.abc import Callable

from tests.browser.places import GRANNY_SUN, HOME, OBSERVER, OLD_LU, Known, Place

MA, CLERK_OF_DISCUSSION = "13800000012", "13800000015"


def topic(q: str, below: str = "") -> Callable[[Known], str]:
    """The demo's topic of that name, and a page below it."""

    def at(known: Known) -> str:
        found = known.made(
            f"topic {q}", lambda k: k.first(GRANNY_SUN, f"/communities/{HOME}/topics", q=q)
        )
        return f"/topics/{found['id']}{below}"

    return at


def objection(q: str) -> Callable[[Known], str]:
    """The newest objection on the demo's topic of that name."""

    def at(known: Known) -> str:
        below = topic(q, "/objections")(known)
        return f"/objections/{known.first(GRANNY_SUN, below)['id']}"

    return at


def survey(title: str) -> Callable[[Known], str]:
    """The demo's survey of that name."""

    def at(known: Known) -> str:
        items = known.get(GRANNY_SUN, f"/communities/{HOME}/surveys")["items"]
        return f"/surveys/{next(one['id'] for one in items if one['title'] == title)}"

    return at


def a_hall_post(known: Known) -> str:
    post = known.first(GRANNY_SUN, f"/communities/{HOME}/posts")
    return f"/c/{HOME}/topics/new?post={post['id']}"


TALK, TEXT = "/topics/{id}/discussion", "/topics/{id}/proposal"
CHANGES, OBJECTIONS = "/topics/{id}/proposal/changes", "/topics/{id}/objections"
DIFFER = "/proposal/changes?older=1&newer=2"
PLACES = (
    Place("/c/{cid}/topics", at=f"/c/{HOME}/topics", name="topics"),
    Place("/c/{cid}/topics", who=OBSERVER, at=f"/c/{HOME}/topics", name="topics-observer"),
    Place("/c/{cid}/topics", at=f"/c/{HOME}/topics?q=没有这个", name="topics-empty"),
    Place("/c/{cid}/topics", at=f"/c/{HOME}/topics?mine=raised", name="topics-mine"),
    Place("/c/{cid}/topics/new", at=f"/c/{HOME}/topics/new", name="topic-new"),
    Place("/c/{cid}/topics/new", at=a_hall_post, name="topic-new-from-post"),
    Place("/topics/{id}", at=topic("滑梯"), name="topic-raised"),
    Place("/topics/{id}", at=topic("快递柜"), name="topic-discussed"),
    Place("/topics/{id}", at=topic("楼组长"), name="topic-noticed"),
    Place("/topics/{id}", at=topic("议事规则"), name="topic-adopted"),
    Place("/topics/{id}", at=topic("不许养狗"), name="topic-refused"),
    Place("/topics/{id}", who=OBSERVER, at=topic("快递柜"), name="topic-observer"),
    Place(TALK, who=OLD_LU, at=topic("快递柜", "/discussion"), name="discussion"),
    Place(TALK, who=CLERK_OF_DISCUSSION, at=topic("快递柜", "/discussion"), name="discussion-led"),
    Place(TALK, at=topic("楼组长", "/discussion"), name="discussion-closed"),
    Place(TALK, who=OBSERVER, at=topic("快递柜", "/discussion"), name="discussion-observer"),
    Place(TEXT, at=topic("楼道灯", "/proposal"), name="proposal"),
    Place(TEXT, at=topic("楼组长", "/proposal"), name="proposal-frozen"),
    Place(TEXT, at=topic("滑梯", "/proposal"), name="proposal-none"),
    Place(CHANGES, at=topic("楼道灯", DIFFER), name="proposal-changes"),
    Place(OBJECTIONS, at=topic("楼组长", "/objections"), name="objections"),
    Place(OBJECTIONS, at=topic("议事规则", "/objections"), name="objections-over"),
    Place(OBJECTIONS, at=topic("滑梯", "/objections"), name="objections-none"),
    Place("/objections/{id}", who=MA, at=objection("楼组长"), name="objection-mine"),
    Place("/objections/{id}", at=objection("议事规则"), name="objection"),
    Place("/c/{cid}/surveys", at=f"/c/{HOME}/surveys", name="surveys"),
    Place("/surveys/{id}", at=survey("冬天办什么兴趣班"), name="survey"),
    Place("/surveys/{id}", at=survey("垃圾箱房开门时间"), name="survey-results"),
    Place("/surveys/{id}", at=survey("楼栋门禁换不换刷脸"), name="survey-named"),
    Place("/surveys/{id}", who=OBSERVER, at=survey("冬天办什么兴趣班"), name="survey-observer"),
)
