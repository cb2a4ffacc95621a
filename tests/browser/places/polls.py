"""Votes, receipts, covenants and breaches."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contracts import demo
from tests.browser.places import (
    GRANNY_SUN,
    HOME,
    OBSERVER,
    OLD_LU,
    SECRETARY,
    Known,
    Place,
)
from tests.support.waiting import until

POLLS = f"/communities/{HOME}/polls"
CHAIN = f"/communities/{HOME}/chain"


def of_state(state: str) -> Any:
    """Finds the demo's poll of a state: one of each is going on, or was decided."""

    def find(known: Known) -> str:
        return f"/polls/{known.first(GRANNY_SUN, POLLS, state=state)['id']}"

    return find


def below(find: Any, more: str) -> Any:
    return lambda known: find(known) + more


def accepted(known: Known, title: str, steps: tuple[str, ...] = ()) -> str:
    """A topic led to where its text is written within a minute: of the steps that a community may
    leave out it takes those alone that are named.
    """
    chain = known.get(SECRETARY, CHAIN)
    short = {**chain["settings"], "steps": list(steps)}
    known.put(SECRETARY, CHAIN, version=chain["version"], settings=short, note="试行")
    topic = known.post(GRANNY_SUN, f"/communities/{HOME}/topics", title=title, body="大家说说看。")[
        "id"
    ]
    restored = {"version": chain["version"] + 1, "settings": chain["settings"], "note": "恢复"}
    known.put(SECRETARY, CHAIN, **restored)
    screened, led = f"/topics/{topic}/screening", f"/topics/{topic}/advance"
    known.post(SECRETARY, screened, stage="intake", decision="accept")
    known.post(SECRETARY, led, to="actionable", title=title, body="按大家说的办。")
    known.post(SECRETARY, screened, stage="proposal", decision="accept")
    return str(topic)


def announced(known: Known, title: str, *, lasts: timedelta, **rules: Any) -> str:
    """A topic led to its poll within a minute."""
    topic = accepted(known, title)
    begin = datetime.now(UTC) + timedelta(days=rules.get("notice_days", 7), seconds=5)
    known.put(
        SECRETARY,
        f"/topics/{topic}/proposal",
        articles=["电动自行车在车棚充电。", "车棚的门晚上不锁。"],
        rule_set={"base": "residents_assembly", **rules},
        opens_at=begin.isoformat(),
        closes_at=(begin + lasts).isoformat(),
    )
    told = known.post(SECRETARY, f"/topics/{topic}/advance", to="notice")
    return str(told["poll_id"])


def by_proxy(known: Known) -> str:
    rules = {"proxies": "written", "proxies_each": 2, "secrecy": "named_to_auditors"}
    poll = announced(known, "垃圾房改到东门", lasts=timedelta(days=7), **rules)
    until(
        lambda: known.get(GRANNY_SUN, f"/polls/{poll}")["my_subjects"] != [],
        what="the roll that she is on",
        limit=60,
    )
    return poll


def proxies(known: Known) -> str:
    return f"/polls/{known.made('proxied', by_proxy)}/proxies?holder={demo.OLD_LU}"


def covenant(known: Known) -> str:
    found = known.first(GRANNY_SUN, f"/communities/{HOME}/covenants", state="in_force")
    return f"/covenants/{found['id']}"


def reported(known: Known) -> str:
    made = known.post(
        GRANNY_SUN,
        f"{covenant(known)}/breaches",
        article="a1",
        body="提了两次，七天里没有人回话。",
        place="居委会门口",
        building="5号楼",
    )
    known.post(SECRETARY, f"/breaches/{made['id']}/notes", body="是我们疏忽了，明天上门说明。")
    return f"/breaches/{made['id']}"


def breach(known: Known) -> str:
    return str(known.made("breach", reported))


def breaches(known: Known) -> str:
    breach(known)
    return f"/c/{HOME}/breaches"


OPEN, DECIDED, ANNOUNCED = of_state("open"), of_state("published"), of_state("announced")

PLACES = (
    Place("/c/{cid}/polls", at=f"/c/{HOME}/polls", name="polls"),
    Place("/c/{cid}/polls", OBSERVER, f"/c/{HOME}/polls", "polls-observer"),
    Place("/polls/{id}", at=OPEN, name="poll-open"),
    Place("/polls/{id}", OBSERVER, OPEN, "poll-open-observer"),
    Place("/polls/{id}", at=ANNOUNCED, name="poll-announced"),
    Place("/polls/{id}", at=DECIDED, name="poll-decided"),
    Place("/polls/{id}/roll", at=below(OPEN, "/roll"), name="poll-roll"),
    Place("/polls/{id}/vote", at=below(OPEN, "/vote"), name="poll-vote"),
    Place("/polls/{id}/vote", at=below(OPEN, "/vote"), name="poll-vote-large", look="large"),
    Place("/polls/{id}/vote", SECRETARY, below(ANNOUNCED, "/vote"), "poll-vote-barred"),
    Place("/polls/{id}/proxies", at=proxies, name="poll-proxies"),
    Place("/polls/{id}/result", at=below(DECIDED, "/result"), name="poll-result"),
    Place("/polls/{id}/result", at=below(OPEN, "/result"), name="poll-result-not-yet"),
    Place("/polls/{id}/bulletin", who="", at=below(OPEN, "/bulletin"), name="poll-bulletin-open"),
    Place("/polls/{id}/bulletin", at=below(DECIDED, "/bulletin"), name="poll-bulletin"),
    Place("/verify", who="", name="verify"),
    Place("/c/{cid}/covenants", at=f"/c/{HOME}/covenants", name="covenants"),
    Place("/c/{cid}/covenants", at=f"/c/{HOME}/covenants?mine=1", name="covenants-mine"),
    Place("/covenants/{id}", at=covenant, name="covenant"),
    Place("/covenants/{id}", OBSERVER, covenant, "covenant-observer"),
    Place("/covenants/{id}/versions", at=below(covenant, "/versions"), name="covenant-versions"),
    Place(
        "/covenants/{id}/differences",
        at=below(covenant, "/differences?older=1&newer=1"),
        name="covenant-differences",
    ),
    Place("/covenants/{id}/breach", at=below(covenant, "/breach"), name="covenant-breach"),
    Place("/c/{cid}/breaches", at=breaches, name="breaches"),
    Place("/c/{cid}/breaches", OLD_LU, f"/c/{HOME}/breaches?state=settled", "breaches-none"),
    Place("/breaches/{id}", at=breach, name="breach"),
    Place("/breaches/{id}", SECRETARY, breach, "breach-desk"),
)
