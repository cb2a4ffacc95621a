"""A page as a browser takes it in: what it would load or run, and the controls of its forms."""

import re
from html.parser import HTMLParser

import httpx


class Reader(HTMLParser):
    """Collects what a browser would load or run, and the controls of forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.unnamed: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.labels: set[str] = set()
        self._controls: list[dict[str, str]] = []
        self._depth = 0
        self.feed(html)
        self.unnamed = [
            c.get("name", "?")
            for c in self._controls
            if c.get("id") not in self.labels and not c.get("aria-label") and not c["wrapped"]
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            if name in found:
                self.addresses.append(found[name])
        self.inline += [name for name in found if name.startswith(("on", "hx-on"))]
        if "style" in found or (tag == "script" and "src" not in found) or tag == "style":
            self.inline.append(tag)
        if tag == "form":
            self.forms.append(found)
        if tag == "label":
            self.labels.add(found.get("for", ""))
            self._depth += 1
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            found["wrapped"] = "1" if self._depth else ""
            self._controls.append(found)

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "label"


def plain(page: httpx.Response, path: str) -> None:
    """It opens, is small, has nothing of its own to run, and each of its forms carries a token."""
    assert page.status_code == 200, path
    assert len(page.content) < 60_000, path
    read = Reader(page.text)
    assert (read.inline, read.unnamed) == ([], []), path
    posting = [one for one in read.forms if one.get("method") == "post"]
    assert page.text.count('name="csrf"') == len(posting), path
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert sorted(set(ids)) == sorted(ids), path
