"""Another data key and another index key, on a real database. Needs: db."""

import base64
import json
import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import OperationalError

from services.contracts.ids import new_id
from services.identity import qr_tokens, rekey
from services.identity.crypto import BrokenSeal, Vault, index_guard
from services.identity.crypto.algorithms import HMAC_SM3, SM4GCM
from services.identity.crypto.index_guard import IndexesDiffer
from services.identity.models import (
    Assistance,
    Contact,
    ContactTicket,
    CorrectionRow,
    LoginCode,
    MailCode,
    PersonRow,
    PhoneRecovery,
    RealName,
    RegisterDraftRow,
    SmsMessage,
    TotpFactor,
    WechatBinding,
)
from services.identity.models.sealed import SEALED, sealed_columns
from services.identity.rekey import CannotRewrite, census, reindex, reseal
from services.kit.db import make_engine
from tests.support.identity_world import C_HOME, ESTATE, QR, World

pytestmark = pytest.mark.db

ROOT = Path(__file__).resolve().parents[2]


def silent(_words: str) -> None:
    """Nobody watches."""


def with_new_key(vault: Vault) -> Vault:
    """The same vault with an SM4 key that is active now."""
    keys = {**vault.keys, "new": secrets.token_bytes(16)}
    return replace(vault, active="new", keys=keys, algorithms={"new": SM4GCM})


def with_new_index_key(vault: Vault) -> Vault:
    return replace(
        vault,
        index_key=secrets.token_bytes(32),
        index_algorithm=HMAC_SM3,
        earlier_index_keys=vault.index_keys,
    )


def people(world: World, count: int) -> list[str]:
    """The ids of so many people, each with a phone of her own."""
    rows = []
    for number in range(count):
        person_id, phone = new_id(), f"+86139{number:08d}"
        rows.append(
            {
                "id": person_id,
                "phone_sealed": world.vault.seal(phone, purpose="person.phone", owner=person_id),
                "phone_index": world.vault.index("phone", phone),
                "display_name": "x",
                "created_at": world.now,
            }
        )
    with world.units() as uow:
        uow.session.execute(insert(PersonRow), rows)
        uow.commit()
    return [row["id"] for row in rows]


def one_envelope_in_every_sealed_column(world: World) -> None:
    """Somebody who joined, waits for a message, has a second factor and a helper, and so on."""
    world.register("孙桂芳", "402")
    granny = world.person("13812341234")
    world.join(granny)
    me = granny.person_id
    message, recovery, correction, helped, draft = (new_id() for _ in range(5))
    seal = world.vault.seal
    with world.units() as uow:
        uow.session.add(
            SmsMessage(
                id=message,
                phone_sealed=seal("+8613812341234", purpose="sms.phone", owner=message),
                text_sealed=seal("123456", purpose="sms.text", owner=message),
                due_at=world.now,
                expires_at=world.now,
                tries=0,
            )
        )
        uow.session.add(
            TotpFactor(
                person_id=me,
                secret_sealed=seal("JBSWY3DPEHPK3PXP", purpose="totp.secret", owner=me),
                created_at=world.now,
            )
        )
        uow.session.add(
            PhoneRecovery(
                id=recovery,
                state="opened",
                person_id=me,
                community_id=C_HOME,
                new_phone_sealed=seal("+8613900002222", purpose="recovery.phone", owner=recovery),
                new_phone_index=world.vault.index("phone", "+8613900002222"),
                reason="丢失",
                opened_by="staff",
                opened_at=world.now,
                effective_at=world.now + timedelta(days=1),
            )
        )
        uow.session.add(
            Assistance(
                id=helped,
                kind="relative",
                phone_sealed=seal("+8613900003333", purpose="assistance.phone", owner=helped),
                phone_index=world.vault.index("phone", "+8613900003333"),
                subject_id=me,
                relationship="女儿",
                consent_means="online",
                consent_note="",
                consent_at=world.now,
                recorded_by=me,
            )
        )
        uow.session.add(
            CorrectionRow(
                id=correction,
                person_id=me,
                community_id=C_HOME,
                field="real_name",
                new_sealed=seal("孙桂芬", purpose="correction.new", owner=correction),
                reason="写错",
                status="pending",
                requested_at=world.now,
            )
        )
        contact, robot, code = (new_id() for _ in range(3))
        uow.session.add(
            Contact(
                id=contact,
                person_id=me,
                channel="mail",
                address_sealed=seal("sun@example.org", purpose="contact.address", owner=contact),
                kept_at=world.now,
            )
        )
        uow.session.add(
            ContactTicket(
                id=robot,
                ticket_hash="00",
                community_id=C_HOME,
                channel="dingtalk",
                robot_sealed=seal("token", purpose="contact.robot", owner=robot),
                given_at=world.now,
            )
        )
        uow.session.add(
            RegisterDraftRow(
                id=draft,
                community_id=C_HOME,
                state="brought",
                filename="名册.csv",
                replace=False,
                content_sealed=seal("UEsDBA==", purpose="register_draft.content", owner=draft),
                brought_by=me,
                brought_at=world.now,
                changed_at=world.now,
                due_at=world.now + timedelta(days=1),
            )
        )
        uow.session.add(
            MailCode(
                id=code,
                person_id=me,
                address_sealed=seal("new@example.org", purpose="mail_code.address", owner=code),
                code_sealed=seal("123456", purpose="mail_code.code", owner=code),
                ticket_hash="01",
                tries=0,
                looks=0,
                sent_at=world.now,
                expires_at=world.now,
                day=world.now.date(),
                sent_today=1,
            )
        )
        uow.commit()


