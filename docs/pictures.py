"""The pictures of README and docs/pictures.md: first screens, as the browser's tests saw them.

::

    make test args="tests/browser/test_every_page.py"
    .venv/bin/python -m docs.pictures [FOLDER]

They are the demo's people and the demo's texts; each is brought down to the few colours it has.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).resolve().parents[1]
SEEN: Final = ROOT / "var" / "test-report" / "pictures" / "pages"
KEPT: Final = ROOT / "docs" / "pictures"
SCREEN: Final = {390: 844, 1280: 900}
"""How high the screen is of a phone, and of a table, of this width."""
COLOURS: Final = 128
SHOWN: Final[Mapping[str, str]] = {
    "home": "home-390",
    "home-dark": "home-390-dark",
    "report": "c-cid-report-390",
    "issue": "issues-id-390",
    "handshake": "handshakes-id-390",
    "vote": "poll-vote-390",
    "result": "poll-result-390",
    "paper-desk": "console-paper-found-390",
    "triage": "console-issue-sorted-1280",
    "board": "console-topics-1280",
    "secretary": "console-secretary-1280",
    "figures": "console-figures-1280",
    "observer": "observe-1280",
    "district": "district-1280",
}
"""What each is called here, and there."""


def take(seen: Path) -> None:
    """Make all of them anew.

    Raises:
        FileNotFoundError: a page was not looked at.
    """
    for name, source in SHOWN.items():
        with Image.open(seen / f"{source}.png") as page:
            screen = page.convert("RGB").crop((0, 0, page.width, SCREEN[page.width]))
            few = screen.quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(KEPT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else SEEN)
