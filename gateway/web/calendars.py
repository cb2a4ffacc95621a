"""One event as a calendar file that phones take (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from gateway.web import moments

WITHOUT_AN_END = timedelta(hours=2)
"""How long an event that names no end stands in the calendar."""
REMIND = "-PT2H"
_LONGEST = 75  # octets of a line, section 3.1
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def event(
    *,
    uid: str,
    title: str,
    place: str,
    url: str,
    starts_at: str,
    ends_at: str | None,
    now: datetime,
) -> bytes:
    """The file; moments as the contract has them."""
    begins = moments.parse(starts_at)
    ends = moments.parse(ends_at) if ends_at else begins + WITHOUT_AN_END
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//shequtong//event//ZH",
        "BEGIN:VEVENT",
        f"UID:{uid}@shequtong",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(begins)}",
        f"DTEND:{_utc(ends)}",
        f"SUMMARY:{_text(title)}",
        *([f"LOCATION:{_text(place)}"] if place else []),
        f"URL:{url}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(title)}",
        f"TRIGGER:{REMIND}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    return said.translate(_ESCAPED)


def _folded(line: str) -> list[str]:
    """The line in pieces of at most 75 octets, never within a character; a blank goes on."""
    pieces, piece, room = [], "", _LONGEST
    for sign in line:
        size = len(sign.encode())
        if size > room:
            pieces.append(piece)
            piece, room = " ", _LONGEST - 1
        piece += sign
        room -= size
    return [*pieces, piece]