# -- envelopes -------------------------------------------------------------------------------------


def test_every_sealed_column_is_sealed_anew_and_opens_with_the_new_key_alone(world):
    one_envelope_in_every_sealed_column(world)
    keys = with_new_key(world.vault)
    assert {row.column for row in census(world.units.engine)} == set(SEALED)
    before = opened(world, keys)
    left = reseal(world.units.engine, keys, silent)
    assert {(row.column, row.algorithm, row.key_id) for row in left} == {
        (name, "SM4GCM", "new") for name in SEALED
    }
    only_new = replace(keys, keys={"new": keys.keys["new"]})
    assert opened(world, only_new) == before
    assert "13812341234" in "".join(before) and "孙桂芬" in before


def opened(world: World, keys: Vault) -> list[str]:
    """What is in all envelopes, column by column."""
    found = []
    with world.units.engine.connect() as connection:
        for each in sealed_columns():
            rows = connection.execute(each.table.select().order_by(each.key)).mappings()
            found += [
                keys.open(row[each.column.name], purpose=each.purpose, owner=row[each.key.name])
                for row in rows
                if row[each.column.name] is not None
            ]
    return found


def test_more_than_one_batch_is_done_and_each_batch_is_told(world):
    people(world, rekey.BATCH * 2 + 1)
    said: list[str] = []
    keys = with_new_key(world.vault)
    (row,) = reseal(world.units.engine, keys, said.append)
    assert (row.key_id, row.count) == ("new", rekey.BATCH * 2 + 1)
    assert said[:3] == [f"persons.phone_sealed: {done} sealed anew" for done in (300, 600, 601)]


def test_a_row_that_a_call_holds_is_left_and_done_the_next_time(world):
    held, *others = people(world, 3)
    keys = with_new_key(world.vault)
    with world.units() as uow:
        uow.session.execute(update(PersonRow).where(PersonRow.id == held).values(display_name="y"))
        left = reseal(world.units.engine, keys, silent)
        assert {(row.key_id, row.count) for row in left} == {("k1", 1), ("new", len(others))}
        uow.commit()
    (row,) = reseal(world.units.engine, keys, silent)
    assert (row.key_id, row.count) == ("new", 3)
    assert world.rows("SELECT display_name FROM persons WHERE id = :i", i=held)[0][0] == "y"


def test_what_is_written_meanwhile_with_the_old_key_is_found_in_the_same_run(world):
    people(world, 2)
    written: list[str] = []

    def a_process_that_has_not_looked_at_its_file(_words: str) -> None:
        if not written:
            written.append(world.person("13711112222").person_id)

    keys = with_new_key(world.vault)
    (row,) = reseal(world.units.engine, keys, a_process_that_has_not_looked_at_its_file)
    assert (row.key_id, row.count) == ("new", 3)


