"""Territory, people, memberships, roles, sessions, QR tokens, consents and the access log."""

from alembic import op

from services.kit import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create identity's tables."""
    schema.create(op)
    op.execute(
        """
        CREATE TABLE territory (
            id text PRIMARY KEY,
            kind text NOT NULL CONSTRAINT territory_kind CHECK (
                kind IN ('district', 'town', 'community', 'estate', 'building', 'unit', 'room')),
            parent_id text REFERENCES territory,
            path text NOT NULL CONSTRAINT territory_path_key UNIQUE,
            name text NOT NULL,
            position integer NOT NULL,
            code12 text,
            community_kind text,
            modules text[] NOT NULL DEFAULT '{}',
            CONSTRAINT territory_community_kind
                CHECK ((kind = 'community') = (community_kind IS NOT NULL)),
            CONSTRAINT territory_sibling_names UNIQUE (parent_id, name)
        );
        CREATE INDEX territory_subtree ON territory (path text_pattern_ops);

        CREATE TABLE persons (
            id text PRIMARY KEY,
            phone_sealed text NOT NULL,
            phone_index text NOT NULL CONSTRAINT persons_phone_index_key UNIQUE,
            display_name text NOT NULL,
            created_at timestamptz NOT NULL
        );

        CREATE TABLE real_names (
            person_id text PRIMARY KEY REFERENCES persons,
            name_sealed text NOT NULL,
            id_number_sealed text NOT NULL,
            id_index text NOT NULL CONSTRAINT real_names_id_index_key UNIQUE,
            birth_year integer NOT NULL,
            given_at timestamptz NOT NULL
        );

        CREATE TABLE register_persons (
            id text PRIMARY KEY,
            community_id text NOT NULL REFERENCES territory,
            building_id text NOT NULL REFERENCES territory,
            unit_id text REFERENCES territory,
            room_id text REFERENCES territory,
            name_sealed text NOT NULL,
            match_index text NOT NULL,
            birth_year integer,
            relation text NOT NULL,
            id_index text,
            person_id text REFERENCES persons
        );
        CREATE INDEX register_persons_match ON register_persons (match_index);
        CREATE INDEX register_persons_community ON register_persons (community_id);
        CREATE INDEX register_persons_person ON register_persons (person_id)
            WHERE person_id IS NOT NULL;

        CREATE TABLE qr_tokens (
            id text PRIMARY KEY,
            community_id text NOT NULL REFERENCES territory,
            estate_id text NOT NULL REFERENCES territory,
            building_id text REFERENCES territory,
            created_by text,
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            revoked_at timestamptz,
            revoked_by text
        );
        CREATE INDEX qr_tokens_community ON qr_tokens (community_id, id);

        CREATE TABLE memberships (
            id text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons,
            community_id text NOT NULL REFERENCES territory,
            estate_id text NOT NULL REFERENCES territory,
            building_id text NOT NULL REFERENCES territory,
            unit_id text REFERENCES territory,
            room text NOT NULL,
            room_key text NOT NULL,
            relation text NOT NULL,
            status text NOT NULL CONSTRAINT memberships_status
                CHECK (status IN ('pending', 'active', 'refused', 'ended')),
            finding text NOT NULL,
            register_id text REFERENCES register_persons,
            qr_id text REFERENCES qr_tokens,
            requested_at timestamptz NOT NULL,
            decided_at timestamptz,
            decided_by text,
            reason text,
            ended_at timestamptz
        );
        CREATE UNIQUE INDEX memberships_one_live
            ON memberships (person_id, building_id, coalesce(unit_id, ''), room_key)
            WHERE status IN ('pending', 'active');
        CREATE INDEX memberships_queue ON memberships (community_id, status, requested_at, id);
        CREATE INDEX memberships_person ON memberships (person_id);

        CREATE TABLE grants (
            id text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons,
            role text NOT NULL,
            path text NOT NULL,
            territory_id text NOT NULL REFERENCES territory,
            granted_by text,
            granted_at timestamptz NOT NULL,
            expires_at timestamptz,
            revoked_at timestamptz,
            revoked_by text
        );
        CREATE UNIQUE INDEX grants_one_live ON grants (person_id, role, path)
            WHERE revoked_at IS NULL;
        CREATE INDEX grants_expiring ON grants (expires_at)
            WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

        CREATE TABLE party_badges (
            person_id text PRIMARY KEY REFERENCES persons,
            shown boolean NOT NULL,
            changed_at timestamptz NOT NULL
        );

        CREATE TABLE consents (
            id text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons,
            membership_id text REFERENCES memberships,
            purpose text NOT NULL,
            given_at timestamptz NOT NULL,
            withdrawn_at timestamptz
        );
        CREATE INDEX consents_person ON consents (person_id, given_at);

        CREATE TABLE sessions (
            id text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            revoked_why text
        );
        CREATE INDEX sessions_person ON sessions (person_id);
        CREATE INDEX sessions_expiry ON sessions (expires_at);

        CREATE TABLE refresh_tokens (
            token_hash text PRIMARY KEY,
            session_id text NOT NULL REFERENCES sessions ON DELETE CASCADE,
            issued_at timestamptz NOT NULL,
            used_at timestamptz
        );
        CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

        CREATE TABLE login_codes (
            phone_index text PRIMARY KEY,
            code_hash text NOT NULL,
            tries integer NOT NULL,
            sent_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        );
        CREATE INDEX login_codes_expiry ON login_codes (expires_at);

        CREATE TABLE sms_messages (
            id text PRIMARY KEY,
            phone_sealed text NOT NULL,
            text_sealed text NOT NULL,
            due_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            tries integer NOT NULL
        );
        CREATE INDEX sms_messages_due ON sms_messages (due_at);

        CREATE TABLE access_log (
            id text PRIMARY KEY,
            person_id text NOT NULL REFERENCES persons,
            actor_id text NOT NULL,
            actor_role text NOT NULL,
            community_id text REFERENCES territory,
            what text NOT NULL,
            purpose text NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX access_log_person ON access_log (person_id, id);
        """
    )
