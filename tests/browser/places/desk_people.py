"""The desk for people: members, the counter, lost phones."""

from tests.browser.places import CLERK, HOME, SECRETARY, Known, Place


def somebody(known: Known) -> str:
    """A member who lives here and serves nowhere."""
    items = known.get(CLERK, f"/communities/{HOME}/members")["items"]
    plain = [one for one in items if not one["role_badges"] and one["home"]["relation"] == "tenant"]
    return (plain or items)[0]["person"]["id"]


PLACES = (
    Place("/console/members", who=CLERK),
    Place(
        "/console/members/{id}", who=SECRETARY, at=lambda k: f"/console/members/{somebody(k)}"
    ),
    Place("/console/members/new", who=CLERK),
    Place("/console/recoveries", who=CLERK),
)
