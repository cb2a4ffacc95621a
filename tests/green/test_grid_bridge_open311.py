"""Open311: who may send in, what becomes of it, and what of an issue is public. Needs: db."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from services import directory
from services.contracts.errors import Forbidden, ShequError
from services.contracts.events import IssueReported
from services.contracts.operations import grid_bridge as contract
from services.contracts.operations.grid_bridge.bounds import PutDistrictBounds
from services.contracts.operations.grid_bridge.open311 import ListOpen311Keys
from services.grid_bridge import repository_open311
from services.grid_bridge.handlers import locating, open311_keys, reporting
from tests.support.bridge import (
    ADMIN,
    JUYUAN,
    LU,
    NEXT_DOOR,
    OPERATOR,
    SHANGYUAN,
    SHI,
    SUN,
    TO_CLOSED,
    community_told,
)
from tests.support.bridge_open311 import Counter
from tests.support.explained import analyze, rows_read

pytestmark = pytest.mark.db

OUTLINE = [[121.3, 31.3], [121.6, 31.3], [121.6, 31.6], [121.3, 31.6], [121.3, 31.3]]


@pytest.fixture
def counter(db, tmp_path) -> Counter:
    return Counter(db("grid_bridge"), tmp_path)


def refused(use, *args, **kwargs) -> ShequError:
    with pytest.raises(ShequError) as refusal:
        use(*args, **kwargs)
    return refusal.value


def test_services_are_the_catalogue_in_force_and_the_standards_matters(counter):
    services = counter.services()
    assert services["X3"].service_name == "毁绿占绿"
    assert services["X3"].group == "市容环境"
    assert services["310113" + "06010"].service_name == "暴露垃圾"
    assert {"general", "consult", "advise", "dispose"} <= services.keys()
    assert len(services) == 17 + 97 + 4
    wide, narrow = counter.definition("X2"), counter.definition("X2", jurisdiction_id=SHANGYUAN)
    assert [value.key for value in wide["community"].values] == ["310113102002", "310113102001"]
    assert wide["building"].required and "community" not in narrow
    assert not narrow["emergency"].variable
    assert refused(counter.definition, "X99").code == "grid.open311_service_not_found"


def test_a_jurisdiction_is_a_node_by_id_or_by_code_and_one_of_several_districts(counter):
    counter.report()
    codes = "310113", "310113102", "310113102001"
    for node in ("", "demo", "t-yuepu", SHANGYUAN, *codes):
        assert len(counter.requests(jurisdiction_id=node)) == 1, node
    assert counter.requests(jurisdiction_id=JUYUAN) == []
    other = community_told("c-far", "other.town.far", 9).model_copy(
        update={"district_id": "other", "town_id": "t-far", "code12": "310199001001"}
    )
    with counter.units() as uow:
        directory.project(uow, other)
        uow.commit()
    assert refused(counter.requests).code == "grid.open311_jurisdiction_required"
    unknown = refused(counter.requests, jurisdiction_id="nowhere")
    assert (unknown.status, unknown.code) == (404, "grid.open311_jurisdiction_not_found")
    key = counter.key()
    assert refused(counter.send, key.api_key, jurisdiction_id="other").code == (
        "grid.open311_key_elsewhere"
    )


def test_a_report_goes_the_way_of_every_issue(counter):
    key = counter.key()
    request_id = counter.send(key.api_key, attributes={"location_detail": ["东侧"]})
    (event,) = counter.told(IssueReported)
    # Readers of version N−1 know five sources, and go by ``hide_name`` that there is no name.
    assert (event.source, event.channel) == ("app", "open311")
    assert (event.reporter_id, event.hide_name) == ("", True)
    counter.classify(request_id)
    issue = counter.issue(request_id, SHI)
    assert (issue.status, issue.source, issue.reporter) == ("reported", "open311", None)
    assert issue.promise is not None and issue.suggestion is not None
    assert issue.body.endswith("位置：东侧")
    assert (issue.location.lng, issue.location.crs) == (121.43127, "WGS84")
    mine = counter.request(request_id)
    assert (mine.service_code, mine.status) == ("X9", "open")
    assert mine.expected_datetime == issue.promise.due_at
    counter.triage(request_id, "8x", "X3")
    assert counter.request(request_id).service_code == "X3"  # a human's word
    assert counter.issues(SHI, source="open311").items[0].id == request_id


def test_the_same_report_within_a_day_is_the_same_request(counter):
    key, other = counter.key(), counter.key(name="另一个")
    first = counter.send(key.api_key)
    assert counter.send(key.api_key) == first
    assert counter.send(key.api_key, description="别的") != first
    assert counter.send(other.api_key) != first
    counter.pass_days(1.1)
    assert counter.send(key.api_key) != first


def test_reports_at_the_same_moment_are_one_and_no_more_than_the_key_may(counter):
    key = counter.key(per_minute=5)
    with ThreadPoolExecutor(8) as pool:
        same = set(pool.map(lambda _: counter.send(key.api_key), range(8)))

        def differing(number: int) -> str:
            try:
                return counter.send(key.api_key, description=f"第{number}堆")
            except ShequError as error:
                return error.code

        sent = list(pool.map(differing, range(8)))
    assert len(same) == 1
    assert sent.count("grid.open311_too_many") == 4  # one and four more are five
    assert counter.rows("SELECT count(*) AS many FROM issues")[0].many == 5


def test_a_key_is_kept_as_its_hash_and_opens_nothing_once_revoked(counter):
    key = counter.key()
    (row,) = counter.rows("SELECT * FROM open311_keys")
    assert key.api_key not in str(row._mapping) and key.api_key.startswith(row.hint)
    counter.send(key.api_key)
    counter.revoke(key.id)
    for wrong in ("", "o311_made-up", key.api_key):
        refusal = refused(counter.send, wrong, description="再来")
        assert (refusal.status, refusal.code) == (403, "grid.open311_key")
    with counter.units(read_only=True) as uow:
        (listed,) = open311_keys.list_keys(uow, ListOpen311Keys(did="demo"), ADMIN).items
    assert listed.revoked_at and listed.used_at and not hasattr(listed, "api_key")
    for nobody in (SHI, OPERATOR, SUN):
        assert isinstance(refused(counter.key, by=nobody), Forbidden)
    assert refused(counter.key, did="nowhere").status == 404


WRONG = (
    ({"lat": "", "long": "", "address_string": ""}, ""),
    ({"long": ""}, "lat"),
    ({"lat": "north"}, "lat"),
    ({"lat": "nan"}, "lat"),
    ({"lat": "91"}, "lat"),
    ({"lat": "121.43", "long": "31.45"}, "lat"),
    ({"description": "<b>垃圾</b>"}, "description"),
    ({"description": "垃" * 4_001}, "description"),
    ({"media_url": "javascript:alert(1)"}, "media_url"),
    ({"media_url": "file:///etc/passwd"}, "media_url"),
    ({"service_code": ""}, ""),
    ({"service_code": "X2"}, "attribute[building]"),
    ({"jurisdiction_id": "demo"}, "attribute[community]"),
    ({"jurisdiction_id": "demo", "attributes": {"community": ["1"]}}, "attribute[community]"),
    ({"attributes": {"publish": ["yes", "no"]}}, "attribute[publish]"),
    ({"attributes": {"publish": ["perhaps"]}}, "attribute[publish]"),
    ({"attributes": {"location_detail": ["<i>"]}}, "attribute[location_detail]"),
)


def test_what_cannot_be_is_refused_and_nothing_is_stored(counter):
    key = counter.key()
    for changes, field in WRONG:
        refusal = refused(counter.send, key.api_key, **changes)
        assert (refusal.status, refusal.code) == (400, "grid.open311_report"), changes
        assert [one.field for one in refusal.errors] == ([field] if field else [])
    assert refused(counter.send, key.api_key, service_code="X99").status == 404
    bounds = PutDistrictBounds(did="demo", ring=OUTLINE, crs="WGS84", source="样例")
    counter._write(locating.put_bounds, bounds, ADMIN)
    outside = refused(counter.send, key.api_key, lat="40.7", long="-74.0")
    assert outside.code == "grid.outside_district"
    assert counter.rows("SELECT count(*) AS many FROM issues")[0].many == 0
    assert counter.send(
        key.api_key, jurisdiction_id="demo", attributes={"community": ["310113102001"]}
    )


def test_nobodys_words_are_public_without_consent(counter):
    receipt = counter.report(body="找13812345678，5号楼301室李阿姨家")
    neutral = counter.request(receipt.id)
    assert "李阿姨" not in neutral.description and "原文未公开" in neutral.description
    assert isinstance(refused(counter.agree, receipt.id, by=LU), Forbidden)
    counter.agree(receipt.id)
    assert "李阿姨" not in counter.request(receipt.id).description  # no human has looked yet
    counter.triage(receipt.id, "dispose", None)
    shown = counter.request(receipt.id).description
    assert "李阿姨" in shown and "1381234" not in shown and "301" not in shown
    counter.let_words(False)  # concerns what is nobody's
    assert "李阿姨" in counter.request(receipt.id).description
    counter.agree(receipt.id, words=False)
    assert "李阿姨" not in counter.request(receipt.id).description
    counter.agree(receipt.id)
    with counter.units() as uow:
        repository_open311.remove(uow.session, receipt.post_id, counter.now)
        uow.commit()
    counter.agree(receipt.id)
    assert "李阿姨" not in counter.request(receipt.id).description  # taken down stays down


def test_what_is_nobodys_needs_the_committee_and_a_senders_word(counter):
    key = counter.key()
    agreed = counter.send(key.api_key, attributes={"publish": ["yes"]})
    silent = counter.send(key.api_key, description="不公开的话")
    call = contract.RecordIntake(
        cid=SHANGYUAN, source="phone", title="路灯不亮", body="三盏", anonymous=True
    )
    taken = counter._write(reporting.take_in, call, SHI, counter.files).id
    ids = (agreed, silent, taken)
    for one in ids:
        counter.triage(one, "dispose", None)
    assert all("原文未公开" in counter.request(one).description for one in ids)
    counter.let_words()
    shown = ["原文未公开" not in counter.request(one).description for one in ids]
    assert shown == [True, False, True]
    assert isinstance(refused(counter.let_words, by=SUN), Forbidden)
    assert refused(counter.let_words, by=NEXT_DOOR).status in (403, 404)


def test_consent_ends_with_the_person_and_a_child_cannot_give_it(counter):
    receipt = counter.report()
    counter.triage(receipt.id, "dispose", None)
    counter.agree(receipt.id)
    with counter.units() as uow:
        repository_open311.forget(uow.session, SUN.person_id, counter.now)
        uow.commit()
    assert "原文未公开" in counter.request(receipt.id).description
    assert counter.rows("SELECT person_id FROM issue_publications")[0].person_id is None
    with counter.units() as uow:
        uow.session.execute(
            text("UPDATE directory_cards SET standing = 'child' WHERE person_id = 'p-sun'")
        )
        uow.commit()
    assert refused(counter.agree, receipt.id).code == "grid.not_her_own_words"
    counter.agree(receipt.id, words=False)


def test_a_place_is_coarse_and_of_a_home_it_is_the_community(counter):
    where = {"address": "尚园3号楼502室", "lng": 121.43578, "lat": 31.45012, "crs": "GCJ02"}
    outside, inside = counter.report(location=where), counter.report(location=where)
    unsorted = counter.request(outside.id)  # it may be anybody's home
    assert (unsorted.lat, unsorted.address) == (None, "月浦样例镇c-shangyuan居民区")
    counter.triage(outside.id, "8x", "X3")
    counter.triage(inside.id, "8x", "X2")
    public, home = counter.request(outside.id), counter.request(inside.id)
    assert (public.lat, public.long) == (31.452, 121.431)  # WGS84, three decimals
    assert public.address == "月浦样例镇c-shangyuan居民区3号楼"
    assert (home.lat, home.long, home.address) == (None, None, "月浦样例镇c-shangyuan居民区")
    told = public.model_dump_json() + home.model_dump_json()
    assert "502" not in told and "sun" not in told


def test_states_are_open_or_closed_and_said_in_words(counter):
    order = counter.escalated()
    at_work = counter.request(order.issue_id)
    assert (at_work.status, at_work.state) == ("open", "reported")
    assert at_work.agency_responsible == order.department.name
    counter.walk(order.no, TO_CLOSED[:5])
    assert counter.request(order.issue_id).status_notes == "正在处置"
    counter.pass_days(1)
    for seq, state in enumerate(TO_CLOSED[5:], 6):
        counter.update(order.no, seq, state)
    closed_at = counter.now
    counter.pass_days(1)
    counter.rate(order.issue_id)
    done = counter.request(order.issue_id, extensions=True)
    assert (done.status, done.status_notes) == ("closed", "网格工单已结案")
    assert done.updated_datetime == closed_at  # rating it later is no later end
    assert [note.type for note in done.notes][:2] == ["reported", "triaged"]
    assert not {"classified", "promise_at_risk"} & {note.type for note in done.notes}
    assert "商户拒绝整改" not in done.model_dump_json()
    counter.reopen(order.issue_id)
    assert counter.request(order.issue_id).status == "open"
    assert counter.request(order.issue_id).notes == []


def test_lists_are_asked_for_by_date_state_code_page_and_change(counter):
    old = counter.report().id
    counter.pass_days(80)
    new = [counter.report(body=f"第{n}处").id for n in range(4)]
    counter.triage(new[0], "consult", None)
    counter.answer(new[0])
    ids = lambda **query: [one.service_request_id for one in counter.requests(**query)]  # noqa: E731
    assert ids() == [*reversed(new), old]
    assert ids(status=["closed"]) == [new[0]]
    assert ids(status=["open", "closed"], service_code=["consult", "X1"]) == [new[0]]
    assert ids(page_size=2, page=2) == [new[1], new[0]]
    assert ids(page_size=2, page=4) == []
    assert ids(service_request_id=[old, new[3]], status=["closed"]) == [new[3], old]
    start = counter.now - timedelta(days=1)
    assert ids(start_date=start) == [*reversed(new)]
    assert ids(end_date=start) == [old]
    counter.pass_days(20)
    assert ids() == [*reversed(new)]  # 90 days
    before = counter.now
    counter.triage(old, "dispose", None)
    assert ids(updated_after=before) == [old]
    for wrong in (
        {"start_date": start - timedelta(days=90), "end_date": start + timedelta(days=1)},
        {"start_date": start, "end_date": start - timedelta(days=1)},
        {"page": 200},
    ):
        refusal = refused(counter.requests, **wrong)
        assert (refusal.status, refusal.code) == (400, "grid.open311_query")
    assert refused(counter.request, "nothing").status == 404
    assert refused(counter.request, new[0], jurisdiction_id=JUYUAN).status == 404


def test_a_page_of_the_public_list_reads_what_it_shows(counter):
    template = counter.report().id
    with counter.units() as uow:
        uow.session.execute(
            text(
                """
                INSERT INTO issues SELECT (jsonb_populate_record(issues, jsonb_build_object(
                    'id', 'i' || lpad(n::text, 9, '0'), 'post_id', 'p' || n,
                    'created_at', issues.created_at - n * interval '2 minutes',
                    'updated_at', issues.updated_at - n * interval '2 minutes'))).*
                FROM issues, generate_series(1, 5000) AS n WHERE issues.id = :id
                """
            ),
            {"id": template},
        )
        uow.commit()
    analyze(counter.engine, "issues", "promises", "directory_communities")
    hour = counter.now - timedelta(hours=1)

    def read(**query) -> tuple[int, float]:
        page, rows = rows_read(counter.engine, "issues", lambda: counter.requests(**query))
        return len(page), rows

    for place in ("", SHANGYUAN):
        for query, shown in (({}, 50), ({"updated_after": hour}, 31)):
            found, rows = read(page_size=50, jurisdiction_id=place, **query)
            assert found == shown and rows <= shown + 10, (place, query, rows)
    assert read(jurisdiction_id=JUYUAN) == (0, 0)  # where nobody reported anything

    sort = "UPDATE issues SET slot = CASE WHEN id = 'i000000003' THEN 'X3' ELSE 'X9' END "
    with counter.units() as uow:
        uow.session.execute(text(sort + ", category = '8x' WHERE id > 'i000000002'"))
        uow.commit()
    analyze(counter.engine, "issues")
    for codes, shown in ((["X1"], 0), (["X3", "310113" + "06010"], 1), (["general"], 3)):
        found, rows = read(service_code=codes)
        assert found == shown and rows <= 10, (codes, rows)
    assert read(service_code=["06010", "310199" + "06010"])[0] == 0  # no code of this district


def test_a_matter_is_found_by_the_districts_code(counter):
    with counter.units() as uow:
        uow.session.execute(
            text(
                "UPDATE issues SET category = 'dispose', standard_code = :code WHERE id = :id"
            ).bindparams(bindparam("code", type_=JSONB)),
            {
                "id": counter.report().id,
                "code": {"kind": "matter", "code": "06010", "name": "暴露"},
            },
        )
        uow.commit()
    (found,) = counter.requests(service_code=["310113" + "06010"])
    assert found.service_code == "310113" + "06010"
    assert counter.requests(service_code=["dispose"]) == []
