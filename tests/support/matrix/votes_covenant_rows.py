"""Operations of covenants, breaches, follow-up and surveys."""

from datetime import timedelta

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.ids import new_id
from services.votes.models import BreachNoteRow, BreachRow, CovenantRow, CovenantVersionRow
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE
from tests.support.matrix.rows import Command, Row, inside, place, thing
from tests.support.matrix.votes_laid import topic

QUESTION: Command = {"kind": "single", "text": "要充电棚吗？", "choices": ["要", "不要"]}
SURVEY: Command = {**HERE, "title": "充电棚", "questions": [QUESTION]}


def _covenant(h: House) -> Command:
    """A covenant of the home community, in force."""
    covenant_id = new_id()
    with h.units["votes"]() as uow:
        uow.session.add(
            CovenantRow(
                id=covenant_id,
                community_id="c-home",
                path=HOME,
                title="文明公约",
                convener="residents_committee",
                state="in_force",
                version=1,
                newest=1,
                fresh=2,
                review_months=12,
                created_at=h.now,
            )
        )
        uow.session.flush()
        uow.session.add(
            CovenantVersionRow(
                id=new_id(),
                covenant_id=covenant_id,
                version=1,
                change="new",
                articles=[
                    {"key": "a1", "number": 1, "title": "", "text": "电动车不进楼", "since": 1}
                ],
                size=1,
                topic_id=topic(h, "adopted")["id"],
                proposal=1,
                proposal_hash="0" * 64,
                adopted_at=h.now,
                effective_at=h.now,
            )
        )
        uow.commit()
    return {"id": covenant_id}


def _breach(h: House, who: Actor | None = None) -> Command:
    """A breach that this person reported, or a neighbour; its first note waits."""
    if who is not None:
        h.settle(who)
    breach_id = new_id()
    reporter_id = (who or h.resident).person_id
    covenant_id = _covenant(h)["id"]
    note = BreachNoteRow(
        breach_id=breach_id,
        author_id=reporter_id,
        part="reporter",
        role="resident",
        body="推车上楼",
        waits=True,
        at=h.now,
    )
    with h.units["votes"]() as uow:
        uow.session.add(
            BreachRow(
                id=breach_id,
                covenant_id=covenant_id,
                community_id="c-home",
                path=HOME,
                convener="residents_committee",
                version=1,
                article="a1",
                state="open",
                reporter_id=reporter_id,
                hidden=False,
                place="",
                building="",
                due_at=h.now + timedelta(days=7),
                created_at=h.now,
            )
        )
        uow.session.flush()
        uow.session.add(note)
        uow.commit()
        return {"id": breach_id, "note": note.id}


def _follow_up(h: House) -> Command:
    said = {"what": "安装充电棚", "who": "物业"}
    return {"id": h.ask(h.secretary, "addFollowUp", **topic(h, "adopted"), **said)["id"]}


def _survey(h: House, *, draft: bool = False) -> Command:
    return {"id": h.ask(h.secretary, "createSurvey", **SURVEY, draft=draft)["id"]}


def _closed(h: House) -> Command:
    found = _survey(h)
    h.ask(h.secretary, "closeSurvey", **found)
    return found


ROWS: dict[str, Row] = {
    "listCovenants": inside(lambda _h, _who: HERE),
    "getCovenant": inside(lambda h, _who: _covenant(h)),
    "listCovenantVersions": inside(lambda h, _who: _covenant(h)),
    "compareCovenantVersions": inside(lambda h, _who: {**_covenant(h), "older": 1, "newer": 1}),
    "agreeToCovenant": place(lambda h, _who: {**_covenant(h), "version": 1}),
    "withdrawAgreement": place(lambda h, _who: _covenant(h)),
    "keepCovenant": place(
        lambda h, _who: {**_covenant(h), "version": 1, "reason": "邻居们说好"}, only=COMMITTEE
    ),
    "reportBreach": place(lambda h, _who: {**_covenant(h), "article": "a1", "body": "推车上楼"}),
    "listBreaches": inside(lambda _h, _who: HERE),
    "getBreach": place(lambda h, _who: _breach(h), only=COMMITTEE),
    "replyToBreach": thing(lambda h, who: {**_breach(h, who), "body": "今天又有"}),
    "bringIntoBreach": place(
        lambda h, _who: {**_breach(h), "person_id": h.neighbour().person_id}, only=COMMITTEE
    ),
    "showBreachNote": place(lambda h, _who: _breach(h), only=COMMITTEE),
    "settleBreach": thing(
        lambda h, who: {**_breach(h, who), "state": "settled", "reason": "说开了"}
    ),
    "addFollowUp": place(
        lambda h, _who: {**topic(h, "adopted"), "what": "安装充电棚", "who": "物业"},
        only=COMMITTEE,
    ),
    "updateFollowUp": place(lambda h, _who: {**_follow_up(h), "note": "已进场"}, only=COMMITTEE),
    "listFollowUps": inside(lambda _h, _who: HERE),
    "listSurveys": inside(lambda _h, _who: HERE),
    "createSurvey": place(lambda _h, _who: SURVEY, only=COMMITTEE),
    "getSurvey": inside(lambda h, _who: _survey(h)),
    "updateSurvey": place(
        lambda h, _who: {**_survey(h, draft=True), "title": "新", "questions": [QUESTION]},
        only=COMMITTEE,
    ),
    "openSurvey": place(lambda h, _who: _survey(h, draft=True), only=COMMITTEE),
    "knownSurveys": inside(lambda _h, _who: {"community_id": "c-home", "ids": ["none"]}),
    "answerSurvey": place(lambda h, _who: {**_survey(h), "answers": [0]}),
    "closeSurvey": place(lambda h, _who: _survey(h), only=COMMITTEE),
    "surveyResults": inside(lambda h, _who: _closed(h)),
    "exportSurvey": place(lambda h, _who: _closed(h), only=COMMITTEE),
}
