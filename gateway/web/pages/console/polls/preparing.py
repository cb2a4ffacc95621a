"""A vote prepared step by step: a page a step, what is done and what is missing on top.

::

    GET  ?step=rules ─▶ the newest version of the proposal in the form
    POST go=<step>   ─▶ that step's page, what the others hold carried along; nothing is kept yet
    POST go=save     ─▶ the next version, public from now on
    POST …/notice    ─▶ announced: text, roll and times lie on display
"""

import asyncio
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from gateway.web import article_form, poll_form, words_desk_polls
from gateway.web.forms import Form
from gateway.web.pages.console.polls.reaching import HERE
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Conflict, Forbidden, ShequError

PREPARE: Final = f"{HERE}/prepare"
RULED: Final = ("terms", "times", "look")
"""The steps whose pages tell what the rules come to."""


async def prepare(visit: Visit) -> Response:
    """A step of a vote as the newest version of its proposal has it."""
    topic = await _topic(visit)
    newest, version = _newest(topic), await _version(visit, topic)
    visit.form = Form(values=poll_form.begun(version, newest), key=visit.form.key)
    lacks = poll_form.missing(visit.form, topic["aim"])
    step = visit.query("step")
    if step not in poll_form.STEPS:
        step = lacks[0] if lacks else "look"
    return await _show(visit, topic, step, kept=newest)


async def _topic(visit: Visit) -> dict[str, Any]:
    """The topic.

    Raises:
        Forbidden: the visitor convenes nothing anywhere.
    """
    if not visit.may("putProposal"):
        raise Forbidden()
    found: dict[str, Any] = await visit.call("getTopic", id=visit.part("id"))
    return found


def _newest(topic: dict[str, Any]) -> int:
    """The number of its proposal's newest version; 0 while there is none."""
    return max((one["version"] for one in topic["versions"]), default=0)


async def _version(visit: Visit, topic: dict[str, Any]) -> dict[str, Any] | None:
    """The newest version of its proposal; before the first one the covenant that it amends."""
    newest = _newest(topic)
    if not newest and not (topic["covenant_id"] and topic["aim"] == "amend"):
        return None
    found: dict[str, Any] = await visit.call("getProposalVersion", id=topic["id"], version=newest)
    return found


async def _show(
    visit: Visit,
    topic: dict[str, Any],
    step: str,
    *,
    kept: int = 0,
    passed: tuple[int, int] | None = None,
) -> Response:
    """The page of a step.

    Args:
        kept: the version that the form shows unchanged.
        passed: the version that was written on, and the one that came meanwhile.
    """
    base = visit.form.text("rule_set_base")
    presets, preview = await asyncio.gather(
        _presets(visit, topic) if step == "rules" else _none(),
        _preview(visit, topic, step) if base and step in RULED else _none(),
    )
    if step == "times" and preview and not visit.form.text("opens_at"):
        now = await visit.clock()
        days = preview["rules"]["notice_days"]
        _fill(visit, poll_form.suggested(days, now))
    go_on = next(
        (one for one in topic["next_steps"] if (one["do"], one["to"]) == ("advance", "notice")),
        None,
    )
    return await visit.page(
        "console/polls/prepare.html",
        status=visit.form.status,
        cid=topic["community_id"],
        topic=topic,
        step=step,
        steps=poll_form.STEPS,
        lacks=poll_form.missing(visit.form, topic["aim"]),
        rows=poll_form.rows(visit.form),
        carried=poll_form.CARRIED,
        presets=presets,
        preview=preview,
        kept=kept,
        passed=passed,
        announces=go_on is not None,
        known=words_desk_polls,
    )


async def _none() -> None:
    return None


async def _presets(visit: Visit, topic: dict[str, Any]) -> list[dict[str, Any]]:
    told = await visit.call("listRulePresets", cid=topic["community_id"])
    found: list[dict[str, Any]] = told["items"]
    return found


async def _preview(visit: Visit, topic: dict[str, Any], step: str) -> Any:
    """What the rules come to; None when they do not work, which the form then says."""
    cid, rules = topic["community_id"], poll_form.chosen(visit.form)
    try:
        told = await visit.call("previewRules", cid=cid, rule_set=rules)
        tried = poll_form.trial(visit.form, told["rules"]["weight"]) if step == "terms" else {}
        return await visit.call("previewRules", cid=cid, rule_set=rules, **tried) if tried else told
    except ShequError as error:
        if not visit.form.errors:
            visit.form = visit.refused(error, *poll_form.FIELDS)
        return None


def _fill(visit: Visit, values: dict[str, str]) -> None:
    visit.form = replace(visit.form, values={**visit.form.values, **values})


async def go(visit: Visit) -> Response:
    """On to another step, or keep it all as the proposal's next version."""
    topic, form = await _topic(visit), visit.form
    wanted = form.text("go")
    if wanted == "save":
        return await _save(visit, topic)
    if form.text("rule_set_base") != form.text("rule_set_of"):
        await _begin_rules(visit, topic)
    step = wanted if wanted in poll_form.STEPS else form.text("step")
    return await _show(visit, topic, step if step in poll_form.STEPS else "look")


async def _begin_rules(visit: Visit, topic: dict[str, Any]) -> None:
    """Another preset was chosen: its own terms stand in the form from now on."""
    wanted = visit.form.text("rule_set_base")
    for one in await _presets(visit, topic):
        if one["preset"] == wanted:
            _fill(visit, poll_form.terms(one["rules"]))


async def _save(visit: Visit, topic: dict[str, Any]) -> Response:
    """Keep it; when somebody else was faster, it is kept on hers the next time."""
    newest, version = _newest(topic), await _version(visit, topic)
    was = version["articles"] if version else []
    articles = [] if topic["aim"] == "repeal" else article_form.articles(visit.form, was)
    said = poll_form.written(visit.form, articles)
    try:
        await visit.call("putProposal", id=topic["id"], **said)
    except ShequError as error:
        visit.form = visit.refused(error, *poll_form.FIELDS)
        passed = (said["version"], newest)
        if error.status != Conflict.status or said["version"] == newest:
            return await _show(visit, topic, poll_form.faulty(visit.form))
        _fill(visit, {"version": str(newest)})
        return await _show(visit, topic, poll_form.faulty(visit.form), passed=passed)
    return visit.go(f"{PREPARE}/{topic['id']}?step=look&saved=1")


async def announce(visit: Visit) -> Response:
    """Put text, roll and times on display; from now on nobody changes them."""
    topic_id = visit.part("id")
    try:
        told = await visit.call("advanceTopic", once=visit.form.key, id=topic_id, to="notice")
    except ShequError as error:
        refused = visit.refused(error)
        topic = await _topic(visit)
        newest, version = _newest(topic), await _version(visit, topic)
        visit.form = replace(refused, values=poll_form.begun(version, newest))
        return await _show(visit, topic, "look", kept=newest)
    return visit.go(f"{HERE}/{told['poll_id']}")


PAGES = (
    Page(f"GET {PREPARE}/{{id}}", prepare),
    Page(f"POST {PREPARE}/{{id}}", go),
    Page(f"POST {PREPARE}/{{id}}/notice", announce),
)
