"""The reference district in real databases, put there by its command. Needs: db."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from deploy.processes import SERVICES, database_variable
from services import directory
from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity import repository
from services.identity.handlers import cards, desk, joining, me, places, qr
from services.identity.models import PersonRow
from services.identity.qr_tokens import token_for
from services.identity.seed import reference
from services.identity.seed.neighbourhood import neighbourhood
from services.identity.seed.reference import Size
from services.kit import db as kit_db
from services.kit.uow import UnitOfWorkFactory
from tests.support.identity_world import actor, made_up_id, random_vault, vault_file_content
from tests.support.infra import ROOT
from tests.support.waiting import until

pytestmark = pytest.mark.db
SIZE = Size(3, 300, seed=5)
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
LIMIT = 120  # seconds


class Installation:
    """Five databases and a vault, and the command that fills them."""

    def __init__(self, make_database, folder):
        self.vault = random_vault()
        keys = folder / "data.keys.json"
        keys.write_text(vault_file_content(self.vault))
        self.urls = {service: make_database(service) for service in SERVICES}
        self.environment = {
            **os.environ,
            **{database_variable(service): url for service, url in self.urls.items()},
            "SHEQU_DATA_KEYS_FILE": str(keys),
            "SHEQU_DEMO": "1",
        }
        engines = {s: kit_db.make_engine(url, pool=4) for s, url in self.urls.items()}
        self.units = {s: UnitOfWorkFactory(engine, s) for s, engine in engines.items()}

    def command(self, size=SIZE):
        words = (size.communities, size.residents, size.seed)
        options = zip(("--communities", "--residents", "--seed"), map(str, words), strict=True)
        return [sys.executable, "-m", "deploy.seed", *(w for pair in options for w in pair)]

    def seed(self, size=SIZE, **environment):
        return subprocess.run(
            self.command(size),
            env={**self.environment, **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    def rows(self, statement, service="identity", **values):
        with self.units[service].engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def counts(self):
        tables = ("territory", "persons", "register_persons", "memberships", "grants")
        found = {t: self.rows(f"SELECT count(*) FROM {t}")[0][0] for t in tables}
        for service in SERVICES[1:]:
            found[service] = self.rows("SELECT count(*) FROM directory_cards", service)[0][0]
        return found

    def do(self, handler, *args, read=True, service="identity"):
        with self.units[service](read_only=read) as uow:
            result = handler(uow, *args)
            if not read:
                uow.commit()
            return result

    def close(self):
        for units in self.units.values():
            units.engine.dispose()


@pytest.fixture(scope="module")
def seeded(make_module_database, tmp_path_factory):
    installation = Installation(make_module_database, tmp_path_factory.mktemp("reference"))
    done = installation.seed()
    assert done.returncode == 0, done.stdout + done.stderr
    yield installation
    installation.close()


@pytest.fixture
def bare(make_database, tmp_path):
    installation = Installation(make_database, tmp_path)
    yield installation
    installation.close()


@pytest.fixture
def hood():
    return neighbourhood(reference.frame(SIZE), 1)


def test_everything_that_was_planned_is_there(seeded):
    frame = reference.frame(SIZE)
    hoods = [neighbourhood(frame, n) for n in (1, 2, 3)]
    found = seeded.counts()
    assert found["territory"] == 13 + sum(len(h.places) for h in hoods)
    assert found["register_persons"] == sum(len(h.register) for h in hoods)
    assert found["memberships"] == sum(len(h.members) for h in hoods)
    assert seeded.rows("SELECT count(*) FROM memberships WHERE status = 'active'") == [(300,)]
    assert seeded.rows("SELECT count(*) FROM kit_outbox") == [(0,)]  # told to nobody


def test_a_seeded_resident_logs_in_and_sees_where_she_lives(seeded, hood):
    who = next(m for m in hood.members if m.status == "active")
    index = seeded.vault.index("phone", who.phone)
    with seeded.units["identity"](read_only=True) as uow:
        person = uow.session.query(PersonRow).filter_by(phone_index=index).one()
        opened = seeded.vault.open(person.phone_sealed, purpose="person.phone", owner=person.id)
    assert (person.id, opened) == (who.person_id, who.phone)
    mine = seeded.do(me.get_me, actor(person.id), NOW)
    assert mine.person.display_name == who.display_name
    (membership,) = mine.memberships
    assert (membership.status, membership.room) == ("active", who.home.room)
    assert membership.community.id == hood.record.community_id


def test_the_copies_are_what_identity_says(seeded, hood):
    community = hood.record.community_id
    told = seeded.do(places.get_community, op.GetCommunity(community_id=community))
    assert told == hood.record
    people = [m.person_id for m in hood.members] + [o.person_id for o in hood.officers]
    with seeded.units["identity"](read_only=True) as uow:
        node = repository.community(uow.session, community)
        truth = {p: cards.card(uow.session, p, node, NOW) for p in people}
    present = {p: card for p, card in truth.items() if card.standing != "ended"}
    assert any(card.badge_shown for card in present.values())
    for service in SERVICES[1:]:
        copy = seeded.do(directory.cards, people, community, service=service)
        assert set(copy) == set(present)
        for person_id, card in present.items():
            kept = copy[person_id]
            assert (kept.standing, kept.display_name, kept.building_label, kept.badge_shown) == (
                card.standing, card.display_name, card.building_label, card.badge_shown,
            )  # fmt: skip
            assert (kept.residence, kept.home) == (card.residence, card.home)
            assert list(kept.role_badges) == card.role_badges
        assert seeded.do(directory.community, community, service=service).name == told.name


def test_notify_knows_who_serves(seeded):
    granted = seeded.rows(
        "SELECT id, person_id, role, path FROM grants WHERE role <> 'party_member' ORDER BY id"
    )
    assert seeded.rows("SELECT 1 FROM grants WHERE role = 'party_member'")
    duties = seeded.rows(
        "SELECT grant_id, person_id, role, path FROM duties ORDER BY grant_id", "notify"
    )
    assert granted == duties


def test_the_committee_decides_who_waits(seeded, hood):
    path = hood.record.path
    secretary = actor(hood.officers[0].person_id, (Role.SECRETARY, path))
    query = op.ListMembershipRequests(cid=hood.record.community_id, status="pending")
    with seeded.units["identity"]() as uow:
        page = desk.list_membership_requests(uow, seeded.vault, query, secretary, NOW)
        waiting = next(m for m in hood.members if m.status == "pending")
        shown = next(r for r in page.items if r.id == waiting.membership_id)
        assert shown.real_name.startswith(waiting.name[0]) and waiting.name not in shown.real_name
        decision = op.DecideMembership(id=shown.id, decision="approve")
        state = desk.decide_membership(uow, decision, secretary, NOW)
        assert state.status == "active"  # rolled back with the unit of work


def test_somebody_of_the_register_is_let_in_at_once(seeded, hood):
    adult = next(a for a in hood.register if a.person_id is None)
    code = token_for(seeded.vault, hood.qr[0].id)
    target = seeded.do(qr.resolve_qr, seeded.vault, op.ResolveQr(token=code), NOW)
    assert target.community.id == hood.record.community_id
    newcomer = hood.officers[1].person_id  # has an account and no home yet
    wish = op.RequestMembership.model_validate(
        {
            "qr_token": code,
            "building": adult.home.building_id,
            "unit": adult.home.unit_id,
            "room": adult.home.room,
            "relation": adult.relation,
            "real_name": adult.name,
            "id_number": made_up_id(date(adult.birth_year, 3, 4)),
            "consents": ["real_name"],
        }
    )
    with seeded.units["identity"]() as uow:
        state = joining.request_membership(uow, seeded.vault, wish, actor(newcomer), NOW)
        assert state.status == "active"  # rolled back with the unit of work


def test_the_figures_are_those_of_the_rows(seeded):
    assert (
        seeded.rows(
            """
        SELECT f.community_id FROM community_figures f
        LEFT JOIN (SELECT community_id, count(*) AS adults, count(DISTINCT room_id) AS homes,
                          count(*) FILTER (WHERE relation = 'owner') AS owners
                   FROM register_persons GROUP BY 1) r USING (community_id)
        WHERE (f.adults, f.households, f.owners) IS DISTINCT FROM (r.adults, r.homes, r.owners)
        """
        )
        == []
    )
    assert seeded.rows("SELECT sum(households) FROM community_figures") == [(225,)]


def test_a_second_time_adds_nothing(seeded):
    before = seeded.counts()
    again = seeded.seed()
    assert again.returncode == 0 and "already" in again.stdout
    assert seeded.counts() == before


def test_another_district_in_its_place_is_refused(seeded):
    before = seeded.counts()
    other = seeded.seed(Size(4, 300, seed=5))
    assert other.returncode == 1 and "3 communities, 300 residents, seed 5" in other.stdout
    assert seeded.counts() == before


@pytest.mark.parametrize("wrong", [{"SHEQU_DEMO": "0"}, {"SHEQU_ENV": "production"}])
def test_outside_of_the_demo_nobody_is_made_up(seeded, wrong):
    before = seeded.counts()
    done = seeded.seed(Size(5, 500, seed=5), **wrong)
    assert done.returncode == 2 and "demo" in done.stdout
    assert seeded.counts() == before


def test_killed_between_communities_and_run_again_it_is_whole(bare, seeded):
    second = reference.frame(SIZE).communities[1].place
    with bare.units["identity"].engine.connect() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        # whoever wants to put the second community in has to wait for this
        connection.execute(
            text(
                "INSERT INTO territory (id, kind, path, name, position, community_kind) "
                "VALUES ('x', 'community', :path, 'x', 0, 'urban')"
            ),
            {"path": second.path},
        )
        run = subprocess.Popen(
            bare.command(),
            env=bare.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        there = "SELECT count(*) FROM territory WHERE kind = 'community'"
        until(
            lambda: run.poll() is not None or bare.rows(there) == [(2,)],
            what="two of three communities",
            limit=LIMIT,
        )
        assert run.poll() is None
        os.killpg(run.pid, signal.SIGKILL)
        run.wait(10)
        until(lambda: not writers(bare), what="the server to miss them", limit=LIMIT)
    assert bare.rows("SELECT count(*) FROM territory WHERE id = :id", id=second.id) == [(0,)]
    done = bare.seed()
    assert done.returncode == 0, done.stdout + done.stderr
    assert bare.counts() == seeded.counts()


def writers(installation):
    """The command's connections that the server has not missed yet (it waits for nothing else)."""
    return installation.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'shequtong seed'"
    )
