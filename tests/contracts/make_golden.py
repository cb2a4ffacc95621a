"""`python -m tests.contracts.make_golden`: a golden sample for each event and consumer without.

A sample that exists is never rewritten: it is what a consumer was promised. Values come from each
field's type, so a new event needs nothing here. An event that nobody listens to has the sample
`anybody.json`; it goes as soon as somebody does, whose own sample takes its place.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from services.contracts.events import REGISTRY, Event
from services.contracts.topology import BROADCAST, QUEUES

GOLDEN = Path(__file__).parent / "golden"
ANYBODY = "anybody"
COMMAND = ".venv/bin/python -m tests.contracts.make_golden"
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
    return pairs + [(event, ANYBODY) for event in REGISTRY.values() if event not in heard]


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
    plain = {
        str: name or "text",
        int: 1,
        float: 0.75,
        bool: True,
        date: MOMENT.date().isoformat(),
        datetime: MOMENT.isoformat(),
    }
    return plain[kind]


def path_of(event: type[Event], consumer: str, folder: Path = GOLDEN) -> Path:
    """Where a consumer's sample lies."""
    return folder / event.TYPE / f"{consumer}.json"


def misfits(pairs: Iterable[tuple[type[Event], str]], folder: Path = GOLDEN) -> Iterator[str]:
    """What is missing in the folder or has no consumer, each with what to do about it."""
    wanted = {path_of(event, consumer, folder) for event, consumer in pairs}
    present = set(folder.rglob("*.json"))
    for path in sorted(wanted - present):
        yield f"{_shown(path, folder)} is missing: run {COMMAND}"
    for path in sorted(present - wanted):
        shown = _shown(path, folder)
        heirs = " or ".join(other.name for other in sorted(wanted) if other.parent == path.parent)
        if path.stem == ANYBODY and heirs:
            yield f"{shown} has served, somebody listens now: delete it, or run {COMMAND}"
        elif heirs:
            yield (
                f"{shown} has no consumer of this name: if the queue was renamed, "
                f"rename it to {heirs}; otherwise delete it"
            )
        else:
            yield f"{shown} is of no event that there is: delete it"


def write(pairs: Iterable[tuple[type[Event], str]], folder: Path = GOLDEN) -> Iterator[str]:
    """Write what is missing, delete what anybody was promised and somebody now is; say both."""
    pairs = list(pairs)
    for event, consumer in pairs:
        path = path_of(event, consumer, folder)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(sample(event), indent=2, ensure_ascii=False)
            path.write_text(text + "\n")
            yield f"{_shown(path, folder)} written"
    for event in dict.fromkeys(event for event, consumer in pairs if consumer != ANYBODY):
        path = path_of(event, ANYBODY, folder)
        if path.exists():
            path.unlink()
            yield f"{_shown(path, folder)} deleted"


def _shown(path: Path, folder: Path) -> str:
    return f"tests/contracts/golden/{path.relative_to(folder).as_posix()}"


def main() -> None:
    """Bring the folder in line with the topology."""
    for line in write(consumers()):
        print(line)


if __name__ == "__main__":
    main()
