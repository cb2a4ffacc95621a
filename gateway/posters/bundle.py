"""All posters of a town in one zip: a PNG and a PDF for each code, drawn side by side."""

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Final

from gateway.posters.fonts import Fonts
from gateway.posters.paint import MEDIA_TYPES, draw
from gateway.posters.sheet import Words

MOST_PROCESSES: Final = 4  # each takes 100 MB


def bundle(
    posters: Iterable[Words],
    target: IO[bytes],
    fonts: Fonts,
    done: Callable[[], None] = lambda: None,
) -> int:
    """Write the zip; how many files are in it. About a second of one core for each poster.

    Args:
        done: called after each poster.
    """
    wanted = list(posters)
    names = _names(wanted)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w") as archive:
        small = fonts.reduced("".join(words.text for words in wanted), Path(folder))
        workers = min(MOST_PROCESSES, os.cpu_count() or 1, max(1, len(wanted) // 4))
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            drawn = pool.map(partial(_both, fonts=small), wanted)
            for name, files in zip(names, drawn, strict=True):
                for ending, data in files.items():
                    archive.writestr(f"{name}.{ending}", data)
                done()
    return len(wanted) * len(MEDIA_TYPES)


def _both(words: Words, fonts: Fonts) -> dict[str, bytes]:
    return {form: draw(words, form, fonts) for form in MEDIA_TYPES}


def _names(posters: Iterable[Words]) -> list[str]:
    """``镇/海报-居村-小区`` for each; a second one of the same name is numbered."""
    taken: set[str] = set()
    names = []
    for words in posters:
        town = "".join(c if c.isalnum() else "_" for c in words.district.split(" · ")[-1])
        stem = found = f"{town or '_'}/{words.stem}"
        number = 1
        while found in taken:
            number += 1
            found = f"{stem}-{number}"
        taken.add(found)
        names.append(found)
    return names
