"""What has had its time is forgotten, piece by piece, and nothing else. Needs: db."""

import pytest
from sqlalchemy import insert

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations import identity as op
from services.identity.domain.retention import HALF_A_YEAR, RULES, THREE_YEARS
from services.identity.handlers import desk, retention
from services.identity.handlers.access import Subject, write_down
from services.identity.models import (
    AccessLogRow,
    Assistance,
    Consent,
    CorrectionRow,
    GrantRow,
    ImpactAssessment,
    ImportRecord,
    Membership,
    ObserverReads,
    PhoneRecovery,
    RegisterPerson,
)
from tests.support.identity_world import C_HOME, ESTATE, HOME, World

pytestmark = pytest.mark.db


def keep(world: World, table, **facts) -> str:
    """A row as the rules care about it."""
    row_id = new_id()
    with world.units() as uow:
        uow.session.execute(insert(table).values(id=row_id, **facts))
        uow.commit()
    return row_id


def membership(world: World, who: Actor, status: str, **facts) -> str:
    usual = {
        "person_id": who.person_id,
        "community_id": C_HOME,
        "estate_id": ESTATE,
        "building_id": "b-1",
        "room": "1",
        "room_key": "1",
        "relation": "owner",
        "finding": "match",
        "requested_at": world.now,
    }
    return keep(world, Membership, status=status, **usual, **facts)


def retain(world: World) -> int:
    return world.do(retention.retain, world.now)


def left(world: World, table) -> set[str]:
    return {row.id for row in world.rows(f"SELECT id FROM {table.__tablename__}")}


@pytest.fixture
def kept(world) -> dict:
    """One row of every rule, all of them over since now, and the like of each that lives on."""
    who, other = world.person(), world.person()
    at, me = world.now, who.person_id
    grant = {"person_id": me, "path": HOME, "territory_id": C_HOME, "granted_at": at}
    helped = {
        "kind": "relative",
        "subject_id": me,
        "helper_id": other.person_id,
        "relationship": "邻居",
        "consent_means": "spoken",
        "consent_note": "",
        "consent_at": at,
        "recorded_by": me,
    }
    recovery = {
        "person_id": me,
        "community_id": C_HOME,
        "new_phone_sealed": "x",
        "new_phone_index": "x",
        "reason": "x",
        "opened_by": "x",
        "opened_at": at,
        "effective_at": at,
    }
    asked = {
        "person_id": me,
        "community_id": C_HOME,
        "field": "real_name",
        "reason": "x",
        "requested_at": at,
    }
    entry = {
        "community_id": C_HOME,
        "building_id": "b-1",
        "name_sealed": "x",
        "match_index": "x",
        "relation": "owner",
    }
    agreed = {"person_id": me, "given_at": at}
    return {
        "refused_memberships": membership(world, who, "refused", decided_at=at),
        "ended_memberships": membership(world, who, "ended", ended_at=at),
        "living membership": membership(world, who, "active", decided_at=at),
        "ended_roles": keep(world, GrantRow, role="owner", revoked_at=at, **grant),
        "living role": keep(world, GrantRow, role="volunteer", **grant),
        "ended_assistances": keep(world, Assistance, ended_at=at, **helped),
        "living assistance": keep(world, Assistance, **helped),
        "withdrawn_consents": keep(world, Consent, purpose="rules", withdrawn_at=at, **agreed),
        "living consent": keep(world, Consent, purpose="rules", **agreed),
        "phone_recoveries": keep(world, PhoneRecovery, state="done", ended_at=at, **recovery),
        "living recovery": keep(world, PhoneRecovery, state="waiting", **recovery),
        "corrections": keep(world, CorrectionRow, status="approved", decided_at=at, **asked),
        "living correction": keep(world, CorrectionRow, status="pending", **asked),
        "ended_register_entries": keep(world, RegisterPerson, ended_at=at, **entry),
        "living entry": keep(world, RegisterPerson, **entry),
        "access_log": keep(
            world,
            AccessLogRow,
            person_id=me,
            actor_id="x",
            actor_role="secretary",
            what="x",
            purpose="x",
            at=at,
        ),
        "observer_reads": keep(
            world,
            ObserverReads,
            day=at.date(),
            person_id=me,
            service="feed",
            operation="listPosts",
            place="",
            paths=["d"],
            reads=1,
            told_at=at,
        ),
        "impact_assessments": keep(
            world,
            ImpactAssessment,
            path="d",
            title="x",
            purpose="x",
            data_kinds=["x"],
            risks="x",
            measures="x",
            conclusion="acceptable",
            recorded_by="x",
            recorded_at=at,
            review_at=at,
        ),
    }


