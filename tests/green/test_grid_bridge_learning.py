"""The classifier learns from staff: labels, refits, versions, drift. Needs: db."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import eventlet
import pytest
from sqlalchemy import text

from services import directory
from services.contracts.errors import Forbidden
from services.grid_bridge.classifier import store
from services.grid_bridge.classifier.packed import pack
from services.grid_bridge.handlers import learning
from services.grid_bridge.serving import Serving
from services.kit.apart import Died
from tests.support.bridge import (
    ADMIN,
    JUYUAN,
    LU,
    NEXT_DOOR,
    NOW,
    SHANGYUAN,
    SHI,
    STRANGER,
    SUN,
    TOWN,
    WANG,
    card_told,
    refused,
)
from tests.support.bridge_school import LENIENT, School, in_earnest, pretend, small

pytestmark = pytest.mark.db

PLANTS = [
    "阳台上的多肉被风吹下来",
    "楼道里的多肉花盆没有人浇水",
    "门厅的多肉花架歪了",
    "花园里的多肉被太阳晒死",
    "多肉花盆摆在电梯口",
    "谁把多肉搬到楼道来了",
]


@pytest.fixture
def school(db, tmp_path) -> School:
    return School(db("grid_bridge"), tmp_path)


def base(number: int) -> str:
    return f"{store.current_version()}-r{number}"


# -- the whole way -------------------------------------------------------------------------------


def test_what_staff_corrected_is_learned_used_and_left_again(school):
    school.ship()
    near, far = Serving(small), Serving(small)  # two processes
    before = near.model().classify("多肉花盆", "多肉花盆放在楼道")
    assert before.category != "advise"
    for title in PLANTS:
        school.decide(title, f"{title}，大家看看怎么办", "advise")
    school.ask()
    assert school.refit(in_earnest, LENIENT) == 1
    (candidate, shipped) = school.models().items
    assert (candidate.version, candidate.state, candidate.labels) == (base(1), "candidate", 6)
    assert (candidate.parent, candidate.base) == (shipped.version, shipped.version)
    assert candidate.held_out.n == candidate.held_out_of_current.n == 112
    assert 0.5 < candidate.held_out.macro_f1 <= 1
    assert candidate.newest is None  # six are too few to hold any back
    assert not school.follow(near)  # a candidate advises nobody
    school.use(base(1), guard=LENIENT)
    assert (school.follow(near), school.follow(far), school.follow(near)) == (True, True, False)
    for serving in (near, far):
        after = serving.model().classify("多肉花盆", "多肉花盆放在楼道")
        assert (after.category, after.model_version) == ("advise", base(1))
    school.use(shipped.version, guard=LENIENT)
    assert school.follow(near)
    assert near.model().classify("多肉花盆", "多肉花盆放在楼道") == before
    uses = [(one.before, one.by, one.reason) for one in school.models().items[1].uses]
    assert uses == [(base(1), ADMIN.person_id, "比现用的准"), (None, None, "随新版本发布")]
    assert school.states() == {"-r1": "retired", "": "in_use"}


def test_the_newest_labels_are_held_back_and_judged_by_who_has_not_seen_them(school):
    school.ship()
    issue = school.decide(PLANTS[0], "摔碎了", "advise")
    with school.units() as uow:  # a hundred more, of one pen
        uow.session.execute(
            text(
                "INSERT INTO issues SELECT (jsonb_populate_record(one, jsonb_build_object("
                "'id', one.id || n, 'post_id', one.post_id || n, 'title', '多肉' || n))).* "
                "FROM issues AS one, generate_series(1, 99) AS n WHERE one.id = :issue"
            ),
            {"issue": issue},
        )
        uow.session.execute(
            text(
                "INSERT INTO classifier_labels SELECT id, path, 'advise', NULL, 'secretary', "
                "cast(:now AS timestamptz) + row_number() OVER (ORDER BY id) * interval '1 minute' "
                "FROM issues WHERE id <> :issue"
            ),
            {"issue": issue, "now": school.now},
        )
        uow.commit()
    school.ask()
    school.refit(in_earnest, LENIENT)
    found = school.models().items[0]
    assert (found.labels, found.newest.n, found.newest_of_current.n) == (100, 20, 20)
    assert found.newest.accuracy == 1.0  # 80 of the kind were learned from
    assert found.newest_of_current.accuracy < 0.5
    assert found.newest_seen == 0
    school.use(base(1), guard=LENIENT)
    school.ask()
    assert school.refit(pretend(0.95)) == 1
    assert school.models().new_labels == 0


# -- labels --------------------------------------------------------------------------------------


def test_a_decision_is_kept_with_the_advice_that_stood_there_and_the_last_one_counts(school):
    issue = school.decide("工地夜里不停", "凌晨两点打桩", "dispose", by=WANG)
    row = school.rows("SELECT * FROM classifier_labels")[0]
    said = small().classify("工地夜里不停", "凌晨两点打桩")
    assert (row.category, row.slot, row.role) == ("dispose", None, "committee_staff")
    assert (row.advised_category, row.advised_slot) == (said.category, said.slot)
    assert (float(row.confidence), row.model_version) == (said.confidence, said.model_version)
    school.pass_days(1)
    school.triage(issue, "8x", "S8", SHI)
    (row,) = school.rows("SELECT * FROM classifier_labels")
    assert (row.category, row.slot, row.role) == ("8x", "S8", "secretary")
    assert row.decided_at == school.now
    assert not {SHI.person_id, WANG.person_id} & set(map(str, row))
    early = school.decide("路灯不亮", "三天了", advised=False)  # nobody had advised
    row = school.rows("SELECT * FROM classifier_labels WHERE issue_id = :id", id=early)[0]
    assert (row.advised_category, row.confidence, row.model_version) == (None, None, None)
    refused(school.triage, early, "dispose", "X3")  # not kept, as nothing of it is
    assert len(school.rows("SELECT FROM classifier_labels")) == 2


def test_who_left_who_withdrew_and_children_are_not_learned_from(school):
    school.decide("孙的", "灯不亮", who=SUN)
    school.decide("陆的", "灯不亮", who=LU)
    assert school.texts() == ["孙的", "陆的"]
    school.consent(LU, "grid_platform", given=False)  # another matter
    assert school.texts() == ["孙的", "陆的"]
    school.consent(LU, "rules", given=False)
    assert school.texts() == ["孙的"]
    school.consent(LU, "rules", given=True)
    assert school.texts() == ["孙的", "陆的"]
    with school.units() as uow:
        learning.leave_out(uow, SUN.person_id, school.now)
        directory.project(uow, card_told(LU.person_id, SHANGYUAN, "child"))
        uow.commit()
    assert school.texts() == []
    assert school.drift().whole.n == 2  # that it was decided stays counted


def test_what_is_learned_holds_no_name_number_or_home(school):
    school.ship()
    school.decide("sun家漏水", "我叫王建国，住3号楼501室，电话13812345678，急")
    school.ask()
    seen = []
    school.refit(pretend(0.95, during=lambda lesson: seen.extend(lesson.labels)))
    assert [(one.title, one.body) for one in seen] == [("某家漏水", "我叫某，住某，电话某，急")]
    assert seen[0].weight == 2.0


# -- refits --------------------------------------------------------------------------------------


def test_there_must_be_something_to_learn_from_and_two_who_ask_get_one_refit(school):
    school.ship()
    assert refused(school.ask) == "grid.nothing_to_learn"
    school.decide("路灯不亮", "三天了")
    asked = list(eventlet.GreenPool(6).imap(lambda _: school.ask().id, range(6)))
    assert len(set(asked)) == 1
    assert len(school.rows("SELECT FROM classifier_refits")) == 1
    done = list(eventlet.GreenPool(3).imap(lambda _: school.refit(), range(3)))
    assert sorted(done) == [0, 0, 1]
    assert school.states() == {"-r1": "candidate", "": "in_use"}
    again = school.ask()
    assert again.id != asked[0]
    assert school.models().refit.state == "waiting"


def test_a_refit_whose_process_was_killed_is_done_again_by_another(school):
    school.ship()
    school.decide("路灯不亮", "三天了")
    refit = school.ask()
    began, never = eventlet.Event(), eventlet.Event()

    def hang(_lesson) -> None:
        began.send()
        never.wait()

    dying = eventlet.spawn(school.refit, pretend(0.95, during=hang))
    began.wait()
    assert school.refit() == 0  # it is being done
    dying.kill()
    assert school.models().refit.state == "running"  # nobody knows yet
    later = school.now + timedelta(seconds=61)
    assert school.refit(now=later) == 1
    found = school.models().refit
    assert (found.id, found.state, found.attempts, found.version) == (refit.id, "done", 2, base(1))


def test_who_comes_back_to_a_refit_that_another_took_over_keeps_nothing(school):
    school.ship()
    school.decide("路灯不亮", "三天了")
    school.ask()

    def overtaken(_lesson) -> None:
        assert school.refit(now=school.now + timedelta(seconds=61)) == 1

    school.refit(pretend(0.7, during=overtaken))
    (candidate, _) = school.models().items
    assert (candidate.version, candidate.held_out.macro_f1) == (base(1), 0.95)


def test_a_lease_is_stretched_while_its_process_is_at_it(school):
    school.ship()
    school.decide("路灯不亮", "三天了")
    school.ask()
    later = school.now + timedelta(seconds=59)

    def still_there(_lesson) -> None:
        with school.units() as uow:
            learning.hold(uow, later)
            uow.commit()
        assert school.refit(now=school.now + timedelta(seconds=61)) == 0

    assert school.refit(pretend(0.95, during=still_there)) == 1
    assert school.models().refit.attempts == 1


def test_a_refit_that_cannot_be_done_is_given_up_after_three_attempts(school):
    school.ship()
    school.decide("路灯不亮", "三天了")
    school.ask()

    def dies(_given: bytes) -> bytes:
        raise Died("it ended with -9")

    for _ in range(4):
        assert school.refit(dies) == 1
    found = school.models().refit
    assert (found.state, found.error, found.attempts) == ("failed", "gave_up", 3)
    assert school.refit(dies) == 0
    assert school.ask().state == "waiting"


def test_a_night_refits_when_enough_was_decided_and_once(school):
    school.ship()
    for number in range(3):
        school.decide(f"路灯{number}不亮", "三天了")
    night = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)

    def due(now=night) -> bool:
        with school.units() as uow:
            asked = learning.ask_at_night(uow, now)
            uow.commit()
        return asked

    assert not due()  # three are not enough
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("services.grid_bridge.domain.learning.NEW_LABELS", 3)
        assert not due(NOW)  # it is noon
        assert due()
        assert not due()
        school.refit(now=night)
        assert not due(night + timedelta(days=1))  # nothing new


# -- versions ------------------------------------------------------------------------------------


def test_a_weak_version_is_refused_unless_somebody_forces_it(school):
    school.ship()
    school.decide("路灯不亮", "三天了")
    school.ask()
    school.refit(pretend(0.80))
    found = school.models().items[0]
    assert (found.state, found.faults) == ("refused", ["below_floor", "below_current"])
    assert refused(school.use, base(1)) == "grid.model_too_weak"
    assert school.states() == {"-r1": "refused", "": "in_use"}
    assert school.use(base(1), force=True).uses[0].forced
    assert refused(school.use, base(1)) == "grid.model_in_use"
    school.use(store.current_version())  # going back is never hindered
    school.use(base(1))
    assert [one.forced for one in school.models().items[0].uses] == [False, True]
    assert refused(school.use, "ngram-9-r1") == "grid.model_not_found"


def test_two_who_put_different_versions_to_use_at_once_leave_one_in_use(school):
    school.ship()
    school.decide("路灯不亮", "三天了")
    for _ in range(4):
        school.ask()
        school.refit()
    pool = eventlet.GreenPool(4)
    list(pool.imap(lambda n: school.use(base(n), force=True), range(1, 5)))
    assert sorted(school.states().values()) == ["in_use", *["retired"] * 4]
    chain = school.rows("SELECT before, version FROM classifier_uses ORDER BY id")
    assert [row.before for row in chain[1:]] == [row.version for row in chain[:-1]]


def test_a_new_corpus_retires_what_was_learned_on_the_old_one_and_learns_anew(school, monkeypatch):
    assert school.ship()
    assert not school.ship()
    school.decide("路灯不亮", "三天了")
    school.ask()
    school.refit()
    school.use(base(1), force=True)
    old = base(1)
    school.pass_days(1)
    monkeypatch.setattr(store, "current_version", lambda: "ngram-2-new")
    assert list(eventlet.GreenPool(3).imap(lambda _: school.ship(), range(3))).count(True) == 1
    found = school.models()
    assert {row.version: row.state for row in found.items}[old] == "retired"
    assert (found.items[0].version, found.items[0].state) == ("ngram-2-new", "in_use")
    assert (found.refit.cause, found.refit.state) == ("corpus", "waiting")
    assert school.rows("SELECT FROM classifier_blobs") == []
    assert refused(school.use, old, force=True) == "grid.model_does_not_fit"
    school.refit()
    assert school.models().items[0].version == "ngram-2-new-r1"


def test_a_process_that_cannot_load_a_version_goes_on_with_the_shipped_one(school):
    school.ship()
    school.decide("路灯不亮", "三天了")
    school.ask()
    school.refit()
    school.use(base(1), force=True)
    with school.units() as uow:
        uow.session.execute(text("UPDATE classifier_blobs SET content = 'no model'"))
        uow.commit()
    serving = Serving(small)
    assert not school.follow(serving)
    assert (serving.version, serving.failed) == (store.current_version(), base(1))
    assert serving.model() is small()
    with school.units() as uow:
        uow.session.execute(
            text("UPDATE classifier_blobs SET content = :it"),
            {"it": pack(replace(small(), version=base(1)))},
        )
        uow.session.execute(text("UPDATE classifier_models SET sha256 = NULL"))
        uow.commit()
    fresh = Serving(small)  # the other tries again in a minute
    assert school.follow(fresh)
    assert (fresh.version, fresh.failed) == (base(1), None)


# -- drift ---------------------------------------------------------------------------------------


def test_drift_is_reported_by_month_and_place_to_who_answers_for_it(school):
    school.ship()
    said = small().classify("工地夜里不停", "凌晨两点打桩机还在响")
    assert said.category == "8x"
    for day in range(3):
        school.now = NOW + timedelta(days=31 * day)
        school.decide("工地夜里不停", "凌晨两点打桩机还在响", "8x", said.slot)
        school.decide("工地夜里不停", "凌晨两点打桩机还在响", "dispose")
    school.decide("路灯不亮", "三天了", advised=False)
    report = school.drift()
    assert (report.scope, report.whole.n) == ("demo", 7)
    assert [(one.first.isoformat(), one.n) for one in report.spans] == [
        ("2026-03-01", 2),
        ("2026-04-01", 2),
        ("2026-05-01", 3),
    ]
    whole = report.whole.agreement
    assert (whole.numerator, whole.denominator, whole.value) == (3, 6, 0.5)
    assert (whole.low, whole.high) == (0.1876, 0.8124)
    assert not report.whole.alert
    assert report.whole.slots[0].slot == said.slot
    assert report.whole.versions == {store.current_version(): 6}
    assert 0 < report.whole.baseline_confidence < 1
    assert report.whole.psi_category is None
    weeks = school.drift(by="week", **{"from": "2026-03-02", "to": "2026-03-05"}).spans
    assert [(one.first.isoformat(), one.last.isoformat()) for one in weeks] == [
        ("2026-03-02", "2026-03-05")
    ]
    assert school.drift(SHI, cid=SHANGYUAN).whole.n == 7
    assert school.drift(TOWN, tid="t-yuepu").whole.n == 7
    assert school.drift(NEXT_DOOR, cid=JUYUAN).whole.n == 0
    for who, where in ((SHI, {}), (NEXT_DOOR, {"cid": SHANGYUAN}), (STRANGER, {"cid": JUYUAN})):
        with pytest.raises(Forbidden):
            school.drift(who, **where)
    assert refused(school.drift, did="elsewhere") == "grid.district_not_found"
    assert refused(school.drift, cid="c-nowhere") == "grid.district_not_found"
    with pytest.raises(ValueError, match="to must be"):
        school.drift(**{"from": "2026-03-02", "to": "2026-03-01"})


def test_disagreement_that_chance_does_not_explain_raises_the_alert(school):
    school.decide("工地夜里不停", "凌晨两点打桩机还在响", "dispose")
    with school.units() as uow:  # forty more like it
        uow.session.execute(
            text(
                "INSERT INTO issues SELECT (jsonb_populate_record(one, jsonb_build_object("
                "'id', one.id || n, 'post_id', one.post_id || n))).* "
                "FROM issues AS one, generate_series(1, 40) AS n"
            )
        )
        uow.session.execute(
            text(
                "INSERT INTO classifier_labels SELECT (jsonb_populate_record(one, "
                "jsonb_build_object('issue_id', one.issue_id || n))).* "
                "FROM classifier_labels AS one, generate_series(1, 40) AS n"
            )
        )
        uow.commit()
    report = school.drift()
    assert report.whole.agreement.denominator == 41
    assert report.whole.alert
    assert report.whole.agreement.high < report.alert_below
    assert "alert" in report.formulas
