"""Open311 GeoReport v2 as the gateway asks for it: read by anybody, written with a key."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from services import directory
from services.contracts.actor import Role
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import Place
from services.contracts.operations.grid_bridge import open311 as ops
from services.grid_bridge import repository_open311 as repository
from services.grid_bridge import slots
from services.grid_bridge import texts_open311 as texts
from services.grid_bridge.domain import open311 as rules
from services.grid_bridge.domain import outlines
from services.grid_bridge.domain.coordinates import Point
from services.grid_bridge.handlers import locating, reporting
from services.grid_bridge.handlers.common import Doer, tell
from services.grid_bridge.handlers.open311_keys import digest
from services.grid_bridge.models import IssueRow, Open311KeyRow, Open311RequestRow
from services.grid_bridge.repository_open311 import Jurisdiction
from services.kit.uow import UnitOfWork

_SENDER = Doer(Role.SERVICE)


# -- what is offered -----------------------------------------------------------------------------


def list_services(uow: UnitOfWork, cmd: ops.ListOpen311Services) -> ops.Open311Services:
    """What can be reported there, by the district's catalogue in force."""
    offered = _services(uow, repository.jurisdiction(uow.session, cmd.jurisdiction_id))
    return ops.Open311Services(
        items=[
            ops.Open311Service(
                service_code=one.code,
                service_name=one.name,
                description=one.meaning,
                metadata=True,
                type="realtime",
                keywords=",".join(one.keywords),
                group=one.group,
            )
            for one in offered.values()
        ]
    )


def get_service(uow: UnitOfWork, cmd: ops.GetOpen311Service) -> ops.Open311Definition:
    """What a report may and must say.

    Raises:
        ServiceNotFound: the catalogue in force has none of this code.
    """
    here = repository.jurisdiction(uow.session, cmd.jurisdiction_id)
    service = _service(uow, here, cmd.service_code)
    choices = {code: f"{one.town_name}{one.name}" for code, one in _communities(uow, here).items()}
    return ops.Open311Definition(
        service_code=service.code, attributes=_attributes(service, choices)
    )


def _attributes(
    service: rules.Service, communities: Mapping[str, str]
) -> list[ops.Open311Attribute]:
    told = [
        _attribute("emergency", "text", texts.EMERGENCY, variable=False),
        _attribute(rules.DETAIL, "string", "位置补充说明，如“3号楼东侧”；请勿填写室号"),
        _attribute(
            rules.WORDS, "singlevaluelist", "是否同意公开所填文字（默认不公开）", rules.ANSWERS
        ),
    ]
    if service.at_home:
        told.insert(1, _attribute(rules.BUILDING, "string", "所在楼栋，不填室号", required=True))
    if communities:
        told.insert(
            1,
            _attribute(rules.COMMUNITY, "singlevaluelist", "所在居村", communities, required=True),
        )
    return [one.model_copy(update={"order": at}) for at, one in enumerate(told, 1)]


def _attribute(
    code: str,
    datatype: ops.Datatype,
    description: str,
    values: Mapping[str, str] | None = None,
    *,
    required: bool = False,
    variable: bool = True,
) -> ops.Open311Attribute:
    return ops.Open311Attribute(
        variable=variable,
        code=code,
        datatype=datatype,
        required=required,
        datatype_description=description if variable else "",
        order=1,
        description=description,
        values=[ops.Open311Value(key=key, name=name) for key, name in (values or {}).items()],
    )


def _services(uow: UnitOfWork, here: Jurisdiction) -> dict[str, rules.Service]:
    return rules.services(slots.current_in(uow, here.district_id), here.division)


def _service(uow: UnitOfWork, here: Jurisdiction, code: str) -> rules.Service:
    found = _services(uow, here).get(code)
    if found is None:
        raise rules.ServiceNotFound()
    return found


def _communities(uow: UnitOfWork, here: Jurisdiction) -> dict[str, Row[Any]]:
    """Where it may be, by statistical code; nothing to choose within one community."""
    if here.community:
        return {}
    return {one.code12: one for one in repository.communities(uow.session, here.path)}


# -- a report ------------------------------------------------------------------------------------


