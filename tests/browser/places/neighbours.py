"""What neighbours do together: events, mutual aid, things, projects, the garden, accounts."""

from services.contracts import demo
from services.contracts.demo import demo_id
from tests.browser.places import CLERK, GRANNY_SUN, HOME, OBSERVER, OLD_LU, VILLAGER, Known, Place

VILLAGE_CLERK = "13800000041"
SALE, CLASS, HANDRAILS, BICYCLES = demo_id(11, 1), demo_id(81, 1), demo_id(81, 4), demo_id(61, 1)
LEDGER, STUDY = demo_id(15, 1), demo_id(71, 1)


def going(known: Known) -> str:
    """The sale, with a stall of hers."""
    known.made("stall", lambda k: k.put(GRANNY_SUN, f"/posts/{SALE}/sign-up", heads=2))
    return f"/posts/{SALE}"


def offer(known: Known) -> str:
    """An offer that one asks for with hours."""
    posts = known.get(GRANNY_SUN, f"/communities/{HOME}/posts", module="mutual_aid")["items"]
    return next(one["id"] for one in posts if "辅导初中数学" in one["title"])


def asked(known: Known) -> str:
    """A handshake of two that was agreed on."""
    found = known.get(OLD_LU, "/me/handshakes", open="true")["items"]
    return f"/handshakes/{next(one['id'] for one in found if one['state'] == 'agreed')}"


def thing(known: Known) -> str:
    posts = known.get(GRANNY_SUN, f"/communities/{HOME}/posts", module="idle")["items"]
    return f"/posts/{next(one['id'] for one in posts if '落地扇' in one['title'])}"


def need(known: Known) -> str:
    """A need of hers, for which something fits."""

    def make(k: Known) -> str:
        extra = {"kind": "need", "skill_kind": "errands", "skill": "拿药"}
        made = k.post(
            GRANNY_SUN, f"/communities/{HOME}/posts", module="mutual_aid",
            title="想请人帮忙去药房拿一次药", body="腿脚不便，周几都行。", extra=extra,
        )  # fmt: skip
        return made["id"]

    return f"/posts/{known.made('need', make)}/matches"


def idea(known: Known) -> str:
    """A post that might become a project."""

    def make(k: Known) -> str:
        made = k.post(
            GRANNY_SUN, f"/communities/{HOME}/posts", module="services",
            title="在花园边上放一排长椅", body="等孩子放学的老人没处坐。",
        )  # fmt: skip
        return made["id"]

    return f"/posts/{known.made('idea', make)}/project/application"


def account(known: Known) -> str:
    """An account in the making."""

    def make(k: Known) -> str:
        post = k.post(
            VILLAGE_CLERK, f"/communities/{demo.HAIXING}/posts", module="village_affairs",
            title="老年活动室专项账", body="修缮和日常开销，单独列出来。",
        )["id"]  # fmt: skip
        k.put(
            VILLAGE_CLERK, f"/posts/{post}/ledger", kind="collective", title="老年活动室专项账",
            starts_on="2026-01-01", ends_on="2026-01-31", opening="2000",
        )  # fmt: skip
        lines = [
            {"section": "income", "on_date": "2026-01-05", "subject": "镇里补助",
             "amount": "3000", "party": "镇政府"},
            {"section": "spending", "on_date": "2026-01-20", "subject": "换灯管",
             "amount": "186.50", "party": "五金店", "note": "收据 3 号"},
        ]  # fmt: skip
        k.put(VILLAGE_CLERK, f"/posts/{post}/ledger/lines", lines=lines)
        return post

    return known.made("account", make)


PLACES = (
    Place("/posts/{id}", at=f"/posts/{SALE}", who=OLD_LU, name="event-mine"),
    Place("/posts/{id}", at=f"/posts/{CLASS}", name="event-full"),
    Place("/posts/{id}", at=f"/posts/{SALE}", who=CLERK, name="event-organiser"),
    Place("/posts/{id}/sign-up/code", at=lambda k: f"{going(k)}/sign-up/code"),
    Place("/posts/{id}/check-in", at=f"/posts/{SALE}/check-in", who=CLERK),
    Place("/posts/{id}/sign-up/terms", at=f"/posts/{SALE}/sign-up/terms", who=CLERK),
    Place("/posts/{id}/sign-ups", at=f"/posts/{CLASS}/sign-ups", who=CLERK),
    Place("/me/sign-ups", at=lambda k: "/me/sign-ups" * bool(going(k))),
    Place("/posts/{id}", at=lambda k: f"/posts/{offer(k)}", name="aid-offer"),
    Place("/posts/{id}", at=thing, name="aid-thing"),
    Place("/c/{cid}/m/{module}", at=f"/c/{HOME}/m/idle", name="things"),
    Place("/posts/{id}/matches", at=need),
    Place("/me/handshakes", who=OLD_LU),
    Place("/handshakes/{id}", at=asked, who=OLD_LU),
    Place("/console/aid", who=CLERK),
    Place("/c/{cid}/projects", at=f"/c/{HOME}/projects"),
    Place("/posts/{id}/project", at=f"/posts/{BICYCLES}/project"),
    Place("/posts/{id}/project", at=f"/posts/{HANDRAILS}/project", who=OLD_LU,
          name="project-lead"),
    Place("/posts/{id}/project/application", at=idea),
    Place("/posts/{id}/project/hours", at=f"/posts/{HANDRAILS}/project/hours", who=OLD_LU),
    Place("/posts/{id}/project/money", at=f"/posts/{HANDRAILS}/project/money", who=OLD_LU),
    Place("/me/hours", who=OLD_LU),
    Place("/c/{cid}/party", at=f"/c/{HOME}/party", who=OLD_LU),
    Place("/c/{cid}/party", at=f"/c/{HOME}/party", who=OBSERVER, name="party-observer"),
    Place("/posts/{id}", at=f"/posts/{STUDY}", who=OLD_LU, name="party-study"),
    Place("/c/{cid}/ledgers", at=f"/c/{demo.HAIXING}/ledgers", who=VILLAGER),
    Place("/posts/{id}/ledger", at=f"/posts/{LEDGER}/ledger", who=VILLAGER),
    Place("/posts/{id}/ledger", at=f"/posts/{LEDGER}/ledger", who=VILLAGE_CLERK,
          name="ledger-keeper"),
    Place("/console/ledgers", who=VILLAGE_CLERK,
          at=lambda k: "/console/ledgers" * bool(account(k))),
    Place("/console/ledgers/{id}", who=VILLAGE_CLERK,
          at=lambda k: f"/console/ledgers/{account(k)}"),
)  # fmt: skip
