"""The hot ten: a month of 7,000 messages, from stored vectors to ten topics with their names."""

import time
from datetime import datetime, timedelta

import numpy as np
import psutil

from services.grid_bridge.classifier import background, embedding
from services.grid_bridge.domain.hot_ten import Message, reckon
from services.grid_bridge.domain.hot_topics import Level, Month
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.handlers.hot_runs import FIELD_WORDS
from tests.bench.report import Family, Say

MESSAGES = 7_000
SUBJECTS = 400
MONTH = Month(2026, 2)


def measure(say: Say) -> Family:
    """Our own letters, each several times, with vectors around so many subjects."""
    messages = _messages()
    mine = psutil.Process()
    before = mine.memory_info().rss
    wall, cpu = time.perf_counter(), time.process_time()
    found = reckon(
        MONTH,
        Level.DISTRICT,
        messages,
        [],
        background.background(),
        besides=background.said(),
        field_words=FIELD_WORDS,
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    more = (mine.memory_info().rss - before) / 2**20
    say(f"hot ten: {cpu:.1f} s")
    return Family(
        "Hot ten: a month reckoned",
        f"`tests/bench/hot_topics.py`: {MESSAGES} messages of the project's own letters with "
        f"made-up vectors around {SUBJECTS} subjects, in one thread: groups, figures, names, what "
        "may be told outside. Asked for: < 60 s.",
        ("messages", "topics", "s of processor", "s by the clock", "MB more"),
        [
            (
                str(MESSAGES),
                str(len(found.topics)),
                f"{cpu:.1f}",
                f"{wall:.1f}",
                f"{more:.0f}",
            )
        ],
    )


def _messages() -> list[Message]:
    draw = np.random.default_rng(1)
    letters = background.said()
    mean = background.background().mean
    subjects = draw.normal(size=(SUBJECTS, embedding.WIDTH)) * 0.3 / embedding.WIDTH**0.5
    start = datetime(2026, 2, 1, tzinfo=ZONE)
    made = []
    for at in range(MESSAGES):
        letter = letters[at * 7 % len(letters)]
        own = draw.normal(size=embedding.WIDTH) * 0.2 / embedding.WIDTH**0.5
        vector = mean + subjects[at * 7 % len(letters) % SUBJECTS] + own
        made.append(
            Message(
                kind="issue",
                id=f"i-{at:05d}",
                community_id=f"c-{at % 40}",
                town_id=f"t-{at % 4}",
                said=letter,
                words=background.words(letter.title, letter.body),
                people=(f"p-{at % 5_000}",),
                vector=(vector / np.linalg.norm(vector)).astype(np.float32),
                written_at=start + timedelta(minutes=5 * at),
            )
        )
    return made
