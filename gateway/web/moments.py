"""Moments in people's words; the exact time is always there for whoever taps on it.

The neighbourhood's clock is China's: one zone, no summer time. What happened is told from *now*
(刚刚, 12 分钟前, 昨天 14:05), what is promised by its day and by how long that is.
"""

from datetime import date, datetime, time, timedelta, timezone

from gateway.web.texts import N_, Texts

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_WEEKDAYS = (
    N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"),
)  # fmt: skip
MINUTE, HOUR, DAY = 60, 3600, 86400


def parse(moment: str | datetime) -> datetime:
    """A moment of the contract (RFC 3339) on China's clock."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(CHINA)


def exact(moment: str | datetime, texts: Texts) -> str:
    """The whole of it: 2026年3月5日 周四 14:05."""
    at = parse(moment)
    weekday = texts.gettext(_WEEKDAYS[at.weekday()])
    pattern = texts.gettext(N_("{year}年{month}月{day}日 {weekday} {time}"))
    return pattern.format(
        year=at.year, month=at.month, day=at.day, weekday=weekday, time=f"{at:%H:%M}"
    )


def ago(moment: str | datetime, now: datetime, texts: Texts) -> str:
    """When something happened, seen from ``now``."""
    at, here = parse(moment), now.astimezone(CHINA)
    seconds = (here - at).total_seconds()
    if -MINUTE < seconds < MINUTE:
        return texts.gettext(N_("刚刚"))
    if 0 < seconds < HOUR:
        return texts.gettext(N_("{n} 分钟前")).format(n=int(seconds // MINUTE))
    clock = f"{at:%H:%M}"
    if at.date() == here.date():
        return texts.gettext(N_("今天 {time}")).format(time=clock)
    if at.date() == here.date() - timedelta(days=1):
        return texts.gettext(N_("昨天 {time}")).format(time=clock)
    if at.year == here.year:
        return texts.gettext(N_("{month}月{day}日 {time}")).format(
            month=at.month, day=at.day, time=clock
        )
    return texts.gettext(N_("{year}年{month}月{day}日")).format(
        year=at.year, month=at.month, day=at.day
    )


def due(moment: str | datetime, now: datetime, texts: Texts) -> str:
    """By when: the day in the words of the week, with the hour."""
    at, here = parse(moment), now.astimezone(CHINA)
    clock = f"{at:%H:%M}"
    if at.date() == here.date():
        return texts.gettext(N_("今天 {time}")).format(time=clock)
    if at.date() == here.date() + timedelta(days=1):
        return texts.gettext(N_("明天 {time}")).format(time=clock)
    return texts.gettext(N_("{month}月{day}日（{weekday}）{time}")).format(
        month=at.month,
        day=at.day,
        weekday=texts.gettext(_WEEKDAYS[at.weekday()]),
        time=clock,
    )


def during(begins: str, ends: str | None, now: datetime, texts: Texts) -> str:
    """From when to when; on one day the day is said once."""
    if ends is None:
        return due(begins, now, texts)
    same = parse(begins).date() == parse(ends).date()
    until = f"{parse(ends):%H:%M}" if same else due(ends, now, texts)
    return f"{due(begins, now, texts)}–{until}"


def left(moment: str | datetime, now: datetime, texts: Texts) -> str:
    """How long it is until then, or how long ago that was, in the two largest units."""
    seconds = (parse(moment) - now).total_seconds()
    pattern = N_("还有 {span}") if seconds >= 0 else N_("已超过 {span}")
    return texts.gettext(pattern).format(span=span(abs(seconds), texts))


def span(seconds: float, texts: Texts) -> str:
    """A length of time: 2 天 3 小时, 45 分钟."""
    days, rest = divmod(int(seconds), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = max(1, rest // MINUTE) if not days and not hours else rest // MINUTE
    units = (
        (days, N_("{n} 天")),
        (hours, N_("{n} 小时")),
        (0 if days else minutes, N_("{n} 分钟")),
    )
    return " ".join(texts.gettext(unit).format(n=n) for n, unit in units if n)


def minute(moment: str | datetime) -> str:
    """A moment as a file has it (2026-03-05 14:05), on China's clock."""
    return f"{parse(moment):%Y-%m-%d %H:%M}"


def months(today: date, count: int) -> list[tuple[date, date]]:
    """The first and last day of so many months, the running one first: as far as it has come."""
    found: list[tuple[date, date]] = []
    last = today
    for _ in range(count):
        first = last.replace(day=1)
        found.append((first, last))
        last = first - timedelta(days=1)
    return found


def end_of_day(text: str) -> str | None:
    """The last minute of a day as a date field gives it (2026-03-05); None for no date."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(23, 59), CHINA).isoformat()


def for_field(moment: str | datetime) -> str:
    """A moment for a datetime-local field (2026-03-05T14:05), on China's clock."""
    return f"{parse(moment):%Y-%m-%dT%H:%M}"


def local_minute(text: str) -> str | None:
    """A moment as a datetime-local field gives it (2026-03-05T14:05), with China's zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or CHINA).isoformat()
