"""Open311 GeoReport v2: what is offered, what a report must say, and what of an issue is public.

::

    ours                                                        theirs
    reported triaged self_governing referred escalated          open
    in_consultation reopened, merged without outcome
    answered solved closed, merged with its outcome             closed

    8x         the slot's key                                   service_code
    dispose    division + matter code of GB/T 47678.5 (11)
    others     consult, advise, dispose, general (not sorted yet)

Who asks is nobody in particular, so what is published is what everybody may know: no person, a
place to about a hundred metres, and of matters inside of somebody's home the community alone. A
resident's own words need her consent for this purpose (PIPL art. 25); see ADR 0023.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.contracts.errors import (
    BadRequest,
    FieldError,
    Forbidden,
    NotFound,
    RateLimited,
)
from services.grid_bridge.domain import codes
from services.grid_bridge.domain.catalogues import Version
from services.grid_bridge.domain.coordinates import Point

SPAN: Final = timedelta(days=90)
"""What a list spans at most, and when nobody says a date."""

REPEATED_WITHIN: Final = timedelta(hours=24)
"""For so long the same report with the same key is the same request."""

LONGEST: Final = 4_000
"""Characters of a description (GeoReport v2)."""

DEEPEST: Final = 100_000
"""Requests that pages may pass over; narrower dates lead further."""

CONSULT, ADVISE, DISPOSE, GENERAL = "consult", "advise", "dispose", "general"
_OWN: Final[Mapping[str, tuple[str, str]]] = {
    GENERAL: ("其他问题", "说不清归类的，由居委会分类"),
    CONSULT: ("咨询", "询问政策、办事、收费等"),
    ADVISE: ("建议", "对社区工作的意见建议"),
    DISPOSE: ("其他处置", "需要有人到场处理的一般问题"),
}
_OWN_GROUP: Final = "社区事务"
_AT_HOME: Final = frozenset({"S1", "X1", "X2"})
_AT_HOME_WORDS: Final = re.compile("承重|群租|户内|室内|居改非|房屋使用性质")
_MARKUP: Final = re.compile(r"<\s*[A-Za-z/!?]")
_BETWEEN: Final = r"[\s\-.·/_—–－()（）]{0,2}"
# Seven digits and more, however they are parted: a phone, an identity card, an account; names at
# messengers; e-mail; plates; flats. Each part is bounded: what somebody wrote on purpose (twenty
# thousand blanks) must not keep whoever reads the list.
_PERSONAL: Final = re.compile(
    rf"\d(?:{_BETWEEN}\d){{6,}}[Xx]?|[〇零一二三四五六七八九幺]{{7,}}"
    r"|(?i:微信|vx|wx|qq)号?\s{0,2}[:：是]?\s{0,2}[A-Za-z0-9_\-]{5,}"
    r"|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]+"
    r"|[\u4e00-\u9fa5][A-Z][·. ]?[A-Z0-9]{5,6}(?![A-Z0-9])"
    r"|\d{1,6}\s{0,2}[号幢栋弄]?\s{0,2}楼?\s{0,2}\d{1,6}\s{0,2}单元"
    r"|[A-Za-z]?\d{1,6}\s{0,2}[室户]|[〇零一二三四五六七八九十百]{2,6}\s{0,2}室"
    r"|(?<=[楼幢栋号])\s{0,2}\d{3,4}(?![\d年])|\d{1,3}[\-－—#]\d{3,4}(?!\d)"
)
_BUILDING: Final = re.compile(r"\d{1,6}\s{0,2}(?:号楼|幢|栋)")
_PLACE_DIGITS: Final = 3  # of degrees: 110 m from south to north, 95 m from west to east here


class JurisdictionRequired(BadRequest):
    """Several districts are served here, so the request must say which is meant."""

    code = "grid.open311_jurisdiction_required"
    zh, en = "请提供 jurisdiction_id", "jurisdiction_id is required"


class JurisdictionNotFound(NotFound):
    """No district, town or community has this id or code."""

    code = "grid.open311_jurisdiction_not_found"
    zh, en = "没有这个 jurisdiction_id", "jurisdiction_id was not found"


class ServiceNotFound(NotFound):
    """The catalogue in force has no such service."""

    code = "grid.open311_service_not_found"
    zh, en = "没有这个 service_code", "service_code was not found"


class RequestNotFound(NotFound):
    """There is no such request, or it is not public."""

    code = "grid.open311_request_not_found"
    zh, en = "没有这个 service_request_id", "service_request_id was not found"


class TokenNotFound(NotFound):
    """No report was given this token."""

    code = "grid.open311_token_not_found"
    zh, en = "没有这个 token", "token was not found"


class BadKey(Forbidden):
    """The key is missing, unknown or revoked."""

    code = "grid.open311_key"
    zh, en = "api_key 缺失或无效", "Missing or invalid api_key"


class KeyElsewhere(Forbidden):
    """The key belongs to another district."""

    code = "grid.open311_key_elsewhere"
    zh, en = "api_key 不适用于该区", "The api_key is for another district"


class KeyNotFound(NotFound):
    """The district has no such key."""

    code = "grid.open311_key_not_found"
    zh, en = "没有这个接口密钥", "There is no such key"


class BadReport(BadRequest):
    """The report lacks something, or says what cannot be."""

    code = "grid.open311_report"
    zh, en = "上报内容不完整或不正确", "The report is incomplete or wrong"


class BadQuery(BadRequest):
    """The dates or pages asked for are not within the limits."""

    code = "grid.open311_query"
    zh, en = "查询范围不正确", "The dates or pages are out of range"


class TooManyReports(RateLimited):
    """The key has sent in as many reports as it may."""

    code = "grid.open311_too_many"
    zh, en = "该密钥上报过于频繁", "Too many reports with this key"


class NotHerOwnWords(Forbidden):
    """Only the grown-up person herself can agree that her words are published."""

    code = "grid.not_her_own_words"
    zh, en = "须由本人（年满十四周岁）同意公开", "Only the person herself, of age, may agree"


# -- what is offered -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of report. ``at_home`` says that it happens inside of somebody's home."""

    code: str
    name: str
    meaning: str
    keywords: tuple[str, ...]
    group: str
    department: str = ""
    at_home: bool = False


