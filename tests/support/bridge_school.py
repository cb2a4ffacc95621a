"""A bridge whose classifier learns: a small corpus, so that a refit takes seconds."""

from collections.abc import Callable
from functools import cache
from typing import Any

from services.contracts.actor import Actor
from services.contracts.events import ConsentChanged
from services.contracts.operations import grid_bridge as ops
from services.contracts.operations.grid_bridge import learning as contract
from services.grid_bridge import repository_learning as rows
from services.grid_bridge.classifier import Model, examples, store, train
from services.grid_bridge.classifier.lesson import Corpus, Learned, Lesson, learn
from services.grid_bridge.classifier.packed import pack
from services.grid_bridge.domain.learning import Guard
from services.grid_bridge.handlers import drift, learning
from services.grid_bridge.serving import Serving
from tests.support.bridge import ADMIN, SHI, SUN, Bridge

LENIENT = Guard(floor=0.5, margin=0.3)  # a tenth of the corpus makes no good model

Body = Callable[[Lesson], None]


@cache
def corpus() -> Corpus:
    """A tenth of the corpus, and of the held-out messages a third."""
    few = [case for at, case in enumerate(examples.training()) if at % 12 == 0]
    return Corpus(few, examples.held_out()[::3])


@cache
def small() -> Model:
    """The model that this house was shipped with, as it were."""
    return train.train(corpus().training, store.current_version(), calibrate=False)


@cache
def packed_small() -> bytes:
    """The same, packed."""
    return pack(small())


def told(macro_f1: float, **more: Any) -> dict[str, Any]:
    """Figures as a refit brings them."""
    zero = {"accuracy": macro_f1, "slot_n": 0, "slot_accuracy": None, "calibration_error": 0.0}
    span = {"low": macro_f1, "high": macro_f1, "mean_confidence": 0.9}
    return {"n": 112, "macro_f1": macro_f1, **span, **zero, **more}


def pretend(macro_f1: float, of_current: float = 0.95, during: Body | None = None) -> Any:
    """A refit that learns nothing and says that its figures are these."""

    def work(given: bytes) -> bytes:
        lesson = Lesson.decode(given)
        if during:
            during(lesson)
        figures = {"held_out": told(macro_f1), "held_out_of_current": told(of_current)}
        none = {"newest": None, "newest_of_current": None}
        return Learned(packed_small(), {**figures, **none}).encode()

    return work


def in_earnest(given: bytes) -> bytes:
    """A refit on the small corpus."""
    return learn(given, corpus())


class School(Bridge):
    """One bridge, as its classifier's keepers use it."""

    def ship(self) -> bool:
        """The reader enters the version of its release."""
        with self.units() as uow:
            entered = learning.enter_shipped(uow, small, self.now)
            uow.commit()
        return entered

    def decide(
        self,
        title: str,
        body: str,
        category: str = "dispose",
        slot: str | None = None,
        who: Actor = SUN,
        by: Actor = SHI,
        advised: bool = True,
        serving: Serving | None = None,
    ) -> str:
        """A report, the advice on it, and what a human decides."""
        receipt = self.report(who, title=title, body=body)
        if advised:
            said = (serving.model() if serving else small()).classify(title, body)
            self.classify(receipt.id, ops.Suggestion.model_validate(said, from_attributes=True))
        self.triage(receipt.id, category, slot, by)
        return receipt.id

    def ask(self, by: Actor = ADMIN) -> contract.Refit:
        """Ask for a refit."""
        with self.units() as uow:
            found = learning.request(uow, by.person_id, self.now)
            uow.commit()
        return found

    def refit(self, learn: Any = None, guard: Guard | None = None, now: Any = None) -> int:
        """One turn of the timer of refits."""
        with self.units() as uow:
            done = learning.refit(
                uow,
                learn or pretend(0.95),
                small,
                now or self.now,
                *([guard] if guard else []),
            )
            uow.commit()
        return done

    def use(self, version: str, by: Actor = ADMIN, force: bool = False, **more: Any) -> Any:
        """Put a version to use."""
        cmd = contract.UseClassifierModel(version=version, reason="比现用的准", force=force)
        with self.units() as uow:
            found = learning.use(uow, cmd, by, self.now, **more)
            uow.commit()
        return found

    def models(self) -> contract.ClassifierModels:
        """The versions."""
        with self.units(read_only=True) as uow:
            cmd = contract.ListClassifierModels()
            return learning.list_models(uow, cmd, store.current_version())

    def states(self) -> dict[str, str]:
        """Each version's state, without its base: "" is the shipped one."""
        base = store.current_version()
        return {row.version.removeprefix(base): row.state for row in self.models().items}

    def consent(self, who: Actor, purpose: str, given: bool) -> None:
        """Somebody gives or withdraws a consent."""
        event = ConsentChanged(person_id=who.person_id, purpose=purpose, given=given)
        with self.units() as uow:
            learning.follow_consent(uow, event, self.now)
            uow.commit()

    def texts(self) -> list[str]:
        """Titles of what a refit would learn from."""
        with self.units(read_only=True) as uow:
            return [one.title for one in rows.to_learn(uow.session, 100)]

    def follow(self, serving: Serving) -> bool:
        """One turn of a process's timer that follows the version in use."""
        with self.units(read_only=True) as uow:
            wanted = rows.wanted(uow.session)
            return serving.follow(wanted, lambda version: rows.blob(uow.session, version))

    def drift(self, who: Actor = ADMIN, **query: Any) -> contract.DriftReport:
        """The report on drift."""
        facts = {"did": "demo", "from": "2026-01-01", "to": "2026-12-31", **query}
        with self.units(read_only=True) as uow:
            return drift.report(uow, contract.ClassifierDrift(**facts), who)
