"""The errors that a client may meet, read from the classes that raise them (:mod:`docs.tables`)."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """An error as its source says it."""

    name: str
    module: str
    bases: tuple[str, ...]
    said: Mapping[str, Any]


def codes() -> list[tuple[int, str, str, str]]:
    """Every code that a client may meet, once: status, code, English, Chinese."""
    found = list(_error_classes())
    return sorted(
        {
            (int(str(_said(cls, "status", found))), str(cls.said["code"]),
             str(_said(cls, "en", found)), str(_said(cls, "zh", found)))
            for cls in found
            if "code" in cls.said and _said(cls, "status", found) is not None
        },
        key=lambda row: (row[1].split(".")[0], row[0], row[1]),
    )  # fmt: skip


def _error_classes() -> Iterator[ErrorClass]:
    """Read, not imported: some of these modules patch the process that imports them."""
    for folder in ("services", "gateway"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    bases = tuple(ast.unparse(base).rpartition(".")[2] for base in node.bases)
                    yield ErrorClass(node.name, str(path), bases, dict(_constants(node.body)))


def _constants(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Any]]:
    for line in body:
        target: ast.expr | None = None
        if isinstance(line, ast.Assign):
            target, value = line.targets[0], line.value
        elif isinstance(line, ast.AnnAssign) and line.value is not None:
            target, value = line.target, line.value
        if target is None:
            continue
        try:
            known = ast.literal_eval(value)
        except ValueError:
            continue
        if isinstance(target, ast.Tuple) and isinstance(known, tuple):
            names = [n.id for n in target.elts if isinstance(n, ast.Name)]
            yield from zip(names, known, strict=False)
        elif isinstance(target, ast.Name):
            yield target.id, known


def _said(cls: ErrorClass, what: str, all_of_them: list[ErrorClass]) -> Any:
    """An attribute of the class, its own or inherited; None when it is no error of ours."""
    if what in cls.said:
        return cls.said[what]
    for base in cls.bases:
        same = [c for c in all_of_them if c.name == base]
        near = [c for c in same if c.module == cls.module] or same
        for candidate in near:
            value = _said(candidate, what, all_of_them)
            if value is not None:
                return value
    return None
