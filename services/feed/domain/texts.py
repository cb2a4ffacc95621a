"""What a text may hold: cleaned of what cannot be seen, never markup."""

import re

from services.contracts.errors import FieldError, Invalid

# Control characters; invisible characters and direction overrides, by which a text shows
# something else than it holds; tags and interlinear marks. The joiner U+200D stays between
# pictographs, where it makes one picture of several (families, flags).
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_STRAY_JOINER = re.compile(
    "(?<![\ufe0f\u2190-\u2bff\U0001f000-\U0001faff])\u200d"
    "|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_BLANK_LINES = re.compile(r"\n{4,}")


def clean_text(raw: str) -> str:
    """``raw`` without what cannot be seen, with plain line ends; it stays text, never markup."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _STRAY_JOINER.sub("", _UNSEEN.sub("", text.replace("\u2029", "\n")))
    lines = (line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", "\n".join(lines)).strip()


def clean_line(raw: str) -> str:
    """``raw`` as one line: cleaned, with single spaces."""
    return _SPACES.sub(" ", clean_text(raw).replace("\n", " ")).strip()


def required(field: str, text: str) -> str:
    """``text``, or :class:`Invalid` when the cleaning has left nothing of it."""
    if not text:
        raise Invalid(errors=[FieldError(field, "不能为空")])
    return text


def search_words(query: str | None) -> list[str]:
    """The words of a query that must all occur, at most five."""
    return clean_line(query or "").split(" ")[:5] if query and clean_line(query) else []


def like_pattern(word: str) -> str:
    """``word`` as a pattern for ILIKE that takes its wildcards literally."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
