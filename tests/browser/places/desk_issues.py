"""The committee's desk for problems: the queue, a problem, and all that is under way."""

from datetime import UTC, datetime, timedelta

from tests.browser.places import CLERK, GRANNY_SUN, HOME, SECRETARY, Known, Place

OFFICER, ADMIN = "13800000011", "13800000008"
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()


def reported(known: Known, title: str, body: str, **more: str) -> str:
    made = known.post(GRANNY_SUN, f"/communities/{HOME}/issues", title=title, body=body, **more)
    return made["id"]


def sorted_out(known: Known) -> str:
    """A hard problem, and one that reads like it."""

    def make(k: Known) -> str:
        issue = reported(
            k, "2号楼后面绿地被圈占", "有人在绿化带上搭了棚子种菜，还圈了起来", location="2号楼后面"
        )
        reported(k, "绿化带被人圈起来种菜", "2号楼后面的绿地搭了棚子种菜")
        k.post(CLERK, f"/issues/{issue}/triage", category="8x", slot="X3")
        k.post(
            CLERK, f"/issues/{issue}/self-governance", step="site_visit",
            note="去看过，约六平方米，已拍照。",
        )  # fmt: skip
        return issue

    return known.made("desk-sorted", make)


def promised(known: Known) -> str:
    """Somebody has promised to mend it."""

    def make(k: Known) -> str:
        issue = reported(k, "楼道里堆着旧家具", "3楼到4楼的楼道堆满了，老人走不过去")
        k.post(CLERK, f"/issues/{issue}/triage", category="dispose")
        k.post(
            CLERK, f"/issues/{issue}/self-governance", step="undertaking",
            note="302室答应下周搬走。", due_at=LATER, **{"with": "302室"},
        )  # fmt: skip
        return issue

    return known.made("desk-promised", make)


def escalated(known: Known) -> str:
    """The number of an order at the grid platform."""

    def make(k: Known) -> str:
        issue = reported(k, "南门店铺把货堆在绿化带", "草都压死了，说了也不听", location="南门")
        k.post(CLERK, f"/issues/{issue}/triage", category="8x", slot="X3")
        order = k.post(
            CLERK, f"/issues/{issue}/escalate", reason="约谈两次无果，请依法处置", urgent=True
        )
        return order["no"]

    return known.made("desk-escalated", make)


def referred(known: Known) -> str:
    def make(k: Known) -> str:
        issue = reported(k, "5号楼门禁坏了", "按了没反应，门一直开着")
        k.post(CLERK, f"/issues/{issue}/triage", category="dispose")
        made = k.post(
            CLERK, f"/issues/{issue}/referrals", to="department", department="城管执法部门",
            note="请三天内来看一看，并告诉居委会。",
        )  # fmt: skip
        return made["id"]

    return known.made("desk-referred", make)


def at_the_table(known: Known) -> str:
    def make(k: Known) -> str:
        issue = reported(k, "消防通道长期被占", "车停满了，消防车进不来，说了好几年")
        k.post(CLERK, f"/issues/{issue}/triage", category="8x", slot="X3")
        table = k.post(
            CLERK, f"/issues/{issue}/joint-consultations",
            departments=["消防救援部门", "公安交警部门"], reason="几个部门都有责任，一家解决不了",
            actions=[{"what": "划消防通道标线", "owner": "committee", "due_at": LATER}],
        )  # fmt: skip
        k.post(
            CLERK, f"/joint-consultations/{table['id']}/meetings", planned_at=LATER,
            place="居委会二楼会议室",
        )  # fmt: skip
        return table["id"]

    return known.made("desk-table", make)


def a_plan(known: Known, state: str) -> str:
    path = f"/communities/{HOME}/plans"
    found = [one for one in known.get(CLERK, path)["items"] if one["state"] == state]
    assert found, f"the demo district has no plan that is {state}"
    return found[0]["id"]


