"""The committee's group robot: what it has to do is said in its DingTalk group, too."""

from typing import Any, Final

from starlette.responses import Response

from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest

HERE: Final = "/console/robot"
FIELDS: Final = ("token", "secret")


async def robot(visit: Visit) -> Response:
    """Whether there is one, and how to get one."""
    desks, cid = await desk(visit)
    found = await visit.call("getRobot", cid=cid)
    return await visit.page(
        "console/robot.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        robot=found,
        done=visit.query("done"),
    )


async def set_robot(visit: Visit) -> Response:
    """Hand its token over; neither it nor the secret is shown again."""
    return await _act(visit, "putRobot", "set", **visit.form.some(*FIELDS))


async def change_robot(visit: Visit) -> Response:
    """Let it say something, or do without it."""
    does = {"test": "testRobot", "remove": "deleteRobot"}
    wanted = visit.form.text("do")
    if wanted not in does:
        raise BadRequest()
    return await _act(visit, does[wanted], wanted)


async def _act(visit: Visit, operation: str, done: str, **fields: Any) -> Response:
    _, cid = await desk(visit)
    doing = visit.call(operation, cid=cid, **fields)
    return await visit.do(doing, *FIELDS, again=robot, then=f"{HERE}?c={cid}&done={done}")


PAGES = (
    Page(f"GET {HERE}", robot),
    Page(f"POST {HERE}", set_robot),
    Page(f"POST {HERE}/changes", change_robot),
)
