"""The observer's desk and the district's."""

from services.contracts import demo
from tests.browser.places import HOME, OBSERVER, Known, Place

ANALYST, ADMIN, OPERATOR = "13800000006", "13800000008", "13800000009"
RING = [[121.36, 31.36], [121.47, 31.35], [121.52, 31.41], [121.45, 31.49], [121.35, 31.47]]


def a_topic(known: Known) -> str:
    return f"/district/topics/{known.first(ADMIN, '/districts/demo/hot-topics')['id']}"


def a_table(known: Known) -> str:
    return f"/district/consultations/{known.first(ADMIN, '/joint-consultations')['id']}"


def with_outline(known: Known) -> str:
    """Its outline was entered once."""
    known.made(
        "outline",
        lambda one: one.put(
            ADMIN, "/districts/demo/bounds", ring=RING, crs="WGS84", source="样例区划示意"
        ),
    )
    return "/district/places"


LINKS = (
    *(Place(f"/{place}/{{node}}/briefs", who=ANALYST, at=f"/{place}/{node}/briefs",
            name=f"brief-of-{place}")
      for place, node in (("districts", "demo"), ("towns", demo.TOWN_YUEPU),
                          ("communities", HOME))),
    *(Place(f"/{place}/{{node}}/hot-topics", who=ANALYST, at=f"/{place}/{node}/hot-topics",
            name=f"hot-topics-of-{place}")
      for place, node in (("districts", "demo"), ("towns", demo.TOWN_YUEPU),
                          ("communities", HOME))),
)  # fmt: skip
"""Where news and briefs lead to; they go on to the pages above."""
PLACES = (
    *LINKS,
    Place("/observe", who=OBSERVER),
    Place("/observe/issues", who=OBSERVER),
    Place("/observe/issues", who=OBSERVER, at="/observe/issues?state=closed&overdue=1",
          name="observe-issues-none"),
    Place("/observe/brief", who=OBSERVER),
    Place("/observe/brief", who=ANALYST, name="observe-brief-district"),
    Place("/observe/looks", who=OBSERVER),
    Place("/district", who=ANALYST),
    Place("/district", who=OBSERVER, name="district-observer"),
    Place("/district/towns/{tid}", who=ANALYST, at=f"/district/towns/{demo.TOWN_YUEPU}"),
    Place("/district/communities/{cid}", who=ANALYST, at=f"/district/communities/{HOME}"),
    Place("/district/trends", who=ANALYST),
    Place("/district/promises", who=ADMIN),
    Place("/district/places", who=ADMIN, at=with_outline),
    Place("/district/binding", who=ANALYST),
    Place("/district/dictionary", who=ANALYST),
    Place("/district/topics", who=ADMIN),
    Place("/district/topics/{id}", who=ADMIN, at=a_topic),
    Place("/district/consultations", who=ADMIN),
    Place("/district/consultations/{id}", who=ADMIN, at=a_table),
    Place("/district/operations", who=ADMIN),
    Place("/district/operations", who=OPERATOR, name="district-operations-operator"),
)  # fmt: skip
