"""`python -m tests.contracts.make_golden`: a golden sample for each event and consumer without.

A sample that exists is never rewritten: it is what a consumer was promised. Values come from each
field's type, so a new event needs nothing here.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from services.contracts.events import REGISTRY, Event
from services.contracts.topology import BROADCAST, QUEUES

GOLDEN = Path(__file__).parent / "golden"
MOMENT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
NAMED: dict[str, Any] = {
    "path": "demo.yuepu.shangyuan",
    "code12": "310113104001",
    "url": "https://example.org/uploads/1",
    "display_name": "孙奶奶",
    "title": "商铺占用绿化带",
    "body": "三号楼前的绿化带被商铺占用了。",
    "work_order_no": "SQT-310113-2026-000001",
    "seq": 1,
    "score": 5,
    "role": "committee_staff",
    "district": "demo",
    "category": "8x",
}


def consumers() -> list[tuple[type[Event], str]]:
    """Every event with each of its consumers."""
    pairs = [(event, queue.name) for queue in QUEUES for event in queue.events]
    pairs += [(event, "gateway.broadcast") for event in BROADCAST]
    heard = {event for event, _ in pairs}
    return pairs + [(event, "anybody") for event in REGISTRY.values() if event not in heard]


def sample(kind: Any, name: str = "") -> Any:
    """A plausible value of a type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return NAMED[name] if NAMED.get(name) in arguments else arguments[0]
    if origin in (Union, UnionType):
        return sample(next(a for a in arguments if a is not type(None)), name)
    if origin is list:
        return [sample(arguments[0])]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {n: sample(f.annotation, n) for n, f in kind.model_fields.items()}
    if name in NAMED:
        return NAMED[name]
    plain = {str: name or "text", int: 1, float: 0.75, bool: True, datetime: MOMENT.isoformat()}
    return plain[kind]


def path_of(event: type[Event], consumer: str) -> Path:
    """Where a consumer's sample lies."""
    return GOLDEN / event.TYPE / f"{consumer}.json"


def main() -> None:
    """Write what is missing."""
    for event, consumer in consumers():
        path = path_of(event, consumer)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(sample(event), indent=2, ensure_ascii=False)
            path.write_text(text + "\n")
            print(path.relative_to(GOLDEN))


if __name__ == "__main__":
    main()
