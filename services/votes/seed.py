"""``python -m services.votes.seed``: the demo community's questions, votes and covenant.

The past is walked through by the very use-cases, in one transaction whose clocks are set back: what
stands there was screened, discussed, voted on, counted and certified like everything else. Nothing
of it is told to the other services, and it is there or not, as a whole: a second run finds it.
"""

import sys
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from services import seeding
from services.contracts.demo import SHANGYUAN
from services.kit.blobs import BlobStore
from services.votes import seed_counting, seed_covenants, seed_stories, seed_voices
from services.votes.crypto import keys
from services.votes.seed_past import Past, Walk
from services.votes.settings import Settings

_THERE = text("SELECT EXISTS (SELECT FROM topics WHERE community_id = :community)")
_ONE_SEED = text("SELECT pg_advisory_xact_lock(hashtextextended('votes seed', 0))")


def seed(past: Past, files: BlobStore, now: datetime) -> bool:
    """Walk through the demo's past up to now, if nobody has; whether nobody had."""
    past.session.execute(_ONE_SEED)
    if past.session.scalar(_THERE, {"community": SHANGYUAN}):
        return False
    with Walk(past, files) as walk:
        stories = (seed_stories, seed_voices, seed_covenants, seed_counting)
        steps = [step for story in stories for step in story.steps(walk, now)]
        seeding.go_through(walk, steps, now)
    return True


def main() -> int:
    """Seed the database that the environment names; refused outside of the demo."""
    settings = Settings()

    def walked(engine: Engine) -> str:
        keys.use(settings.votes_keys_file)
        with Past(engine, "votes") as past:
            new = seed(past, BlobStore(settings), datetime.now(UTC))
            past.commit()
        return f"the demo's past was {'walked through' if new else 'there'}"

    return seeding.run(settings, walked)


if __name__ == "__main__":
    sys.exit(main())
