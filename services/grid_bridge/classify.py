"""Classify messages from a file: `python -m services.grid_bridge.classify < in.jsonl > out.jsonl`.

In: one JSON object per line with id, title, body. Out: one line per line of input, in order, with
the same id (its JSON type kept), category, slot, confidence, candidates, reasons, code,
department, urgent, dangers, model_version. A line that can't be used gives a line with id (null
when it can't be told) and error; the others are not held up.

Where character n-grams hesitate (three messages in ten) the text's meaning is asked, too: better
advice, for 50 to 250 ms of one core. `--fast` goes without, at 500 messages a second and more; so
does a machine without the embedder, which is said on standard error.

`--learn labelled.jsonl` (id, title, body, label, slot) refits in memory first; the stored model
stays as it is. Needs no broker, database or network.

Exit status: 0 when every line was read, whatever was in it; 2 when the file to learn from or the
model can't be used.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # see classifier.embedding

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from services.grid_bridge.classifier import (
    Candidate,
    Model,
    ModelUnavailable,
    Suggestion,
    current_model,
    embedding,
    examples,
)
from services.grid_bridge.classifier.evaluate import LEARNING_WEIGHT


class BadLine(ValueError):
    """A line of input is no message. ``id`` is the line's id when it could be read."""

    def __init__(self, reason: str, id: Any = None) -> None:
        super().__init__(reason)
        self.id = id


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def read_message(line: bytes) -> tuple[Any, str, str]:
    """Id, title and body of a line; a missing title is empty, title and body can't both be.

    Raises:
        BadLine: not UTF-8, not JSON, not an object, or texts that are none.
    """
    try:
        row = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not a line of JSON: {error}"[:200]) from None
    if not isinstance(row, dict):
        raise BadLine("not a JSON object")
    title, body = row.get("title"), row.get("body")
    title, body = title if title is not None else "", body if body is not None else ""
    if not isinstance(title, str) or not isinstance(body, str):
        raise BadLine("title and body must be text", row.get("id"))
    if not title.strip() and not body.strip():
        raise BadLine("title and body are empty", row.get("id"))
    return row.get("id"), title, body


def answer(model: Model, line: bytes, *, embeds: bool = False) -> dict[str, Any]:
    """What is said of one line of input; ``embeds``: of its meaning, too, where that helps."""
    try:
        given, title, body = read_message(line)
    except BadLine as bad:
        return {"id": bad.id, "error": str(bad)}
    vector = None
    if embeds and model.hesitates(title, body):
        vector = embedding.embed(embedding.words(title, body))
    advice = model.classify(title, body, vector)
    # not `asdict`, which copies every word of it: a tenth of the time
    told = {name: getattr(advice, name) for name in _SAID}
    return {"id": given, **told, "candidates": [_candidate(one) for one in advice.candidates]}


_SAID = tuple(one.name for one in fields(Suggestion))


def _candidate(one: Candidate) -> dict[str, Any]:
    return {"category": one.category, "slot": one.slot, "confidence": one.confidence}


def encode(row: dict[str, Any]) -> bytes:
    """One line of output; text that UTF-8 can't hold (a lone surrogate) stays escaped."""
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(row).encode() + b"\n"


def answers(model: Model, lines: Iterable[bytes], *, embeds: bool = False) -> Iterator[bytes]:
    """The lines of output, one for each line of input as soon as it is read."""
    for line in lines:
        yield encode(answer(model, line, embeds=embeds))


def can_embed() -> bool:
    """Whether texts can be embedded here; if not, standard error says why."""
    try:
        embedding.load()
    except embedding.NoEmbedder as error:
        sys.stderr.write(f"no embedder here, advice from n-grams alone: {error}\n")
        return False
    return True


def _learned(path: Path) -> Model:
    from services.grid_bridge.classifier.train import refit  # only here: scikit-learn

    return refit(list(examples.read(path, LEARNING_WEIGHT)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read standard input to its end."""
    parser = argparse.ArgumentParser(prog="services.grid_bridge.classify", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--learn", type=Path, metavar="FILE", help="labelled messages to refit on")
    parser.add_argument(
        "--fast", "--no-embeddings", action="store_true", help="n-grams alone, 500 a second"
    )
    chosen = parser.parse_args(arguments)
    try:
        model = _learned(chosen.learn) if chosen.learn else current_model()
    except (OSError, ValueError, ModelUnavailable) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        for line in answers(model, sys.stdin.buffer, embeds=not chosen.fast and can_embed()):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader has enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
