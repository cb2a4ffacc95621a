"""Made-up elections: any rules that fit together, and a roll with what everybody did."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from services.contracts.operations.votes import Choice, Outcome, RuleSet
from services.contracts.operations.votes.rules import WEIGHED, Weight
from services.votes.domain import ballots
from services.votes.domain.ballots import Ballot, Entry
from services.votes.domain.counting import Side, Tally, evaluate
from tests.support.votes_reference import Voter

SHARES = ["1/2", "2/3", "3/4", "1/3", "1/1", "3/5", "1/4", "999/1000"]
AREAS = [0, 1, 100, 5_000, 5_001, 8_888, 9_999]
DID = ["for", "for", "for", "against", "against", "abstain", "spoiled", None]
CHOICES: tuple[Choice, ...] = ("for", "against", "abstain")
Drawn = Any


def bars() -> st.SearchStrategy[dict[str, Any]]:
    """A bar that can be reached."""
    return st.builds(
        lambda at, above: {"at": at, "above": above and at != "1/1"},
        st.sampled_from(SHARES),
        st.booleans(),
    )


@st.composite
def rule_sets(draw: Drawn, *weights: Weight) -> RuleSet:
    """Any rule set that fits together, with one of these weights."""
    weight = draw(st.sampled_from(weights or tuple(WEIGHED)))
    owners = weight in ("floor_area", "dual") or (weight == "person" and draw(st.booleans()))
    who = {True: "owners", False: "households" if weight == "household" else "villagers"}[owners]
    abstain_is_present = draw(st.booleans())
    names = ["entries", "heads", *(["area"] if owners else [])]
    if not owners and abstain_is_present:
        names.append("households")
    kind = draw(st.sampled_from(["none", "fraction", "either", *(["dual"] if owners else [])]))
    named = {
        "none": lambda: [],
        "fraction": lambda: [draw(st.sampled_from(names))],
        "dual": lambda: ["area", "heads"],
        "either": lambda: draw(st.permutations(names))[: draw(st.integers(2, len(names)))],
    }[kind]()
    unanimous = draw(st.integers(0, 5)) == 0
    weighed = {"floor_area": ["area"], "dual": ["area", "heads"]}.get(weight, ["heads"])
    times = draw(st.integers(0, 2)) if kind != "none" and abstain_is_present else 0
    return RuleSet.model_validate(
        {
            "base": "article_2017",
            "electorate": {"who": who},
            "weight": weight,
            "quorum": {"kind": kind, **{name: draw(bars()) for name in named}},
            "threshold": {
                "base": draw(st.sampled_from(["cast", "present", "roll"])),
                "unanimous": unanimous,
                **({} if unanimous else {name: draw(bars()) for name in weighed}),
            },
            "abstain_is_present": abstain_is_present,
            "non_voters": "ignored"
            if unanimous
            else draw(st.sampled_from(["ignored", "ignored", "with_majority"])),
            "extension": {"times": times, "days": 7 if times else 0},
            "lock_days": draw(st.sampled_from([0, 365])),
        }
    )


@st.composite
def rolls(draw: Drawn, rules: RuleSet, most: int = 14) -> list[Voter]:
    """A roll and what everybody on it did; small, so that ties and exact shares come up often."""
    owners = rules.electorate.who == "owners"
    one_each = rules.electorate.who == "households"
    size = draw(st.integers(0, most))
    did = draw(st.lists(st.sampled_from(DID), min_size=size, max_size=size))
    dice = draw(st.randoms(use_true_random=False))
    return [
        Voter(
            owner=f"o{dice.randrange(8)}" if owners else f"p{number}",
            household=f"h{number if one_each else dice.randrange(6)}",
            area=dice.choice(AREAS) if owners else 0,
            did=what,
            channel=dice.choice(["online", "paper"]) if what != "spoiled" else "paper",
        )
        for number, what in enumerate(did)
    ]


def side(some: Iterable[Voter], roll: list[Voter]) -> Side:
    """Some of the roll, summed up as a database would."""
    some = list(some)
    units = Counter(voter.owner for voter in roll)
    return Side(
        entries=len(some),
        households=len({voter.household for voter in some}),
        area=sum(voter.area for voter in some),
        heads=sum((Fraction(1, units[voter.owner]) for voter in some), Fraction(0)),
    )


def tally(rules: RuleSet, roll: list[Voter]) -> Tally:
    """What was voted, by channel: online as ballots carry it, on paper as the roll says."""
    papers = {
        choice: side((v for v in roll if v.did == choice and v.channel == "paper"), roll)
        for choice in CHOICES
    }
    return Tally(online(rules, roll), papers, spoiled=sum(v.did == "spoiled" for v in roll))


def online(rules: RuleSet, roll: list[Voter]) -> dict[Choice, Side]:
    """What comes out of the box, each ballot sealed with what it carries of its entry."""
    units = Counter(voter.owner for voter in roll)
    box = []
    for voter in roll:
        if voter.channel == "online" and voter.did is not None:
            entry = Entry("", "free", voter.area, Fraction(1, units[voter.owner]))
            sealed = Ballot(ballots.Choice(voter.did), *ballots.weighed(entry, rules)).text()
            box.append(Ballot.read(sealed))
    return {
        choice.value: Side(one.entries, 0, one.area, one.heads)
        for choice, one in ballots.totals(box).items()
    }


def counted(rules: RuleSet, roll: list[Voter], extended: int = 0) -> Outcome:
    """What the service makes of it."""
    told = tally(rules, roll)
    came = side((v for v in roll if v.did is not None), roll)
    return evaluate(rules, side(roll, roll), came, told.votes(), told.spoiled, extended=extended)
