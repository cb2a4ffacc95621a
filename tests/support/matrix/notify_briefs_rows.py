"""Operations of notify about the weekly brief."""

from services import directory
from services.contracts import events as e
from services.contracts.actor import Actor, Role
from services.notify.handlers import briefs
from tests.support.matrix.house import COMMUNITIES, House
from tests.support.matrix.rows import Build, Command, Row, place

# Who watches over a town alone is not told of the district; see ABOVE.
_OF_DISTRICTS = frozenset({Role.DISTRICT_ADMIN, Role.DISTRICT_ANALYST, Role.AUDITOR})


def _made(h: House) -> None:
    """Last week's briefs of the district; once they are made, they are there."""
    with h.units["notify"]() as uow:
        for path, community_id in COMMUNITIES.items():
            town = path.rpartition(".")[0]
            told = e.CommunityChanged(
                community_id=community_id,
                path=path,
                name=community_id,
                kind="urban",
                code12="310199101001",
                district_id="d",
                district_name="样例区",
                town_id=town.rpartition(".")[2],
                town_name=town,
            )
            directory.project(uow, told)
        briefs.close_week(uow, "", h.now, h.now)
        week = briefs.rules.last_over(h.now)
        briefs.make_district(uow, f"{week}/d", h.now, h.now)
        uow.commit()


def _of(**ids: str) -> Build:
    def build(h: House, _who: Actor) -> Command:
        _made(h)
        return dict(ids)

    return build


BRIEFS: dict[str, Row] = {
    "communityBrief": place(_of(cid="c-home")),
    "communityBriefWeeks": place(_of(cid="c-home")),
    "townBrief": place(_of(tid="t")),
    "townBriefWeeks": place(_of(tid="t")),
    "districtBrief": place(_of(did="d"), only=_OF_DISTRICTS),
    "districtBriefWeeks": place(_of(did="d"), only=_OF_DISTRICTS),
    "listBriefReads": place(_of(did="d")),
}
