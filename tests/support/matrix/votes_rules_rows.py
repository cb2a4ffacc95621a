"""Rules before a vote: a community reads them, the administrator of its district confirms."""

from services.contracts.actor import Role
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE
from tests.support.matrix.rows import Command, Row, inside, place, self_

DISTRICT: Command = {"did": "d"}
PRESETS = ("residents_assembly", "villagers_assembly", "article_2017", "owners_special")
READ: Command = {
    **DISTRICT,
    "version": 1,
    "by": "样例区民政局",
    "source": "《城市居民委员会组织法》第四章",
    "text": "过半数出席",
    "read_on": "2026-01-05",
}


def _unconfirmed(h: House) -> Command:
    """A preset that nobody has confirmed; a confirmation that stands is taken back first."""
    administrator = h.person((Role.DISTRICT_ADMIN, "d"))
    listed = h.ask(administrator, "listRuleConfirmations", **DISTRICT)["items"]
    for one in listed:
        if one["revoked_at"] is None:
            h.ask(administrator, "revokeRuleConfirmation", id=one["id"], reason="…")
    return {**READ, "preset": PRESETS[h.number() % len(PRESETS)]}


def _confirmed(h: House) -> Command:
    """A confirmation that stands."""
    administrator = h.person((Role.DISTRICT_ADMIN, "d"))
    made = h.ask(administrator, "confirmRules", **_unconfirmed(h))
    return {"id": made["id"], "reason": "法律又修改了"}


RULES: dict[str, Row] = {
    "listRulePresets": inside(lambda _h, _who: HERE),
    "previewRules": inside(lambda _h, _who: {**HERE, "rule_set": "article_2017"}),
    "confirmRules": place(lambda h, _who: _unconfirmed(h)),
    "revokeRuleConfirmation": place(lambda h, _who: _confirmed(h)),
    "listRuleConfirmations": self_(lambda _h, _who: DISTRICT),
}
