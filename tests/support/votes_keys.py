"""The keys of votes for tests, drawn once for a run."""

import tempfile
from functools import cache
from pathlib import Path

from deploy.local.keys import VOTES_KEYS, new_votes_keys


@cache
def votes_keys_file() -> Path:
    """A key file that lives as long as this process."""
    file = Path(tempfile.mkdtemp(prefix="votes-keys-")) / VOTES_KEYS
    file.write_text(new_votes_keys())
    return file
