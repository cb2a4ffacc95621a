"""``python -m services.grid_bridge.reader``: the reader as a process of its own."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy comes with anything; see classifier.embedding

from services.kit.runner import run

if __name__ == "__main__":
    run(
        "services.grid_bridge.reader.service:GridClassifierService",
        "services.grid_bridge.reader.settings:Settings",
    )
