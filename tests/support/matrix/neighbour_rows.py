"""Operations of feed, the grid bridge, notify, and of every service."""

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.events import IssueSuggested
from services.feed.handlers import suggestions
from services.grid_bridge.repository import ORDER_READERS
from tests.support.identity_world import HOME
from tests.support.matrix import aid_rows, project_rows, sign_up_rows
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place, public, self_, thing

HERE: Command = {"cid": "c-home"}
PROBLEM: Command = {**HERE, "title": "商铺占用绿化带", "body": "围起来种了菜"}


def _post(h: House, who: Actor | None = None) -> Command:
    """A post by a neighbour, or by this one."""
    author = who or h.resident
    said = {"module": "neighbours", "title": "你好", "body": "大家好"}
    return {"id": h.ask(author, "createPost", **HERE, **said)["id"]}


def _hidden_post(h: House) -> Command:
    """A post by a neighbour who hides her name."""
    said: Command = {"module": "neighbours", "title": "你好", "body": "大家好", "hide_name": True}
    return {"id": h.ask(h.resident, "createPost", **HERE, **said)["id"]}


def _suggested(h: House) -> Command:
    """A post that the classifier takes for a problem."""
    post = _post(h)
    with h.units["feed"]() as uow:
        event = IssueSuggested(
            post_id=post["id"],
            community_id=HERE["cid"],
            path=HOME,
            post_version=1,
            problem=0.9,
            category="dispose",
            slot=None,
            confidence=0.8,
            reasons=[],
        )
        suggestions.keep(uow, event, h.now)
        uow.commit()
    return post


def _own_post(h: House, who: Actor) -> Command:
    h.settle(who)
    return _post(h, who)


def _comment(h: House, who: Actor) -> Command:
    return {"id": h.ask(who, "createComment", **_post(h), body="嗯")["id"]}


def _own_comment(h: House, who: Actor) -> Command:
    h.settle(who)
    return _comment(h, who)


def _answer(h: House) -> Command:
    """What the committee answered to a post."""
    h.settle(h.secretary)
    return _comment(h, h.secretary)


def _issue(h: House, who: Actor | None = None) -> Command:
    """A problem reported by a neighbour, or by this one."""
    return {"id": h.ask(who or h.resident, "reportIssue", **PROBLEM)["id"]}


def _triaged(h: House, category: str, who: Actor | None = None) -> Command:
    found = _issue(h, who)
    kind = {"category": category, **({"slot": "X3"} if category == "8x" else {})}
    h.ask(h.secretary, "triageIssue", **found, **kind)
    return found


def _answered(h: House, who: Actor) -> Command:
    h.settle(who)
    found = _triaged(h, "consult", who)
    h.ask(h.secretary, "answerIssue", **found, body="已核实", outcome="answered")
    return found


def _tried(h: House) -> Command:
    found = _triaged(h, "8x")
    step = {"step": "talk", "note": "上门沟通", "outcome": "failed"}
    h.ask(h.secretary, "recordSelfGovernance", **found, **step)
    return found


def _order(h: House, _who: Actor) -> Command:
    return {"no": h.ask(h.secretary, "escalateIssue", **_tried(h), reason="商户拒绝整改")["no"]}


def _module(h: House) -> Command:
    """A built-in module as it is here."""
    idle = {**HERE, "key": "idle"}
    return {**idle, "version": h.ask(h.secretary, "getModule", **idle)["version"]}


def _guide(h: House) -> Command:
    """A service guide of the committee's."""
    h.settle(h.secretary)
    said = {"module": "guides", "title": "敬老卡", "body": "到居委会办"}
    return {"id": h.ask(h.secretary, "createPost", **HERE, **said)["id"]}


def _own_module(h: House) -> Command:
    """A module that the home community made."""
    garden = {**HERE, "key": f"garden_{h.number()}"}
    said: Command = {"name": "小花园", "name_en": "Garden", "version": 0}
    return {**garden, "version": h.ask(h.secretary, "putModule", **garden, **said)["version"]}


