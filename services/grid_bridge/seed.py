"""``python -m services.grid_bridge.seed``: the demo community's problems, plans and concern.

They are walked through by the very use-cases, in one transaction whose clock is set back, and told
to the other services as always: threads, notifications and work orders come of them. It is there
or not, as a whole: a second run finds it.
"""

import sys
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from services import seeding
from services.contracts.demo import SHANGYUAN
from services.grid_bridge import seed_plans, seed_stories
from services.grid_bridge.seed_past import Past, Walk
from services.grid_bridge.settings import Settings
from services.kit.blobs import BlobStore

_THERE = text(
    "SELECT EXISTS (SELECT FROM issues WHERE community_id = :community)"
    " OR EXISTS (SELECT FROM plans WHERE community_id = :community)"
)
_ONE_SEED = text("SELECT pg_advisory_xact_lock(hashtextextended('grid_bridge seed', 0))")


def seed(past: Past, files: BlobStore, now: datetime) -> bool:
    """Walk through the demo's past up to now, if nobody has; whether nobody had."""
    past.session.execute(_ONE_SEED)
    if past.session.scalar(_THERE, {"community": SHANGYUAN}):
        return False
    walk = Walk(past, files, now)
    told = seed_stories.stories(walk, now)
    steps = [*(step for one in told.values() for step in one.steps)]
    steps += seed_plans.steps(walk, now, told)
    seeding.go_through(walk, steps, now)
    return True


def main() -> int:
    """Seed the database that the environment names; refused outside of the demo."""
    settings = Settings()

    def walked(engine: Engine) -> str:
        with Past(engine) as past:
            new = seed(past, BlobStore(settings), datetime.now(UTC))
            past.commit()
        return f"the demo's past was {'walked through' if new else 'there'}"

    return seeding.run(settings, walked)


if __name__ == "__main__":
    sys.exit(main())