def still_there(world: World, kept: dict) -> set[str]:
    rows = set().union(*(left(world, table) for table, _ in retention.OLD.values()))
    return {name for name, row_id in kept.items() if row_id in rows}


def test_nothing_goes_before_its_time(world, kept):
    assert retain(world) == 0
    world.now += HALF_A_YEAR
    assert retain(world) == 0
    assert still_there(world, kept) == set(kept)


def test_each_goes_when_its_time_is_over_and_the_living_stay(world, kept):
    half = {key for key, rule in RULES.items() if rule.after == HALF_A_YEAR} & set(kept)
    whole = {key for key, rule in RULES.items() if rule.after == THREE_YEARS} & set(kept)
    assert half | whole == {*retention.OLD}
    living = {name for name in kept if name.startswith("living")}
    world.now += HALF_A_YEAR
    world.later(seconds=1)
    assert retain(world) == len(half)
    assert still_there(world, kept) == whole | living
    world.now += THREE_YEARS - HALF_A_YEAR
    assert retain(world) == len(whole)
    assert still_there(world, kept) == living
    assert retain(world) == 0


def test_an_entry_goes_only_when_nothing_rests_on_it(world):
    entry = world.register("孙桂芳", "402")
    granny = world.person()
    world.join(granny)
    with world.units() as uow:
        uow.session.get(RegisterPerson, entry).ended_at = world.now
        uow.commit()
    world.now += THREE_YEARS
    world.later(days=1)
    assert retain(world) == 0
    assert left(world, RegisterPerson) == {entry}


def test_the_report_of_an_import_is_emptied_and_the_import_stays(world):
    facts = {"file_sha256": "x", "at": world.now, "report": {"rows": [{"row": 2}]}}
    people = keep(world, ImportRecord, kind="register", **facts)
    town = keep(world, ImportRecord, kind="territory", **facts)
    world.now += HALF_A_YEAR
    world.later(seconds=1)
    assert retain(world) == 1
    reports = dict(world.rows("SELECT id, report FROM imports"))
    assert reports == {people: {}, town: {"rows": [{"row": 2}]}}
    assert retain(world) == 0


def test_much_of_it_goes_in_pieces(world):
    granny = world.person()
    community = world.staff()
    with world.units() as uow:
        for _ in range(retention.PIECE + 3):
            write_down(
                uow,
                community,
                world.now,
                subjects=[Subject(granny.person_id)],
                community=None,
                what="x",
                purpose="x",
            )
        uow.commit()
    world.now += THREE_YEARS
    world.later(days=1)
    assert [retain(world) for _ in range(3)] == [retention.PIECE, 3, 0]


def test_a_refused_request_leaves_its_consents_as_proof(world):
    thief = world.person()
    state = world.join(thief)
    cmd = op.DecideMembership(id=state.id, decision="refuse", reason="不是本人")
    world.do(desk.decide_membership, cmd, world.staff(), world.now)
    world.now += HALF_A_YEAR
    world.later(seconds=1)
    assert retain(world) == 1
    (consent,) = world.rows("SELECT purpose, membership_id FROM consents")
    assert (consent.purpose, consent.membership_id) == ("real_name", None)