def create_request(
    uow: UnitOfWork, cmd: ops.CreateOpen311Request, now: datetime
) -> ops.Open311Receipt:
    """A report becomes an issue that nobody's account stands behind: same path, same promise.

    What is sent again with the same key within a day is the same request.

    Raises:
        BadKey, KeyElsewhere, TooManyReports: the key does not open this.
        JurisdictionRequired, JurisdictionNotFound, ServiceNotFound: where, or what, is not known.
        BadReport, OutsideDistrict: something is missing or cannot be.
    """
    key = _opened_by(uow, cmd.api_key)
    here = repository.jurisdiction(uow.session, cmd.jurisdiction_id)
    if here.district_id != key.district_id:
        raise rules.KeyElsewhere()
    if not cmd.service_code:
        raise rules.BadReport("service_code: is required")
    service = _service(uow, here, cmd.service_code)
    where, text, link = _said(cmd)
    communities = _communities(uow, here)
    answers = rules.answers(cmd.attributes, service, communities)
    mark = rules.fingerprint(cmd.model_dump(mode="json", exclude={"api_key"}))
    earlier = repository.sent_alike(uow.session, key.id, mark, now - rules.REPEATED_WITHIN)
    if earlier is None:
        _within_limits(uow, key, now)
        community_id = here.community or communities[answers[rules.COMMUNITY]].id
        community = directory.community(uow, community_id)
        row = _issue(uow, community, service, where, _body(text, answers), now)
        uow.session.add(
            Open311RequestRow(
                issue_id=row.id,
                key_id=key.id,
                fingerprint=mark,
                service_code=service.code,
                words=answers.get(rules.WORDS) == "yes",
                media_url=link,
                at=now,
            )
        )
        if link:
            tell(uow, row, "link", _SENDER, f"{texts.ATTACHED}：{link}", now, staff_only=True)
        earlier = row.id
    key.used_at = now
    return ops.Open311Receipt(service_request_id=earlier, service_notice=texts.NOTICE)


def _opened_by(uow: UnitOfWork, api_key: str) -> Open311KeyRow:
    row = repository.key_by_hash(uow.session, digest(api_key)) if api_key else None
    if row is None or row.revoked_at is not None:
        raise rules.BadKey()
    return row


def _within_limits(uow: UnitOfWork, key: Open311KeyRow, now: datetime) -> None:
    for most, span in (
        (key.per_minute, timedelta(minutes=1)),
        (key.per_day, timedelta(days=1)),
    ):
        if repository.sent_since(uow.session, key.id, now - span) >= most:
            raise rules.TooManyReports(retry_after=60)


def _said(cmd: ops.CreateOpen311Request) -> tuple[Place, str, str | None]:
    """Where it is, the words, and the link of a report, checked."""
    text, link = rules.described(cmd.description), rules.linked(cmd.media_url)
    point = rules.point(cmd.lat, cmd.long)
    address = rules.described(cmd.address_string or cmd.address_id)
    if point is None and not address:
        raise rules.BadReport("lat and long, address_string or address_id is required")
    if point is None:
        return Place(address=address), text, link
    return Place(address=address, lng=point.lng, lat=point.lat), text, link


def _issue(
    uow: UnitOfWork,
    community: directory.Community,
    service: rules.Service,
    where: Place,
    body: str,
    now: datetime,
) -> IssueRow:
    row = reporting.new_issue(
        community,
        now,
        post_id=new_id(),
        reporter_id=None,
        title=service.name,
        body=body,
        hide_name=False,
        attachments=(),
        source="open311",
    )
    row.location = locating.settled(uow, where, community.district_id)
    reporting.opened(uow, row, _SENDER, (), now, from_post=False)
    return row


def _body(text: str, answers: Mapping[str, str]) -> str:
    more = [answers[code] for code in (rules.BUILDING, rules.DETAIL) if code in answers]
    where = f"位置：{'，'.join(more)}" if more else ""
    return "\n".join(part for part in (text or texts.UNWRITTEN, where) if part)


# -- what is public ------------------------------------------------------------------------------


def get_token(uow: UnitOfWork, cmd: ops.GetOpen311Token) -> ops.Open311Token:
    """A report has its id at once, which is its token as well.

    Raises:
        TokenNotFound: no report has it.
    """
    here = repository.jurisdiction(uow.session, cmd.jurisdiction_id)
    if not repository.requests(uow.session, here, ids=[cmd.token], limit=1):
        raise rules.TokenNotFound()
    return ops.Open311Token(service_request_id=cmd.token, token=cmd.token)


