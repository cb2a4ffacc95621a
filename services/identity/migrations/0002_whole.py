"""Figures, imports, second factors, WeChat, recovery, helpers, corrections, assessments."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One transaction, with identity stopped.

    It only adds, and lets more be unknown, so version 0001's code would go on working afterwards;
    but meanwhile nobody gets at anything: ``tree`` rewrites ``territory`` under its exclusive
    lock, every row of ``register_persons`` gets its ``room_key``, and the indexes are built.
    27 s with 640,000 rows of the register (2 cores).
    """
    op.execute(
        """
        CREATE EXTENSION IF NOT EXISTS ltree;

        CREATE TABLE imports (
            id text PRIMARY KEY,
            kind text NOT NULL CONSTRAINT imports_kind
                CHECK (kind IN ('register', 'trial', 'territory', 'export', 'offboarding')),
            community_id text,
            file_sha256 text NOT NULL,
            actor_id text,
            at timestamptz NOT NULL,
            report jsonb NOT NULL,
            undone_at timestamptz
        );
        CREATE INDEX imports_community ON imports (community_id, id);

        ALTER TABLE territory
            ADD COLUMN floor_area numeric,
            ADD COLUMN import_id text REFERENCES imports,
            ADD COLUMN closed_at timestamptz,
            ADD COLUMN tree ltree NOT NULL GENERATED ALWAYS AS (path::ltree) STORED;
        CREATE INDEX territory_tree ON territory USING gist (tree);
        CREATE INDEX territory_communities ON territory (path) WHERE kind = 'community';

        CREATE TABLE community_figures (
            community_id text PRIMARY KEY REFERENCES territory,
            households integer,
            residents integer,
            adults integer,
            owners integer,
            floor_area numeric,
            as_of date,
            source text NOT NULL,
            changed_at timestamptz NOT NULL,
            changed_by text
        );

        ALTER TABLE persons
            ALTER COLUMN phone_sealed DROP NOT NULL,
            ALTER COLUMN phone_index DROP NOT NULL,
            ADD COLUMN made_by text,
            ADD COLUMN deleted_at timestamptz;

        ALTER TABLE real_names
            ALTER COLUMN name_sealed DROP NOT NULL,
            ALTER COLUMN id_number_sealed DROP NOT NULL,
            ALTER COLUMN id_index DROP NOT NULL,
            ALTER COLUMN birth_year DROP NOT NULL,
            ADD COLUMN pseudonym_index text CONSTRAINT real_names_pseudonym_key UNIQUE,
            ADD COLUMN verified_by text,
            ADD COLUMN verified_at timestamptz,
            ADD CONSTRAINT real_names_somebody
                CHECK (id_index IS NOT NULL OR pseudonym_index IS NOT NULL);

        ALTER TABLE register_persons
            ADD COLUMN import_id text REFERENCES imports,
            ADD COLUMN ended_at timestamptz,
            ADD COLUMN name_index text,
            ADD COLUMN room_key text NOT NULL DEFAULT '';
        UPDATE register_persons AS r SET room_key = coalesce(
            nullif(ltrim(regexp_replace(lower(t.name), '(室|号|房)$', ''), '0'), ''), '0')
            FROM territory AS t WHERE t.id = r.room_id;
        DROP INDEX register_persons_community;
        CREATE INDEX register_persons_community
            ON register_persons (community_id, building_id, id);
        CREATE INDEX register_persons_building ON register_persons (building_id);
        CREATE INDEX register_persons_unit ON register_persons (unit_id)
            WHERE unit_id IS NOT NULL;
        CREATE INDEX register_persons_room ON register_persons (room_id)
            WHERE room_id IS NOT NULL;
        CREATE INDEX register_persons_name ON register_persons (community_id, name_index);
        CREATE INDEX register_persons_household
            ON register_persons (community_id, building_id, unit_id, room_key)
            WHERE ended_at IS NULL;

        ALTER TABLE memberships
            ADD COLUMN ended_by text,
            ADD COLUMN end_reason text,
            ADD COLUMN residence text NOT NULL DEFAULT 'local'
                CONSTRAINT memberships_residence CHECK (residence IN ('local', 'away')),
            ADD COLUMN expires_at timestamptz,
            ADD COLUMN requested_by text;
        UPDATE memberships SET residence = 'away' WHERE relation = 'away';
        CREATE INDEX memberships_household
            ON memberships (community_id, building_id, unit_id, room_key)
            WHERE status = 'active';
        CREATE INDEX memberships_register ON memberships (register_id)
            WHERE register_id IS NOT NULL;
        CREATE INDEX memberships_members ON memberships (community_id, person_id)
            WHERE status = 'active';
        CREATE INDEX memberships_estate ON memberships (estate_id);
        CREATE INDEX memberships_building ON memberships (building_id);
        CREATE INDEX memberships_unit ON memberships (unit_id) WHERE unit_id IS NOT NULL;
        CREATE INDEX memberships_expiring ON memberships (expires_at)
            WHERE status = 'active' AND expires_at IS NOT NULL;

        ALTER TABLE grants ADD COLUMN import_id text REFERENCES imports;
        CREATE INDEX grants_path ON grants (path text_pattern_ops);

        CREATE TABLE assistances (
            id text PRIMARY KEY,
            kind text NOT NULL CONSTRAINT assistances_kind CHECK (kind IN ('staff', 'relative')),
            helper_id text REFERENCES persons,
            phone_index text,
            phone_sealed text,
            subject_id text NOT NULL REFERENCES persons,
            community_id text REFERENCES territory,
            relationship text NOT NULL,
            consent_means text NOT NULL,
            consent_note text NOT NULL,
            consent_at timestamptz NOT NULL,
            recorded_by text NOT NULL REFERENCES persons,
            expires_at timestamptz,
            taken_up_at timestamptz,
            due_at timestamptz,
            ended_at timestamptz,
            ended_by text,
            CONSTRAINT assistances_two_people CHECK (helper_id <> subject_id),
            CONSTRAINT assistances_somebody CHECK (
                helper_id IS NOT NULL OR phone_index IS NOT NULL OR ended_at IS NOT NULL
            )
        );
        CREATE UNIQUE INDEX assistances_one_live ON assistances (helper_id, subject_id, kind)
            WHERE ended_at IS NULL;
        CREATE UNIQUE INDEX assistances_one_phone ON assistances (phone_index, subject_id)
            WHERE ended_at IS NULL;
        CREATE INDEX assistances_due ON assistances (due_at) WHERE ended_at IS NULL;
        CREATE INDEX assistances_subject ON assistances (subject_id);

        CREATE TABLE attempt_locks (
            subject text PRIMARY KEY,
            failures integer NOT NULL,
            first_at timestamptz NOT NULL,
            locked_until timestamptz
        );

        ALTER TABLE sessions ADD COLUMN factor_shown_at timestamptz;
        ALTER TABLE refresh_tokens ADD COLUMN parent_hash text;
        CREATE INDEX refresh_tokens_parent ON refresh_tokens (parent_hash);

        ALTER TABLE login_codes
            ADD COLUMN day date,
            ADD COLUMN sent_today integer NOT NULL DEFAULT 0;

        CREATE TABLE totp_factors (
            person_id text PRIMARY KEY REFERENCES persons,
            secret_sealed text NOT NULL,
            created_at timestamptz NOT NULL,
            confirmed_at timestamptz,
            last_step bigint NOT NULL DEFAULT 0,
            recovery_hashes text[] NOT NULL DEFAULT '{}'
        );

        CREATE TABLE wechat_bindings (
            openid_index text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons,
            bound_at timestamptz NOT NULL
        );
        CREATE UNIQUE INDEX wechat_bindings_person ON wechat_bindings (person_id);

        CREATE TABLE wechat_tickets (
            ticket_hash text PRIMARY KEY,
            openid_index text NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE INDEX wechat_tickets_expiry ON wechat_tickets (expires_at);

        CREATE TABLE phone_recoveries (
            id text PRIMARY KEY,
            state text NOT NULL CONSTRAINT phone_recoveries_state
                CHECK (state IN ('opened', 'waiting', 'done', 'cancelled', 'expired')),
            person_id text NOT NULL REFERENCES persons,
            community_id text NOT NULL REFERENCES territory,
            new_phone_sealed text,
            new_phone_index text,
            reason text NOT NULL,
            opened_by text NOT NULL,
            opened_at timestamptz NOT NULL,
            confirmed_by text,
            confirmed_at timestamptz,
            effective_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_by text,
            CONSTRAINT phone_recoveries_two_people CHECK (opened_by <> confirmed_by)
        );
        CREATE UNIQUE INDEX phone_recoveries_one_live ON phone_recoveries (person_id)
            WHERE state IN ('opened', 'waiting');
        CREATE INDEX phone_recoveries_community ON phone_recoveries (community_id, id);
        CREATE INDEX phone_recoveries_due ON phone_recoveries (effective_at)
            WHERE state IN ('opened', 'waiting');

        ALTER TABLE consents
            ADD COLUMN notice text NOT NULL DEFAULT '',
            ADD COLUMN given_by text,
            DROP CONSTRAINT consents_membership_id_fkey,
            ADD CONSTRAINT consents_membership_id_fkey
                FOREIGN KEY (membership_id) REFERENCES memberships ON DELETE SET NULL;
        CREATE INDEX consents_membership ON consents (membership_id)
            WHERE membership_id IS NOT NULL;
        UPDATE consents SET purpose = 'real_name' WHERE purpose = 'identity';

        ALTER TABLE access_log
            ALTER COLUMN person_id DROP NOT NULL,
            ADD COLUMN register_id text REFERENCES register_persons,
            ADD CONSTRAINT access_log_about_somebody
                CHECK (person_id IS NOT NULL OR register_id IS NOT NULL);
        CREATE INDEX access_log_age ON access_log (at);
        CREATE INDEX access_log_register ON access_log (register_id)
            WHERE register_id IS NOT NULL;

        CREATE TABLE corrections (
            id text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons,
            community_id text NOT NULL REFERENCES territory,
            field text NOT NULL,
            new_sealed text,
            reason text NOT NULL,
            status text NOT NULL CONSTRAINT corrections_status
                CHECK (status IN ('pending', 'approved', 'refused')),
            requested_at timestamptz NOT NULL,
            decided_at timestamptz,
            decided_by text,
            answer text,
            CONSTRAINT corrections_value_forgotten CHECK (status = 'pending' OR new_sealed IS NULL)
        );
        CREATE UNIQUE INDEX corrections_one_pending ON corrections (person_id, field)
            WHERE status = 'pending';
        CREATE INDEX corrections_queue ON corrections (community_id, status, requested_at, id);

        CREATE TABLE impact_assessments (
            id text PRIMARY KEY,
            path text NOT NULL,
            title text NOT NULL,
            purpose text NOT NULL,
            data_kinds text[] NOT NULL,
            risks text NOT NULL,
            measures text NOT NULL,
            conclusion text NOT NULL,
            recorded_by text NOT NULL,
            recorded_at timestamptz NOT NULL,
            review_at timestamptz NOT NULL
        );
        """
    )
