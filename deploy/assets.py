"""The files of others that the browser is given: single files, copied out of node_modules.

    python3 -m deploy.assets node_modules var/assets

Standard library only.
"""

from __future__ import annotations  # an older python must get as far as being refused

import hashlib
import json
import shutil
import sys
from pathlib import Path

ASSETS = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "weui.min.css": "weui/dist/style/weui.min.css",
    "echarts.simple.min.js": "echarts/dist/echarts.simple.min.js",
    "jsqr.js": "jsqr/dist/jsQR.js",
    "licenses/htmx.txt": "htmx.org/LICENSE",
    "licenses/weui.txt": "weui/LICENSE.txt",
    "licenses/echarts.txt": "echarts/LICENSE",
    "licenses/jsqr.txt": "jsqr/LICENSE",
}
"""What the gateway serves: its name below var/assets, and where it comes from."""


def copy_assets(modules: Path, target: Path, made_from: str = "") -> None:
    """Copy them to `target`, which appears whole or not at all.

    `manifest.json` beside them says what they were made from, and the SHA-256 of each.
    """
    fresh = target.with_name(target.name + ".part")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, source in ASSETS.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, path)
    hashes = {name: hashlib.sha256((fresh / name).read_bytes()).hexdigest() for name in ASSETS}
    manifest = {"made_from": made_from, "sha256": hashes}
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1))
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


if __name__ == "__main__":
    copy_assets(Path(sys.argv[1]), Path(sys.argv[2]))
