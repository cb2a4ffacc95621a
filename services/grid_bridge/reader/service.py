"""The reader: a process beside the bridge that turns words into vectors, and reads them.

No call waits for it. All of its arithmetic goes through :func:`services.kit.aside.aside`, one
thing at a time, while heartbeats and events go on.
"""

from datetime import datetime
from typing import Any

from services.contracts.events import Event, IssueReported, PostOffered, PostRemoved
from services.grid_bridge import advice, repository_vectors
from services.grid_bridge.classifier import embedding
from services.grid_bridge.entrypoints.hot_topics import HotTopicWork
from services.grid_bridge.entrypoints.learning import LearningWork
from services.grid_bridge.handlers import opinions, vectors
from services.kit import logs
from services.kit.aside import aside
from services.kit.service import Call, Companion, on, timer

log = logs.get(__name__)


class GridClassifierService(HotTopicWork, LearningWork, Companion):
    """Reads what residents write, on the bridge's database."""

    name = "grid_classifier"
    can_embed = True

    @classmethod
    def prepare(cls) -> None:
        try:
            embedding.load()
        except embedding.NoEmbedder as error:
            cls.can_embed = False
            log.warning("no vectors on this machine", error=str(error))
        advice.prepare()

    @on(IssueReported, PostOffered, PostRemoved, queue="grid_classifier.texts", latest=True)
    def keep_text(self, call: Call, event: Event) -> None:
        vectors.keep(call.uow, event, _said_at(call))

    @timer(every=0.5)
    def reckon_vectors(self, call: Call) -> int:
        if not self.can_embed:
            return 0
        found = vectors.reckon(call.uow, _embed, call.now)
        opinions.reconsider(call.uow, found, advice.second, call.now)
        return len(found)

    @timer(every=300.0)
    def forget_other_models(self, call: Call) -> int:
        return repository_vectors.forget_other_models(call.uow.session) if self.can_embed else 0


def _embed(words: str) -> Any:
    return aside(embedding.embed, words)


def _said_at(call: Call) -> datetime:
    return call.envelope.time if call.envelope else call.now