def services(catalogue: Version, division: str) -> dict[str, Service]:
    """What can be reported in a district, by code.

    Args:
        catalogue: the version in force.
        division: the district's six digits (GB/T 2260), with which its matters begin.
    """
    slots = [
        Service(
            slot.key,
            slot.name,
            slot.meaning,
            _words(slot.meaning, slot.code.name),
            codes.group_of(slot.code.code),
            slot.department.name,
            is_at_home(slot.key, slot.name),
        )
        for slot in catalogue.slots.values()
    ]
    matters = [
        Service(
            division + matter.code,
            matter.name,
            f"{matter.standard} 事项 {matter.code}",
            (matter.name,),
            codes.group_of(matter.code),
        )
        for matter in codes.matters().values()
    ]
    own = [
        Service(code, name, meaning, (name,), _OWN_GROUP) for code, (name, meaning) in _OWN.items()
    ]
    return {one.code: one for one in (*slots, *matters, *own)}


def without_division(code: str, division: str) -> str:
    """A service code as issues keep it: of a matter its own digits; none of another district's."""
    if not code.isdigit():
        return code
    return code[len(division) :] if code.startswith(division) else ""


def is_at_home(slot: str | None, name: str) -> bool:
    """Whether a case of this slot tells of somebody's home, by its key or by its name."""
    return slot in _AT_HOME or bool(_AT_HOME_WORDS.search(name))


def _words(*texts: str) -> tuple[str, ...]:
    found = [word for text in texts for word in re.split("[、，；（）()]", text) if word]
    return tuple(dict.fromkeys(found))


# -- what a report says ----------------------------------------------------------------------------

COMMUNITY, BUILDING, DETAIL, WORDS = "community", "building", "location_detail", "publish"
ANSWERS: Final[Mapping[str, str]] = {"yes": "同意公开", "no": "不同意公开"}
_ATTRIBUTE_LENGTH: Final = 200