FEED: dict[str, Row] = {
    "listModules": inside(lambda _h, _who: HERE),
    "getFeedPass": inside(lambda _h, _who: HERE),
    "listModuleDefinitions": place(lambda _h, _who: HERE),
    "getModule": place(lambda _h, _who: {**HERE, "key": "idle"}),
    "putModule": place(lambda h, _who: {**_module(h), "name": "跳蚤市场"}),
    "deleteModule": place(lambda h, _who: _own_module(h)),
    "createPost": place(
        lambda _h, _who: {**HERE, "module": "neighbours", "title": "你好", "body": "大家好"}
    ),
    "listPosts": inside(lambda _h, _who: HERE),
    "getPost": inside(lambda h, _who: _post(h)),
    "updatePost": thing(lambda h, who: {**_own_post(h, who), "title": "改了"}),
    "deletePost": thing(_own_post),
    "listPostVersions": inside(lambda h, _who: _guide(h)),
    "uncoverAuthor": place(
        lambda h, _who: {**_hidden_post(h), "reason": "moderation"}, only=COMMITTEE
    ),
    "checkGuide": place(lambda h, _who: _guide(h), only=COMMITTEE),
    "createComment": place(lambda h, _who: {**_post(h), "body": "嗯"}),
    "listComments": inside(lambda h, _who: _post(h)),
    "deleteComment": thing(_own_comment),
    "pinComment": place(lambda h, _who: _answer(h), only=COMMITTEE),
    "unpinComment": place(lambda h, _who: _answer(h), only=COMMITTEE),
    "likeComment": place(lambda h, _who: _comment(h, h.resident)),
    "unlikeComment": place(lambda h, _who: _comment(h, h.resident)),
    "like": place(lambda h, _who: _post(h)),
    "unlike": place(lambda h, _who: _post(h)),
    "getThreadSource": place(lambda h, _who: _post(h)),
    "checkSpeech": place(
        lambda _h, _who: {**HERE, "body": "你好"}, only=frozenset(Role) - {Role.OBSERVER}
    ),
    "listSuggestions": place(lambda _h, _who: HERE),
    "getSuggestion": place(lambda h, _who: _suggested(h)),
    "dismissSuggestion": place(lambda h, _who: _suggested(h)),
    **aid_rows.AID,
    **project_rows.PROJECTS,
    **project_rows.PARTY,
    **sign_up_rows.SIGN_UPS,
}
GRID_BRIDGE: dict[str, Row] = {
    "reportIssue": place(lambda _h, _who: PROBLEM),
    "listIssues": place(lambda _h, _who: HERE),
    "getIssue": inside(lambda h, _who: _issue(h)),
    "issueFromPost": place(lambda h, _who: _post(h)),
    "triageIssue": place(lambda h, _who: {**_issue(h), "category": "consult"}),
    "answerIssue": place(
        lambda h, _who: {**_triaged(h, "consult"), "body": "已核实", "outcome": "answered"}
    ),
    "recordSelfGovernance": place(
        lambda h, _who: {**_triaged(h, "8x"), "step": "talk", "note": "上门沟通"}
    ),
    "escalateIssue": place(lambda h, _who: {**_tried(h), "reason": "商户拒绝整改"}),
    "rateIssue": thing(lambda h, who: {**_answered(h, who), "score": 5, "solved": True}),
    "reopenIssue": thing(lambda h, who: {**_answered(h, who), "reason": "又种上了"}),
    "getWorkOrder": place(_order, only=ORDER_READERS),
    "listWorkOrders": self_(),
    "listWatchedIssues": self_(),
    "listCatalogue": self_(),
}
NOTIFY: dict[str, Row] = {
    "listNotifications": self_(),
    "markNotificationsRead": self_(),
    "countUnread": self_(),
}
EVERYWHERE: dict[str, Row] = {"advanceClock": public(lambda _h, _who: {"advance_seconds": 0})}
