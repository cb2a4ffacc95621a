"""Who lives behind one door: adults of a household, as old and as related as families are.

::

    alone 20 %      couple 33 %      couple and grown-up child 21 %
    couple and a parent 13 %      three generations 6 %      flatmates 7 % (in a village: alone)
"""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from services.identity.seed import names

OLDEST, YOUNGEST = 1930, names.YEAR - 19  # an adult all of this year
_TENANTS = 0.14  # of the households of a town that are no flatmates


class Dweller(NamedTuple):
    """An adult; ``kin`` is head, partner, child, parent or flatmate."""

    name: str
    sex: str
    birth: date
    kin: str
    relation: str


def household(dice: Random, *, village: bool) -> list[Dweller]:
    """The adults of one home, its head first."""
    shape = dice.random()
    if shape < 0.07 and not village:
        return _flatmates(dice)
    rents = not village and dice.random() < _TENANTS
    own, kin = ("villager", "villager") if village else ("owner", "family")
    if rents:
        own = kin = "tenant"
    if shape < 0.27:
        head = _head(dice, dice.randint(1938, 2001), own)
        return [head]
    if shape < 0.60:
        return [head := _head(dice, dice.randint(1940, 1999), own), _partner(dice, head, kin)]
    if shape < 0.81:
        head = _head(dice, dice.randint(1948, 1976), own)
        partner = _partner(dice, head, kin)
        return [head, partner, _child(dice, head, partner, kin)]
    if shape < 0.94:
        head = _head(dice, dice.randint(1962, 1995), own)
        return [head, _partner(dice, head, kin), _parent(dice, head, kin)]
    head = _head(dice, dice.randint(1962, 1974), own)
    partner = _partner(dice, head, kin)
    child = _child(dice, head, partner, kin)
    return [head, partner, child, _parent(dice, head, kin)]


def another_child(dice: Random, home: list[Dweller]) -> Dweller:
    """One more adult for a home that has too few: a child of the head, or a flatmate."""
    head = home[0]
    partner = next((d for d in home if d.kin == "partner"), head)
    if head.kin == "flatmate" or max(head.birth.year, partner.birth.year) + 20 > YOUNGEST:
        return _person(dice, dice.randint(1985, YOUNGEST), "", "flatmate", "tenant")
    relation = "family" if head.relation == "owner" else head.relation
    return _child(dice, head, partner, relation)


def _flatmates(dice: Random) -> list[Dweller]:
    return [
        _person(dice, dice.randint(1986, YOUNGEST), "", "flatmate", "tenant")
        for _ in range(dice.randint(2, 3))
    ]


def _head(dice: Random, year: int, relation: str) -> Dweller:
    return _person(dice, year, "", "head", relation)


def _partner(dice: Random, head: Dweller, relation: str) -> Dweller:
    year = min(head.birth.year + dice.randint(-4, 4), YOUNGEST)
    sex = "female" if head.sex == "male" else "male"
    return _person(dice, year, sex, "partner", relation)


def _child(dice: Random, head: Dweller, partner: Dweller, relation: str) -> Dweller:
    """A child has the father's surname, and was born when both were 20 at least."""
    father = head if head.sex == "male" else partner
    latest = max(head.birth.year, partner.birth.year)
    year = min(latest + dice.randint(20, 33), YOUNGEST)
    return _person(dice, year, "", "child", relation, father.name[0])


def _parent(dice: Random, head: Dweller, relation: str) -> Dweller:
    year = max(head.birth.year - dice.randint(21, 32), OLDEST)
    sex = "female" if dice.random() < 0.65 else "male"
    family = head.name[0] if sex == "male" else ""
    return _person(dice, year, sex, "parent", relation, family)


def _person(
    dice: Random, year: int, sex: str, kin: str, relation: str, family: str = ""
) -> Dweller:
    sex = sex or ("male" if dice.random() < 0.5 else "female")
    birth = date(year, 1, 1) + timedelta(days=int(dice.random() * 365))
    return Dweller(names.full_name(dice, year, sex, family), sex, birth, kin, relation)
