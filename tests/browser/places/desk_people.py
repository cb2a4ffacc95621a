"""The desk for people: members, the counter, the register and its files; one's own phone."""

from tests.browser.places import CLERK, HOME, SECRETARY, Known, Place
from tests.support.waiting import until

FILE = """小区,楼栋,单元,室号,姓名,出生年份,身份
宝月尚园,1号楼,,9901,样例甲,1960,业主
宝月尚园,1号楼,,9902,,1962,租户
宝月尚园,1号楼,,9903,样例乙,六零年,房东
"""


def somebody(known: Known) -> str:
    """A member who lives here and serves nowhere."""
    items = known.get(CLERK, f"/communities/{HOME}/members")["items"]
    plain = [one for one in items if not one["role_badges"] and one["home"]["relation"] == "tenant"]
    return (plain or items)[0]["person"]["id"]


def a_file(known: Known) -> str:
    """A register with lines to mend, once it has been read."""
    return known.made("register-file", brought)


def brought(known: Known) -> str:
    made = known.upload(
        CLERK, f"/communities/{HOME}/register-drafts", "名册.csv", FILE.encode(), mode="add"
    )
    path = f"/register-drafts/{made['id']}"
    until(lambda: known.get(CLERK, path)["state"] == "faulty", what="the file read", limit=60)
    return str(made["id"])


PLACES = (
    Place("/console/members", who=CLERK),
    Place("/console/members/{id}", who=SECRETARY, at=lambda k: f"/console/members/{somebody(k)}"),
    Place("/console/members/new", who=CLERK),
    Place("/console/recoveries", who=CLERK),
    Place("/console/register", who=CLERK),
    Place("/console/register/import", who=CLERK),
    Place(
        "/console/register/import/{id}",
        who=CLERK,
        at=lambda k: f"/console/register/import/{a_file(k)}",
    ),
    Place("/me/phone"),
    Place("/login/lost", who=""),
)
