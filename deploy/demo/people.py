"""Who acts in the demo: accounts of the demo district, which every `make up` has."""

from deploy.client import Client
from services.contracts import demo
from services.contracts.operations.identity import CommunityView

CODE = "246810"  # every login code of the demo
STAFF = "石书记"
PHONES = {
    "孙奶奶": "13800000001",
    "老陆": "13800000002",
    STAFF: "13800000003",
    "居委小王": "13800000004",
}


def committee_at_work(api: Client) -> tuple[Client, CommunityView]:
    """The secretary of 尚园, logged in, and the community."""
    staff = api.login(PHONES[STAFF], CODE)
    home = next(c for c in staff.communities() if c.id == demo.SHANGYUAN)
    return staff, home
