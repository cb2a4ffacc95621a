"""``python -m services.grid_bridge.seed``: the demo community's problems, plans and concern.

They are walked through by the very use-cases, in one transaction whose clock is set back, and told
to the other services as always: threads, notifications and work orders come of them. It is there
or not, as a whole: a second run finds it.
"""

import sys
from datetime import UTC, datetime

from sqlalchemy import text

from services.contracts.demo import SHANGYUAN
from services.grid_bridge import seed_plans, seed_stories
from services.grid_bridge.seed_past import Past, Walk
from services.grid_bridge.settings import Settings
from services.kit.blobs import BlobStore
from services.kit.db import make_engine

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
    for step in sorted(steps, key=lambda one: one.at):
        walk.to(step.at)
        step.do()
    walk.to(now)
    return True


def main() -> int:
    """Seed the database that the environment names; refused outside of the demo."""
    settings = Settings()
    if not settings.demo:
        print("SHEQU_DEMO is off: nothing is seeded", file=sys.stderr)  # noqa: T201
        return 2
    engine = make_engine(settings.database_url, pool=1)
    try:
        with Past(engine) as past:
            new = seed(past, BlobStore(settings), datetime.now(UTC))
            past.commit()
    finally:
        engine.dispose()
    print(f"grid_bridge: the demo's past was {'walked through' if new else 'there'}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
