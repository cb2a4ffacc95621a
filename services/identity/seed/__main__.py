"""``python -m services.identity.seed``: the demo district; harmless when it is there already."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from services.identity.crypto import index_guard, vault
from services.identity.seed import plan, store
from services.identity.settings import Settings
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory


def main() -> int:
    """Seed the database of the environment; 2 when it is not a demo."""
    try:
        settings = Settings()
    except ValueError as error:
        print(f"settings refused: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if not settings.demo:
        print("the demo district is for SHEQU_DEMO=1 alone", file=sys.stderr)  # noqa: T201
        return 2
    engine = make_engine(settings.database_url, pool=2, statement_timeout_ms=60_000)
    keys = vault(settings.data_keys_file)
    index_guard.attach(engine, keys)
    district = plan.build()
    try:
        with UnitOfWorkFactory(engine, "identity")() as uow:
            added = store.put(uow, keys, district)
            guide = store.guide(uow, keys, district, settings.public_url)
            uow.commit()
    finally:
        engine.dispose()
    target = settings.var / "run" / "demo.json"
    _write(target, guide)
    print("demo district: " + ", ".join(f"{n} {what} added" for what, n in added.items()))  # noqa: T201
    return 0


def _write(target: Path, content: dict[str, Any]) -> None:
    """All or nothing, for whoever reads it meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(target)


if __name__ == "__main__":
    sys.exit(main())