def test_a_new_envelope_that_does_not_open_takes_the_place_of_none(world, monkeypatch):
    people(world, 3)
    keys = with_new_key(world.vault)
    before = world.rows("SELECT id, phone_sealed FROM persons ORDER BY id")
    whole = Vault.seal
    monkeypatch.setattr(Vault, "seal", lambda *a, **kw: whole(*a, **kw)[:-4])
    with pytest.raises(BrokenSeal):
        reseal(world.units.engine, keys, silent)
    assert world.rows("SELECT id, phone_sealed FROM persons ORDER BY id") == before


def test_an_envelope_that_cannot_be_opened_is_counted_and_left_as_it_is(world):
    lost = Vault("gone", {"gone": secrets.token_bytes(32)}, world.vault.index_key)
    somebody, *_ = people(world, 2)
    envelope = lost.seal("+8613900000000", purpose="person.phone", owner=somebody)
    with world.units() as uow:
        uow.session.execute(
            update(PersonRow).where(PersonRow.id == somebody).values(phone_sealed=envelope)
        )
        uow.commit()
    said: list[str] = []
    left = reseal(world.units.engine, with_new_key(world.vault), said.append)
    assert {(row.key_id, row.count) for row in left} == {("gone", 1), ("new", 1)}
    assert "persons.phone_sealed: 1 cannot be opened" in said


# -- the command -----------------------------------------------------------------------------------


def key_file(vault: Vault) -> str:
    def entry(key: bytes, algorithm: str) -> dict[str, str]:
        return {"alg": algorithm, "key": base64.b64encode(key).decode()}

    return json.dumps(
        {
            "active": vault.active,
            "keys": {
                kid: entry(key, vault.algorithms.get(kid, "A256GCM"))
                for kid, key in vault.keys.items()
            },
            "index_key": base64.b64encode(vault.index_key).decode(),
            "index_alg": vault.index_algorithm,
            "earlier_index_keys": [entry(*key) for key in vault.earlier_index_keys],
        }
    )


