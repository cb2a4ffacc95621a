"""The text that will be voted on, written at the desk: articles, rules, times; each a new version.

::

    GET  /console/topics/{id}/proposal      the newest text in a form, its versions beside it
    POST …/proposal  more | preview         the form again: one more article, or how it reads
    POST …/proposal                         the next version; of an older one than the newest: 409
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from starlette.responses import Response

from gateway.web import article_form, proposal_form, words_desk_topics
from gateway.web.desk import require_convener
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

OPENS: Final = time(9)
USUAL: Final = {
    "residents_committee": "residents_assembly",
    "owners_committee": "owners_ordinary",
}
"""Where a body that has chosen no rules yet begins."""


async def proposal(visit: Visit) -> Response:
    """The text as it stands, in a form."""
    return await _show(visit)


async def _show(visit: Visit, preview: Mapping[str, Any] | None = None) -> Response:
    require_convener(visit)
    topic, versions, presets, last = await _known(visit)
    form = visit.form
    now = await visit.clock()
    said = proposal_form.chosen(presets, (last or {}).get("rules"))
    usual = said.get("preset") or USUAL[topic["convener"]]
    base = form.text("preset") or usual
    return await visit.page(
        "console/topics/proposal.html",
        status=form.status,
        cid=topic["community_id"],
        topic=topic,
        versions=versions,
        last=last,
        rows=proposal_form.rows(form, last["articles"] if last else []),
        most=article_form.MOST,
        times=_times(last, presets.get(base), now),
        presets=list(presets.values()),
        said={"preset": usual, **said},
        rules=(presets.get(base) or {}).get("rules"),
        preview=preview,
        saved=bool(visit.query("saved")),
        known=words_desk_topics,
    )


async def _known(
    visit: Visit,
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any], dict[str, Any] | None]:
    """The topic, its versions, the presets by key, and the text to go on from."""
    topic_id = visit.part("id")
    topic, listed = await asyncio.gather(
        visit.call("getTopic", id=topic_id),
        visit.call("listProposalVersions", id=topic_id, limit=50),
    )
    versions = listed["items"]
    begins = topic["aim"] != "new" and not versions  # with the covenant as it is
    wanted = versions[0]["version"] if versions else 0
    presets, last = await asyncio.gather(
        visit.call("listRulePresets", cid=topic["community_id"]),
        _version(visit, topic_id, wanted, known=bool(versions) or begins),
    )
    return topic, versions, {one["preset"]: one for one in presets["items"]}, last


async def _version(
    visit: Visit, topic_id: str, version: int, *, known: bool
) -> dict[str, Any] | None:
    if not known:
        return None
    found: dict[str, Any] = await visit.call("getProposalVersion", id=topic_id, version=version)
    return found


def _times(
    last: Mapping[str, Any] | None, preset: Mapping[str, Any] | None, now: datetime
) -> dict[str, str]:
    """The times to begin with: those of the version before, or the first that the rules allow."""
    if last and last["opens_at"]:
        return article_form.times_of(last)
    days = preset["rules"]["notice_days"] if preset else 0
    return article_form.first_times(now + timedelta(days=days + 2), OPENS)


async def write(visit: Visit) -> Response:
    """The next version; or the form again, with one more article or as it will read."""
    form = visit.form
    if form.text("more"):
        return await _show(visit)
    topic, _, presets, last = await _known(visit)
    was = last["articles"] if last else []
    repeals = topic["aim"] == "repeal"
    articles = [] if repeals else article_form.articles(form, was)
    choice = proposal_form.rule_choice(form, presets, (last or {}).get("rules"))
    try:
        if form.text("preview"):
            rules = await visit.call("previewRules", cid=topic["community_id"], rule_set=choice)
            marked, gone = proposal_form.marked(articles, was)
            return await _show(visit, {"rules": rules, "articles": marked, "gone": gone})
        await visit.call(
            "putProposal",
            id=topic["id"],
            articles=articles,
            rule_set=choice,
            version=whole(form.text("version")),
            **article_form.times(form),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *proposal_form.FIELDS)
        return await _show(visit)
    return visit.go(f"/console/topics/{topic['id']}/proposal?saved=1")


PAGES = (
    Page("GET /console/topics/{id}/proposal", proposal),
    Page("POST /console/topics/{id}/proposal", write),
)
