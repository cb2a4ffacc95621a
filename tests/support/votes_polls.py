"""Polls that the clock leads: announced on a text, voted on, closed, counted, in publicity."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.contracts.actor import Actor, Role
from services.contracts.ids import new_id
from services.contracts.operations.votes import RuleSet, polls
from services.contracts.operations.votes import results as ops
from services.contracts.operations.votes.chain import ChainSettings
from services.kit.uow import UnitOfWork, UnitOfWorkFactory
from services.votes import repository
from services.votes.handlers import poll_views, publicity, results
from services.votes.handlers import polls as life
from services.votes.handlers.common import look_again
from services.votes.models import ObjectionRow, ProposalVersionRow
from tests.support.bridge import LU, SHANGYUAN, SHI, SUN, actor
from tests.support.votes import HERE, MA, RULES, Votes
from tests.support.votes_ballots import Booth
from tests.support.votes_covenants import articles


class Polls(Votes):
    """Votes with the use-cases of a poll's life; a booth to vote in."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        super().__init__(units)
        self.booth = Booth(self)
        self.answers["my_subjects"] = lambda **_asked: {"refs": []}

    def announced(
        self,
        rules: RuleSet = RULES,
        *,
        voters: Iterable[Actor] = (SUN, LU, MA),
        without_account: int = 0,
        steps: Iterable[str] = (),
        **facts: Any,
    ) -> str:
        """A poll that opens in a week and lasts for one, its topic in the notice; its id."""
        settings = ChainSettings.model_validate({"steps": list(steps)})
        topic_id = self.topic("notice", proposal=1, settings=settings.model_dump(mode="json"))
        self.text(topic_id, rules)
        poll_id = self.poll(
            "announced",
            rules,
            voters=voters,
            without_account=without_account,
            topic_id=topic_id,
            **facts,
        )

        def announce(uow: UnitOfWork) -> None:
            repository.topics.topic(uow.session, topic_id).poll_id = poll_id
            opens = self.now + timedelta(days=7)
            repository.due.put(uow.session, "poll.open", poll_id, opens)

        self.do(announce)
        return poll_id

    def text(self, topic_id: str, rules: RuleSet = RULES) -> None:
        """The first version of a topic's text."""
        with self.units() as uow:
            uow.session.add(
                ProposalVersionRow(
                    topic_id=topic_id,
                    version=1,
                    articles=articles("电动车不进楼"),
                    rules=rules.model_dump(mode="json"),
                    opens_at=self.now + timedelta(days=7),
                    closes_at=self.now + timedelta(days=14),
                    hash="ab" * 32,
                    written_at=self.now,
                    written_role="secretary",
                )
            )
            uow.commit()

    def objection(self, poll_id: str, period: str = "notice", *, owed: bool = True) -> str:
        """Somebody objected; an answer is owed unless said otherwise."""
        row = self.row(poll_id)
        objection_id = new_id()
        with self.units() as uow:
            uow.session.add(
                ObjectionRow(
                    id=objection_id,
                    topic_id=row.topic_id,
                    poll_id=poll_id,
                    period=period,
                    kind="mechanism",
                    body="公示时间太短",
                    objector_id=LU.person_id,
                    filed_at=self.now,
                    owed=owed,
                    answers=0 if owed else 1,
                )
            )
            uow.commit()
        return objection_id

    def answered(self, objection_id: str) -> None:
        """The objection got its answer, and the clock looks again."""

        def answer(uow: UnitOfWork) -> None:
            row = uow.session.get_one(ObjectionRow, objection_id)
            row.owed, row.answers = False, 1
            look_again(uow, row.poll_id, self.now)

        self.do(answer)

    def wound(self, poll_id: str) -> None:
        """An open poll that was laid down is on its text's first version; the clock is set."""
        row = self.row(poll_id)

        def wind(uow: UnitOfWork) -> None:
            topic = repository.topics.topic(uow.session, row.topic_id)
            topic.proposal, topic.poll_id = 1, poll_id
            repository.due.put(uow.session, "poll.close", poll_id, row.closes_at)

        self.do(wind)

    def until(self, **delta: float) -> None:
        """Let time go on and do what is due by then."""
        self.pass_time(**delta)
        self.do_duties()

    def opened(self, rules: RuleSet = RULES, **facts: Any) -> str:
        """A poll that has just opened."""
        poll_id = self.announced(rules, **facts)
        self.until(days=7)
        return poll_id

    def change(self, statement: str) -> None:
        """Change a row behind everybody's back."""
        with self.units() as uow:
            uow.session.execute(text(statement))
            uow.commit()

    def voter(self, number: int) -> Actor:
        """Another resident."""
        person = actor(f"p-v{number}", (Role.RESIDENT, HERE))
        self.settle(person)
        return person

    # -- as people see it ------------------------------------------------------------------------

    def row(self, poll_id: str) -> Any:
        """The poll's row."""
        return self.do(lambda uow: repository.polls.poll(uow.session, poll_id))

    def topic_of(self, poll_id: str) -> Any:
        """The topic's row."""
        return self.do(
            lambda uow: repository.topics.topic(
                uow.session, repository.polls.poll(uow.session, poll_id).topic_id
            )
        )

    def get(self, poll_id: str, who: Actor = SUN, language: str = "zh-CN") -> polls.Poll:
        """The poll as somebody sees it."""
        return self.do(poll_views.get_poll, polls.OfPoll(id=poll_id), who, self.now, language)

    def listed(self, who: Actor = SUN, **asked: Any) -> list[str]:
        """The polls of 尚园 that somebody asks for."""
        cmd = polls.ListPolls.model_validate({"cid": SHANGYUAN, **asked})
        page = self.do(poll_views.list_polls, cmd, who, self.now, "zh-CN")
        return [one.id for one in page.items]

    def result(self, poll_id: str, who: Actor = SUN) -> ops.Result:
        """The result as somebody sees it."""
        return self.do(results.get_result, polls.OfPoll(id=poll_id), who, self.now)

    def void(self, poll_id: str, who: Actor = SHI, reason: str = "文本有误") -> None:
        """The desk stops the poll."""
        self.do(life.void, polls.VoidPoll(id=poll_id, reason=reason), who, self.now)

    def sign(
        self, poll_id: str, who: Actor, decision: str = "sign", note: str = "逐项核对过"
    ) -> None:
        """A supervisor decides on the result."""
        asked = {"id": poll_id, "decision": decision, "note": note}
        self.do(publicity.sign_off, ops.SignOff.model_validate(asked), who, self.now)

    def annul(self, poll_id: str, who: Actor = SHI, reason: str = "名册有误") -> None:
        """The desk takes the result back."""
        self.do(publicity.annul, ops.AnnulResult(id=poll_id, reason=reason), who, self.now)

    def timeline(self, poll_id: str) -> list[tuple[str, str]]:
        """What the topic's timeline says: kind and text."""
        return [
            (kind, text)
            for kind, text in self.rows(
                "SELECT kind, text FROM topic_steps WHERE topic_id = :topic ORDER BY id",
                topic=self.row(poll_id).topic_id,
            )
        ]
