"""The committee's desk for places, posters, offices and modules."""

from datetime import UTC, datetime, timedelta

from tests.browser.places import CLERK, HOME, OBSERVER, SECRETARY, Known, Place

WEEK = timedelta(days=5)


def an_estate(known: Known) -> str:
    """Where the community has its houses; it lies on the map."""

    def make(k: Known) -> str:
        estate = k.first(SECRETARY, f"/places/{HOME}/places")["id"]
        k.patch(SECRETARY, f"/places/{estate}", lng=121.36012, lat=31.39501)
        return estate

    return known.made("desk-estate", make)


def a_building(known: Known) -> str:
    return known.first(SECRETARY, f"/places/{an_estate(known)}/places")["id"]


def posters(known: Known) -> str:
    """One for an estate that ends soon, beside those that hang."""

    def make(k: Known) -> str:
        until = (datetime.now(UTC) + WEEK).isoformat()
        made = k.post(
            SECRETARY, f"/communities/{HOME}/qr", estate=an_estate(k), expires_at=until
        )  # fmt: skip
        return made["id"]

    return f"/console/posters?new={known.made('desk-poster', make)}"


def offices(known: Known) -> str:
    """One of them was given for a few days."""

    def make(k: Known) -> str:
        me = k.get(SECRETARY, "/me")["person"]["id"]
        holders = k.get(SECRETARY, "/roles", scope=HOME, limit="100")["items"]
        clerk = next(
            one for one in holders if one["role"] == "committee_staff" and one["person_id"] != me
        )
        made = k.post(
            SECRETARY, "/roles", person_id=clerk["person_id"], role="group_representative",
            scope=HOME, expires_at=(datetime.now(UTC) + WEEK).isoformat(),
            reason="三号楼楼组长住院，代她几天",
        )  # fmt: skip
        return made["id"]

    return "/console/offices" if known.made("desk-office", make) else ""


def looked_at(known: Known) -> str:
    """An observer has been here; it is told within two minutes, or not yet."""
    known.made("desk-look", lambda k: k.get(OBSERVER, f"/communities/{HOME}/posts"))
    return "/console/looks"


PLACES = (
    Place("/console/places", who=SECRETARY),
    Place("/console/places/{id}", who=SECRETARY, at=lambda k: f"/console/places/{an_estate(k)}"),
    Place(
        "/console/places/{id}", who=SECRETARY, at=lambda k: f"/console/places/{a_building(k)}",
        name="console-place-building",
    ),
    Place(
        "/console/places/{id}/buildings", who=SECRETARY,
        at=lambda k: f"/console/places/{an_estate(k)}/buildings",
    ),
    Place("/console/posters", who=SECRETARY, at=posters),
    Place("/console/offices", who=SECRETARY, at=offices),
    Place("/console/offices", who=CLERK, at="/console/offices?ended=1",
          name="console-offices-ended"),
    Place("/console/offices/new", who=SECRETARY, at="/console/offices/new?q=502"),
    Place("/console/modules", who=SECRETARY),
    Place("/console/modules/{key}", who=SECRETARY, at="/console/modules/idle"),
    Place("/console/modules/new", who=SECRETARY),
    Place("/console/looks", who=SECRETARY, at=looked_at),
)  # fmt: skip
