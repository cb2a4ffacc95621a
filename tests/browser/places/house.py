"""The house: doors, home, posts, problems, and one's own."""

from tests.browser.places import CLERK, GRANNY_SUN, HOME, OBSERVER, OLD_LU, SECRETARY, Known, Place
from tests.support.waiting import until


def a_post(known: Known) -> str:
    return f"/posts/{known.first(GRANNY_SUN, f'/communities/{HOME}/posts')['id']}"


def an_issue(known: Known) -> str:
    return known.made("issue", reported)


def reported(known: Known) -> str:
    made = known.post(
        GRANNY_SUN,
        f"/communities/{HOME}/issues",
        title="3号楼前的路灯不亮",
        body="晚上看不清台阶，老人容易摔倒",
        location="3号楼门口",
    )
    return made["id"]


def advised(known: Known) -> str:
    """At the desk, once the classifier has looked at it: until then the page asks again."""
    issue = an_issue(known)
    until(lambda: known.get(CLERK, f"/issues/{issue}")["suggestion"], what="the advice", limit=30)
    return f"/console/issues/{issue}"


PLACES = (
    Place("/login", who=""),
    Place("/offline", who=""),
    Place("/", name="home"),
    Place("/", name="home-large", look="large"),
    Place("/", name="home-simple", look="large.simple"),
    Place("/", who=OBSERVER, name="home-observer"),
    Place("/c/{cid}", at=f"/c/{HOME}"),
    Place("/c/{cid}/m/{module}", at=f"/c/{HOME}/m/neighbours"),
    Place("/c/{cid}/m/{module}/new", at=f"/c/{HOME}/m/idle/new"),
    Place("/posts/{id}", at=a_post),
    Place("/report", name="report-of-mine"),
    Place("/c/{cid}/report", at=f"/c/{HOME}/report"),
    Place("/c/{cid}/issues", at=f"/c/{HOME}/issues"),
    Place("/issues/{id}", at=lambda known: f"/issues/{an_issue(known)}"),
    Place("/issues/{id}/thread", at=lambda known: f"/issues/{an_issue(known)}/thread"),
    Place("/me", who=OLD_LU),
    Place("/me/notifications"),
    Place("/me/data"),
    Place("/me/data/farewell", who=""),
    Place("/j/{token}", who="", at=lambda known: f"/j/{known.seeds['newcomers'][0]['qr_token']}"),
    Place("/console", who=CLERK),
    Place("/console/issues", who=CLERK),
    Place("/console/issues/{id}", who=CLERK, at=advised),
    Place("/console/memberships", who=SECRETARY),
    Place("/console/corrections", who=SECRETARY),
)