def run_command(world: World, folder: Path, vault: Vault, *words: str):
    file = folder / "data.keys.json"
    file.write_text(key_file(vault))
    url = world.units.engine.url.render_as_string(hide_password=False)
    return subprocess.run(
        [sys.executable, "-m", "services.identity.rekey", *words],
        env={
            **os.environ,
            "SHEQU_IDENTITY_DATABASE_URL": url,
            "SHEQU_DATA_KEYS_FILE": str(file),
            "COLUMNS": "120",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_ends_with_0_when_nothing_is_left_and_with_1_otherwise(world, tmp_path):
    people(world, 2)
    keys = with_new_key(world.vault)
    with world.units() as uow:
        uow.session.execute(text("SELECT 1 FROM persons LIMIT 1 FOR UPDATE"))
        held = run_command(world, tmp_path, keys)
    assert held.returncode == 1, held.stderr
    assert "1 envelopes are not of the active key new" in held.stdout
    done = run_command(world, tmp_path, keys)
    assert done.returncode == 0, done.stderr
    assert "0 envelopes are not of the active key new" in done.stdout
    assert "SM4GCM" in done.stdout


# -- blind indexes ---------------------------------------------------------------------------------


@contextmanager
def a_process_of_identity(world: World, vault: Vault):
    """A pool as identity's, with one connection in it."""
    engine = make_engine(world.units.engine.url.render_as_string(hide_password=False), pool=2)
    index_guard.attach(engine, vault)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        yield engine
    finally:
        engine.dispose()


def test_with_a_new_index_key_everybody_is_found_as_before(world):
    with a_process_of_identity(world, world.vault):
        pass  # the database knows now with which key its indexes are made
    entry = world.register("孙桂芳", "402")
    granny = world.person("13812341234")
    somebody, pseudonym = people(world, 1)[0], world.vault.index("pseudonym", "bid-1")
    with world.units() as uow:
        uow.session.add(RealName(person_id=somebody, pseudonym_index=pseudonym, given_at=world.now))
        uow.session.add(
            WechatBinding(
                openid_index=world.vault.index("wechat", "o-1"),
                person_id=granny.person_id,
                bound_at=world.now,
            )
        )
        uow.commit()
    poster = world.qr()
    newer = with_new_index_key(world.vault)
    assert reindex(world.units.engine, newer, silent) >= 5  # 2 phones, register, pseudonym, openid
    world.vault = newer
    query = "SELECT id FROM persons WHERE phone_index = :i"
    (found,) = world.rows(query, i=newer.index("phone", "+8613812341234"))
    assert found.id == granny.person_id
    state = world.join(granny)
    assert (state.status, world.membership(state.id).register_id) == ("active", entry)
    (known,) = world.rows("SELECT pseudonym_index FROM real_names WHERE id_index IS NULL")
    assert known[0] == newer.index("pseudonym", "bid-1")
    (bound,) = world.rows("SELECT openid_index FROM wechat_bindings")
    assert bound[0] == newer.index("wechat", "o-1")
    assert qr_tokens.read(newer, poster) == QR[ESTATE]
    assert reindex(world.units.engine, newer, silent) == 0


def test_two_new_index_keys_are_laid_over_in_their_order(world):
    with a_process_of_identity(world, world.vault):
        world.person("13812341234")
    newest = with_new_index_key(with_new_index_key(world.vault))
    assert reindex(world.units.engine, newest, silent) == 1
    (row,) = world.rows("SELECT phone_index FROM persons")
    assert row[0] == newest.index("phone", "+8613812341234")


def test_indexes_are_not_rewritten_while_identity_runs(world):
    world.person("13812341234")
    newer = with_new_index_key(world.vault)
    with (
        a_process_of_identity(world, world.vault),
        pytest.raises(CannotRewrite, match="stop it first"),
    ):
        reindex(world.units.engine, newer, silent, patience=0.2)
    assert reindex(world.units.engine, newer, silent) == 1


def test_identity_does_not_start_while_they_are_rewritten(world):
    with world.units() as uow:
        uow.session.execute(text(f"SELECT pg_advisory_xact_lock({index_guard.LOCK})"))
        with (
            pytest.raises(OperationalError) as refused,
            a_process_of_identity(world, world.vault),
        ):
            raise AssertionError("connected")
    assert isinstance(refused.value.orig, IndexesDiffer)


def test_a_process_with_another_index_key_is_let_into_nothing(world):
    newer = with_new_index_key(world.vault)
    with a_process_of_identity(world, world.vault):
        pass
    with pytest.raises(OperationalError) as refused, a_process_of_identity(world, newer):
        raise AssertionError("connected")
    assert "index keys" in str(refused.value.orig)
    reindex(world.units.engine, newer, silent)
    with a_process_of_identity(world, newer):
        pass
    with pytest.raises(OperationalError), a_process_of_identity(world, world.vault):
        raise AssertionError("connected")


def test_indexes_of_unknown_keys_are_not_touched(world, tmp_path):
    world.person("13812341234")
    stranger = replace(world.vault, index_key=secrets.token_bytes(32))
    with pytest.raises(CannotRewrite, match="does not say"):
        reindex(world.units.engine, stranger, silent)
    with a_process_of_identity(world, world.vault):
        pass
    before = world.rows("SELECT phone_index FROM persons")
    with pytest.raises(CannotRewrite, match="earlier_index_keys"):
        reindex(world.units.engine, stranger, silent)
    refused = run_command(world, tmp_path, stranger, "--indexes")
    assert refused.returncode == 2 and "nothing was done" in refused.stdout
    assert world.rows("SELECT phone_index FROM persons") == before


def test_codes_on_their_way_are_dropped_with_the_old_indexes(world):
    with a_process_of_identity(world, world.vault):
        pass
    with world.units() as uow:
        uow.session.add(
            LoginCode(
                phone_index=world.vault.index("phone", "+8613812341234"),
                code_hash="x",
                tries=0,
                sent_at=world.now,
                expires_at=world.now,
            )
        )
        uow.commit()
    reindex(world.units.engine, with_new_index_key(world.vault), silent)
    assert not world.rows("SELECT 1 FROM login_codes")