def point(lat: str, lng: str) -> Point | None:
    """The point of a report; None when it has none.

    Raises:
        BadReport: one of both, or no numbers, or not on Earth.
    """
    if not lat and not lng:
        return None
    try:
        found = Point(float(lng), float(lat))
    except ValueError:
        raise _wrong("lat", "lat and long are decimal degrees, both of them") from None
    if not (-90 <= found.lat <= 90 and -180 <= found.lng <= 180):  # infinity and NaN, too
        raise _wrong("lat", "must be within 90 and 180 degrees")
    return found


def described(text: str) -> str:
    """The description of a report.

    Raises:
        BadReport: it is longer than :data:`LONGEST`, or holds markup.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise _wrong("description", f"must have at most {LONGEST} characters")
    if _MARKUP.search(text):
        raise _wrong("description", "must not hold HTML")
    return text


def linked(url: str) -> str | None:
    """The link of a report, as text: nobody follows it here.

    Raises:
        BadReport: it is no address of the web.
    """
    if not url:
        return None
    if not re.fullmatch(r"https?://[^\s<>\"\\]{3,1990}", url):
        raise _wrong("media_url", "must be an http or https address")
    return url


def answers(
    given: Mapping[str, Sequence[str]], service: Service, communities: Collection[str]
) -> dict[str, str]:
    """The attributes of a report, checked; what the definition does not know is passed over.

    Args:
        communities: where it may be, the keys that the definition gives; empty when the
            jurisdiction is one community.

    Raises:
        BadReport: a required one is missing, there are several, or one that is no choice.
    """
    wanted = {COMMUNITY: bool(communities), BUILDING: service.at_home, DETAIL: False, WORDS: False}
    choices: dict[str, Collection[str]] = {WORDS: ANSWERS}
    if communities:
        choices[COMMUNITY] = communities
    found: dict[str, str] = {}
    for code, required in wanted.items():
        values = [value.strip() for value in given.get(code, ()) if value.strip()]
        if required and not values:
            raise _wrong(f"attribute[{code}]", "is required")
        if len(values) > 1 or any(len(value) > _ATTRIBUTE_LENGTH for value in values):
            raise _wrong(f"attribute[{code}]", f"one of at most {_ATTRIBUTE_LENGTH} characters")
        if values and _MARKUP.search(values[0]):
            raise _wrong(f"attribute[{code}]", "must not hold HTML")
        if values and code in choices and values[0] not in choices[code]:
            raise _wrong(f"attribute[{code}]", "is none of the choices")
        if values:
            found[code] = values[0]
    return found


def fingerprint(parts: Mapping[str, object]) -> str:
    """What tells one report from another: a hash of all that it says."""
    return hashlib.sha256(
        json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()


def _wrong(field: str, message: str) -> BadReport:
    return BadReport(f"{field}: {message}", errors=[FieldError(field, message)])


# -- what is asked for -----------------------------------------------------------------------------


def between(
    start: datetime | None, end: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """The dates of a list; one alone means the 90 days after or before it.

    Raises:
        BadQuery: they span more than :data:`SPAN`, or lie the wrong way round.
    """
    if end is None:
        end = now if start is None else start + SPAN
    if start is None:
        start = end - SPAN
    if not timedelta(0) <= end - start <= SPAN:
        raise BadQuery(
            "start_date and end_date span at most 90 days",
            errors=[FieldError("start_date", "at most 90 days before end_date")],
        )
    return start, end


def passed_over(page: int, size: int) -> int:
    """How many requests stand on earlier pages.

    Raises:
        BadQuery: more than :data:`DEEPEST`.
    """
    before = (page - 1) * size
    if before > DEEPEST:
        raise BadQuery("ask for narrower dates", errors=[FieldError("page", "is too far")])
    return before


# -- what is public --------------------------------------------------------------------------------


def without_persons(words: str) -> str:
    """Words to be published, without numbers and addresses that lead to a person."""
    return _PERSONAL.sub("＊＊", words)[:LONGEST]


def coarse(where: Point) -> Point:
    """A point to about a hundred metres."""
    return Point(round(where.lng, _PLACE_DIGITS), round(where.lat, _PLACE_DIGITS))


def coarse_address(address: str, community: Iterable[str], *, public: bool) -> str:
    """Town and community, and the building when a human has said that it is a public matter."""
    building = _BUILDING.search(address) if public else None
    return "".join((*community, building.group() if building else ""))