def a_draft(known: Known) -> str:
    def make(k: Known) -> str:
        item = {
            "title": "门口加一排长椅", "text": "北门内侧，六张",
            "evidence": [{"kind": "site_visit", "on": "2026-02-20", "note": "等车的老人没处坐"}],
            "owner": {"kind": "property"},
            "budget": {"amount_fen": 480000, "source": "public_revenue"}, "due_on": LATER[:10],
        }  # fmt: skip
        made = k.post(
            CLERK, f"/communities/{HOME}/plans", title="北门小改造", summary="先做两件小事",
            items=[item],
        )  # fmt: skip
        return made["id"]

    return known.made("desk-draft", make)


def a_guide(known: Known) -> str:
    def make(k: Known) -> str:
        made = k.post(
            OFFICER, "/districts/demo/answer-guides", department="城管执法部门",
            title="占绿种菜怎么答", category="8x", slot="X3",
            body="您好，公共绿地不能圈占种菜。居委会先上门劝导，请对方一周内自行清理；"
            "到期没有清理的，由城管执法部门依法处置，结果会在这里告诉您。",
        )  # fmt: skip
        return made["id"]

    return known.made("desk-guide", make)


def one(make: object, path: str = "/console/issues/{}") -> object:
    """An address with what was made."""
    return lambda known: path.format(make(known))


PLACES = (
    Place("/console/beside", who=CLERK),
    Place(
        "/console/issues", who=CLERK, name="console-issues-filtered",
        at=lambda k: f"/console/issues?state=all&sort=due&category=8x&q=绿&c={HOME}"
        if sorted_out(k) else "",
    ),
    Place("/console/issues/{id}", who=CLERK, at=one(sorted_out), name="console-issue-sorted"),
    Place("/console/issues/{id}", who=CLERK, at=one(promised), name="console-issue-promised"),
    Place("/console/issues/{id}/talk", who=CLERK, at=one(sorted_out, "/console/issues/{}/talk")),
    Place("/console/issues/{id}/alike", who=CLERK, at=one(sorted_out, "/console/issues/{}/alike")),
    Place(
        "/console/issues/{id}/guides", who=CLERK, at=one(sorted_out, "/console/issues/{}/guides")
    ),
    Place(
        "/console/self-governance", who=CLERK,
        at=lambda k: "/console/self-governance" if sorted_out(k) and promised(k) else "",
    ),
    Place("/console/referrals", who=CLERK, at=lambda k: "/console/referrals" * bool(referred(k))),
    Place("/console/unanswered", who=CLERK),
    Place("/console/issues/new", who=CLERK),
    Place("/console/absences", who=SECRETARY),
    Place("/console/orders", who=CLERK, at=lambda k: "/console/orders" * bool(escalated(k))),
    Place("/work-orders/{no}", who=CLERK, at=one(escalated, "/work-orders/{}")),
    Place("/console/orders/{no}", who=CLERK, at=one(escalated, "/console/orders/{}")),
    Place(
        "/console/consultations", who=CLERK,
        at=lambda k: "/console/consultations" * bool(at_the_table(k)),
    ),
    Place(
        "/console/consultations/{id}", who=CLERK, at=one(at_the_table, "/console/consultations/{}")
    ),
    Place("/console/guides", who=CLERK, at=lambda k: "/console/guides" * bool(a_guide(k))),
    Place("/console/guides/{id}", who=OFFICER, at=one(a_guide, "/console/guides/{}")),
    Place("/console/guides/new", who=OFFICER),
    Place("/console/letters", who=ADMIN),
    Place("/referrals", who=OFFICER, at=lambda k: "/referrals" * bool(referred(k))),
    Place("/console/plans", who=CLERK),
    Place("/console/plans", who=CLERK, at="/console/plans?state=withdrawn",
          name="console-plans-none"),
    Place("/console/plans/new", who=CLERK),
    Place("/console/plans/{id}", who=CLERK, at=one(lambda k: a_plan(k, "in_progress"),
          "/console/plans/{}")),
    Place("/console/plans/{id}", who=CLERK, at=one(lambda k: a_plan(k, "open"),
          "/console/plans/{}"), name="console-plan-open"),
    Place("/console/plans/{id}/edit", who=CLERK, at=one(a_draft, "/console/plans/{}/edit")),
    Place(
        "/console/plans/{id}/differences", who=CLERK,
        at=one(lambda k: a_plan(k, "open"), "/console/plans/{}/differences"),
    ),
)  # fmt: skip