def get_request(uow: UnitOfWork, cmd: ops.GetOpen311Request) -> ops.Open311Requests:
    """One request.

    Raises:
        RequestNotFound: there is none.
    """
    here = repository.jurisdiction(uow.session, cmd.jurisdiction_id)
    rows = repository.requests(uow.session, here, ids=[cmd.service_request_id], limit=1)
    if not rows:
        raise rules.RequestNotFound()
    return ops.Open311Requests(items=_public(uow, here, rows, extended=cmd.extensions))


def list_requests(
    uow: UnitOfWork, cmd: ops.ListOpen311Requests, now: datetime
) -> ops.Open311Requests:
    """Requests, the latest first.

    Raises:
        BadQuery: more than 90 days, or too far a page.
    """
    here = repository.jurisdiction(uow.session, cmd.jurisdiction_id)
    if cmd.service_request_id:
        rows = repository.requests(uow.session, here, ids=cmd.service_request_id, limit=ops.MOST)
        return ops.Open311Requests(items=_public(uow, here, rows, extended=cmd.extensions))
    changed = (cmd.updated_after, cmd.updated_before)
    dated = cmd.start_date or cmd.end_date or not any(changed)
    states = {*cmd.status}
    rows = repository.requests(
        uow.session,
        here,
        codes=cmd.service_code,
        closed=states == {"closed"} if len(states) == 1 else None,
        requested=rules.between(cmd.start_date, cmd.end_date, now) if dated else None,
        changed=changed,
        limit=cmd.page_size,
        offset=rules.passed_over(cmd.page, cmd.page_size),
    )
    return ops.Open311Requests(items=_public(uow, here, rows, extended=cmd.extensions))


def _public(
    uow: UnitOfWork, here: Jurisdiction, rows: Sequence[Row[Any]], *, extended: bool
) -> list[ops.Open311Request]:
    known = _services(uow, here)
    notes = _notes(uow, rows) if extended else {}
    return [_request(row, known, notes.get(row.id, [])) for row in rows]


def _request(
    row: Row[Any], known: Mapping[str, rules.Service], notes: list[ops.Open311Note]
) -> ops.Open311Request:
    service = known.get(row.code)
    name = row.slot_name or row.matter or (service.name if service else row.code)
    at_home = rules.is_at_home(row.slot, name) or (service is not None and service.at_home)
    place = row.location or {}
    public = row.category in ("dispose", "8x") and not at_home
    point = _point(place, public=public)
    standing = texts.standing(row.status, row.result, row.order_state)
    return ops.Open311Request.model_construct(  # a thousand at once, of what we made ourselves
        service_request_id=row.id,
        status="closed" if row.closed else "open",
        status_notes=standing,
        service_name=name,
        service_code=row.code,
        description=rules.without_persons(row.words)
        if row.words
        else texts.neutral(name, row.community),
        agency_responsible=row.department or f"{row.community}居民（村民）委员会",
        service_notice="",
        requested_datetime=row.created_at,
        updated_datetime=(row.ended_at if row.closed else None) or row.updated_at,
        expected_datetime=row.due_at,
        address=rules.coarse_address(
            place.get("address", ""), (row.town, row.community), public=public
        ),
        address_id=row.code12,
        lat=point.lat if point else None,
        long=point.lng if point else None,
        state=row.order_state if row.status == "escalated" and row.order_state else row.status,
        community=row.community,
        town=row.town,
        notes=notes,
    )


def _point(place: dict[str, Any], *, public: bool) -> Point | None:
    """The point to about a hundred metres, once a human has said that it is a public matter."""
    found = outlines.in_wgs84(place) if public and not place.get("doubtful") else None
    return rules.coarse(found) if found else None


def _notes(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> dict[str, list[ops.Open311Note]]:
    found: dict[str, list[ops.Open311Note]] = defaultdict(list)
    for step in repository.steps(uow.session, [row.id for row in rows], [*texts.STEPS]):
        found[step.issue_id].append(
            ops.Open311Note(datetime=step.at, description=texts.STEPS[step.kind], type=step.kind)
        )
    return found
